/** A helpdesk whose own time zone was changed: its stamps stay, and mean other moments. */
import { setTimeout as sleep } from "node:timers/promises";
import { beforeEach, expect, test } from "vitest";
import type { EntryTime, TicketSnapshot } from "../../src/billing/ports.ts";
import { ConfigError, RefusedError } from "../../src/model/index.ts";
import { openDatabase } from "../../src/kivitendo/index.ts";
import { rebind, type RebindOptions } from "../../src/state/index.ts";
import { withPool } from "../support/bridge-setup.ts";
import { expectLedgerAdds, minutes, useLedger } from "../support/ledger.ts";
import { recordOf, lineOf } from "../support/lines.ts";
import { articleEntry, settlementOf, ticket } from "../support/tickets.ts";

const world = useLedger();

/** Moments of the same stamps: in summer, in winter, and in the hour that comes twice in Berlin. */
const stamps = { 70: "2026-07-01T12:00:00", 71: "2026-01-10T11:00:00", 72: "2026-10-25T02:30:00" };
const inZone = (zone: string): readonly EntryTime[] =>
  Object.entries(stamps).map(([id, stamp]) => {
    const createdAt = momentIn(zone, stamp);
    const entry = articleEntry(Number(id), 100);
    return { ...entry, key: { ...entry.key, createdAt }, rows: [] };
  });
const momentIn = (zone: string, stamp: string): Temporal.Instant =>
  Temporal.PlainDateTime.from(stamp).toZonedDateTime(zone).toInstant();
const tellIn = (zone: string): TicketSnapshot =>
  ticket(7, {}, { entries: inZone(zone), createdAt: momentIn(zone, "2026-01-10T10:00:00") });

async function rezoned(before: string, now: string, tells = now, changes: Partial<RebindOptions> = {}): Promise<void> {
  const readTickets = (ids: readonly number[]): Promise<readonly TicketSnapshot[]> =>
    Promise.resolve(ids.map(() => tellIn(tells)));
  const rezone = { before, now, readTickets };
  const say = (): undefined => undefined;
  await withPool(world.bridge.database.ownerUrl, (pool) =>
    rebind(pool, { instance: "main", helpdesk: null, tickets: "moved", rezone, dryRun: false, say, ...changes }),
  );
}

const openOf = async (zone: string): Promise<number> => {
  const { due } = await world.state.settle({ ...settlementOf([tellIn(zone)]), dryRun: true });
  return due.length;
};

beforeEach(async () => {
  await world.state.settle(settlementOf([tellIn("Europe/Berlin")]));
  const entries = inZone("Europe/Berlin").map(({ key, units }) => ({
    key,
    units,
    settledBefore: 0 as never,
    workedOn: Temporal.PlainDate.from("2026-10-01"),
    agent: null,
  }));
  await world.state.writeDraft(
    recordOf(world.run, [{ ...lineOf(7, []), entries, workedUnits: 300 as never }]),
    minutes,
  );
});

test.each(["UTC", "America/New_York", "Asia/Kolkata"])(
  "to %s: what was billed stays billed, there and back",
  async (zone) => {
    await rezoned("Europe/Berlin", zone);
    expect(await openOf(zone)).toBe(0);
    await rezoned(zone, "Europe/Berlin");
    expect(await openOf("Europe/Berlin")).toBe(0);
    await expectLedgerAdds(world);
  },
);

test.each<[string, string, string, string, typeof ConfigError | typeof RefusedError]>([
  ["the zone before is another one", "Asia/Tokyo", "UTC", "UTC", RefusedError],
  ["the helpdesk tells what is known already", "Europe/Berlin", "UTC", "Europe/Berlin", RefusedError],
  ["only summer differs", "Africa/Algiers", "UTC", "UTC", RefusedError],
  ["it is the same", "UTC", "UTC", "UTC", ConfigError],
  ["there is no such zone", "Europa/Berlin", "UTC", "UTC", ConfigError],
])("nothing changes when %s", async (_, before, now, tells, error) => {
  await expect(rezoned(before, now, tells)).rejects.toThrow(error);
  expect(await openOf("Europe/Berlin")).toBe(0);
});

test("nor in a trial", async () => {
  await rezoned("Europe/Berlin", "UTC", "UTC", { dryRun: true });
  expect(await openOf("Europe/Berlin")).toBe(0);
});

test("a helpdesk that takes its time is waited for", async () => {
  const connectionString = world.bridge.database.ownerUrl;
  const pool = openDatabase({ connectionString, applicationName: "kivi-otrs test", idleInTransactionTimeoutMs: 50 });
  const readTickets = async (): Promise<readonly TicketSnapshot[]> => {
    await sleep(300);
    return [tellIn("UTC")];
  };
  const rezone = { before: "Europe/Berlin", now: "UTC", readTickets };
  const options = { instance: "main", helpdesk: null, tickets: "moved", rezone, say: () => undefined } as const;
  try {
    expect(await rebind(pool, { ...options, dryRun: true })).toEqual({ changed: true });
  } finally {
    await pool.end();
  }
});
