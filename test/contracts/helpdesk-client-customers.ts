import { beforeEach, describe, expect, test } from "vitest";
import type { CustomerChange, UpsertOutcome } from "../../src/customer-sync/ports.ts";
import type { Step } from "../../src/demo/helpdesk/index.ts";
import type { Helpdesk } from "../../src/helpdesk/index.ts";
import { sampleChange } from "../helpdesk/sample-change.ts";
import type { ClientContract } from "./helpdesk-client-contract.ts";
import { freshTag } from "./helpdesk-under-test.ts";

/** The port of flow 1. */
export function describeCustomers(contract: ClientContract): void {
  describe("customers", () => {
    let tag = "";
    let helpdesk: Helpdesk;
    beforeEach(() => {
      tag = freshTag();
      helpdesk = contract.connect({ instance: tag, upsertBatchSize: 3 });
    });

    const company = (rowId: number, fields: object = {}): CustomerChange =>
      sampleChange("company", rowId, {
        key: `${tag}-${rowId}`,
        fields: {
          CustomerCompanyName: `Müller ${tag}-${rowId} GmbH`,
          CustomerCompanyCity: "Köln",
          ValidID: 1,
          ...fields,
        },
      });
    const user = (rowId: number, fields: object = {}): CustomerChange =>
      sampleChange("user", rowId, {
        key: `eva${rowId}@${tag}-test.de`,
        fields: {
          UserCustomerID: `${tag}-1`,
          UserFirstname: "Eva",
          UserLastname: "Müßig",
          UserEmail: `eva${rowId}@${tag}-test.de`,
          ValidID: 1,
          ...fields,
        },
        customerId: 1,
      });
    const upsert = async (changes: readonly CustomerChange[], dryRun = false): Promise<string[]> => {
      const signal = new AbortController().signal;
      const outcomes = await helpdesk.customers.upsert(changes, { dryRun, sequence: 5, signal });
      return outcomes.map(shortOf);
    };
    const stored = storedIn(contract);

    test("created, then unchanged, then updated in what differs; the sequence is kept", async () => {
      const changes = [company(1), company(2), user(11), user(12)];
      expect(await upsert(changes)).toEqual(["created", "created", "created", "created"]);
      expect(await upsert(changes.map((change) => later(change, { ...change.fields })))).toEqual([
        "unchanged",
        "unchanged",
        "unchanged",
        "unchanged",
      ]);
      const moved = [later(company(1), { CustomerCompanyCity: "Aachen" }), later(user(11), { UserPhone: "0241 1" })];
      expect(await upsert(moved)).toEqual(["updated CustomerCompanyCity", "updated UserPhone"]);
      expect(await stored(company(1))).toMatchObject({
        CustomerCompanyName: `Müller ${tag}-1 GmbH`,
        CustomerCompanyCity: "Aachen",
      });
      expect(await stored(user(11))).toMatchObject({ UserPhone: "0241 1", UserLastname: "Müßig" });
      expect((await helpdesk.customers.identify()).sequence).toBe(5);
    });

    test("what the bridge does not name stays as an agent left it", async () => {
      await upsert([company(1), user(11)]);
      await contract.under.byHand([
        { Do: "CompanyUpdate", CustomerID: `${tag}-1`, CustomerCompanyComment: "ruft gern an" },
        { Do: "UserUpdate", UserLogin: user(11).key, UserMobile: "0170 1", UserTitle: "Dr." },
      ]);
      await upsert([later(company(1), { CustomerCompanyCity: "Bonn" }), later(user(11), { ValidID: 2 })]);
      expect(await stored(company(1))).toMatchObject({
        CustomerCompanyComment: "ruft gern an",
        CustomerCompanyCity: "Bonn",
      });
      expect(await stored(user(11))).toMatchObject({ UserMobile: "0170 1", UserTitle: "Dr.", UserFirstname: "Eva" });
    });

    test("an impossible address stops itself only", async () => {
      const outcomes = await upsert([company(1), user(11), user(12, { UserEmail: "no address" }), user(13)]);
      expect(outcomes).toEqual(["created", "created", "rejected invalid", "created"]);
      expect(await stored(user(12))).toBeNull();
    });

    test("every expectation that is not met is refused with its code", async () => {
      await contract.under.byHand([{ Do: "CompanyAdd", CustomerID: `${tag}-7`, CustomerCompanyName: `Fremd ${tag}` }]);
      await upsert([company(1)]);
      expect(
        await upsert([
          company(7),
          later(company(7), { CustomerCompanyCity: "Bonn" }),
          company(1),
          later(company(8), { ValidID: 2 }),
          company(9, { CustomerCompanyName: `Fremd ${tag}` }),
        ]),
      ).toEqual(["rejected found", "rejected found", "rejected already-ours", "rejected gone", "rejected name-taken"]);
      expect(await stored(company(7))).toMatchObject({
        CustomerCompanyName: `Fremd ${tag}`,
        CustomerCompanyCity: expect.not.stringMatching("Bonn"),
      });
    });

    test("an address that somebody else has", async () => {
      await upsert([company(1), user(11)]);
      expect(await upsert([user(12, { UserEmail: user(11).key.toUpperCase() })])).toEqual(["rejected email-taken"]);
    });

    test("a dry run answers the same and writes nothing", async () => {
      const changes = [
        company(1),
        company(2, { CustomerCompanyName: `Müller ${tag}-1 GmbH` }),
        user(11),
        user(12, { UserEmail: "x" }),
      ];
      expect(await upsert(changes, true)).toEqual(["created", "rejected name-taken", "created", "rejected invalid"]);
      expect(await stored(company(1))).toBeNull();
      expect(await stored(user(11))).toBeNull();
      expect((await helpdesk.customers.identify()).sequence).toBe(0);
      expect(await upsert(changes)).toEqual(["created", "rejected name-taken", "created", "rejected invalid"]);
    });

    test("many records go in batches and come back in order", async () => {
      const companies = Array.from({ length: 8 }, (_, index) => company(index + 1));
      const users = Array.from({ length: 10 }, (_, index) => user(index + 11, index === 4 ? { UserEmail: "x" } : {}));
      const outcomes = await upsert([...companies, ...users]);
      expect(outcomes.filter((outcome) => outcome === "created")).toHaveLength(17);
      expect(outcomes[12]).toBe("rejected invalid");
      for (const change of [companies[7], users[9]]) expect(change && (await stored(change))).not.toBeNull();
    });

    test("a human's invalid-temporarily stays, and invalid is kept", async () => {
      await upsert([company(1), user(11), user(12)]);
      await contract.under.byHand([{ Do: "UserUpdate", UserLogin: user(11).key, ValidID: 3 }]);
      expect(await upsert([later(user(11), { ValidID: 1 }), later(user(12), { ValidID: 2 })])).toEqual([
        "unchanged",
        "updated ValidID",
      ]);
      expect(await stored(user(11))).toMatchObject({ ValidID: expect.toSatisfy((value) => Number(value) === 3) });
      expect(await stored(user(12))).toMatchObject({ ValidID: expect.toSatisfy((value) => Number(value) === 2) });
    });
  });
}

function shortOf(outcome: UpsertOutcome): string {
  if (outcome.outcome === "rejected")
    return `rejected ${outcome.code}${outcome.code === "failed" ? `: ${outcome.reason}` : ""}`;
  return outcome.outcome === "updated" ? `updated ${outcome.changed.join(" ")}` : outcome.outcome;
}

/** The same record in a later run. */
function later(change: CustomerChange, fields: Record<string, string | number>): CustomerChange {
  return { ...change, kind: "update", expect: "ours", fields };
}

/** What an agent sees of a record; null when there is none. */
function storedIn(contract: ClientContract): (change: CustomerChange) => Promise<unknown> {
  return async ({ record, key }) => {
    const step: Step = record === "company" ? { Do: "CompanyGet", CustomerID: key } : { Do: "UserGet", UserLogin: key };
    return (await contract.under.byHand([step]))[0];
  };
}
