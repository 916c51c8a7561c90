import { beforeEach, describe, expect, test } from "vitest";
import type {
  CustomerChange,
  Differences,
  RecordedDecision,
  RecordKind,
  RejectionCode,
} from "../../src/customer-sync/ports.ts";
import type { RunId } from "../../src/model/index.ts";
import { readInbox } from "../../src/state/history.ts";
import { changesOf, done, refused } from "../support/customer-run.ts";
import { useSampleState } from "../support/sample-state.ts";

const start = Temporal.Instant.from("2026-11-22T08:00:00Z");
const later = start.add({ minutes: 1 });

const sample = useSampleState();
let run: RunId;
beforeEach(async () => {
  run = await sample.state.startRun("customers", start);
});

function read(now = later): Promise<Differences> {
  return sample.read({ now });
}

const options = { now: start, allowed: false };

/** A run that the helpdesk agrees to but for one record, which it refuses. */
async function syncBut(rowId: number, code: RejectionCode): Promise<CustomerChange> {
  const changes = changesOf(await read(start));
  const change = changes.find((each) => each.rowId === rowId);
  if (change === undefined) throw new Error(`${rowId} is not among the changes`);
  const outcomes = changes.map((each) => (each === change ? refused(each, code, "reason") : done(each)));
  await sample.state.record(run, outcomes, options);
  return change;
}

/** A run that the helpdesk agrees to, and one later that leaves a contact's move open. */
async function syncMove(): Promise<CustomerChange> {
  await sample.state.record(run, changesOf(await read(start)).map(done), options);
  await sample.bridge.admin("update customer_contacts set customer_id = 1152 where contact_id = 1202");
  return askForMove();
}

async function askForMove(): Promise<CustomerChange> {
  const change = changesOf(await read(start)).find((each) => each.rowId === 1202);
  if (change === undefined) throw new Error("1202 is not among the changes");
  const waitsFor = { code: "move-waits" as const, reason: "All tickets would move." };
  await sample.state.record(run, [done({ ...change, waitsFor })], options);
  return change;
}

function decide(
  kind: RecordKind,
  rowId: number,
  choice: RecordedDecision["choice"],
  value: string | null = null,
): Promise<void> {
  return sample.state.decide(kind, rowId, { choice, value, by: "Eva", why: "looked at it", at: later });
}

async function company(rowId: number) {
  return (await read()).companies.find((row) => row.customerId === rowId);
}

async function contact(rowId: number) {
  return (await read()).contacts.find((row) => row.contactId === rowId);
}

describe("a decision", () => {
  test("brings the record at once, stands beside it, and is used up by a success", async () => {
    const change = await syncBut(1150, "found");
    expect(await company(1150)).toBeUndefined();
    await decide("company", 1150, "adopt");
    expect((await company(1150))?.link).toMatchObject({
      status: "rejected",
      decision: { choice: "adopt", value: null },
    });
    await sample.state.record(run, [done({ ...change, kind: "adopt" })], options);
    expect(await read()).toMatchObject({ companies: [], contacts: [] });
    await sample.bridge.admin("update customer set city = 'Bonn' where id = 1150");
    expect((await company(1150))?.link).toMatchObject({ status: "linked", adopted: true, decision: null });
  });

  test("that was not carried out waits as long as the refusal does", async () => {
    const change = await syncBut(1150, "found");
    await decide("company", 1150, "adopt");
    await sample.state.record(run, [refused(change, "not-ours")], { now: later, allowed: false });
    expect(await company(1150)).toBeUndefined();
    const due = await read(later.add({ minutes: 20 }));
    expect(due.companies).toMatchObject([{ customerId: 1150, link: { decision: { choice: "adopt" } } }]);
  });

  test("is kept with who, why and about what", async () => {
    await syncBut(1150, "found");
    await decide("company", 1150, "retry");
    await decide("company", 1150, "adopt");
    expect(
      await sample.bridge.admin(`select kind, row_id, code, choice, value, decided_by, decided_why, decided_at
                            from otrs_bridge.decisions
                           order by id`),
    ).toEqual(
      ["retry", "adopt"].map((choice) => ({
        kind: "company",
        row_id: 1150,
        code: "found",
        choice,
        value: null,
        decided_by: "Eva",
        decided_why: "looked at it",
        decided_at: new Date("2026-11-22T08:01:00Z"),
      })),
    );
  });

  test("needs a name and a reason", async () => {
    await syncBut(1150, "found");
    const decision = { choice: "retry" as const, value: null, by: "Eva", why: " ", at: later };
    await expect(sample.state.decide("company", 1150, decision)).rejects.toThrow(/who made it, and why/);
  });
});

