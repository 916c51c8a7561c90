/** What happens to tickets, and what is due after each step: arithmetic by hand. */
import type { TicketSnapshot } from "../../src/billing/ports.ts";
import type { CompanyKey } from "../../src/model/index.ts";
import { articleEntry, ticket, timeRow } from "../support/tickets.ts";

/** Ticket → entry (`a101` for an article, `r7` for a row, `t11` for the rest) → hundredths that are due. */
type Due = Readonly<Record<number, Readonly<Record<string, number>>>>;

export type Step =
  /** Everything that the last reading found due is billed to the ticket's customer. */
  | "bill"
  /** Somebody answered that what is billed elsewhere may stay so. */
  | "keep"
  | {
      readonly read: readonly TicketSnapshot[];
      readonly gone?: readonly number[];
      readonly names?: readonly string[];
      readonly due: Due;
      /** Tickets with time that was billed to another customer. */
      readonly elsewhere?: readonly number[];
      readonly setAside?: readonly { readonly ticketId: number; readonly billedUnits: number }[];
    };

export interface History {
  readonly name: string;
  readonly steps: readonly Step[];
  /** Hundredths billed in the end, by customer. */
  readonly billed: Readonly<Record<number, number>>;
}

export const open: Partial<TicketSnapshot> = { state: "open", stateType: "open" };
export const merged: Partial<TicketSnapshot> = { state: "merged", stateType: "merged" };
export const ofSecond: Partial<TicketSnapshot> = { companyKey: "K10002" as CompanyKey };
export const ofThird: Partial<TicketSnapshot> = { companyKey: "K10009" as CompanyKey };
/** 1.00 on one article, closed and billed. */
export const billedOnce: readonly Step[] = [{ read: [ticket(11, { 101: 100 })], due: { 11: { a101: 100 } } }, "bill"];

/** Closes, bookings, corrections and merges. */
export const bookings: readonly History[] = [
  {
    name: "reopened and closed again",
    steps: [
      ...billedOnce,
      { read: [ticket(11, { 101: 100, 102: 30 }, open)], due: {} },
      { read: [ticket(11, { 101: 100, 102: 30 })], due: { 11: { a102: 30 } } },
      "bill",
      { read: [ticket(11, { 101: 100, 102: 30 })], due: {} },
    ],
    billed: { 1150: 130 },
  },
  {
    name: "time booked after closing",
    steps: [...billedOnce, { read: [ticket(11, { 101: 100, 102: 15 })], due: { 11: { a102: 15 } } }, "bill"],
    billed: { 1150: 115 },
  },
  {
    name: "corrected down",
    steps: [...billedOnce, { read: [ticket(11, { 101: 60 })], due: { 11: { a101: -40 } } }],
    billed: { 1150: 100 },
  },
  {
    name: "a negative booking",
    steps: [...billedOnce, { read: [ticket(11, { 101: 100, 102: -25 })], due: { 11: { a102: -25 } } }],
    billed: { 1150: 100 },
  },
  {
    name: "bookings that cancel out on an article that was never billed",
    steps: [
      { read: [{ ...ticket(11, {}), entries: [articleEntry(101, 0, [timeRow(1, 50), timeRow(2, -50)])] }], due: {} },
    ],
    billed: {},
  },
  {
    name: "merged before billing, the source read as well",
    steps: [
      { read: [ticket(11, { 101: 100 }), ticket(12, { 102: 20 })], due: { 11: { a101: 100 }, 12: { a102: 20 } } },
      { read: [ticket(11, {}, merged), ticket(12, { 101: 100, 102: 20 })], due: { 12: { a101: 100, a102: 20 } } },
      "bill",
    ],
    billed: { 1150: 120 },
  },
  {
    name: "merged after billing, the source not read",
    steps: [
      { read: [ticket(11, { 101: 100 }), ticket(12, { 102: 20 })], due: { 11: { a101: 100 }, 12: { a102: 20 } } },
      "bill",
      { read: [ticket(12, { 101: 100, 102: 20, 103: 5 })], due: { 12: { a103: 5 } } },
      "bill",
      { read: [ticket(11, {}, merged)], due: {} },
    ],
    billed: { 1150: 125 },
  },
  {
    name: "merged after billing into an open ticket, which is closed later",
    steps: [
      ...billedOnce,
      { read: [ticket(11, {}, merged), ticket(12, { 101: 100, 102: 20 }, open)], due: {} },
      { read: [ticket(12, { 101: 100, 102: 20 })], due: { 12: { a102: 20 } } },
      "bill",
    ],
    billed: { 1150: 120 },
  },
  {
    name: "merged after billing into a ticket that cannot be read before it is closed",
    steps: [
      ...billedOnce,
      { read: [ticket(11, {}, merged)], due: { 11: { a101: -100 } } },
      { read: [ticket(12, { 101: 100, 102: 20 })], due: { 12: { a102: 20 } } },
      "bill",
    ],
    billed: { 1150: 120 },
  },
  {
    name: "merged after billing into a ticket of another customer",
    steps: [
      ...billedOnce,
      {
        read: [ticket(11, {}, merged), ticket(12, { 101: 100, 102: 20 }, ofSecond)],
        due: { 12: { a102: 20 } },
        elsewhere: [12],
      },
      "bill",
      { read: [], due: { 12: {} }, elsewhere: [12] },
    ],
    billed: { 1150: 100, 1151: 20 },
  },
  {
    name: "merged before billing into a ticket of another customer",
    steps: [
      { read: [ticket(11, { 101: 100 }, open)], due: {} },
      { read: [ticket(12, { 101: 100 }, ofSecond)], due: { 12: { a101: 100 } } },
      "bill",
    ],
    billed: { 1151: 100 },
  },
  {
    name: "split: the new ticket has its own articles only",
    steps: [
      ...billedOnce,
      { read: [ticket(11, { 101: 100 }), ticket(12, { 102: 30 })], due: { 12: { a102: 30 } } },
      "bill",
    ],
    billed: { 1150: 130 },
  },
  {
    name: "an article edited with time: a second row",
    steps: [
      ...billedOnce,
      {
        read: [{ ...ticket(11, {}), entries: [articleEntry(101, 125, [timeRow(101, 100), timeRow(140, 25)])] }],
        due: { 11: { a101: 25 } },
      },
      "bill",
    ],
    billed: { 1150: 125 },
  },
  {
    name: "an article deleted and restored",
    steps: [
      ...billedOnce,
      { read: [ticket(11, {})], due: { 11: { a101: -100 } } },
      { read: [ticket(11, { 101: 100 })], due: {} },
    ],
    billed: { 1150: 100 },
  },
  {
    name: "an article deleted before billing",
    steps: [
      { read: [ticket(11, { 101: 100, 102: 5 })], due: { 11: { a101: 100, a102: 5 } } },
      { read: [ticket(11, { 102: 5 })], due: { 11: { a102: 5 } } },
      "bill",
    ],
    billed: { 1150: 5 },
  },
];
