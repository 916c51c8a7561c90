import { afterAll, beforeAll, expect, test } from "vitest";
import type { CustomerState } from "../../src/customer-sync/ports.ts";
import { createCustomerState } from "../../src/state/customers.ts";
import { type BridgeDatabase, createBridgeDatabase } from "../support/bridge-database.ts";

const now = Temporal.Instant.from("2026-11-22T08:00:00Z");

let bridge: BridgeDatabase;
let state: CustomerState;
beforeAll(async () => {
  bridge = await createBridgeDatabase();
  state = createCustomerState(bridge.pool);
});
afterAll(() => bridge.drop());

test("a run is opened and closed", async () => {
  const before = await state.startRun("customers", now);
  const next = await state.startRun("customers", now);
  expect(next).toBeGreaterThan(before);
  const summary = { customers: { created: 1 } };
  await state.finishRun(next, { finishedAt: now.add({ seconds: 3 }), status: "failed", summary, error: "no \u0000" });
  expect(await bridge.admin("select * from otrs_bridge.runs where id = $1", [next])).toEqual([
    {
      id: next,
      flow: "customers",
      started_at: new Date("2026-11-22T08:00:00Z"),
      finished_at: new Date("2026-11-22T08:00:03Z"),
      status: "failed",
      summary,
      error: "no ",
    },
  ]);
});

test("a refused run is recorded with its reason, and once while it stays refused for the same", async () => {
  const refused = (minute: number, reason: string): Promise<void> =>
    state.refuseRun("customers", { at: now.add({ minutes: minute }), reason });
  await refused(0, "too many");
  await refused(5, "too many");
  await refused(10, "empty source");
  const rows = await bridge.admin(
    `select flow, status, error, (finished_at - started_at)::text as lasted
       from otrs_bridge.runs
      where status = 'refused'
      order by id`,
  );
  expect(rows).toEqual([
    { flow: "customers", status: "refused", error: "too many", lasted: "00:05:00" },
    { flow: "customers", status: "refused", error: "empty source", lasted: "00:00:00" },
  ]);
});