describe("what may be decided", () => {
  test.each<[RejectionCode, number, string[]]>([
    ["found", 1150, ["adopt", "retry", "ignore", "rename"]],
    ["not-ours", 1200, ["retry", "ignore", "rename"]],
    ["name-taken", 1150, ["append-number", "retry", "ignore"]],
    ["gone", 1150, ["recreate", "retry", "ignore"]],
    ["invalid", 1200, ["retry", "ignore"]],
    ["email-taken", 1200, ["retry", "ignore"]],
    ["waits-for-customer", 1200, ["retry", "ignore"]],
  ])("about %s", async (code, rowId, choices) => {
    await syncBut(rowId, code);
    const kind = rowId < 1200 ? "company" : "user";
    expect(await readInbox(sample.bridge.pool)).toMatchObject([{ id: `${kind}-${rowId}`, reason: code, choices }]);
    const not = (["adopt", "move", "append-number", "recreate", "rename"] as const).find(
      (each) => !choices.includes(each),
    );
    await expect(decide(kind, rowId, not ?? "move", "x")).rejects.toMatchObject({
      name: "ConfigError",
      message: `${kind}-${rowId} waits because of ${code}, for which "${not}" is no answer.`,
      hint: `Choose one of: ${choices.join(", ")}.`,
    });
    await decide(kind, rowId, "retry");
  });

  test("a move: both ways, nothing else", async () => {
    await syncMove();
    expect(await readInbox(sample.bridge.pool)).toMatchObject([{ id: "user-1202", choices: ["move", "stay"] }]);
    await expect(decide("user", 1202, "retry")).rejects.toThrow(/waits because of move-waits/);
  });

  test("nothing where nothing waits", async () => {
    await expect(decide("company", 1150, "retry")).rejects.toMatchObject({
      name: "ConfigError",
      message: "Nothing waits for a decision at company-1150.",
    });
    await syncBut(1150, "found");
    await expect(decide("company", 1151, "adopt")).rejects.toThrow(
      'company-1151 is not refused, for which "adopt" is no answer',
    );
  });

  test("no values but where one is meant", async () => {
    await syncBut(1150, "found");
    await expect(decide("company", 1150, "adopt", "ACME")).rejects.toThrow(/takes no value/);
    await expect(decide("user", 1200, "rename")).rejects.toThrow(/needs the new key/);
  });
});

describe("try again, or leave it", () => {
  test("retry: now instead of after the pause", async () => {
    await syncBut(1150, "invalid");
    expect(await company(1150)).toBeUndefined();
    await decide("company", 1150, "retry");
    expect((await company(1150))?.link).toMatchObject({ decision: null, attempts: 1 });
  });

  test("ignore: out of sight until the row in kivitendo changes", async () => {
    const change = await syncBut(1150, "found");
    await decide("company", 1150, "ignore");
    expect(await readInbox(sample.bridge.pool)).toEqual([]);
    expect((await read(later.add({ hours: 24 * 400 }))).companies).toEqual([]);
    // Asked for by its number it is tried, and goes on being left alone.
    await sample.state.record(run, [refused(change, "found")], { now: later, allowed: false });
    expect((await read(later.add({ hours: 24 * 400 }))).companies).toEqual([]);
    await sample.bridge.admin("update customer set city = 'Bonn' where id = 1150");
    const [again] = changesOf(await read());
    expect(again).toMatchObject({ rowId: 1150 });
    if (again === undefined) return;
    await sample.state.record(run, [refused(again, "found")], { now: later, allowed: false });
    expect(await readInbox(sample.bridge.pool)).toMatchObject([{ id: "company-1150" }]);
  });

  test("retry takes back an ignore", async () => {
    await syncBut(1150, "found");
    await decide("company", 1150, "ignore");
    await decide("company", 1150, "retry");
    expect((await company(1150))?.link).toMatchObject({ decision: null });
    expect(await readInbox(sample.bridge.pool)).toMatchObject([{ id: "company-1150" }]);
  });
});

