/** The bridge of a case, put together as the command line does. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { stringify } from "yaml";
import { createLogger, openBridge } from "../../../src/bridge/index.ts";
import type { Bridge } from "../../../src/bridge/index.ts";
import { loadConfig } from "../../../src/config/index.ts";
import type { Config } from "../../../src/config/index.ts";
import type { TestDatabase } from "../../support/database.ts";
import type { HelpdeskUnderTest } from "../helpdesk-under-test.ts";

/** The part `customers` of the configuration. */
export type CustomerSettings = Readonly<Record<string, unknown>>;

export interface Place {
  readonly database: TestDatabase;
  readonly directory: string;
  readonly helpdesk: HelpdeskUnderTest;
  readonly instance: string;
}

/** Writes the configuration and reads it. */
export function load({ database, directory, helpdesk, instance }: Place, customers: CustomerSettings): Config {
  const file = join(directory, "bridge.yaml");
  const settings = {
    instance,
    kivitendo: {
      databaseUrl: database.bridgeUrl.replace(/:[^:@/]*@/, "@"),
      password: database.bridgePassword,
      adminUrl: database.url,
    },
    helpdesk: { url: helpdesk.url, userLogin: helpdesk.bridge.UserLogin, password: helpdesk.bridge.Password },
    customers,
  };
  writeFileSync(file, stringify(settings), { mode: 0o600 });
  return loadConfig({ file, environment: {}, directory }).config;
}

/** Writes the configuration and opens the bridge on it. */
export function open(place: Place, customers: CustomerSettings): Bridge {
  return openBridge(load(place, customers), "case", createLogger("silent"));
}
