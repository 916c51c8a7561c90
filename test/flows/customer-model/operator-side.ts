/** What operators do with the bridge in a history, and what goes wrong meanwhile. */
import { expect } from "vitest";
import { allCustomers, createLogger, openBridge } from "../../../src/bridge/index.ts";
import type { CustomerOptions } from "../../../src/bridge/index.ts";
import type { CustomersReport } from "../../../src/customer-sync/index.ts";
import { RefusedError } from "../../../src/model/index.ts";
import { quietContext, type World } from "../../support/bridge.ts";
import { bridgeIsGone } from "../../support/child-run.ts";
import { openWire } from "../../support/wire.ts";
import { helpdeskRecords } from "../../support/evidence.ts";
import { pick } from "./erp-side.ts";
import type { Shadow } from "./shadow.ts";
import type { OperatorStep, Setting } from "./steps.ts";

export interface OperatorSide {
  readonly world: World;
  readonly shadow: Shadow;
  readonly setting: Setting;
}

const everything = { customerNumbers: [], contacts: [] };

/** Does a step. Whatever it is: strangers stay as they were. */
export async function operate(side: OperatorSide, step: OperatorStep): Promise<void> {
  await perform(side, step);
  side.shadow.assertUntouched(side.setting.adopt);
}

async function perform(side: OperatorSide, step: OperatorStep): Promise<void> {
  const { world } = side;
  switch (step.do) {
    case "sync":
      await syncAllowed(world);
      return;
    case "plan": {
      const before = helpdeskRecords(world);
      await world.plan().catch((error: unknown) => {
        if (!(error instanceof RefusedError)) throw error;
      });
      expect(helpdeskRecords(world), "a plan writes nothing").toEqual(before);
      return;
    }
    case "syncOne":
      return syncOne(world, step.kind, step.who);
    case "decide":
      return decide(side, step);
    case "match":
      return match(side, step.who);
    case "repair":
      await world.bridge.desk.verify("repair", everything, quietContext());
      return;
    case "wait":
      return pauseIsOver(world);
    case "fail":
      await fail(world, step);
      // After a refused password the bridge tries no more before it is started anew.
      if (step.fault.kind === "auth-fail") await world.configure({});
      return;
    case "interrupt":
      return interrupt(world, step.after);
    case "cut":
      return cut(world, step.after);
    default: {
      const unreachable: never = step;
      throw new Error(`unhandled step ${JSON.stringify(unreachable)}`);
    }
  }
}

/** The pause before the next try of what was refused is over. */
export async function pauseIsOver(world: World): Promise<void> {
  await world.admin.query(
    `update otrs_bridge.links set next_attempt_at = now() - interval '1 second'
      where next_attempt_at <> 'infinity'`,
  );
}

/** A run; a source without a single row is believed, because somebody says so. */
export async function syncAllowed(world: World, options: Partial<CustomerOptions> = {}): Promise<CustomersReport> {
  return world.sync(options).catch((error: unknown) => {
    const allow = error instanceof RefusedError ? /--allow ([0-9a-f]{12})/.exec(error.hint)?.[1] : undefined;
    if (allow === undefined) throw error;
    return world.sync({ ...options, allow });
  });
}

async function syncOne(world: World, kind: "company" | "user", who: number): Promise<void> {
  const rows = await world.admin.query(
    kind === "company"
      ? "select customernumber as name from customer where btrim(customernumber) <> '' order by id"
      : "select cp_id::text as name from contacts order by cp_id",
  );
  const name = pick(rows, who)?.["name"];
  if (typeof name !== "string") return;
  await syncAllowed(world, kind === "company" ? { customerNumbers: [name] } : { contacts: [name] });
}

