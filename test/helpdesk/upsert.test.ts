import { expect, test } from "vitest";
import type { CustomerChange } from "../../src/customer-sync/ports.ts";
import { BugError, UnavailableError } from "../../src/model/index.ts";
import { sampleChange } from "./sample-change.ts";
import { answer, client, hangUp, scripted, upsertRoute } from "./scripted-server.ts";
import { created, failedSecond, records, results } from "./upsert-steps.ts";

const how = { dryRun: false, sequence: 12, signal: new AbortController().signal };

test("sends what the protocol says and answers in order", async () => {
  const server = await scripted({
    [upsertRoute]: answer({
      Results: [
        { Type: "Company", RowId: "1127", Key: "k1127", Outcome: "created", Changed: ["CustomerCompanyName"] },
        { Type: "User", RowId: 1501, Key: "k1501", Outcome: "rejected", Code: "invalid", Reason: "No address." },
      ],
    }),
  });
  const changes = [change("company", 1127), change("user", 1501, "ours")];
  // A dry run carries both kinds at once.
  const outcomes = await client(server.url).customers.upsert(changes, { ...how, dryRun: true });
  expect(outcomes).toEqual([
    { outcome: "created", changed: ["CustomerCompanyName"] },
    { outcome: "rejected", code: "invalid", reason: "No address.", owner: null, otherKey: null, keyNow: null },
  ]);
  expect(server.at(upsertRoute)[0]?.body).toEqual({
    SessionID: "session-1",
    Instance: "main",
    DryRun: 1,
    Records: [
      {
        Type: "Company",
        RowId: "1127",
        Expect: "absent",
        Key: "k1127",
        Fields: { CustomerCompanyName: "Ä 1127", ValidID: 1 },
      },
      { Type: "User", RowId: "1501", Expect: "ours", Key: "k1501", Fields: { UserFirstname: "Ä 1501", ValidID: 1 } },
    ],
  });
});

test("batches keep companies before users, and outcomes in order whoever is faster", async () => {
  const pending = { now: 0, most: 0 };
  const order: string[] = [];
  const server = await scripted({
    [upsertRoute]: (seen, response) => {
      const types = new Set(records(seen).map((record) => record.Type));
      order.push([...types].join("+"));
      pending.most = Math.max(pending.most, ++pending.now);
      // The first batch of each kind is the slowest.
      setTimeout(
        () => {
          pending.now -= 1;
          created(seen, response);
        },
        records(seen)[0]?.RowId.endsWith("00") ? 80 : 10,
      );
    },
  });
  const changes = [...range(100, 125, "company"), ...range(200, 241, "user")];
  const outcomes = await client(server.url, { upsertBatchSize: 10, upsertConcurrency: 2 }).customers.upsert(
    changes,
    how,
  );
  expect(outcomes).toEqual(changes.map(({ key }) => ({ outcome: "created", changed: [key] })));
  expect(order).toEqual(["Company", "Company", "Company", "User", "User", "User", "User", "User"]);
  expect(server.at(upsertRoute).filter((seen) => records(seen).length === 10)).toHaveLength(6);
  expect(pending.most).toBe(2);
});

test("a dry run sends records together, because only those of one request see each other", async () => {
  const server = await scripted({ [upsertRoute]: created });
  const changes = [...range(0, 300, "company"), ...range(300, 1200, "user")];
  const outcomes = await client(server.url, { upsertBatchSize: 10 }).customers.upsert(changes, {
    ...how,
    dryRun: true,
  });
  expect(outcomes).toHaveLength(1200);
  expect(server.at(upsertRoute).map((seen) => records(seen).length)).toEqual([1000, 200]);
});

test("nothing to write: nothing is sent", async () => {
  const server = await scripted();
  expect(await client(server.url).customers.upsert([], how)).toEqual([]);
  expect(server.seen).toHaveLength(0);
});

test("what the helpdesk failed to write is sent once more, alone", async () => {
  const passing = await scripted({ [upsertRoute]: [failedSecond, created] });
  const changes = range(1, 4, "user");
  expect(await client(passing.url).customers.upsert(changes, how)).toEqual(
    changes.map(({ key }) => ({ outcome: "created", changed: [key] })),
  );
  expect(records(passing.at(upsertRoute)[1])).toMatchObject([{ Key: "k2", Expect: "absent" }]);
  const staying = await scripted({ [upsertRoute]: failedSecond });
  expect((await client(staying.url).customers.upsert(changes, how))[1]).toMatchObject({ code: "failed" });
  expect(staying.at(upsertRoute)).toHaveLength(2);
});

test("a helpdesk that stays away: bounded attempts, then UnavailableError, and nothing more is sent", async () => {
  const server = await scripted({ [upsertRoute]: hangUp });
  const helpdesk = client(server.url, { upsertBatchSize: 1, upsertConcurrency: 2 });
  await expect(helpdesk.customers.upsert(range(0, 20, "company"), how)).rejects.toThrow(UnavailableError);
  const sent = server.at(upsertRoute).length;
  expect(sent).toBeLessThanOrEqual(6);
  await new Promise((resolve) => {
    setTimeout(resolve, 100);
  });
  expect(server.at(upsertRoute)).toHaveLength(sent);
});

