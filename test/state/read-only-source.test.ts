/** The tables that a helpdesk reads as a second, read-only source: refreshed from kivitendo's rows by the real flow. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { SourceOptions } from "../../src/customer-sync/ports.ts";
import { refreshReadOnlySource, type ReadOnlyReport } from "../../src/customer-sync/index.ts";
import { RefusedError } from "../../src/model/index.ts";
import { checkIdentity } from "../../src/state/index.ts";
import { createReadOnlySource } from "../../src/state/read-only-source.ts";
import { finishRun, refuseRun, startRun } from "../../src/state/runs.ts";
import { type BridgeDatabase, createBridgeDatabase } from "../support/bridge-database.ts";
import { restoreSample, saveSample } from "../support/customer-run.ts";

let bridge: BridgeDatabase;
beforeAll(async () => {
  bridge = await createBridgeDatabase();
  await saveSample(bridge);
});
afterAll(() => bridge.drop());
beforeEach(async () => {
  source = everyone;
  await restoreSample(bridge);
  await bridge.admin(
    "delete from otrs_bridge.helpdesk_users; delete from otrs_bridge.helpdesk_companies; delete from otrs_bridge.runs",
  );
});

const everyone: SourceOptions = {
  companyColumns: [],
  contactColumns: [],
  scope: { contactFlag: null, customerFlag: null, businessTypes: [], numberPattern: null },
  sentinel: null,
};
const noLimits = { maxDeactivations: 1000, maxDeactivationShare: 1, ignoreBelow: 0 };
let source = everyone;

async function refresh(
  mode: "plan" | "sync" = "sync",
  limits = noLimits,
  allow: string | null = null,
): Promise<ReadOnlyReport> {
  const { pool } = bridge;
  return refreshReadOnlySource(
    {
      source: createReadOnlySource(pool),
      checkDatabase: () => checkIdentity(pool, { instance: "main", helpdesk: null, look: true }),
      recorder: {
        start: () => startRun(pool, "customers", Temporal.Now.instant()),
        finish: (run, end) => finishRun(pool, run, end),
        now: () => Temporal.Now.instant(),
      },
      refuse: (refusal) => refuseRun(pool, "customers", refusal),
    },
    { source, countries: "as-typed", limits, allow },
    mode,
    { report: () => undefined, signal: new AbortController().signal },
  );
}

/** Both tables with the place of each row on disk, so that a row written anew with the same values shows. */
async function tables(): Promise<unknown> {
  return [
    await bridge.admin("select ctid::text, xmin::text, * from otrs_bridge.helpdesk_companies order by row_id"),
    await bridge.admin("select ctid::text, xmin::text, * from otrs_bridge.helpdesk_users order by row_id"),
    await bridge.admin("select * from otrs_bridge.runs where status is distinct from 'refused' order by id"),
  ];
}

async function user(rowId: number): Promise<Record<string, unknown> | undefined> {
  return (await bridge.admin("select * from otrs_bridge.helpdesk_users where row_id = $1", [rowId]))[0];
}

async function company(rowId: number): Promise<Record<string, unknown> | undefined> {
  return (await bridge.admin("select * from otrs_bridge.helpdesk_companies where row_id = $1", [rowId]))[0];
}

const nothing = { created: 0, updated: 0, invalidated: 0, rejected: 0 };

describe("a refresh", () => {
  test("the first one takes everything that is not obsolete, with its columns", async () => {
    const report = await refresh();
    expect(report.customers).toMatchObject({ created: 7, unchanged: 0 });
    expect(await company(1150)).toMatchObject({
      customer_id: "K10001",
      name: "Müller & Söhne GmbH",
      street: "Königsallee 7",
      zip: "50667",
      city: "Köln",
      country: "Deutschland",
      url: "https://www.mueller-test.de",
      valid_id: 1,
    });
    expect(await user(1203)).toMatchObject({
      login: "aenne@groesse-test.de",
      email: "aenne@groesse-test.de",
      customer_id: "K10002",
      filed_under: 1151,
      valid_id: 1,
    });
    const { rows } = await bridge.pool.query("select status, summary from otrs_bridge.runs");
    expect(rows).toEqual([{ status: "done", summary: { customers: report.customers, contacts: report.contacts } }]);
  });

  test("a second one writes nothing, not even a run", async () => {
    const first = await refresh();
    const before = await tables();
    const second = await refresh();
    expect(await tables()).toEqual(before);
    expect(second.changes).toEqual([]);
    expect(second.customers).toEqual({ ...nothing, unchanged: first.customers.created });
    expect(second.contacts).toEqual({ ...nothing, unchanged: first.contacts.created });
  });

  test("plan says what sync does, and writes nothing", async () => {
    await refresh();
    await bridge.admin(
      "update customer set obsolete = true where id = 1150; update contacts set cp_name = 'Neu' where cp_id = 1203",
    );
    const before = await tables();
    const planned = await refresh("plan");
    expect(await tables()).toEqual(before);
    expect(await refresh()).toEqual(planned);
  });

  test("only what differs is written", async () => {
    await refresh();
    const before = await bridge.admin(
      "select row_id, xmin::text from otrs_bridge.helpdesk_users where row_id <> 1203 order by 1",
    );
    await bridge.admin("update contacts set cp_name = E'Größe\\n Neu' where cp_id = 1203");
    expect((await refresh()).contacts).toMatchObject({ ...nothing, updated: 1 });
    expect(await user(1203)).toMatchObject({ last_name: "Größe Neu" });
    expect(
      await bridge.admin("select row_id, xmin::text from otrs_bridge.helpdesk_users where row_id <> 1203 order by 1"),
    ).toEqual(before);
  });

  test("one that cannot write a row writes none", async () => {
    await bridge.admin(`
      alter table otrs_bridge.helpdesk_users add constraint refuse check (row_id <> 1203)`);
    try {
      await expect(refresh()).rejects.toThrow(/refuse/);
      expect(await bridge.admin("select from otrs_bridge.helpdesk_companies")).toEqual([]);
      expect(await bridge.admin("select status from otrs_bridge.runs")).toEqual([{ status: "failed" }]);
    } finally {
      await bridge.admin("alter table otrs_bridge.helpdesk_users drop constraint refuse");
    }
  });
});

