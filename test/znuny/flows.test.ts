/** Both flows against a real Znuny with the add-on, on a company of 300 customers with 900 contacts. */
import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { isDeepStrictEqual, promisify } from "node:util";
import { stringify } from "yaml";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import { freshTag, type HelpdeskUnderTest } from "../contracts/helpdesk-under-test.ts";
import { setUpBridge } from "../support/bridge-setup.ts";
import { createKivitendoDatabase, withClient, type TestDatabase } from "../support/database.ts";
import { contactCount, customerCount, fillCompany, firstContact, firstCustomer, loginOf } from "./company.ts";
import { connectZnuny } from "./real-znuny.ts";

const executable = fileURLToPath(new URL("../../bin/kivi-otrs", import.meta.url));
const Count = z.object({ Count: z.number() });
const Fields = z.record(z.string(), z.unknown());
const Ticket = z.object({ TicketID: z.coerce.number(), TicketNumber: z.coerce.string() });
const unchanged = { created: 0, adopted: 0, updated: 0, invalidated: 0, rejected: 0 };

let znuny: HelpdeskUnderTest;
let database: TestDatabase;
let directory: string;
let config: string;
const tag = freshTag();

beforeAll(async () => {
  znuny = await connectZnuny();
  database = await createKivitendoDatabase("4.1.0");
  await fillCompany(database, tag);
  await setUpBridge(database, { instance: tag });
  directory = await mkdtemp(join(tmpdir(), "kivi-otrs-znuny-"));
  config = join(directory, "bridge.yaml");
  await writeFile(
    config,
    stringify({
      instance: tag,
      kivitendo: { databaseUrl: database.bridgeUrl },
      helpdesk: { url: znuny.url, userLogin: znuny.bridge.UserLogin, password: znuny.bridge.Password, batchSize: 100 },
      billing: { startDate: "2026-09-01", timeUnit: "minutes", partNumber: "ST-STD", draftOwner: "buchhaltung" },
    }),
  );
});

afterAll(async () => {
  await database.drop();
  await rm(directory, { recursive: true });
});

/** Runs a command to its end and gives exit code and JSON. */
async function kivi(...words: string[]): Promise<{ code: number; json: Record<string, unknown> }> {
  const run = promisify(execFile)(executable, [...words, "--config", config, "--json"], { maxBuffer: 1 << 26 });
  const { code, stdout } = await run.then(
    (done) => ({ code: 0, stdout: done.stdout }),
    (failed: { code: number; stdout: string }) => ({ code: failed.code, stdout: failed.stdout }),
  );
  const json = Fields.parse(JSON.parse(stdout));
  if ("error" in json) console.log(words.join(" "), json["error"]);
  return { code, json };
}

/** All companies and users of this run as the helpdesk has them, by key. */
async function everythingInZnuny(): Promise<Map<string, unknown>> {
  const keys = [
    ...Array.from({ length: customerCount }, (_, n) => ({ Do: "CompanyGet" as const, CustomerID: `${tag}-${n + 1}` })),
    ...Array.from({ length: contactCount }, (_, n) => ({ Do: "UserGet" as const, UserLogin: loginOf(tag, n + 1) })),
  ];
  const results = await znuny.byHand(keys);
  return new Map(
    keys.map((step, index) => [step.Do === "CompanyGet" ? step.CustomerID : step.UserLogin, results[index]]),
  );
}

/** As the helpdesk writes it; the one of the tests runs in UTC. */
function nowInUtc(): string {
  return Temporal.Now.plainDateTimeISO("UTC").toString({ smallestUnit: "second" }).replace("T", " ");
}

