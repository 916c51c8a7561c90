/** What an accountant types about proposals and drafts, one after the other on one company. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { acquireRunnerLock } from "../../src/state/index.ts";
import { withPool } from "../support/bridge-setup.ts";
import { createWorld, type TestTicket, type World } from "../support/bridge.ts";
import { ask, readDrafts } from "../support/evidence.ts";
import { documentOf, failureOf, typedIn } from "./kivi-otrs.ts";

let world: World;
let printer: TestTicket;
let server: TestTicket;
let vpn: TestTicket;
beforeAll(async () => {
  world = await createWorld({
    settings: {
      billing: {
        release: "after-review",
        contingents: [{ customers: ["K10002"], hoursPerMonth: 1 }],
        rules: [{ name: "intern", when: { customers: ["K10003"] }, effect: "exclude" }],
      },
    },
  });
  await world.sync();
  printer = world.ticket({ units: [30], closedAt: "2026-10-03T12:00:00Z", title: "Drucker" });
  server = world.ticket({ units: [30, 60], closedAt: "2026-10-05T12:00:00Z", title: "Server" });
  vpn = world.ticket({ customer: "K10002", units: [90], closedAt: "2026-10-06T12:00:00Z", title: "VPN" });
  world.ticket({ customer: "K10003", units: [10], closedAt: "2026-10-07T12:00:00Z", title: "Intern" });
});
afterAll(() => world.end());

const run = (words: readonly string[]) => typedIn(world, words);
const why = ["--why", "geprüft", "--by", "anna"];

test("plan: proposals, included hours and what is not billable", async () => {
  const { stdout, code } = await run(["billing", "plan"]);
  expect(code).toBe(0);
  expect(stdout).toBe(
    [
      "K10001 Müller & Söhne GmbH, 2026-10 (proposal)",
      `  Ticket#${printer.number} – Drucker: 0.5 Std × 95.00 = 47.50`,
      `  Ticket#${server.number} – Server: 1.5 Std × 95.00 = 142.50`,
      "    120.00 minutes, net 190.00",
      "K10002 Straßenbau Größe KG, 2026-10 (proposal)",
      `  Ticket#${vpn.number} – VPN: 0.5 Std × 95.00 = 47.50`,
      "    30.00 minutes, net 47.50",
      "K10002: within included hours, 60 minutes without a line",
      "K10003: not billable (rule intern), 10 minutes without a line",
      "K10002: 0 of 60 included minutes of 2026-10 used before this",
      "Up to the end of 2026-10: 3 tickets, 150.00 minutes, 2 proposals to make.",
      "Nothing was written. `kivi-otrs billing draft` does it.",
      "",
    ].join("\n"),
  );
});

test("draft --hold reads the ticket first; the proposals are in the ledger and not in kivitendo", async () => {
  const said = await run(["billing", "draft", "--hold", vpn.number, ...why, "--json"]);
  expect(said.code).toBe(0);
  expect(documentOf("billing", said)).toMatchObject({
    billing: { drafts: [{ customerNumber: "K10001", proposed: true, draftId: 1, kivitendoId: null }] },
    settled: [{ customerNumber: "K10003", kind: "excluded", minutes: "10.00", rule: "intern" }],
    waiting: [{ ticketNumber: vpn.number, why: "held", minutes: "90.00" }],
  });
  expect(await readDrafts(world)).toEqual([]);
  const { drafts } = documentOf("billing drafts", await run(["billing", "drafts", "--json"]));
  expect(drafts).toMatchObject([
    { draftId: 1, status: "proposed", netAmount: "190.00", lines: [{ lineId: 1 }, { lineId: 2 }] },
  ]);
});

test("edits keep the original, and are shown", async () => {
  const edited = documentOf("billing drafts", await run(["billing", "edit", "1", "--minutes", "45", "--json", ...why]));
  expect(edited.drafts[0]).toMatchObject({ netAmount: "213.75" });
  const byPart = await run(["billing", "edit", "2", "--part", "ST-STD", "--price", "100", ...why]);
  expect(byPart.stdout).toContain(`Server: 1.5 Std × 100.00 = 150.00 [price: edited]`);
  const shown = await run(["billing", "drafts", "--customer", "K10001"]);
  expect(shown.stdout).toContain("Draft 1  K10001, 2026-10, net 221.25: proposal for a draft, not in kivitendo yet\n");
  expect(shown.stdout).toMatch(/ {6}\d{4}-\d\d-\d\d anna: quantity 0.5 → 0.75, netAmount 47.5 → 71.25 \(geprüft\)/);
});

test.each([
  ["a line that is none", ["billing", "edit", "77", "--goodwill", ...why], 2, /No proposal has a line 77/],
  ["a part that is none", ["billing", "edit", "1", "--part", "NIX", ...why], 2, /kivitendo has no part NIX/],
  ["no reason", ["billing", "edit", "1", "--goodwill"], 2, /needs its reason/],
  ["nobody said which", ["billing", "release", ...why], 2, /which proposals are released/],
  ["a draft that is none", ["billing", "redo", "77", ...why], 2, /There is no draft 77/],
  ["a ticket that is none", ["billing", "hold", "77", ...why], 2, /No ticket 77 is known/],
  ["a plan that holds", ["billing", "plan", "--hold", "77", ...why], 2, /A plan writes nothing/],
  ["a status that is none", ["billing", "drafts", "--status", "lost"], 2, /Allowed choices are proposed/],
])("refused, with nothing changed: %s", async (_name, words, code, message) => {
  const before = await ask(world, "select * from otrs_bridge.lines order by id");
  const failed = await run([...words, "--json"]);
  expect(failed.code).toBe(code);
  expect(documentOf("error", failed).error.message).toMatch(message);
  expect(await ask(world, "select * from otrs_bridge.lines order by id")).toEqual(before);
});

test("nobody decides while a run is at work", async () => {
  await withPool(world.database.bridgeUrl, async (pool) => {
    const lock = await acquireRunnerLock(pool, "main");
    for (const words of [
      ["edit", "1", "--goodwill"],
      ["release", "--all"],
      ["redo", "1"],
      ["hold", printer.number],
      ["opening", "--confirm"],
    ]) {
      const failure = failureOf(await run(["billing", ...words, "--json", ...why]));
      expect(failure, words.join(" ")).toMatchObject({
        code: 5,
        hint: expect.stringMatching(/^Wait until/) as unknown,
      });
    }
    await lock?.release();
  });
  const { drafts } = documentOf("billing drafts", await run(["billing", "drafts", "--json"]));
  expect(drafts).toMatchObject([{ status: "proposed", netAmount: "221.25" }]);
});

test("release writes the edited lines; a released one is no proposal any more", async () => {
  const { released, refused } = documentOf(
    "billing release",
    await run(["billing", "release", "--all", "--json", ...why]),
  );
  expect(refused).toEqual([]);
  expect(released).toMatchObject([{ draftId: 1, status: "waiting", netAmount: "221.25" }]);
  expect(await readDrafts(world)).toHaveLength(1);
  expect(failureOf(await run(["billing", "release", "1", "--json", ...why]))).toMatchObject({
    code: 4,
    message: "Draft 1 is no longer a proposal: it is waiting. Nothing was written.",
  });
  expect((await run(["billing", "release", "--all", ...why])).stdout).toContain("No proposal waits.");
});

test("follow finds a draft that somebody threw away, and asks once", async () => {
  expect((await run(["billing", "follow"])).stdout).toBe("0 drafts changed, 0 new questions, 0 open.\n");
  await world.erp.query("delete from drafts");
  const said = await run(["billing", "follow", "--json"]);
  expect(said.code).toBe(3);
  expect(documentOf("billing follow", said)).toMatchObject({
    changes: [{ draftId: 1, status: "gone" }],
    questions: [{ reason: "draft-gone" }],
    inbox: { added: 1, open: 1 },
  });
  expect((await run(["billing", "follow"])).code).toBe(0);
});

test("the inbox says what each choice does; an answer is carried out", async () => {
  const { inbox } = documentOf("inbox", await run(["inbox", "--json"]));
  const [item] = inbox;
  expect(item).toMatchObject({ flow: "billing", reason: "draft-gone" });
  expect(item?.choices).toContain("due-again");
  const text = (await run(["inbox"])).stdout;
  expect(text).toContain(`kivi-otrs inbox decide ${item?.id} `);
  expect(text).toContain(`due-again: ${item?.effects["due-again"]}`);
  const decided = await run(["inbox", "decide", item?.id ?? "", "due-again", ...why]);
  expect(decided.stdout).toMatch(/^Recorded: billing-\d+ due-again, by anna\. It is carried out;/);
  const plan = documentOf("billing", await run(["billing", "plan", "--json"]));
  expect(plan.billing).toMatchObject({ minutesBilled: "120.00" });
});

test("redo takes a proposal back; unhold lets the ticket be billed", async () => {
  await run(["billing", "draft", "--release", vpn.number, ...why]);
  const { drafts } = documentOf("billing drafts", await run(["billing", "drafts", "--customer", "K10002", "--json"]));
  expect(drafts).toMatchObject([{ status: "proposed", netAmount: "47.50" }]);
  const redone = await run(["billing", "redo", String(drafts[0]?.draftId), ...why]);
  expect(redone.stdout).toContain("`kivi-otrs billing draft --customer K10002 --period 2026-10` makes it anew.");
  const all = documentOf("billing drafts", await run(["billing", "drafts", "--status", "dropped", "--json"]));
  expect(all.drafts.map(({ draftId }) => draftId)).toContain(drafts[0]?.draftId);
});
