import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import type { EntryKey, Settled, Settlement } from "../../src/billing/ports.ts";
import { settle } from "../../src/state/settle.ts";
import { type BridgeDatabase, createBridgeDatabase } from "../support/bridge-database.ts";
import { addLine, emptyLedger } from "../support/settled-lines.ts";
import { settlementOf, ticketId } from "../support/tickets.ts";
import type { Step } from "./settle-bookings.ts";
import { histories } from "./settle-histories.ts";

let bridge: BridgeDatabase;
beforeAll(async () => {
  bridge = await createBridgeDatabase();
});
afterAll(() => bridge.drop());
beforeEach(() => emptyLedger(bridge));

test.each(histories)("$name", async ({ steps, billed }) => {
  let last: Settled = { due: [], setAside: [] };
  for (const step of steps) {
    if (step === "bill") await billAll(last);
    else if (step === "keep") await keepAll(last);
    else {
      last = await settle(bridge.pool, settlementFor(step));
      expect(dueOf(last)).toEqual(step.due);
      expect(last.due.filter((each) => each.billedElsewhere).map((each) => each.ticketId)).toEqual(
        step.elsewhere ?? [],
      );
      expect(last.setAside).toMatchObject(step.setAside ?? []);
    }
  }
  await expectIdentity();
  expect(await billedByCustomer()).toEqual(billed);
});

function settlementFor(step: Exclude<Step, string>): Settlement {
  const { gone = [], names } = step;
  return settlementOf([], {
    batches: [{ tickets: step.read, unreadable: gone.map((id) => ticketId(id)) }],
    ...(names === undefined ? {} : { stateTypes: [], stateNames: names }),
  });
}

function dueOf({ due }: Settled): Record<number, Record<string, number>> {
  const all: Record<number, Record<string, number>> = {};
  for (const each of due) {
    const open: Record<string, number> = (all[each.ticketId] = {});
    for (const { key, units, settledUnits } of each.entries)
      if (units !== settledUnits) open[nameOf(key)] = (open[nameOf(key)] ?? 0) + units - settledUnits;
  }
  return all;
}

function nameOf({ kind, sourceId }: EntryKey): string {
  return `${{ article: "a", row: "r", rest: "t" }[kind]}${sourceId}`;
}

async function billAll({ due }: Settled): Promise<void> {
  for (const each of due) {
    const entries = each.entries
      .map(({ key, units, settledUnits }) => ({ key, units: units - settledUnits }))
      .filter(({ units }) => units !== 0);
    if (entries.length > 0)
      await addLine(bridge, { ticketId: each.ticketId, entries, customerId: each.customerId ?? 0 });
  }
}

async function keepAll({ due }: Settled): Promise<void> {
  for (const each of due)
    await bridge.admin("update otrs_bridge.tickets set accepted_customer = $1 where ticket_id = $2", [
      each.customerId,
      each.ticketId,
    ]);
}

/** What is kept at the entries is what the ledger holds. */
async function expectIdentity(): Promise<void> {
  expect(
    await bridge.admin(`
      select e.source_id
        from otrs_bridge.time_entries e
        left join otrs_bridge.ledger g
          on g.kind = e.kind and g.source_id = e.source_id and g.created_at = e.created_at
       group by e.kind, e.source_id, e.created_at
      having e.settled_units <> coalesce(sum(g.units), 0) or e.open <> (e.seen_units <> e.settled_units)`),
  ).toEqual([]);
}

async function billedByCustomer(): Promise<Record<number, number>> {
  const rows = await bridge.admin(`
    select l.customer_id, sum(g.units)::integer as units
      from otrs_bridge.lines l
      join otrs_bridge.ledger g on g.line_id = l.id
     group by l.customer_id`);
  return Object.fromEntries(rows.map((row) => [Number(row["customer_id"]), Number(row["units"])]));
}
