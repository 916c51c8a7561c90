/** What a fault leaves behind in a helpdesk that really carried the request out, or a part of it. */
import { expect, onTestFinished, test } from "vitest";
import type { CustomerChange } from "../../src/customer-sync/ports.ts";
import { startSimulatedHelpdesk } from "../../src/demo/helpdesk/index.ts";
import type { Fault, SimulatedHelpdesk, SimulatedHelpdeskOptions } from "../../src/demo/helpdesk/index.ts";
import type { Helpdesk } from "../../src/helpdesk/index.ts";
import { ConfigError } from "../../src/model/index.ts";
import { sampleChange } from "./sample-change.ts";
import { client, upsertRoute } from "./scripted-server.ts";

const how = { dryRun: false, sequence: 3, signal: new AbortController().signal };

test.each<{ name: string; fault: Fault }>([
  { name: "the request never arrives", fault: { kind: "reset" } },
  { name: "all is written, the answer is lost", fault: { kind: "lost-answer" } },
  { name: "the helpdesk dies after two of five records", fault: { kind: "die-after-records", records: 2 } },
  { name: "the answer is cut off", fault: { kind: "truncated" } },
  { name: "a fault inside", fault: { kind: "server-error" } },
  { name: "the session ended", fault: { kind: "auth-fail" } },
])("each record is written once and told as created: $name", async ({ fault }) => {
  const { simulated, helpdesk } = await start();
  simulated.faults.next(fault, 1, upsertRoute);
  const changes = [1, 2, 3, 4, 5].map(company);
  const outcomes = await helpdesk.customers.upsert(changes, how);
  expect(outcomes.map((outcome) => outcome.outcome)).toEqual(changes.map(() => "created"));
  expect(simulated.world.counts()).toMatchObject({ companies: 5, marks: 5 });
});

test("ours from before with other values, and the answer lost: brought up to date, told as updated", async () => {
  const { simulated, helpdesk } = await start();
  await helpdesk.customers.upsert([1, 2].map(company), how);
  simulated.faults.next({ kind: "reset" }, 1, upsertRoute);
  const renamed = { ...company(1), fields: { CustomerCompanyName: "Neu GmbH", ValidID: 1 } };
  const outcomes = await helpdesk.customers.upsert([renamed, company(3)], how);
  expect(outcomes).toMatchObject([{ outcome: "updated", changed: ["CustomerCompanyName"] }, { outcome: "created" }]);
  const [stored] = simulated.world.steps([{ Do: "CompanyGet", CustomerID: "k1" }]);
  expect(stored).toMatchObject({ CustomerCompanyName: "Neu GmbH" });
});

test.each<{ name: string; fault: Fault }>([
  { name: "the request never arrives", fault: { kind: "reset" } },
  { name: "all is written, the answer is lost", fault: { kind: "lost-answer" } },
  { name: "the helpdesk dies after three of five records", fault: { kind: "die-after-records", records: 3 } },
  { name: "the answer is cut off", fault: { kind: "truncated" } },
])("renames and adoptions are done once and told as done: $name", async ({ fault }) => {
  const { simulated, helpdesk } = await start();
  await helpdesk.customers.upsert([company(1), company(2), company(3)], how);
  const names = { CustomerCompanyName: "Frei", ValidID: 1 };
  simulated.world.do("CompanyAdd", { CustomerID: "k4", ...names });
  simulated.faults.next(fault, 1, upsertRoute);
  const later = { kind: "update", expect: "ours", situation: "confirmed" } as const;
  const changes = [
    sampleChange("company", 1, { ...later, newKey: "K1" }),
    sampleChange("company", 4, { kind: "adopt", expect: "unowned", fields: { CustomerCompanyCity: "Köln" } }),
    sampleChange("company", 2, { ...later, newKey: "n2", fields: { CustomerCompanyName: "Neu", ValidID: 1 } }),
    company(5),
    sampleChange("company", 3, { ...later, newKey: "n3", fields: { CustomerCompanyName: "Ä 3" } }),
  ];
  const outcomes = await helpdesk.customers.upsert(changes, how);
  expect(outcomes.map(({ outcome }) => outcome)).toEqual(["updated", "adopted", "updated", "created", "updated"]);
  for (const index of [0, 2, 4]) expect(outcomes[index]).toMatchObject({ changed: expect.arrayContaining(["Key"]) });
  const rowIds = [1, 2, 3, 4, 5];
  const found = await helpdesk.customers.lookUp("company", { rowIds }, { tickets: false, signal: how.signal });
  expect(found.map(({ key }) => key).toSorted()).toEqual(["K1", "k4", "k5", "n2", "n3"]);
  expect(found.find(({ key }) => key === "n2")?.fields).toMatchObject({ CustomerCompanyName: "Neu" });
  expect(simulated.world.counts()).toMatchObject({ companies: 5, marks: 5 });
});

test("a wrong password does not lock the account, however often the bridge asks", async () => {
  const { simulated } = await start({ passwordMaxLoginFailed: 2 });
  const wrong = client(simulated.baseUrl, { password: "wrong" });
  for (let run = 0; run < 5; run += 1) await expect(wrong.info()).rejects.toThrow(ConfigError);
  const right = client(simulated.baseUrl, { password: "bridgepw" });
  expect((await right.info()).agent).toBe("bridge");
});

test.each([
  { name: "the package is missing", addon: "missing", says: /lacks the add-on/ },
  { name: "a stock web service", addon: "unrouted", says: /no operation behind POST/ },
] as const)("without the add-on tickets can be read with a configured zone: $name", async ({ addon, says }) => {
  const { helpdesk, simulated } = await start({ addon });
  await expect(helpdesk.info()).rejects.toThrow(says);
  const [made] = simulated.world.steps([
    { Do: "TicketCreate", Title: "Beamer", State: "closed successful", Articles: [{ TimeUnit: "0.5" }] },
  ]);
  const stock = client(simulated.baseUrl, { password: "bridgepw", timeZone: "UTC", collect: "stock" });
  const closed = { stateNames: [], stateTypes: ["closed"], changedSince: null };
  const [batch] = await Array.fromAsync(stock.tickets.changed(closed, how.signal));
  expect(batch?.tickets).toMatchObject([{ ...ticketOf(made), title: "Beamer", entries: [{ units: 50 }] }]);
});

function ticketOf(made: unknown): object {
  const { TicketID, TicketNumber } = made as { TicketID: number; TicketNumber: string };
  return { ticketId: TicketID, ticketNumber: TicketNumber };
}

async function start(
  options: SimulatedHelpdeskOptions = {},
): Promise<{ readonly simulated: SimulatedHelpdesk; readonly helpdesk: Helpdesk }> {
  const simulated = await startSimulatedHelpdesk(options);
  onTestFinished(() => simulated.stop());
  return { simulated, helpdesk: client(simulated.baseUrl, { password: "bridgepw" }) };
}

function company(rowId: number): CustomerChange {
  return sampleChange("company", rowId);
}
