/** The customers' state on a database of its own, for the tests of one file; each test begins with the sample company. */
import { afterAll, beforeAll, beforeEach } from "vitest";
import type { CustomerState, Differences } from "../../src/customer-sync/ports.ts";
import { createCustomerState } from "../../src/state/customers.ts";
import { type BridgeDatabase, createBridgeDatabase } from "./bridge-database.ts";
import { plainSource, restoreSample, saveSample } from "./customer-run.ts";

export interface SampleState {
  readonly bridge: BridgeDatabase;
  readonly state: CustomerState;
  /** What differs, of everything unless told otherwise. */
  read(
    options: Partial<Parameters<CustomerState["readDifferences"]>[0]> & { now: Temporal.Instant },
  ): Promise<Differences>;
}

/** Registers the hooks of vitest; what it answers can be used inside of tests and later hooks. */
export function useSampleState(): SampleState {
  let bridge: BridgeDatabase | undefined;
  let state: CustomerState | undefined;
  beforeAll(async () => {
    bridge = await createBridgeDatabase();
    await saveSample(bridge);
    state = createCustomerState(bridge.pool);
  });
  afterAll(() => bridge?.drop());
  beforeEach(async () => {
    if (bridge) await restoreSample(bridge);
  });
  const made = <T>(value: T | undefined): T => {
    if (value === undefined) throw new Error("the sample state is made before the first test, not earlier");
    return value;
  };
  return {
    get bridge() {
      return made(bridge);
    },
    get state() {
      return made(state);
    },
    read: (options) =>
      made(state).readDifferences({
        mapping: "1",
        selection: { customerNumbers: [], contacts: [] },
        source: plainSource,
        everything: false,
        ...options,
      }),
  };
}
