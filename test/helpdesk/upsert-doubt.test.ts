/** What an upsert tells when an earlier request was lost on the way. */
import { expect, test } from "vitest";
import type { CustomerChange } from "../../src/customer-sync/ports.ts";
import { sampleChange } from "./sample-change.ts";
import { client, hangUp, operationError, plain, scripted, upsertRoute } from "./scripted-server.ts";
import type { Step } from "./scripted-server.ts";
import { alreadyOurs, records, refused, results, unchanged, updatedName } from "./upsert-steps.ts";

const how = { dryRun: false, sequence: 12, signal: new AbortController().signal };
const change = (rowId: number): CustomerChange => sampleChange("company", rowId);

test("a lost answer: what the first attempt created is told as created", async () => {
  const server = await scripted({ [upsertRoute]: [hangUp, alreadyOurs("k2"), unchanged] });
  const changes = [change(1), change(2)];
  const outcomes = await client(server.url).customers.upsert(changes, how);
  expect(outcomes).toEqual([
    { outcome: "created", changed: ["k1"] },
    { outcome: "created", changed: ["CustomerCompanyName", "ValidID"] },
  ]);
  expect(records(server.at(upsertRoute)[2])).toMatchObject([{ Key: "k2", Expect: "ours" }]);
  for (const { body } of server.at(upsertRoute)) expect(body).toMatchObject({ Sequence: 12, DryRun: 0 });
});

test("a lost answer about a record that was ours before, with other values: brought up to date and told as updated", async () => {
  const server = await scripted({ [upsertRoute]: [hangUp, alreadyOurs("k1"), updatedName] });
  expect(await client(server.url).customers.upsert([change(1)], how)).toEqual([
    { outcome: "updated", changed: ["CustomerCompanyName"] },
  ]);
});

test.each([
  { name: "the first attempt was answered", steps: [alreadyOurs("k1")], dryRun: false },
  { name: "the first attempt never reached the helpdesk", steps: [plain(429, ""), alreadyOurs("k1")], dryRun: false },
  { name: "a dry run writes nothing", steps: [hangUp, alreadyOurs("k1")], dryRun: true },
  {
    name: "only the session had ended",
    steps: [operationError("KivitendoBridgeUpsert.AuthFail"), alreadyOurs("k1")],
    dryRun: false,
  },
])("already-ours is told as it is when $name", async ({ steps, dryRun }) => {
  const server = await scripted({ [upsertRoute]: steps });
  expect(await client(server.url).customers.upsert([change(1)], { ...how, dryRun })).toMatchObject([
    { outcome: "rejected", code: "already-ours" },
  ]);
  expect(server.at(upsertRoute)).toHaveLength(steps.length);
});

const adoption = sampleChange("company", 1, { kind: "adopt", expect: "unowned", situation: "matched" });

test("a lost answer to an adoption: told as adopted, or as updated when the record was ours before", async () => {
  const server = await scripted({ [upsertRoute]: [hangUp, alreadyOurs("k1"), unchanged] });
  expect(await client(server.url).customers.upsert([adoption], how)).toEqual([{ outcome: "adopted", changed: [] }]);
  expect(records(server.at(upsertRoute)[2])).toMatchObject([{ Key: "k1", Expect: "ours" }]);
  const before = await scripted({ [upsertRoute]: [hangUp, alreadyOurs("k1"), updatedName] });
  expect(await client(before.url).customers.upsert([adoption], how)).toEqual([
    { outcome: "updated", changed: ["CustomerCompanyName"] },
  ]);
});

const rename = sampleChange("company", 1, { kind: "update", expect: "ours", newKey: "K1-new", situation: "confirmed" });
const gone = refused("k1", "gone", { KeyNow: "K1-new" });