test("after a failure the other batches under way are finished, and no further one is begun", async () => {
  let finished = 0;
  const server = await scripted({
    [upsertRoute]: (seen, response) => {
      if (records(seen)[0]?.Key === "k0") return hangUp(seen, response);
      return setTimeout(() => {
        finished += 1;
        created(seen, response);
      }, 100);
    },
  });
  const helpdesk = client(server.url, {
    upsertBatchSize: 1,
    upsertConcurrency: 2,
    retry: { attempts: 1, firstDelayMs: 1 },
  });
  await expect(helpdesk.customers.upsert(range(0, 20, "company"), how)).rejects.toThrow(UnavailableError);
  expect(server.at(upsertRoute)).toHaveLength(2);
  expect(finished).toBe(1);
});

test("the signal ends it before the next batch; the one under way is finished", async () => {
  const controller = new AbortController();
  let finished = 0;
  const server = await scripted({
    [upsertRoute]: (seen, response) => {
      controller.abort(new Error("SIGTERM"));
      setTimeout(() => {
        finished += 1;
        created(seen, response);
      }, 50);
    },
  });
  const writing = client(server.url, { upsertBatchSize: 1, upsertConcurrency: 1 }).customers.upsert(
    range(0, 5, "user"),
    { ...how, signal: controller.signal },
  );
  await expect(writing).rejects.toThrow("SIGTERM");
  expect(finished).toBe(1);
  expect(server.at(upsertRoute)).toHaveLength(1);
});

test("an abort while the only batch is under way: what was written is told", async () => {
  const controller = new AbortController();
  const server = await scripted({
    [upsertRoute]: (seen, response) => {
      controller.abort(new Error("SIGTERM"));
      setTimeout(() => created(seen, response), 30);
    },
  });
  const outcomes = await client(server.url).customers.upsert([change("user", 1)], {
    ...how,
    signal: controller.signal,
  });
  expect(outcomes).toEqual([{ outcome: "created", changed: ["k1"] }]);
});

test("an abort while the helpdesk is away ends the waiting for the next attempt", async () => {
  const controller = new AbortController();
  const server = await scripted({ [upsertRoute]: hangUp });
  const startedAt = performance.now();
  const writing = client(server.url, { retry: { attempts: 3, firstDelayMs: 20_000 } }).customers.upsert(
    [change("user", 1)],
    { ...how, signal: controller.signal },
  );
  setTimeout(() => controller.abort(new Error("SIGTERM")), 200);
  await expect(writing).rejects.toThrow("SIGTERM");
  expect(performance.now() - startedAt).toBeLessThan(5000);
});

test("a rejection for a reason that a later add-on invented is still a rejection", async () => {
  const server = await scripted({
    [upsertRoute]: (seen, response) =>
      results(seen, response, () => ({ Outcome: "rejected", Code: "moon-phase", Reason: "Full moon." })),
  });
  expect(await client(server.url).customers.upsert([change("company", 1)], how)).toEqual([
    { outcome: "rejected", code: "failed", reason: "Full moon.", owner: null, otherKey: null, keyNow: null },
  ]);
});

test.each([
  { name: "fewer results", value: { Results: [] }, says: /0 results for 1/ },
  {
    name: "an unknown outcome",
    value: { Results: [{ Type: "Company", RowId: "1", Outcome: "maybe" }] },
    says: /Outcome/,
  },
])("answers that do not fit are a fault: $name", async ({ value, says }) => {
  const server = await scripted({ [upsertRoute]: answer(value) });
  const writing = client(server.url).customers.upsert([change("company", 1)], how);
  await expect(writing).rejects.toThrow(BugError);
  await expect(writing).rejects.toThrow(says);
});

test("the answer to another request is a matter of the network", async () => {
  const server = await scripted({
    [upsertRoute]: answer({ Results: [{ Type: "Company", RowId: "2", Outcome: "created" }] }),
  });
  await expect(client(server.url).customers.upsert([change("company", 1)], how)).rejects.toMatchObject({
    name: "UnavailableError",
    message: expect.stringContaining("not about company 1"),
  });
});

test("who the helpdesk is", async () => {
  const server = await scripted();
  expect(await client(server.url).customers.identify()).toEqual({
    helpdeskId: "0123456789abcdef0123456789abcdef",
    sequence: 7,
  });
});

function change(record: "company" | "user", rowId: number, expects: "absent" | "ours" = "absent"): CustomerChange {
  return sampleChange(record, rowId, { kind: expects === "absent" ? "create" : "update", expect: expects });
}

function range(from: number, to: number, record: "company" | "user"): CustomerChange[] {
  return Array.from({ length: to - from }, (_, index) => change(record, from + index));
}
