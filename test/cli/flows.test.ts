/** Both flows from the command line: what they answer, and with which exit code. */
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { createWorld, type World } from "../support/bridge.ts";
import { ask, links } from "../support/evidence.ts";
import { bothSides, changedConfig, documentOf, failureOf, inWorld, type Running, startKiviOtrs } from "./kivi-otrs.ts";

let world: World;
beforeEach(async () => {
  world = await createWorld();
});
afterEach(() => world.end());

/** Starts a command in the world and resolves when the helpdesk gets its first request to the route, which then waits. */
async function caughtAt(route: string, words: readonly string[], milliseconds = 2000): Promise<Running> {
  world.helpdesk.faults.next({ kind: "delay", milliseconds }, 1, route);
  const reached = new Promise<void>((resolve) => {
    world.onRequest = (seen) => (seen === route ? resolve() : undefined);
  });
  const config = changedConfig(world, {});
  const running = startKiviOtrs([...words, "--config", config], { directory: world.directory });
  await Promise.race([reached, running.said]);
  return running;
}

test("plan, sync and the second sync", async () => {
  // The helpdesk makes its own id when it is asked for the first time.
  await world.plan();
  const before = await bothSides(world);
  const plan = documentOf("customers", await inWorld(world, ["customers", "plan", "--json"]));
  expect(await bothSides(world)).toEqual(before);
  expect(plan).toMatchObject({ customers: { created: 7, rejected: 0 }, contacts: { created: 12 }, inbox: 0 });

  const said = await inWorld(world, ["customers", "sync", "--json", "--quiet"]);
  expect(said).toMatchObject({ code: 0, stderr: "" });
  const sync = documentOf("customers", said);
  expect(sync).toEqual(plan);
  expect(sync.changes[0]).toEqual({
    record: "customer",
    kivitendoId: 1150,
    label: "K10001 Müller & Söhne GmbH",
    helpdeskKey: "K10001",
    newHelpdeskKey: null,
    situation: "absent",
    outcome: "created",
    fields: [
      "CustomerCompanyName",
      "CustomerCompanyStreet",
      "CustomerCompanyZIP",
      "CustomerCompanyCity",
      "CustomerCompanyCountry",
      "CustomerCompanyURL",
      "ValidID",
    ],
    notices: [],
    code: null,
    reason: null,
  });
  expect(world.helpdesk.world.counts()).toMatchObject({ companies: 7, users: 12 });

  const after = await bothSides(world);
  const again = await inWorld(world, ["customers", "sync"]);
  expect(again).toMatchObject({ code: 0, stderr: "" });
  expect(again.stdout).toBe(
    "Customers: 0 created, 0 updated, 0 made invalid, 7 unchanged, 0 refused\n" +
      "Contacts:  0 created, 0 updated, 0 made invalid, 12 unchanged, 0 refused\n",
  );
  expect(await bothSides(world)).toEqual(after);
});

test("billing plan, draft and the second draft; then runs and inbox", async () => {
  await world.sync();
  world.ticket({ units: [30, 60], closedAt: "2026-10-05T12:00:00Z", title: "Größe & Maß" });
  const plan = documentOf("billing", await inWorld(world, ["billing", "plan", "--json"]));
  expect(plan.billing.drafts).toEqual([
    {
      customerNumber: "K10001",
      period: "2026-10",
      lines: 1,
      minutes: "90.00",
      netAmount: "142.50",
      currency: "EUR",
      target: "invoice-draft",
      proposed: false,
      draftId: null,
      kivitendoId: null,
      kivitendoNumber: null,
    },
  ]);
  const draft = await inWorld(world, ["billing", "draft", "--json"]);
  expect(draft.code).toBe(0);
  const written = documentOf("billing", draft);
  expect(written).toEqual({
    ...plan,
    billing: { ...plan.billing, drafts: [{ ...plan.billing.drafts[0], draftId: 1, kivitendoId: expect.any(String) }] },
  });
  const after = await bothSides(world);
  const again = await inWorld(world, ["billing", "draft"]);
  expect(again).toMatchObject({ code: 0, stderr: "" });
  expect(again.stdout).toBe("Nothing is due.\nUp to the end of 2026-10: 0 tickets, 0.00 minutes, 0 drafts written.\n");
  expect(await bothSides(world)).toEqual(after);

  const { runs } = documentOf("runs", await inWorld(world, ["runs", "--json", "--last", "1"]));
  expect(runs).toMatchObject([{ flow: "billing", status: "done", error: null }]);
  expect(documentOf("inbox", await inWorld(world, ["inbox", "--json"]))).toEqual({ inbox: [] });
  const check = documentOf("helpdesk check", await inWorld(world, ["helpdesk", "check", "--json"]));
  expect(check).toMatchObject({ agent: "bridge", product: "Znuny" });
});