describe("keys", () => {
  test("stay when the customer number and the e-mail change", async () => {
    await refresh();
    await bridge.admin(
      "update customer set customernumber = 'X1' where id = 1151; update contacts set cp_email = 'Neu@Groesse-test.de' where cp_id = 1203",
    );
    await refresh();
    expect(await company(1151)).toMatchObject({ customer_id: "K10002" });
    expect(await user(1203)).toMatchObject({
      login: "aenne@groesse-test.de",
      email: "Neu@Groesse-test.de",
      customer_id: "K10002",
    });
  });

  test("are those of the links where the other way was used before", async () => {
    await bridge.admin(`
      insert into otrs_bridge.links (kind, row_id, helpdesk_key, status, confirmed)
      values ('company', 1151, 'ALT-7', 'linked', true), ('user', 1203, 'aenne', 'linked', true)`);
    await refresh();
    expect(await company(1151)).toMatchObject({ customer_id: "ALT-7" });
    expect(await user(1203)).toMatchObject({ login: "aenne", customer_id: "ALT-7" });
  });

  test("two contacts with one e-mail: the lowest row id has it, the other one is told", async () => {
    await bridge.admin("update contacts set cp_email = ' AENNE@groesse-test.de' where cp_id = 1205");
    const report = await refresh();
    expect(await user(1203)).toBeDefined();
    expect(await user(1205)).toBeUndefined();
    expect(report.changes.filter((change) => change.outcome === "rejected")).toMatchObject([
      { record: "user", rowId: 1205, code: "ambiguous", reason: expect.stringContaining("row id 1203") },
    ]);
    // Whoever has the key keeps it.
    await bridge.admin(
      "insert into contacts (cp_id, cp_gender, cp_name, cp_email) values (5, 'f', 'Früher', 'aenne@groesse-test.de'); insert into customer_contacts (customer_id, contact_id) values (1151, 5)",
    );
    expect((await refresh()).contacts).toMatchObject({ ...nothing, rejected: 2 });
  });

  test("a contact that was deleted and typed in again keeps the login", async () => {
    await refresh();
    await bridge.admin(
      "delete from customer_contacts where contact_id = 1203; delete from contacts where cp_id = 1203",
    );
    await bridge.admin(
      "insert into contacts (cp_id, cp_gender, cp_name, cp_email) values (9001, 'f', 'Größe', 'aenne@groesse-test.de'); insert into customer_contacts (customer_id, contact_id) values (1151, 9001)",
    );
    expect((await refresh()).contacts).toMatchObject({ ...nothing, created: 1 });
    expect(await user(1203)).toBeUndefined();
    expect(await user(9001)).toMatchObject({ login: "aenne@groesse-test.de", valid_id: 1 });
  });

  test("a customer without a number is told, and its contacts wait", async () => {
    await bridge.admin("update customer set customernumber = ' ' where id = 1151");
    const report = await refresh();
    expect(await company(1151)).toBeUndefined();
    expect(report.changes.filter((change) => change.outcome === "rejected")).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ record: "company", rowId: 1151, code: "incomplete" }),
        expect.objectContaining({ record: "user", rowId: 1203, code: "waiting" }),
      ]),
    );
    await bridge.admin("update customer set customernumber = 'K10002' where id = 1151");
    expect(await refresh()).toMatchObject({ customers: { created: 1, rejected: 0 }, contacts: { rejected: 0 } });
    expect(await user(1203)).toMatchObject({ customer_id: "K10002" });
  });

  test("values that are too long are cut, keys that are too long are told", async () => {
    await bridge.admin(
      "update customer set name = repeat('ü', 5000) where id = 1151; update customer set customernumber = repeat('9', 151) where id = 1152",
    );
    const report = await refresh();
    expect(await company(1151)).toMatchObject({ name: `${"ü".repeat(199)}…` });
    expect(report.changes.find((change) => change.rowId === 1152)).toMatchObject({ code: "incomplete" });
  });
});

