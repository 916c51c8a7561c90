/** Histories of tickets that change their customer, state or id; see also settle-bookings.ts. */
import type { EntryTime } from "../../src/billing/ports.ts";
import type { HundredthUnits } from "../../src/model/index.ts";
import { articleEntry, articleTime, rowEntry, ticket, timeRow } from "../support/tickets.ts";
import { billedOnce, bookings, type History, merged, ofSecond, ofThird, open } from "./settle-bookings.ts";

const article = (entry: EntryTime, createdAt: Temporal.Instant): EntryTime => ({
  ...entry,
  key: { ...entry.key, createdAt },
});
const restEntry = (id: number, units: number): EntryTime => ({
  key: { kind: "rest", sourceId: id, createdAt: articleTime(0) },
  units: units as HundredthUnits,
  rows: [timeRow(0, units, { agentLogin: null, agentName: null, subject: null })],
});
export const histories: readonly History[] = [
  ...bookings,
  {
    name: "moved to another customer before billing",
    steps: [
      { read: [ticket(11, { 101: 100 })], due: { 11: { a101: 100 } } },
      { read: [ticket(11, { 101: 100 }, ofSecond)], due: { 11: { a101: 100 } } },
      "bill",
    ],
    billed: { 1151: 100 },
  },
  {
    name: "moved to another customer after billing, and back",
    steps: [
      ...billedOnce,
      { read: [ticket(11, { 101: 100 }, ofSecond)], due: { 11: {} }, elsewhere: [11] },
      { read: [ticket(11, { 101: 100 })], due: {} },
    ],
    billed: { 1150: 100 },
  },
  {
    name: "moved to another customer after billing, which may stay so until it moves on",
    steps: [
      ...billedOnce,
      { read: [ticket(11, { 101: 100, 102: 5 }, ofSecond)], due: { 11: { a102: 5 } }, elsewhere: [11] },
      "keep",
      { read: [], due: { 11: { a102: 5 } } },
      "bill",
      { read: [ticket(11, { 101: 100, 102: 5 }, ofSecond)], due: {} },
      { read: [ticket(11, { 101: 100, 102: 5 })], due: { 11: {} }, elsewhere: [11] },
    ],
    billed: { 1150: 100, 1151: 5 },
  },
  {
    name: "moved to a company that no customer is linked to: asked when one is",
    steps: [...billedOnce, { read: [ticket(11, { 101: 100 }, ofThird)], due: {} }],
    billed: { 1150: 100 },
  },
  {
    name: "an article deleted after billing, and the ticket moved: nothing of it is anybody's now",
    steps: [...billedOnce, { read: [ticket(11, {}, ofSecond)], due: { 11: { a101: -100 } } }],
    billed: { 1150: 100 },
  },
  {
    name: "a ticket deleted or forbidden, before and after billing",
    steps: [
      ...billedOnce,
      { read: [ticket(12, { 102: 20 })], due: { 12: { a102: 20 } } },
      { read: [], gone: [11, 12], due: { 12: { a102: 20 } } },
    ],
    billed: { 1150: 100 },
  },
  {
    name: "a state renamed, with states by name",
    steps: [
      { read: [ticket(11, { 101: 100 }, { state: "erledigt" })], names: ["closed successful"], due: {} },
      { read: [], names: ["closed successful", "erledigt"], due: { 11: { a101: 100 } } },
      "bill",
    ],
    billed: { 1150: 100 },
  },
  {
    name: "time without an article, moved by a merge",
    steps: [
      { read: [{ ...ticket(11, {}), entries: [rowEntry(7, 45)] }], due: { 11: { r7: 45 } } },
      "bill",
      {
        read: [
          ticket(11, {}, merged),
          { ...ticket(12, { 102: 20 }), entries: [articleEntry(102, 20), rowEntry(7, 45)] },
        ],
        due: { 12: { a102: 20 } },
      },
      "bill",
    ],
    billed: { 1150: 65 },
  },
  {
    name: "time without an article after changing to the stock operations: differences that cancel out",
    steps: [
      {
        read: [{ ...ticket(11, {}), entries: [articleEntry(101, 100), rowEntry(7, 45)] }],
        due: { 11: { a101: 100, r7: 45 } },
      },
      "bill",
      {
        read: [{ ...ticket(11, {}), entries: [articleEntry(101, 100, [timeRow(0, 100)]), restEntry(11, 45)] }],
        due: { 11: { r7: -45, t11: 45 } },
      },
    ],
    billed: { 1150: 145 },
  },
  {
    name: "an article id handed out again on another ticket",
    steps: [
      ...billedOnce,
      {
        read: [{ ...ticket(12, {}), entries: [article(articleEntry(101, 30), articleTime(5000))] }],
        due: { 12: { a101: 30 } },
      },
      "bill",
    ],
    billed: { 1150: 130 },
  },
  {
    name: "an article id handed out again on the same ticket: the old article is gone",
    steps: [
      ...billedOnce,
      {
        read: [{ ...ticket(11, {}), entries: [article(articleEntry(101, 30), articleTime(5007))] }],
        due: { 11: { a101: -70 } },
      },
    ],
    billed: { 1150: 100 },
  },
  {
    name: "a ticket id handed out again under another number",
    steps: [
      { read: [ticket(11, { 101: 100, 102: 5 })], due: { 11: { a101: 100, a102: 5 } } },
      "bill",
      {
        read: [{ ...ticket(11, { 103: 30 }), ticketNumber: ticket(77, {}).ticketNumber }],
        due: { 11: { a103: 30 } },
        setAside: [{ ticketId: 11, billedUnits: 105 }],
      },
      "bill",
      { read: [], due: {}, setAside: [{ ticketId: 11, billedUnits: 105 }] },
    ],
    billed: { 1150: 135 },
  },
  {
    name: "a ticket id and number handed out again, twice, before anything was billed",
    steps: [
      { read: [ticket(11, { 101: 100 })], due: { 11: { a101: 100 } } },
      {
        read: [ticket(11, { 102: 30 }, { createdAt: articleTime(77) })],
        due: { 11: { a102: 30 } },
        setAside: [{ ticketId: 11, billedUnits: 0 }],
      },
      {
        read: [ticket(11, { 103: 40 }, { createdAt: articleTime(78) })],
        due: { 11: { a103: 40 } },
        setAside: [
          { ticketId: 11, billedUnits: 0 },
          { ticketId: 11, billedUnits: 0 },
        ],
      },
      "bill",
    ],
    billed: { 1150: 40 },
  },
  {
    name: "a ticket without time whose id was handed out again is nobody's question",
    steps: [
      { read: [ticket(11, {}, open)], due: {} },
      { read: [ticket(11, { 102: 30 }, { createdAt: articleTime(77) })], due: { 11: { a102: 30 } } },
    ],
    billed: {},
  },
];