/** Answers something that waits, or renames what is linked. */
async function decide(
  { world, shadow }: OperatorSide,
  { who, choice: place, value }: Extract<OperatorStep, { do: "decide" }>,
): Promise<void> {
  const waiting = (await world.bridge.inbox()).filter(({ flow }) => flow === "customers");
  const linked = await world.admin.query(
    "select kind || '-' || row_id as id from otrs_bridge.links where status = 'linked' and confirmed order by 1",
  );
  const answers = [
    ...waiting.flatMap(({ id, choices }) => choices.map((choice) => ({ id, choice }))),
    ...linked.map(({ id }) => ({ id: String(id), choice: "rename" })),
  ];
  const answer = pick(answers, who * 6 + place);
  if (answer === null) return;
  const { id, choice } = answer as { id: string; choice: Parameters<World["bridge"]["desk"]["decide"]>[1]["choice"] };
  const given = choice === "rename" ? value : null;
  await world.bridge.desk.decide(id, { choice, value: given, by: "Test", why: "so it is" });
  const name = id.replace("-", " ");
  if (choice === "rename") shadow.keysByHand.add(value);
  if (choice === "adopt") shadow.mayAdopt.add(name);
  if (choice === "move" || choice === "adopt" || choice === "recreate") shadow.mayMove.add(Number(id.split("-")[1]));
}

async function match({ world, shadow }: OperatorSide, who: number): Promise<void> {
  const { proposals } = await world.bridge.desk.matches(quietContext());
  const pair = pick(proposals, who);
  if (pair === null) return;
  const { record, rowId, helpdesk } = pair;
  await world.bridge.desk.confirmMatches([{ line: 1, record, rowId, key: helpdesk.key }], "Test", quietContext());
  shadow.mayAdopt.add(`${record} ${rowId}`);
  shadow.keysByHand.add(helpdesk.key);
}

/** One call fails once, and the run goes on; or it fails again and again, and the run gives up. */
async function fail(world: World, { fault, after, tries }: Extract<OperatorStep, { do: "fail" }>): Promise<void> {
  const giveUp = new AbortController();
  let requests = 0;
  world.onRequest = () => {
    if (requests++ !== after) return;
    world.helpdesk.faults.next(fault, tries);
    // Only to end the waiting for another try.
    if (tries > 1) setTimeout(() => giveUp.abort(), 20);
  };
  await attempt(world, () => world.sync({}, quietContext(giveUp.signal)));
}

async function interrupt(world: World, after: number): Promise<void> {
  const giveUp = new AbortController();
  let requests = 0;
  world.onRequest = () => {
    if (requests++ === after) giveUp.abort();
  };
  await attempt(world, () => world.sync({}, quietContext(giveUp.signal)));
}

/** The process ends after so many statements and requests; the last one is carried out, its answer lost. */
async function cut(world: World, after: number): Promise<void> {
  const wire = await openWire(world.database.url);
  const { config } = world.loaded;
  const url = new URL(config.kivitendo.databaseUrl);
  url.port = String(wire.port);
  const kivitendo = { ...config.kivitendo, databaseUrl: url.href };
  const bridge = openBridge({ ...config, kivitendo }, "cut", createLogger("silent"));
  const giveUp = new AbortController();
  let [done, isCut] = [0, false];
  wire.onAnswer = () => {
    isCut ||= done++ >= after;
    return isCut ? "cut" : "pass";
  };
  world.onRequest = () => {
    if (isCut) return world.helpdesk.faults.next({ kind: "reset" });
    isCut = done++ >= after;
    if (!isCut) return;
    world.helpdesk.faults.next({ kind: "lost-answer" });
    wire.cut();
    setTimeout(() => giveUp.abort(), 20);
  };
  await attempt(world, () => bridge.customers("sync", allCustomers, quietContext(giveUp.signal)));
  await bridge.close();
  await wire.stop();
  await bridgeIsGone(world);
}

async function attempt(world: World, run: () => Promise<unknown>): Promise<void> {
  await run().catch((error: unknown) => {
    const faults = ["BugError", "RangeError", "TypeError"];
    expect(faults, String(error)).not.toContain(error instanceof Error ? error.name : "");
  });
  world.onRequest = null;
  world.helpdesk.faults.clear();
}
