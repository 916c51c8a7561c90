import { z } from "zod";
import { emptyCompany, emptyUser, fieldNames, keyProblem } from "./customer-fields.ts";
import { CustomerBook, type Refusal } from "./customers.ts";
import { passwordHashOf } from "./fresh-world.ts";
import { renameRecord } from "./renames.ts";
import type { Simulation } from "./simulation.ts";
import type { Actor } from "./ticket-core.ts";
import { companyFields, siteFields, userFields, type Company, type RecordType, type User } from "./world-state.ts";

const Value = z.union([z.string(), z.number()]).optional();
const ValidID = z.coerce.number().int().optional();
const fieldsOf = <F extends string>(names: readonly F[]) =>
  Object.fromEntries(names.map((name) => [name, Value])) as Record<F, typeof Value>;

export const CompanyStep = z.object({
  CustomerID: z.string(),
  ValidID,
  ...fieldsOf([...companyFields, ...siteFields.Company]),
});
export const UserStep = z.object({
  UserLogin: z.string(),
  UserPassword: z.string().optional(),
  ValidID,
  ...fieldsOf([...userFields, ...siteFields.User]),
});
type CompanyStep = z.output<typeof CompanyStep> & { NewCustomerID?: string | undefined };
type UserStep = z.output<typeof UserStep> & { NewUserLogin?: string | undefined };

/** Adds a company as an agent does; throws what the helpdesk would say. */
export function companyAdd(sim: Simulation, step: CompanyStep, actor: Actor): { CustomerID: string } {
  const book = new CustomerBook(sim);
  acceptKey(book, "Company", step.CustomerID);
  const company = overlaid(sim, emptyCompany(sim, step.CustomerID, actor.userId), { ValidID: 1, ...step }, actor);
  accept(book.companyRefusal(company, fieldNames(sim, "Company")));
  book.putCompany(company);
  return { CustomerID: company.CustomerID };
}

/** Changes a company; a new CustomerID moves its contacts, their tickets and, through the add-on's event, its mark. */
export function companyUpdate(sim: Simulation, given: CompanyStep, actor: Actor): { CustomerID: string } {
  const { NewCustomerID: to, ...step } = given;
  const from = step.CustomerID;
  const book = new CustomerBook(sim);
  const company = overlaid(sim, known(sim.state.companies[from], from), step, actor);
  accept(book.companyRefusal(company, fieldNames(sim, "Company")));
  if (to === undefined || to === from) {
    book.putCompany(company);
    return { CustomerID: from };
  }
  acceptKey(book, "Company", to, from);
  book.putCompany(company);
  renameRecord(sim, book, { type: "Company", from, to, members: "added" }, actor);
  return { CustomerID: to };
}

/** Adds a customer user as an agent does; throws what the helpdesk would say. */
export function userAdd(sim: Simulation, step: UserStep, actor: Actor): { UserLogin: string } {
  const book = new CustomerBook(sim);
  acceptKey(book, "User", step.UserLogin);
  return putUser(sim, book, emptyUser(sim, step.UserLogin, actor.userId), { ValidID: 1, ...step }, actor);
}

/** Changes a customer user; a new login takes tickets and preferences along and, through the add-on's event, its mark. */
export function userUpdate(sim: Simulation, given: UserStep, actor: Actor): { UserLogin: string } {
  const { NewUserLogin: to, ...step } = given;
  const from = step.UserLogin;
  const book = new CustomerBook(sim);
  const stored = known(sim.state.users[from], from);
  if (to !== undefined && to !== from) acceptKey(book, "User", to, from);
  putUser(sim, book, stored, step, actor);
  if (to === undefined || to === from) return { UserLogin: from };
  renameRecord(sim, book, { type: "User", from, to, members: "added" }, actor);
  return { UserLogin: to };
}

/** Takes a record out of the database, past the helpdesk, which has no way to: its mark and its tickets stay. */
export function recordRemove(sim: Simulation, { Kind, Key }: { Kind: RecordType; Key: string }): object {
  new CustomerBook(sim).remove(Kind, Key);
  return {};
}

function known<T>(record: T | undefined, key: string): T {
  if (record === undefined) throw new Error(`the helpdesk has no record ${key}`);
  return record;
}

function overlaid<T extends Company | User>(sim: Simulation, record: T, given: object, actor: Actor): T {
  const values = Object.entries(given).filter(([, value]) => value !== undefined);
  const texts = values.map(([key, value]) => [key, key === "ValidID" ? Number(value) : String(value)]);
  return { ...record, ...Object.fromEntries(texts), ChangeTime: sim.clock.stamp(), ChangeBy: actor.userId };
}

function accept(refusal: Refusal | undefined): void {
  if (refusal !== undefined) throw new Error(refusal.reason);
}

// The record that is renamed is not in its own way.
function acceptKey(book: CustomerBook, type: RecordType, key: string, from?: string): void {
  const problem = keyProblem(type, key);
  if (problem !== undefined) throw new Error(problem);
  const stored = book.storedKey(type, key);
  if (stored !== undefined && stored !== from) throw new Error(`the helpdesk takes ${key} for ${stored}, which exists`);
}

function putUser(
  sim: Simulation,
  book: CustomerBook,
  stored: User,
  given: UserStep,
  actor: Actor,
): { UserLogin: string } {
  const { UserPassword, ...step } = given;
  const user = overlaid(sim, stored, step, actor);
  if (UserPassword !== undefined) user.passwordHash = passwordHashOf(UserPassword);
  accept(book.userRefusal(user, fieldNames(sim, "User")));
  book.putUser(user, actor);
  return { UserLogin: user.UserLogin };
}