describe("moves", () => {
  test("move: the next success puts the contact under its customer", async () => {
    await syncMove();
    expect(await contact(1202)).toBeUndefined();
    await decide("user", 1202, "move");
    const row = await contact(1202);
    expect(row).toMatchObject({ customerId: 1152, link: { customerId: 1150, decision: { choice: "move" } } });
    await sample.state.record(run, changesOf(await read()).map(done), options);
    expect(await contact(1202)).toBeUndefined();
    await sample.bridge.admin("update contacts set cp_phone1 = '1' where cp_id = 1202");
    expect((await contact(1202))?.link).toMatchObject({ customerId: 1152, decision: null, status: "linked" });
  });

  test("stay: holds for this customer, also when something else changes, and can be taken back", async () => {
    await syncMove();
    await decide("user", 1202, "stay");
    expect((await contact(1202))?.link?.decision).toEqual({ choice: "stay", value: "1152" });
    await sample.state.record(run, changesOf(await read()).map(done), options);
    expect(await contact(1202)).toBeUndefined();
    expect(await readInbox(sample.bridge.pool)).toEqual([]);
    await sample.bridge.admin("update contacts set cp_phone1 = '1' where cp_id = 1202");
    expect(await contact(1202)).toMatchObject({
      customerId: 1152,
      link: { customerId: 1150, decision: { choice: "stay", value: "1152" } },
    });
    await sample.state.record(run, changesOf(await read()).map(done), options);
    await decide("user", 1202, "move");
    expect((await contact(1202))?.link).toMatchObject({ customerId: 1150, decision: { choice: "move" } });
  });
});

describe("names, keys and records that are gone", () => {
  test("append-number holds for good", async () => {
    await syncBut(1150, "name-taken");
    await decide("company", 1150, "append-number");
    await sample.state.record(run, changesOf(await read()).map(done), options);
    expect(await company(1150)).toBeUndefined();
    await sample.bridge.admin("update customer set city = 'Bonn' where id = 1150");
    expect((await company(1150))?.link?.decision).toEqual({ choice: "append-number", value: null });
  });

  test("rename: of what is in the helpdesk, whatever its state", async () => {
    await syncBut(1150, "name-taken");
    await expect(decide("company", 1150, "rename", "X")).rejects.toThrow(/no answer/);
    await decide("user", 1201, "rename", " k.soehnlein@neu-test.de ");
    const row = await contact(1201);
    expect(row?.link).toMatchObject({
      status: "linked",
      decision: { choice: "rename", value: "k.soehnlein@neu-test.de" },
    });
    const [change] = changesOf(await read()).filter((each) => each.rowId === 1201);
    if (change === undefined) throw new Error("no change");
    await sample.state.record(run, [done({ ...change, newKey: "k.soehnlein@neu-test.de" })], options);
    expect(await contact(1201)).toBeUndefined();
    expect(
      await sample.bridge.admin("select helpdesk_key, decision from otrs_bridge.links where row_id = 1201"),
    ).toEqual([{ helpdesk_key: "k.soehnlein@neu-test.de", decision: null }]);
  });

  test("recreate: the record is expected absent, and contacts know no company until it is there", async () => {
    await sample.state.record(run, changesOf(await read(start)).map(done), options);
    await sample.bridge.admin("update customer set city = 'Bonn' where id = 1150");
    const [change] = changesOf(await read());
    if (change === undefined) throw new Error("no change");
    await sample.state.record(run, [refused(change, "gone")], options);
    await decide("company", 1150, "recreate");
    expect((await company(1150))?.link).toMatchObject({
      status: "rejected",
      confirmed: false,
      decision: { choice: "recreate" },
    });
    await sample.bridge.admin("update contacts set cp_phone1 = '1' where cp_id = 1200");
    expect((await contact(1200))?.companyKey).toBeNull();
    await sample.state.record(run, [done({ ...change, kind: "create" })], options);
    expect((await contact(1200))?.companyKey).toBe("K10001");
  });
});