test("a refused record: 3 at first, 0 when it only waits; the inbox says why", async () => {
  const customerId = await world.erp.addCustomer({ number: "K10020", name: "Neue Werft GmbH" });
  await world.erp.addContact({ customerId, name: "Kaputt", email: "kaputt@@werft-test" });
  const first = await inWorld(world, ["customers", "sync", "--json"]);
  expect(first.code).toBe(3);
  expect(documentOf("customers", first)).toMatchObject({ contacts: { created: 12, rejected: 1 }, inbox: 1 });
  expect((await inWorld(world, ["customers", "sync"])).code).toBe(0);
  const { inbox } = documentOf("inbox", await inWorld(world, ["inbox", "--json"]));
  expect(inbox).toMatchObject([
    { flow: "customers", reason: "invalid", subject: "contact Eva Kaputt <kaputt@@werft-test>" },
  ]);
  const text = await inWorld(world, ["inbox"]);
  expect(text.stdout).toMatch(/kaputt@@werft-test> .*\n {2}→ Correct the record in kivitendo/s);
});

test("a question of billing: 3 at first, 0 when it only waits", async () => {
  await world.sync();
  world.helpdesk.world.do("CompanyAdd", { CustomerID: "BYHAND", CustomerCompanyName: "Von Hand" });
  world.ticket({ customer: "BYHAND", units: [15], closedAt: "2026-10-05T12:00:00Z" });
  expect((await inWorld(world, ["billing", "plan"])).code).toBe(0);
  const first = await inWorld(world, ["billing", "draft", "--json"]);
  expect(first.code).toBe(3);
  expect(documentOf("billing", first)).toMatchObject({ inbox: 1, questions: [{ reason: "unknown-customer" }] });
  const second = await inWorld(world, ["billing", "draft"]);
  expect(second.code).toBe(0);
  expect(second.stdout).toContain("Waiting for a decision (0 new):");
});

describe("signals", () => {
  test.each(["SIGINT", "SIGTERM"] as const)("%s: what is in hand is recorded, then 130", async (signal) => {
    const running = await caughtAt("/KivitendoBridge/Upsert", ["customers", "sync", "--json"]);
    running.child.kill(signal);
    const said = await running.said;
    expect(failureOf(said)).toEqual({
      code: 130,
      message: "Interrupted; what was in hand has been recorded.",
      hint: "Run the same command again to go on.",
    });
    // The request under way carried the companies; no contact was sent after the signal.
    expect(world.helpdesk.world.counts()).toMatchObject({ companies: 7, users: 0 });
    expect((await links(world)).map(({ kind, status }) => `${String(kind)} ${String(status)}`)).toEqual(
      Array.from({ length: 7 }, () => "company linked"),
    );
    expect(await ask(world, "select status from otrs_bridge.runs")).toEqual([{ status: "interrupted" }]);
    expect(documentOf("customers", await inWorld(world, ["customers", "sync", "--json"]))).toMatchObject({
      customers: { created: 0, unchanged: 7 },
      contacts: { created: 12 },
    });
  });

  test("billing that is interrupted while it reads has written nothing", async () => {
    await world.sync();
    world.ticket({ units: [30], closedAt: "2026-10-05T12:00:00Z" });
    const before = await bothSides(world);
    const running = await caughtAt("/KivitendoBridge/Tickets", ["billing", "draft", "--json"]);
    running.child.kill("SIGINT");
    expect(failureOf(await running.said).code).toBe(130);
    expect(await bothSides(world)).toEqual(before);
  });

  test("a second signal ends at once; the next run heals", async () => {
    const running = await caughtAt("/KivitendoBridge/Upsert", ["customers", "sync"], 20_000);
    running.child.kill("SIGTERM");
    await new Promise((resolve) => setTimeout(resolve, 200));
    const second = performance.now();
    running.child.kill("SIGTERM");
    expect((await running.said).code).toBe(130);
    expect(performance.now() - second).toBeLessThan(5000);
    expect((await world.sync()).contacts.created).toBe(12);
    expect(world.helpdesk.world.counts()).toMatchObject({ companies: 7, users: 12 });
  });
});

test("one writing run at a time: the second one says who is at work, a plan may look", async () => {
  const running = await caughtAt("/KivitendoBridge/Upsert", ["customers", "sync"], 8000);
  world.onRequest = null;
  const second = await inWorld(world, ["billing", "draft", "--json"]);
  expect(failureOf(second)).toEqual({
    code: 5,
    message: expect.stringMatching(
      /^Another run of the bridge is under way: kivi-otrs customers sync \(main\) \(process \d+ of the database/,
    ),
    hint: "Wait until it has ended (the service runs by its schedule), then try again.",
  });
  expect((await inWorld(world, ["billing", "plan"])).code).toBe(0);
  expect((await running.said).code).toBe(0);
});
