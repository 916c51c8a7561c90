import type { CustomerBook } from "./customers.ts";
import { moveCustomer, moveLogin } from "./members.ts";
import type { Simulation } from "./simulation.ts";
import { setTicketCustomer, type Actor } from "./ticket-core.ts";
import type { RecordType } from "./world-state.ts";

/** A record gets another key. */
export interface Rename {
  type: RecordType;
  from: string;
  to: string;
  /** The helpdesk itself leaves additional companies behind; the add-on moves its own, and in its own renames all. */
  members: "all" | "added";
}

/**
 * Gives a record another key, and everything that hangs on the old one: tickets, a company's users, preferences, dynamic
 * fields, owner mark, additional companies.
 */
export function renameRecord(sim: Simulation, book: CustomerBook, rename: Rename, actor: Actor): void {
  const { type, from, to } = rename;
  const { companies, users, customerValues, preferences } = sim.state;
  const company = type === "Company" ? companies[from] : undefined;
  const user = type === "User" ? users[from] : undefined;
  book.remove(type, from);
  if (company) book.putCompany({ ...company, CustomerID: to });
  if (user) book.putUser({ ...user, UserLogin: to }, actor);
  if (type === "Company") moveUsers(sim, from, to);
  moveTickets(sim, rename, actor);
  moveMembers(sim, rename);
  moveEntry(customerValues[type], from, to);
  if (type === "User") moveEntry(preferences, from, to);
  book.marks.rename(type, from, to);
  sim.state.marks = book.marks.list();
}

function moveUsers(sim: Simulation, from: string, to: string): void {
  const { users } = sim.state;
  for (const [login, user] of Object.entries(users))
    if (user.UserCustomerID === from) users[login] = { ...user, UserCustomerID: to };
}

function moveTickets(sim: Simulation, { type, from, to }: Rename, actor: Actor): void {
  for (const ticket of Object.values(sim.state.tickets)) {
    const carries = type === "Company" ? ticket.customerId : ticket.customerUserId;
    const change = type === "Company" ? { customerId: to } : { customerUserId: to };
    if (carries === from) setTicketCustomer(sim, ticket, change, actor);
  }
}

function moveMembers(sim: Simulation, { type, from, to, members: which }: Rename): void {
  const { members, addedMembers } = sim.state;
  const moving = which === "all" ? members : addedMembers;
  if (type === "User") {
    const customerIds = moving[from] ?? [];
    for (const list of [members, addedMembers]) moveLogin(list, from, to, customerIds);
    return;
  }
  const logins = Object.keys(moving).filter((login) => moving[login]?.includes(from));
  for (const list of [members, addedMembers]) moveCustomer(list, from, to, logins);
}

function moveEntry<T>(entries: Record<string, T>, from: string, to: string): void {
  const entry = entries[from];
  delete entries[from];
  delete entries[to];
  if (entry !== undefined) entries[to] = entry;
}
