/** Names, addresses and keys that several changes of one run claim, against a helpdesk in which they are unique. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ask } from "../../src/customer-sync/ask.ts";
import type { CustomerChange, CustomerOutcome, UpsertOutcome } from "../../src/customer-sync/ports.ts";
import { settleClaims } from "../../src/customer-sync/settle.ts";
import type { Settled } from "../../src/customer-sync/settle.ts";
import { company, companyLink, contact, plan, refusal, userLink } from "./samples.ts";
import type { CompanyKey, ContactId, CustomerId, CustomerNumber, UserLogin } from "../../src/model/index.ts";

/** What a record holds that no other may hold: its key, and name or address. */
interface Held {
  readonly key: string;
  readonly unique: string;
}

/** A helpdesk of records by row id of this instance; a negative row id is a stranger's. */
class Helpdesk {
  records: Map<number, Held>;
  readonly sent: CustomerChange[] = [];

  constructor(records: Readonly<Record<number, Held>>) {
    this.records = new Map(Object.entries(records).map(([row, held]) => [Number(row), held]));
  }

  upsert(changes: readonly CustomerChange[]): readonly UpsertOutcome[] {
    return changes.map((change) => this.#write(change));
  }

  /** A dry run: all of one request, and nothing of it afterwards. */
  try(changes: readonly CustomerChange[]): readonly UpsertOutcome[] {
    const before = new Map(this.records);
    const outcomes = this.upsert(changes);
    this.records = before;
    return outcomes;
  }

  #write(change: CustomerChange): UpsertOutcome {
    this.sent.push(change);
    const wanted = {
      key: change.newKey ?? change.key,
      unique: String(change.fields["UserEmail"] ?? change.fields["CustomerCompanyName"]),
    };
    for (const [rowId, held] of this.records) {
      if (rowId === change.rowId) continue;
      const inTheWay = { owner: rowId < 0 ? null : { instance: "main", rowId }, otherKey: held.key };
      if (held.key === wanted.key) {
        return refusal(change.expect === "absent" ? (rowId < 0 ? "found" : "not-ours") : "key-taken", inTheWay);
      }
      if (held.unique === wanted.unique) {
        return refusal(change.record === "user" ? "email-taken" : "name-taken", inTheWay);
      }
    }
    const before = this.records.get(change.rowId);
    if (before?.key === wanted.key && before.unique === wanted.unique) return { outcome: "unchanged", changed: [] };
    this.records.set(change.rowId, wanted);
    return { outcome: before === undefined ? "created" : "updated", changed: ["x"] };
  }
}

/** Users that have their row id as login, with the addresses they want. */
function users(wanted: Readonly<Record<number, string>>): readonly CustomerChange[] {
  const contacts = Object.entries(wanted).map(([row, email]) =>
    contact({ contactId: Number(row) as ContactId, email, link: userLink({ key: `u${row}` as UserLogin }) }),
  );
  return plan({ contacts }).users;
}

/** Companies with the names and numbers they want, that had others. */
function companies(
  wanted: Readonly<Record<number, { readonly name: string; readonly number: string; readonly was: string }>>,
): readonly CustomerChange[] {
  const rows = Object.entries(wanted).map(([row, { name, number, was }]) =>
    company({
      customerId: Number(row) as CustomerId,
      customerNumber: number as CustomerNumber,
      name,
      link: companyLink({ key: was as CompanyKey, sourceKey: was }),
    }),
  );
  return plan({ companies: rows }).companies;
}

async function settle(helpdesk: Helpdesk, changes: readonly CustomerChange[]): Promise<Settled> {
  const send = (each: readonly CustomerChange[]): Promise<readonly CustomerOutcome[]> =>
    ask(each, async (sent) => helpdesk.upsert(sent));
  return settleClaims(await send(changes), "main", send);
}

async function tried(helpdesk: Helpdesk, changes: readonly CustomerChange[]): Promise<readonly CustomerOutcome[]> {
  const sendAfter = (each: readonly CustomerChange[], earlier: readonly CustomerChange[]) =>
    ask(each, async (sent) => helpdesk.try([...earlier, ...sent]).slice(earlier.length));
  return (await settleClaims(await sendAfter(changes, []), "main", sendAfter)).outcomes;
}

const outcomesOf = (outcomes: readonly CustomerOutcome[]): readonly string[] =>
  outcomes.map(({ result }) => (result.outcome === "rejected" ? result.code : result.outcome));