describe("who leaves", () => {
  test("obsolete and deleted ones become invalid, and come back valid", async () => {
    await refresh();
    await bridge.admin(
      "update customer set obsolete = true where id = 1151; update contacts set cp_email = '' where cp_id = 1205",
    );
    await refresh();
    expect(await company(1151)).toMatchObject({ valid_id: 2, name: expect.stringMatching(/./) });
    expect(await user(1203)).toMatchObject({ valid_id: 2 });
    expect(await user(1205)).toMatchObject({ valid_id: 2, login: expect.stringMatching(/@/) });
    expect((await refresh()).changes).toEqual([]);
    await restoreSample(bridge);
    expect(await refresh()).toMatchObject({ customers: { updated: 1 } });
    expect([await company(1151), await user(1203), await user(1205)]).toMatchObject([
      { valid_id: 1 },
      { valid_id: 1 },
      { valid_id: 1 },
    ]);
  });

  test("an empty source is refused", async () => {
    await refresh();
    const before = await tables();
    await bridge.admin("delete from customer_contacts");
    await expect(refresh("sync", noLimits)).rejects.toThrow(RefusedError);
    await expect(refresh("plan", noLimits)).rejects.toThrow(/no contacts at all/);
    expect(await tables()).toEqual(before);
    expect(await bridge.admin("select flow, error from otrs_bridge.runs where status = 'refused'")).toEqual([
      { flow: "customers", error: expect.stringContaining("no contacts at all") as unknown },
    ]);
  });

  test("too many are refused with their names; contacts that follow their customer do not count", async () => {
    await refresh();
    const limits = { maxDeactivations: 1, maxDeactivationShare: 1, ignoreBelow: 0 };
    await bridge.admin("update customer set obsolete = true where id in (1150, 1151)");
    await expect(refresh("sync", limits)).rejects.toThrow(
      /2 of 7 customers invalid.*First: K10001 Müller & Söhne GmbH; K10002/s,
    );
    await bridge.admin("update customer set obsolete = false where id = 1150");
    expect(await refresh("sync", limits)).toMatchObject({ customers: { invalidated: 1 } });
  });

  test("the token of a refusal allows that plan, and no other", async () => {
    await refresh();
    const limits = { maxDeactivations: 0, maxDeactivationShare: 0, ignoreBelow: 0 };
    await bridge.admin("update customer set obsolete = true where id = 1150");
    const refused = await refresh("sync", limits).catch((error: unknown) => error);
    const token = refused instanceof RefusedError ? /sync --allow (\w+)/.exec(refused.hint)?.[1] : undefined;
    expect(token).toMatch(/^[0-9a-f]{12}$/);
    await bridge.admin("update customer set obsolete = true where id = 1151");
    await expect(refresh("sync", limits, token)).rejects.toThrow(RefusedError);
    await bridge.admin("update customer set obsolete = false where id = 1151");
    expect(await refresh("sync", limits, token)).toMatchObject({ customers: { invalidated: 1 } });
  });

  test("without the sentinel customer nothing is believed", async () => {
    source = { ...everyone, sentinel: "K10001" };
    await refresh();
    source = { ...everyone, sentinel: "K10099" };
    await expect(refresh()).rejects.toThrow(/no customer K10099/);
  });
});

test("only who is in scope has a place, and who leaves it becomes invalid", async () => {
  source = { ...everyone, scope: { ...everyone.scope, numberPattern: "^K1000[12]$" } };
  expect(await refresh()).toMatchObject({ customers: { created: 2, rejected: 0 }, contacts: { rejected: 0 } });
  expect(await bridge.admin("select distinct customer_id from otrs_bridge.helpdesk_users order by 1")).toEqual([
    { customer_id: "K10001" },
    { customer_id: "K10002" },
  ]);
  source = { ...everyone, scope: { ...everyone.scope, numberPattern: "^K10001$" } };
  expect(await refresh()).toMatchObject({ customers: { invalidated: 1 } });
  expect([await company(1151), await user(1203)]).toMatchObject([{ valid_id: 2 }, { valid_id: 2 }]);
});

test("a contact of several customers is filed like the other way does it, and stays while the relation exists", async () => {
  await bridge.admin(`
    delete from customer_contacts where contact_id = 1213;
    update customer_contacts set main = false;
    insert into customer_contacts (customer_id, contact_id, main) values (1151, 1213, false), (1152, 1213, true)`);
  await refresh();
  expect(await user(1213)).toMatchObject({ filed_under: 1152, customer_id: "K10003" });
  await bridge.admin("update customer_contacts set main = not main where contact_id = 1213");
  expect((await refresh()).changes).toEqual([]);
  await bridge.admin("delete from customer_contacts where contact_id = 1213 and customer_id = 1152");
  await refresh();
  expect(await user(1213)).toMatchObject({ filed_under: 1151, customer_id: "K10002" });
});
