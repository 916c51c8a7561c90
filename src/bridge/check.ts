import { assertFieldsExist } from "../customer-sync/index.ts";
import type { CustomerPorts } from "../customer-sync/index.ts";
import type { Config } from "../config/index.ts";
import { ConfigError, findingsOf } from "../model/index.ts";
import type { Check, Finding, HelpdeskIdentity } from "../model/index.ts";
import { allCustomers, customerRules } from "./customer-rules.ts";

export interface CheckParts {
  readonly config: Config;
  readonly customers: CustomerPorts;
  /** With null only the database is compared. */
  readonly checkIdentity: (helpdesk: HelpdeskIdentity | null, mode: "look") => Promise<void>;
  readonly checkBilling: () => Promise<readonly Finding[]>;
}

/** Names no customer: what is asked for is found out before anybody is looked for. */
const nobody = { ...allCustomers, customerNumbers: ["-"] };

/**
 * Asks database and helpdesk whether they are there, are the right ones, and have what the configuration names; reads only.
 * Without a database that is set up, nothing else can be told of kivitendo.
 */
export async function checkSettings(parts: CheckParts): Promise<readonly Finding[]> {
  const { config, customers, checkIdentity } = parts;
  const noHelpdesk = await findingsOf([() => assertHelpdeskGiven(config)]);
  const database = await findingsOf([() => checkIdentity(null, "look")]);
  const source = database.length > 0 ? database : await findingsOf([() => readSource(parts)]);
  const pushes = config.customers.way === "push" && config.helpdesk !== undefined;
  const helpdesk = pushes ? await findingsOf(helpdeskChecks(config, customers, checkIdentity, database)) : [];
  const billing = database.length > 0 ? [] : await parts.checkBilling();
  const all = [...noHelpdesk, ...source, ...helpdesk, ...billing];
  // Whoever is out of reach is so for all who ask.
  return all.filter((finding, index) => all.findIndex(({ message }) => message === finding.message) === index);
}

/** Only files, or tables that the helpdesk reads, need no helpdesk to be called. */
function assertHelpdeskGiven({ customers, helpdesk, schedule }: Config): void {
  if (helpdesk !== undefined || customers.way !== "push" || schedule.customers === "off") return;
  throw new ConfigError(
    "customers.way is push, and the configuration has no part `helpdesk`.",
    "Add the part, set customers.way to read-only, or, for `customers export` alone, schedule.customers to off.",
  );
}

async function readSource({ config, customers }: CheckParts): Promise<void> {
  const { source, selection } = customerRules(config, nobody);
  await customers.state.readDifferences({ mapping: "", selection, source, everything: false, now: customers.now() });
}

function helpdeskChecks(
  config: Config,
  { helpdesk }: CustomerPorts,
  checkIdentity: CheckParts["checkIdentity"],
  database: readonly Finding[],
): readonly Check[] {
  const isThere = async (): Promise<void> => {
    const identity = await helpdesk.identify();
    if (database.length === 0) await checkIdentity(identity, "look");
    assertFieldsExist(customerRules(config, nobody).mapping, await helpdesk.describe());
  };
  return [isThere];
}