const held = (key: string, unique: string): Held => ({ key, unique });
const keyed = (records: Readonly<Record<number, string>>): Record<number, Held> =>
  Object.fromEntries(Object.entries(records).map(([row, unique]) => [row, held(`u${row}`, unique)]));

describe("addresses", () => {
  const cases = [
    { name: "two that swap", has: { 1: "a@x", 2: "b@x" }, want: { 1: "b@x", 2: "a@x" } },
    { name: "three in a circle", has: { 1: "a@x", 2: "b@x", 3: "c@x" }, want: { 1: "b@x", 2: "c@x", 3: "a@x" } },
    { name: "a chain", has: { 1: "a@x", 2: "b@x", 3: "c@x" }, want: { 1: "b@x", 2: "c@x", 3: "d@x" } },
    {
      name: "a chain and two circles",
      has: { 1: "a@x", 2: "b@x", 3: "c@x", 4: "d@x", 5: "e@x", 6: "f@x" },
      want: { 1: "b@x", 2: "a@x", 3: "d@x", 4: "c@x", 5: "f@x", 6: "g@x" },
    },
  ];
  test.each(cases)("$name: all get what they want", async ({ has, want }) => {
    const helpdesk = new Helpdesk(keyed(has));
    const { outcomes, makeshift } = await settle(helpdesk, users(want));
    expect(new Set(outcomesOf(outcomes))).toEqual(new Set(["updated"]));
    expect([...helpdesk.records]).toEqual([...new Helpdesk(keyed(want)).records]);
    expect(makeshift.size).toBe(0);
  });

  test.each(cases)("$name: a dry run says so", async ({ has, want }) => {
    const helpdesk = new Helpdesk(keyed(has));
    expect(new Set(outcomesOf(await tried(helpdesk, users(want))))).toEqual(new Set(["updated"]));
    expect([...helpdesk.records]).toEqual([...new Helpdesk(keyed(has)).records]);
  });

  test("the makeshift one has the domain of the wanted one", async () => {
    const helpdesk = new Helpdesk(keyed({ 1: "a@x.de", 2: "b@x.de" }));
    await settle(helpdesk, users({ 1: "b@x.de", 2: "a@x.de" }));
    expect(helpdesk.sent.map(({ fields }) => fields["UserEmail"])).toContain("kivitendo-bridge-1@x.de");
  });

  test.each([
    { name: "one of ours that keeps it", has: { 1: "a@x", 2: "b@x" }, want: { 1: "b@x", 2: "b@x" } },
    { name: "a stranger", has: { 1: "a@x", [-2]: "b@x" }, want: { 1: "b@x" } },
    { name: "one of ours that is not in this run", has: { 1: "a@x", 2: "b@x" }, want: { 1: "b@x" } },
  ])("against $name it stays refused, and nothing makeshift is written", async ({ has, want }) => {
    const helpdesk = new Helpdesk(keyed(has));
    const { outcomes } = await settle(helpdesk, users(want));
    expect(outcomesOf(outcomes)[0]).toBe("email-taken");
    expect([...helpdesk.records]).toEqual([...new Helpdesk(keyed(has)).records]);
    expect(outcomes[0]?.change.situation).toBe("ambiguous");
  });

  test("what stands aside and does not get what it wants is told", async () => {
    const helpdesk = new Helpdesk(keyed({ 1: "a@x", 2: "b@x" }));
    const send = (each: readonly CustomerChange[]): Promise<readonly CustomerOutcome[]> =>
      ask(each, async (sent) =>
        sent.map((change) =>
          change.rowId === 2 && helpdesk.sent.length > 2
            ? refusal("failed")
            : (helpdesk.upsert([change])[0] ?? refusal("failed")),
        ),
      );
    const settled = await settleClaims(await send(users({ 1: "b@x", 2: "a@x" })), "main", send);
    expect(outcomesOf(settled.outcomes)).toEqual(["email-taken", "failed"]);
    expect([...settled.makeshift]).toEqual([1]);
  });

  test("whoever wants what, nobody is lost and nothing makeshift stays", async () => {
    const addresses = fc.uniqueArray(fc.constantFrom("a@x", "b@x", "c@x", "d@x", "e@x", "f@x"), { minLength: 2 });
    await fc.assert(
      fc.asyncProperty(addresses, fc.infiniteStream(fc.nat(7)), async (has, choices) => {
        const want = has.map(
          (_, index) =>
            ["a@x", "b@x", "c@x", "d@x", "e@x", "f@x", "g@x", "h@x"][choices.next().value ?? index] ?? "a@x",
        );
        const byRow = (list: readonly string[]): Record<number, string> =>
          Object.fromEntries(list.map((each, index) => [index + 1, each]));
        const helpdesk = new Helpdesk(keyed(byRow(has)));
        const { outcomes, makeshift } = await settle(helpdesk, users(byRow(want)));
        const now = [...helpdesk.records].sort(([a], [b]) => a - b).map(([, { unique }]) => unique);
        expect(makeshift.size).toBe(0);
        expect(new Set(now).size).toBe(has.length);
        for (const [index, address] of now.entries()) {
          const refused = outcomes[index]?.result.outcome === "rejected";
          expect(address).toBe(refused ? has[index] : want[index]);
        }
        // Who alone wants an address that nobody keeps has it.
        for (const [index, address] of want.entries()) {
          const rivals = want.filter((other) => other === address).length;
          const kept = now.some((other, at) => at !== index && other === address);
          if (rivals === 1 && !kept) expect(now[index]).toBe(address);
        }
      }),
      { numRuns: 300 },
    );
  });
});