describe("customers", () => {
  test("a first sync that is killed in the middle is completed by the next one, without duplicates", async () => {
    const first = spawn(executable, ["customers", "sync", "--config", config], { stdio: "ignore" });
    const ended = once(first, "exit");
    // Killed once a part of the companies has arrived.
    let arrived = 0;
    while (first.exitCode === null && arrived === 0) {
      const [answer] = await znuny.byHand([{ Do: "CompanyCount", Prefix: `${tag}-` }]);
      arrived = Count.parse(answer).Count;
      await sleep(20);
    }
    first.kill("SIGKILL");
    await ended;
    expect(first.signalCode, "the first run was still at work").toBe("SIGKILL");

    const { code, json } = await kivi("customers", "sync");
    expect(code).toBe(0);
    expect(json["customers"]).toMatchObject({ rejected: 0 });
    expect(json["contacts"]).toMatchObject({ rejected: 0 });
    const counts = await znuny.byHand([
      { Do: "CompanyCount", Prefix: `${tag}-` },
      { Do: "UserCount", Prefix: "aenne" },
    ]);
    expect(Count.parse(counts[0]).Count).toBe(customerCount);
    const there = await everythingInZnuny();
    expect([...there.values()].filter((record) => record === null)).toEqual([]);
  }, 400_000);

  test("the same again changes nothing", async () => {
    const before = await everythingInZnuny();
    const { code, json } = await kivi("customers", "sync");
    expect(code).toBe(0);
    expect(json["customers"]).toEqual({ ...unchanged, unchanged: customerCount });
    expect(json["contacts"]).toEqual({ ...unchanged, unchanged: contactCount });
    expect(await everythingInZnuny()).toEqual(before);
  });

  test("one contact changed, one customer obsolete, one impossible e-mail: exactly these three outcomes", async () => {
    await znuny.byHand([
      { Do: "CompanyUpdate", CustomerID: `${tag}-300`, CustomerCompanyComment: "ruft selten an" },
      { Do: "UserUpdate", UserLogin: loginOf(tag, 7), UserComment: "bevorzugt E-Mail", UserCity: "Bonn" },
      { Do: "UserUpdate", UserLogin: loginOf(tag, 8), UserComment: "nur vormittags", UserFax: "+49 221 8" },
    ]);
    const before = await everythingInZnuny();
    await withClient(database.url, async (client) => {
      await client.query("update contacts set cp_givenname = 'Annegret' where cp_id = $1", [firstContact + 6]);
      await client.query("update contacts set cp_email = 'kein@@postfach' where cp_id = $1", [firstContact + 7]);
      await client.query("update customer set obsolete = true where id = $1", [firstCustomer + 299]);
    });

    const plan = await kivi("customers", "plan");
    const sync = await kivi("customers", "sync");
    expect(sync.json["changes"]).toEqual(plan.json["changes"]);
    expect(sync.code).toBe(3);
    expect(sync.json["customers"]).toEqual({ ...unchanged, invalidated: 1, unchanged: customerCount - 1 });
    expect(sync.json["contacts"]).toEqual({ ...unchanged, updated: 1, rejected: 1, unchanged: contactCount - 2 });

    const after = await everythingInZnuny();
    const differing = [...after].filter(([key, record]) => !isDeepStrictEqual(record, before.get(key)));
    expect(differing.map(([key]) => key).sort()).toEqual([`${tag}-300`, loginOf(tag, 7)].sort());
    expect(Fields.parse(after.get(`${tag}-300`))).toMatchObject({ CustomerCompanyComment: "ruft selten an" });
    expect(Number(Fields.parse(after.get(`${tag}-300`))["ValidID"])).toBe(2);
    expect(Fields.parse(after.get(loginOf(tag, 7)))).toMatchObject({
      UserFirstname: "Annegret",
      UserComment: "bevorzugt E-Mail",
      UserCity: "Bonn",
    });

    const again = await kivi("customers", "sync");
    expect(again.code, "what waits from before does not count").toBe(0);
    expect(again.json["inbox"]).toBe(1);
  });

  test("contacts follow their only customer when it becomes obsolete", async () => {
    await withClient(database.url, (client) =>
      client.query("update customer set obsolete = true where id = $1", [firstCustomer + 1]),
    );
    const { json } = await kivi("customers", "sync");
    expect(json["customers"]).toMatchObject({ invalidated: 1, updated: 0 });
    // 900 contacts over 299 customers: customer 2 has the contacts 2, 301, 600 and 899.
    expect(json["contacts"]).toMatchObject({ invalidated: 4, updated: 0 });
  });
});

