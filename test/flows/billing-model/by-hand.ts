/** Time that people settle without a draft. */
import type { Expected } from "./bill.ts";
import type { Books, Line, Told } from "./books.ts";
import { sum } from "./rounding.ts";

/** What a line held, as not billed. */
export function waived(books: Books, { ticket, number, customer, parts }: Line): Expected {
  const told = books.tickets.get(ticket) ?? ({ id: ticket, number } as Told);
  return { ticket: told, customer, kind: "waived", price: 0, quantity: 0, parts };
}

/** What is open on a ticket; null when that is nothing, or not what was asked about. */
export function settleOpen(
  books: Books,
  ticket: Told | undefined,
  kind: "waived" | "opening",
  units: number | undefined,
  which: (entry: string) => boolean = () => true,
): readonly Expected[] | null {
  if (ticket === undefined) return null;
  const due = books.due(ticket.id).filter(([entry]) => which(entry));
  const open = sum(due.map(([, each]) => each));
  if (due.length === 0 || (units !== undefined && units !== open)) return null;
  return [{ ticket, customer: books.customerOf(ticket), kind, price: 0, quantity: 0, parts: new Map(due) }];
}