describe("companies", () => {
  const same = (name: string, number: string) => ({ name, number, was: number });

  test("that swap names get them", async () => {
    const helpdesk = new Helpdesk({ 1: held("K1", "A"), 2: held("K2", "B") });
    const { outcomes } = await settle(helpdesk, companies({ 1: same("B", "K1"), 2: same("A", "K2") }));
    expect(outcomesOf(outcomes)).toEqual(["updated", "updated"]);
    expect([...helpdesk.records.values()]).toEqual([held("K1", "B"), held("K2", "A")]);
  });

  test("that swap numbers get them", async () => {
    const helpdesk = new Helpdesk({ 1: held("K1", "A"), 2: held("K2", "B") });
    const wanted = { 1: { name: "A", number: "K2", was: "K1" }, 2: { name: "B", number: "K1", was: "K2" } };
    const { outcomes } = await settle(helpdesk, companies(wanted));
    expect(outcomesOf(outcomes)).toEqual(["updated", "updated"]);
    expect([...helpdesk.records.values()]).toEqual([held("K2", "A"), held("K1", "B")]);
  });

  test("that swap names and numbers get both", async () => {
    const helpdesk = new Helpdesk({ 1: held("K1", "A"), 2: held("K2", "B") });
    const wanted = { 1: { name: "B", number: "K2", was: "K1" }, 2: { name: "A", number: "K1", was: "K2" } };
    await settle(helpdesk, companies(wanted));
    expect([...helpdesk.records.values()]).toEqual([held("K2", "B"), held("K1", "A")]);
  });

  test("of one name: against ours the number is appended, against a stranger it stays refused", async () => {
    const ours = new Helpdesk({ 1: held("K1", "A"), 2: held("K2", "B") });
    const settled = await settle(ours, companies({ 2: same("A", "K2") }));
    expect(outcomesOf(settled.outcomes)).toEqual(["updated"]);
    expect(settled.outcomes[0]?.change.notices).toEqual([expect.stringContaining("customer number")]);
    expect(ours.records.get(2)).toEqual(held("K2", "A (K2)"));

    const strange = new Helpdesk({ [-1]: held("X", "A"), 2: held("K2", "B") });
    expect(outcomesOf((await settle(strange, companies({ 2: same("A", "K2") }))).outcomes)).toEqual(["name-taken"]);
    expect(strange.records.get(2)).toEqual(held("K2", "B"));
  });

  test("a new one gets the number that another gives up in the same run", async () => {
    const helpdesk = new Helpdesk({ 1: held("K1", "A") });
    const old = companies({ 1: { name: "A", number: "K9", was: "K1" } });
    const young = plan({
      companies: [company({ customerId: 2 as CustomerId, customerNumber: "K1" as CustomerNumber, name: "B" })],
    });
    const { outcomes } = await settle(helpdesk, [...young.companies, ...old]);
    expect(outcomesOf(outcomes)).toEqual(["created", "updated"]);
    expect([...helpdesk.records]).toEqual([
      [1, held("K9", "A")],
      [2, held("K1", "B")],
    ]);
  });
});