describe("billing", () => {
  async function closedTicket(customer: number, minutes: number[], closedAt: string): Promise<z.infer<typeof Ticket>> {
    const [made] = await znuny.byHand([
      {
        Do: "TicketCreate",
        Title: `Prüfung ${tag}`,
        CustomerID: `${tag}-${customer}`,
        CustomerUser: loginOf(tag, customer),
        Articles: minutes.map((TimeUnit) => ({ Subject: "Arbeit", TimeUnit })),
      },
    ]);
    const ticket = Ticket.parse(made);
    await znuny.byHand([
      { Do: "TicketState", TicketID: ticket.TicketID, State: "closed successful" },
      // Change times only ever go forward in a helpdesk; the cursor relies on it.
      { Do: "TicketTimes", TicketID: ticket.TicketID, CreatedAt: closedAt, ClosedAt: closedAt, ChangedAt: nowInUtc() },
    ]);
    return ticket;
  }

  const draftOnly = (customer: number): string[] => [
    "billing",
    "draft",
    "--period",
    "2026-10",
    "--customer",
    `${tag}-${customer}`,
  ];

  test("closed tickets become draft lines once, with the minutes that were accounted", async () => {
    await closedTicket(10, [20, 45.5], "2026-10-05 10:00:00");
    await closedTicket(10, [90], "2026-10-20 10:00:00");
    // 1 November in Berlin, still October in UTC.
    await closedTicket(10, [60], "2026-10-31 23:30:00");
    const first = await kivi(...draftOnly(10));
    expect(first.code).toBe(0);
    expect(first.json["billing"]).toMatchObject({
      ticketsBilled: 2,
      linesWritten: 2,
      minutesBilled: "155.50",
      // 65.5 min and 90 min at 95.00 an hour: 103.71 + 142.50.
      drafts: [{ customerNumber: `${tag}-10`, period: "2026-10", lines: 2, minutes: "155.50", netAmount: "246.21" }],
    });
    const again = await kivi(...draftOnly(10));
    expect(again.json["billing"]).toMatchObject({ ticketsBilled: 0, drafts: [] });
  });

  test("what is booked later is the only thing billed later", async () => {
    const { TicketID } = await closedTicket(11, [30], "2026-10-07 09:00:00");
    await kivi(...draftOnly(11));
    await znuny.byHand([{ Do: "TicketBook", TicketID, TimeUnit: 15 }]);
    const later = await kivi(...draftOnly(11));
    expect(later.json["billing"]).toMatchObject({ ticketsBilled: 1, minutesBilled: "15.00" });
    await znuny.byHand([
      { Do: "TicketState", TicketID, State: "open" },
      { Do: "TicketBook", TicketID, TimeUnit: 10 },
    ]);
    const open = await kivi(...draftOnly(11));
    expect(open.json["billing"], "nothing is billed while the ticket is open").toMatchObject({ ticketsBilled: 0 });
    await znuny.byHand([
      { Do: "TicketState", TicketID, State: "closed successful" },
      { Do: "TicketTimes", TicketID, ClosedAt: "2026-10-28 09:00:00", ChangedAt: nowInUtc() },
    ]);
    const closed = await kivi(...draftOnly(11));
    expect(closed.json["billing"]).toMatchObject({ ticketsBilled: 1, minutesBilled: "10.00" });
  });

  test("a corrected ticket asks instead of billing", async () => {
    const { TicketID, TicketNumber } = await closedTicket(12, [40], "2026-10-08 09:00:00");
    await kivi(...draftOnly(12));
    await znuny.byHand([{ Do: "TicketBook", TicketID, TimeUnit: -25 }]);
    const { code, json } = await kivi(...draftOnly(12));
    expect(code).toBe(3);
    expect(json["billing"]).toMatchObject({ ticketsBilled: 0 });
    expect(JSON.stringify(json["questions"])).toContain(TicketNumber);
  });
});
