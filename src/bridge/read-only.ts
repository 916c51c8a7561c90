import type { Config } from "../config/index.ts";
import type { ReadOnlyPorts, ReadOnlyRules } from "../customer-sync/index.ts";
import type { openDatabase } from "../kivitendo/index.ts";
import { customerRules } from "./customer-rules.ts";
import type { CustomerOptions } from "./customer-rules.ts";
import { checkIdentity, createReadOnlySource } from "../state/index.ts";
import type { State } from "../state/index.ts";

/** What the read-only way of flow 1 works on: the client's database alone. */
export function readOnlyPorts(config: Config, pool: ReturnType<typeof openDatabase>, state: State): ReadOnlyPorts {
  return {
    source: createReadOnlySource(pool),
    checkDatabase: () => checkIdentity(pool, { instance: config.instance, helpdesk: null, look: true }),
    recorder: {
      start: () => state.customers.startRun("customers", now()),
      finish: state.customers.finishRun,
      now,
    },
    refuse: (refusal) => state.customers.refuseRun("customers", refusal),
  };
}

export function readOnlyRules(config: Config, options: CustomerOptions): ReadOnlyRules {
  const { source, mapping, limits, allow } = customerRules(config, options);
  return {
    // Extra fields are for the other way.
    source: { ...source, companyColumns: [], contactColumns: [] },
    countries: mapping.countries,
    limits,
    allow,
  };
}

function now(): Temporal.Instant {
  return Temporal.Now.instant();
}
