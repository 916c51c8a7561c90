/**
 * Random histories of edits on both sides, of decisions, and of calls and runs that fail half-way. After two undisturbed
 * runs the second had nothing to do, the helpdesk has in every field that is kivitendo's what kivitendo has, and no record
 * that is not the bridge's was touched.
 *
 * `PROPERTY_RUNS` is the number of histories, `PROPERTY_SECONDS` ends them earlier. `PROPERTY_SEED` chooses others than the
 * usual ones: `PROPERTY_SEED=$RANDOM PROPERTY_RUNS=500` looks for what nobody has seen. Seed and `PROPERTY_PATH`, printed with
 * a failure, repeat it.
 */
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createLogger } from "../../src/bridge/index.ts";
import { createHelpdesk } from "../../src/helpdesk/index.ts";
import { CaseErp } from "../contracts/customer-cases/erp.ts";
import { createWorld, quietContext, type World } from "../support/bridge.ts";
import { type Beginning, keepBeginning } from "../support/beginning.ts";
import { helpdeskRecords } from "../support/evidence.ts";
import { workInHelpdesk } from "./customer-model/agent-side.ts";
import { flagName, workInErp } from "./customer-model/erp-side.ts";
import { assertSettled } from "./customer-model/expected.ts";
import { operate, type OperatorSide, pauseIsOver, syncAllowed } from "./customer-model/operator-side.ts";
import { Seen, Shadow } from "./customer-model/shadow.ts";
import { readSource } from "./customer-model/source.ts";
import {
  anyPeople,
  anySetting,
  anyStep,
  type AgentStep,
  type OperatorStep,
  type Setting,
  type Step,
} from "./customer-model/steps.ts";

const seed = Number(process.env["PROPERTY_SEED"] ?? 20_261_122);
const path = process.env["PROPERTY_PATH"];
const everything = { customerNumbers: [], contacts: [] };

const operatorSteps: ReadonlySet<string> = new Set<OperatorStep["do"]>([
  "sync",
  "plan",
  "syncOne",
  "decide",
  "match",
  "repair",
  "wait",
  "fail",
  "interrupt",
  "cut",
]);
const agentSteps: ReadonlySet<string> = new Set<AgentStep["do"]>([
  "companyField",
  "userField",
  "validity",
  "renameCompany",
  "renameUser",
  "strangeCompany",
  "strangeUser",
  "member",
  "ticket",
  "otherBridge",
]);

let world: World;
let erp: CaseErp;
let start: Beginning;
let lived = 0;

beforeAll(async () => {
  world = await createWorld({ settings: { helpdesk: { batchSize: 2, concurrency: 2 } } });
  erp = await CaseErp.open(world.database, "4.1.0");
  await erp.flag("Contacts", flagName);
  await world.sync();
  start = await keepBeginning(world, ["customer", "contacts", "customer_contacts", "custom_variables"]);
});
afterAll(async () => {
  console.log(`customers: ${lived} histories, PROPERTY_SEED=${seed}`);
  await erp.close();
  await world.end();
});

async function begin({ databaseKind, hasFlag, placeholderName, ...customers }: Setting): Promise<void> {
  await start.again();
  world.helpdesk.settings.databaseKind = databaseKind;
  await world.configure({
    customers: {
      ...customers,
      placeholderName: placeholderName ?? undefined,
      contactFlag: hasFlag ? flagName : undefined,
      // The guard has tests of its own; here it would only say that a history is wild.
      ignoreBelow: 100_000,
      maxSourceShrink: 1,
    },
  });
}

async function live(people: readonly Step[], history: readonly Step[], setting: Setting): Promise<void> {
  await begin(setting);
  const shadow = new Shadow(world.helpdesk.world);
  const other = createHelpdesk({
    url: world.helpdesk.baseUrl,
    instance: "zweite",
    userLogin: "bridge",
    password: "bridgepw",
    timeoutSeconds: 20,
    webservice: "KivitendoBridge",
    maxResponseBytes: 10_000_000,
    log: createLogger("silent"),
  });
  const side: OperatorSide = { world, shadow, setting };
  try {
    for (const step of [...people, ...history]) {
      if (isOperators(step)) await operate(side, step);
      else if (isAgents(step))
        await workInHelpdesk({ helpdesk: world.helpdesk.world, shadow, other: other.customers }, step);
      else {
        await workInErp(erp, step);
        shadow.some.left ||= leaving.has(step.do);
      }
    }
    await settle(side);
    lived++;
  } finally {
    await other.close();
  }
}

const leaving: ReadonlySet<string> = new Set([
  "obsolete",
  "flag",
  "deleteContact",
  "deleteCustomer",
  "separate",
  "move",
  "email",
  "swapEmails",
]);

/** Calm at last: what was changed by hand is repaired, what was refused is tried again, and then nothing is left to do. */
async function settle({ shadow, setting }: OperatorSide): Promise<void> {
  await syncAllowed(world);
  await world.bridge.desk.verify("repair", everything, quietContext());
  await pauseIsOver(world);
  await syncAllowed(world);
  shadow.assertUntouched(setting.adopt);
  const before = records();
  world.requests.length = 0;
  expect((await world.plan()).outcomes, "the plan after").toEqual([]);
  expect((await world.sync()).outcomes, "the second run").toEqual([]);
  expect(world.requests.filter((route) => route.includes("Upsert"))).toEqual([]);
  const source = await readSource(world, setting.hasFlag);
  assertSettled({ source, seen: new Seen(world.helpdesk.world), shadow, setting });
  const { companies, users, repairs } = await world.bridge.desk.verify("look", everything, quietContext());
  expect({
    lost: [...companies.lost, ...users.lost],
    orphans: [...companies.orphans, ...users.orphans],
    repairs,
  }).toEqual({ lost: [], orphans: [], repairs: [] });

  await pauseIsOver(world);
  await syncAllowed(world);
  expect(records(), "what is refused stays refused").toEqual(before);
}

/** The helpdesk without the number of the last run. */
function records(): object {
  return { ...helpdeskRecords(world), sequences: {} };
}

function isOperators(step: Step): step is OperatorStep {
  return operatorSteps.has(step.do);
}

function isAgents(step: Step): step is AgentStep {
  return agentSteps.has(step.do);
}

test("whatever happened: two calm runs later both sides agree", { timeout: 3_600_000 }, async () => {
  const history = fc.array(anyStep, { minLength: 5, maxLength: 40, size: "max" });
  await fc.assert(fc.asyncProperty(anyPeople, history, anySetting, live), {
    numRuns: Number(process.env["PROPERTY_RUNS"] ?? 20),
    seed,
    ...(path === undefined ? {} : { path }),
    // Making a history smaller ends, too.
    interruptAfterTimeLimit: Number(process.env["PROPERTY_SECONDS"] ?? 600) * 1000,
  });
  expect(lived).toBeGreaterThan(0);
});
