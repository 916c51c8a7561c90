/** Explained tickets, activity reports and the opening, on one company. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createWorld, type TestTicket, type World } from "../support/bridge.ts";
import { ask } from "../support/evidence.ts";
import { documentOf, failureOf, typedIn } from "./kivi-otrs.ts";

let world: World;
let old: TestTicket;
let server: TestTicket;
let night: TestTicket;
let open: TestTicket;
const why = ["--why", "so besprochen", "--by", "anna"];
const run = (words: readonly string[]) => typedIn(world, words);

beforeAll(async () => {
  world = await createWorld({
    now: "2026-09-01T08:00:00Z",
    settings: { billing: { rules: [{ name: "nacht", when: { from: "20:00", to: "06:00" }, surcharge: 1.5 }] } },
  });
  await world.sync();
  old = world.ticket({ units: [25], closedAt: "2026-09-03T12:00:00Z", title: "Alt" });
  server = world.ticket({ units: [30], closedAt: "2026-10-05T12:00:00Z", title: "Größe & Maß" });
  night = world.ticket({ units: [60], closedAt: "2026-10-06T21:00:00Z", title: "Nachts" });
  world.book(old, 5, "2026-10-07T08:00:00Z");
  open = world.ticket({ units: [10], title: "Offen" });
  await world.draft();
  world.book(server, 15, "2026-10-08T08:00:00Z");
});
afterAll(() => world.end());

describe("explain ticket", () => {
  test("what was billed, what is due, and what the next run does", async () => {
    const { stdout, code } = await run(["explain", "ticket", `Ticket#${server.number}`]);
    expect(code).toBe(0);
    const [draftId] = (await ask(world, "select kivitendo_id from otrs_bridge.drafts")).map(
      (row) => row["kivitendo_id"],
    );
    expect(stdout).toBe(
      [
        `Ticket ${server.number}  Größe & Maß`,
        "  helpdesk    closed successful, queue Support, closed 2026-10-05 (as last seen)",
        "  customer    CustomerID K10001, row 1150 in kivitendo",
        "  article 3 of 2026-10-05: seen 30 min, settled 30 min, open 0 min",
        "    booked 2026-10-05 30 min by Admin Znuny: Work",
        "    → 30 min of 2026-10-05 by Admin Znuny: billed on draft 1, line 1",
        `  line 1  billed ${today()}: 0.5 Std ST-STD × 95.00 = 47.50 [no rule; price: part]`,
        `    draft 1 of K10001, 2026-10: draft ${String(draftId)} waits in kivitendo`,
        `  next run    bills 15 min to K10001: 0.25 Std ST-STD × 95.00 = 23.75 [price: first-line]`,
        "",
      ].join("\n"),
    );
    const document = documentOf("explain ticket", await run(["explain", "ticket", night.number, "--json"]));
    expect(document.tickets[0]?.lines).toMatchObject([{ rule: "nacht", unitPrice: "142.5", netAmount: "142.50" }]);
    expect(document.next).toEqual({ lines: [], waiting: [], questions: [] });
  });

  test("a ticket that no run has recorded, and one that waits for a decision", async () => {
    world.state(open, "closed successful", "2026-10-09T08:00:00Z");
    const fresh = await run(["explain", "ticket", open.number]);
    expect(fresh.stdout).toContain(
      `Ticket ${open.number}: no billing run has recorded it yet.\n  next run    bills 10 min`,
    );
    const asked = documentOf("explain ticket", await run(["explain", "ticket", old.number, "--json"]));
    expect(asked.tickets[0]).toMatchObject({ closedBeforeStart: true, questions: [{ reason: "closed-before-start" }] });
    expect(asked.next?.questions).toMatchObject([{ reason: "closed-before-start" }]);
  });

  test("tells what is known when the helpdesk is out of reach", async () => {
    const said = await typedIn(world, ["explain", "ticket", server.number], {
      helpdesk: { url: "http://127.0.0.1:9/otrs", timeoutSeconds: 2 },
    });
    expect(said.code).toBe(0);
    expect(said.stdout).toContain("billed on draft 1, line 1");
    expect(said.stdout).toMatch(/next run {4}could not be asked: .+\n {14}→ .+/);
  });

  test("a number that is none", async () => {
    expect(failureOf(await run(["explain", "ticket", "77", "--json"]))).toMatchObject({
      code: 2,
      message: "The bridge knows no ticket 77.",
    });
  });
});

describe("report", () => {
  test("the files, under names of their own, and what they come to", async () => {
    const words = ["report", "--customer", "K10001", "--period", "2026-10", "--output", world.directory];
    const formats = ["--format", "pdf", "--format", "xlsx", "--format", "csv"];
    const { files, ...document } = documentOf("report", await run([...words, ...formats, "--json"]));
    expect(files).toEqual(
      ["pdf", "xlsx", "csv"].map((format) => join(world.directory, `taetigkeitsnachweis-K10001-2026-10.${format}`)),
    );
    expect(document).toEqual({
      customerNumber: "K10001",
      period: "2026-10",
      tickets: 2,
      minutes: "90.00",
      settled: [{ settled: "billed", minutes: "90.00" }],
      netAmount: "190.00",
      currency: "EUR",
      contingent: null,
    });
    const [pdf, xlsx, csv] = files.map((file) => readFileSync(file));
    expect(pdf?.subarray(0, 5).toString()).toBe("%PDF-");
    expect(xlsx?.subarray(0, 2).toString()).toBe("PK");
    expect(csv?.toString()).toContain("Größe & Maß");

    const again = failureOf(await run([...words, "--format", "csv", "--json"]));
    expect(again).toMatchObject({ code: 2, message: `${files[2]} is there already; nothing was written.` });
    writeFileSync(files[2] ?? "", "alt");
    expect((await run([...words, "--format", "csv", "--force"])).code).toBe(0);
    expect(readFileSync(files[2] ?? "")).toEqual(csv);
  });

  test("by booking the day of the work counts; English on demand", async () => {
    const file = join(world.directory, "days.csv");
    const words = ["report", "--customer", "K10001", "--period", "2026-10-06..2026-10-07", "--format", "csv"];
    const said = await run([...words, "--by", "booking", "--language", "en", "--output", file, "--json"]);
    // The ticket of the night, and the later booking on the old one, about which somebody is asked.
    expect(documentOf("report", said)).toMatchObject({
      files: [file],
      minutes: "65.00",
      settled: [
        { settled: "billed", minutes: "60.00" },
        { settled: "inbox", minutes: "5.00" },
      ],
    });
  });

  test("a customer without any time gets a report that says so", async () => {
    const file = join(world.directory, "leer.csv");
    const said = await run(["report", "--customer", "K10006", "--format", "csv", "--output", file]);
    expect(said.code).toBe(0);
    expect(said.stdout).toContain("No time stands on this customer in this period: the report says so.\n");
  });

  test.each([
    ["a customer that is none", ["--customer", "K99"], /no customer K99/],
    ["a period that is none", ["--customer", "K10001", "--period", "2026-13"], /"2026-13" is not a period/],
    ["a format that is none", ["--customer", "K10001", "--format", "doc"], /Allowed choices are pdf, xlsx, csv/],
    [
      "two formats in one file",
      ["--customer", "K10001", "--format", "pdf", "--format", "csv", "--output", "/nowhere/x.pdf"],
      /need a file each/,
    ],
    ["a directory that is not there", ["--customer", "K10001", "--output", "/nowhere/x.pdf"], /cannot be written/],
  ])("%s", async (_name, words, message) => {
    const said = await run(["report", ...words, "--json"]);
    expect(said.code).toBe(2);
    expect(documentOf("error", said).error.message).toMatch(message);
  });
});

describe("billing opening", () => {
  test("lists what stands on tickets from before, with what was booked since, and books it once confirmed", async () => {
    const listed = documentOf("billing opening", await run(["billing", "opening", "--json"]));
    expect(listed).toMatchObject({
      startDate: "2026-10-01",
      booked: false,
      customers: [{ customerNumber: "K10001", tickets: 1, minutes: "30.00", minutesSinceStart: "5.00" }],
      tickets: [{ ticketNumber: old.number, minutes: "30.00", sinceStart: [{ date: "2026-10-07", minutes: "5.00" }] }],
    });
    const text = (await run(["billing", "opening"])).stdout;
    expect(text).toContain("    of this, booked since 2026-10-01: 2026-10-07 5 minutes by Kivi Bridge, Work\n");
    expect(text).toContain("Nothing was booked.");
    expect(failureOf(await run(["billing", "opening", "--confirm", "--json"]))).toMatchObject({ code: 2 });

    // A list that somebody looked at before that cannot be confirmed.
    expect(failureOf(await run(["billing", "opening", "--confirm", "0123456789", ...why, "--json"]))).toMatchObject({
      code: 4,
    });
    expect((await run(["billing", "opening"])).stdout).toBe(text);
    const token = /--confirm ([0-9a-f]{10}) /.exec(text)?.[1] ?? "";

    const confirmed = await run(["billing", "opening", "--confirm", token, ...why]);
    expect(confirmed.stdout).toContain(
      "Booked as billed by hand before: 1 ticket, 30 minutes. Only time that is added later is due.",
    );
    expect((await run(["billing", "opening"])).stdout).toBe(
      "Nothing open stands on tickets closed before 2026-10-01.\n",
    );
    const { stdout } = await run(["explain", "ticket", old.number]);
    expect(stdout).toContain("what stood on it was booked as billed by hand; only later time is due");
    expect(stdout).toMatch(/decided {5}\S+ opening \(closed-before-start\) by anna: so besprochen/);
  });
});

function today(): string {
  return Temporal.Now.plainDateISO("Europe/Berlin").toString();
}