test.each<{ name: string; met: Step; last: Step; changed: string[] }>([
  { name: "done, fields too", met: gone, last: unchanged, changed: ["Key"] },
  { name: "done, and a field changed since", met: gone, last: updatedName, changed: ["Key", "CustomerCompanyName"] },
  {
    name: "done, where the database takes both keys for one",
    met: refused("k1", "key-differs", { OtherKey: "K1-new", Owner: { Instance: "main", RowId: "1" } }),
    last: unchanged,
    changed: ["Key"],
  },
])("a lost answer to a rename: $name", async ({ met, last, changed }) => {
  const server = await scripted({ [upsertRoute]: [hangUp, met, last] });
  expect(await client(server.url).customers.upsert([rename], how)).toEqual([{ outcome: "updated", changed }]);
  const [first, , third] = server.at(upsertRoute);
  expect(records(first)).toMatchObject([{ Key: "k1", NewKey: "K1-new", Expect: "ours" }]);
  expect(records(third)).toMatchObject([{ Key: "K1-new", Expect: "ours" }]);
  expect(records(third)[0]).not.toHaveProperty("NewKey");
});

test.each<{ name: string; steps: Step[]; dryRun?: boolean; keyNow: string | null }>([
  { name: "no answer was lost: somebody renamed it so", steps: [gone], keyNow: "K1-new" },
  { name: "a dry run writes nothing", steps: [hangUp, gone], dryRun: true, keyNow: "K1-new" },
  { name: "it stands elsewhere", steps: [hangUp, refused("k1", "gone", { KeyNow: "other" })], keyNow: "other" },
  { name: "it stands nowhere", steps: [hangUp, refused("k1", "gone")], keyNow: null },
])("a rename that meets gone is told as it is when $name", async ({ steps, dryRun = false, keyNow }) => {
  const server = await scripted({ [upsertRoute]: steps });
  expect(await client(server.url).customers.upsert([rename], { ...how, dryRun })).toMatchObject([
    { outcome: "rejected", code: "gone", keyNow },
  ]);
  expect(server.at(upsertRoute)).toHaveLength(steps.length);
});

test("a stranger under the other spelling of the key is no rename of ours", async () => {
  const stranger = refused("k1", "key-differs", { OtherKey: "K1-new", Owner: { Instance: "other", RowId: "1" } });
  const server = await scripted({ [upsertRoute]: [hangUp, stranger] });
  expect(await client(server.url).customers.upsert([rename], how)).toMatchObject([{ code: "key-differs" }]);
  expect(server.at(upsertRoute)).toHaveLength(2);
});

test("an add-on that failed on the way may have written: told as created all the same", async () => {
  const failed = operationError("KivitendoBridgeUpsert.Failed", "The table kivitendo_bridge_owner cannot be read.");
  const server = await scripted({ [upsertRoute]: [failed, alreadyOurs("k1"), unchanged] });
  expect(await client(server.url).customers.upsert([change(1)], how)).toMatchObject([{ outcome: "created" }]);
});

test("an answer lost, then a failure: each is met once, and the outcome is the last one's", async () => {
  const failed = refused("k1", "failed");
  const server = await scripted({ [upsertRoute]: [hangUp, failed, alreadyOurs("k1"), failed, unchanged] });
  expect(await client(server.url).customers.upsert([change(1)], how)).toMatchObject([{ code: "failed" }]);
  expect(server.at(upsertRoute)).toHaveLength(4);
});

test("several records of one batch, each with its own fate", async () => {
  const fates: Readonly<Record<string, object>> = {
    k1: { Outcome: "rejected", Code: "gone", Reason: "Gone.", KeyNow: "K1-new" },
    k2: { Outcome: "rejected", Code: "already-ours", Reason: "Ours." },
    k3: { Outcome: "rejected", Code: "name-taken", Reason: "Taken.", OtherKey: "k9", Owner: null },
  };
  const each: Step = (seen, response) => results(seen, response, ({ Key }) => fates[Key] ?? {});
  const server = await scripted({ [upsertRoute]: [hangUp, each, unchanged] });
  expect(await client(server.url).customers.upsert([rename, change(2), change(3)], how)).toEqual([
    { outcome: "updated", changed: ["Key"] },
    { outcome: "created", changed: ["CustomerCompanyName", "ValidID"] },
    { outcome: "rejected", code: "name-taken", reason: "Taken.", owner: null, otherKey: "k9", keyNow: null },
  ]);
  expect(records(server.at(upsertRoute)[2]).map(({ Key }) => Key)).toEqual(["K1-new", "k2"]);
});
