/** Compares what the bridge remembers with what it should, and takes over what was found right. */
import { expect } from "vitest";
import type { World } from "../../support/bridge.ts";
import { readDrafts } from "../../support/evidence.ts";
import type { Books, Line } from "./books.ts";
import { sum } from "./rounding.ts";
import type { Expected } from "./bill.ts";
import { type LedgerLine, readDraftRows, readEntries, readLines } from "./ledger.ts";

/** Lines that were written since the last look. */
export async function newLines(world: World, books: Books): Promise<readonly LedgerLine[]> {
  const known = new Set(books.lines.map(({ id }) => id));
  return (await readLines(world)).filter(({ id }) => !known.has(id));
}

type Comparable = Pick<Expected, "customer" | "kind" | "price" | "quantity" | "parts">;

/** By ticket, customer, kind and price: quantity and units by entry. */
function summed(lines: readonly (Comparable & { readonly number: string })[]): Record<string, unknown> {
  const groups = Map.groupBy(lines, ({ number, customer, kind, price }) => `${number} ${customer} ${kind} ${price}`);
  return Object.fromEntries(
    [...groups].map(([key, members]) => {
      const parts: Record<string, number> = {};
      for (const { parts: some } of members)
        for (const [entry, units] of some) parts[entry] = (parts[entry] ?? 0) + units;
      const quantity = sum(members.map((member) => member.quantity));
      return [key, { quantity, ...parts }];
    }),
  );
}

/** Asserts that exactly these lines were written, and keeps them with their ids, places and drafts. */
export async function assertWritten(world: World, books: Books, expected: readonly Expected[]): Promise<void> {
  const written = await newLines(world, books);
  expect(summed(written), "lines written").toEqual(
    summed(expected.map((line) => ({ ...line, number: line.ticket.number }))),
  );
  for (const { id, kivitendoId, customer, status } of await readDraftRows(world)) {
    if (books.drafts.some((draft) => draft.id === id)) continue;
    expect(status, `status of draft ${id}`).toBe(books.setting.review ? "proposed" : "waiting");
    const first = { status: books.setting.review ? "proposed" : "waiting", stands: !books.setting.review } as const;
    const rest = { isTouched: false, posted: null, invoice: 0, isAsked: false };
    books.drafts.push({ id, kivitendoId, customer, ...first, ...rest });
  }
  const lines = written.map((line): Line => {
    const draft = books.drafts.find(({ id }) => id === line.draft) ?? null;
    if (draft !== null) expect(draft.customer, `customer of draft ${draft.id}`).toBe(line.customer);
    return {
      ...line,
      draft,
      position: line.position ?? 0,
      isActive: true,
      isEdited: false,
      isWritten: !books.setting.review,
    };
  });
  expect(
    new Set(lines.filter(({ draft }) => draft !== null).map(({ draft, customer }) => `${draft?.id} ${customer}`)).size,
  )
    // One draft for each customer of a run.
    .toBe(new Set(lines.filter(({ draft }) => draft !== null).map(({ customer }) => customer)).size);
  books.lines = [...books.lines, ...lines].toSorted((a, b) => a.id - b.id);
}

/** Asserts that lines, drafts and entries are as the model has them. */
export async function assertSame(world: World, books: Books): Promise<void> {
  const shown = (line: LedgerLine | Line): unknown => {
    const { id, kind, customer, price, quantity, isActive, isEdited } = line;
    return { id, kind, customer, price, quantity, isActive, isEdited };
  };
  expect((await readLines(world)).map(shown)).toEqual(books.lines.map(shown));
  expect((await readDraftRows(world)).map(({ id, status }) => ({ id, status }))).toEqual(
    books.drafts.map(({ id, status }) => ({ id, status })),
  );
  for (const { entry, ticket, seen, settled, places } of await readEntries(world)) {
    const told = { entry, ticket: books.home.get(entry), seen: books.units.get(entry), settled: books.settled(entry) };
    expect({ entry, ticket, seen, settled }).toEqual(told);
    const open = (books.units.get(entry) ?? 0) - books.settled(entry);
    // billed + included + goodwill + excluded + waived + opening + transfer + proposed + (held, due, inbox) = seen
    expect(sum(Object.values(places ?? {})) + open, entry).toBe(books.units.get(entry));
  }
}

/** What stands in kivitendo is what the ledger says. */
export async function assertDrafts(world: World, books: Books): Promise<void> {
  const drafts = new Map((await readDrafts(world)).map((draft) => [draft.kivitendoId, draft]));
  const standing = books.drafts.filter(({ stands }) => stands);
  expect(drafts.size, "drafts in kivitendo").toBe(standing.length);
  for (const draft of standing) {
    const own = books.lines
      .filter((line) => line.draft === draft && line.isWritten)
      .toSorted((a, b) => a.position - b.position);
    const written = drafts.get(draft.kivitendoId ?? "");
    expect({ customer: written?.customerNumber, lines: written?.lines.map(formLine) }).toEqual({
      customer: draft.customer,
      lines: own.map(({ number, price, quantity }) => ({ number, price, quantity })),
    });
  }
}

function formLine(line: Readonly<Record<string, string>>): unknown {
  return {
    number: line["serialnumber"],
    price: Math.round(evaluated(line["sellprice"]) * 100),
    quantity: Math.round(evaluated(line["qty"]) * 100_000),
  };
}

/** kivitendo reads `33333/100000` as arithmetic. */
export function evaluated(expression = ""): number {
  const [over = "", under = "1"] = expression.split("/");
  return Number(over) / Number(under);
}
