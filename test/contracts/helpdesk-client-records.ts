import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { CustomerChange, HelpdeskRecord, UpsertOutcome } from "../../src/customer-sync/ports.ts";
import type { Helpdesk } from "../../src/helpdesk/index.ts";
import { sampleChange } from "../helpdesk/sample-change.ts";
import { dynamicPrefix, objectType } from "./addon-kit.ts";
import type { ClientContract } from "./helpdesk-client-contract.ts";
import { freshTag } from "./helpdesk-under-test.ts";

const signal = new AbortController().signal;

/** The port of flow 1 where it reads records, adopts them, and gives them other keys. */
export function describeRecordsPort(contract: ClientContract): void {
  describe("records", () => {
    let tag = "";
    let helpdesk: Helpdesk;
    beforeAll(async () => {
      for (const type of ["Company", "User"] as const) {
        const at = { ObjectType: objectType[type], Name: `${dynamicPrefix[type]}Text` };
        await contract.under.byHand([{ Do: "DynamicFieldEnsure", ...at, FieldType: "Text" }]);
      }
    });
    beforeEach(() => {
      tag = freshTag();
      helpdesk = contract.connect({ instance: tag });
    });

    const company = (rowId: number, given: Partial<CustomerChange> = {}): CustomerChange => {
      const fields = { CustomerCompanyName: `Müller ${tag}-${rowId} GmbH`, ValidID: 1 };
      return sampleChange("company", rowId, { key: `${tag}-${rowId}`, fields, ...given });
    };
    const user = (rowId: number, given: Partial<CustomerChange> = {}): CustomerChange => {
      const email = `eva${rowId}@${tag}-test.de`;
      const name = { UserFirstname: "Eva", UserLastname: "Müßig", UserEmail: email };
      const fields = { UserCustomerID: `${tag}-1`, ...name, ValidID: 1 };
      return sampleChange("user", rowId, { key: email, fields, customerId: 1, ...given });
    };
    const upsert = async (...changes: CustomerChange[]): Promise<readonly UpsertOutcome[]> =>
      helpdesk.customers.upsert(changes, { dryRun: false, sequence: 5, signal });
    const keysOf = (records: readonly HelpdeskRecord[]): string[] => records.map(({ key }) => key).toSorted();
    const byAgent = async (rowId: number): Promise<void> => {
      const name = { CustomerCompanyName: `Frei ${tag}-${rowId}` };
      await contract.under.byHand([{ Do: "CompanyAdd", CustomerID: `${tag}-${rowId}`, ...name }]);
    };

    test("what can be stored is told", async () => {
      const { fields, dynamicFields, countries } = await helpdesk.customers.describe();
      expect(fields.company).toEqual(expect.arrayContaining(["CustomerID", "CustomerCompanyName", "ValidID"]));
      expect(fields.user).toEqual(expect.arrayContaining(["UserLogin", "UserMobile", "ValidID"]));
      expect(dynamicFields.company).toContainEqual({ name: "KiviFirmText", type: "Text" });
      expect(dynamicFields.user).toContainEqual({ name: "KiviUserText", type: "Text" });
      expect(countries).toContain("Germany");
    });

    test("a user as it was written, looked up by key and by row, with its tickets", async () => {
      const eva = user(11, { companies: [`${tag}-1`, `${tag}-2`], dynamicFields: { KiviUserText: "Größe" } });
      await upsert(company(1), eva);
      const ticket = { Do: "TicketCreate", Title: "t", CustomerID: `${tag}-1`, CustomerUser: eva.key } as const;
      await contract.under.byHand([ticket, { ...ticket, State: "closed successful" }]);
      const { ValidID, ...fields } = eva.fields;
      const record = {
        key: eva.key,
        validId: ValidID,
        fields: expect.objectContaining({ ...fields, UserTitle: "" }),
        dynamicFields: { KiviUserText: "Größe" },
        companies: [`${tag}-2`],
        owner: { instance: tag, rowId: 11 },
        tickets: { all: 2, open: 1 },
      };
      const keys = [eva.key, `nobody@${tag}-test.de`];
      const { customers } = helpdesk;
      expect(await customers.lookUp("user", { keys }, { tickets: true, signal })).toEqual([record]);
      const byRow = await customers.lookUp("user", { rowIds: [11, 12] }, { tickets: false, signal });
      expect(byRow).toEqual([{ ...record, tickets: null }]);
      expect(await customers.lookUp("company", { rowIds: [11] }, { tickets: false, signal })).toEqual([]);
    });

    test("another instance's records and nobody's are found by key, not by row", async () => {
      await upsert(company(1));
      await byAgent(2);
      const other = contract.connect({ instance: `${tag}-b` });
      const keys = [`${tag}-1`, `${tag}-2`];
      const found = await other.customers.lookUp("company", { keys }, { tickets: false, signal });
      expect(Object.fromEntries(found.map(({ key, owner }) => [key, owner]))).toEqual({
        [`${tag}-1`]: { instance: tag, rowId: 1 },
        [`${tag}-2`]: null,
      });
      expect(await other.customers.lookUp("company", { rowIds: [1, 2] }, { tickets: false, signal })).toEqual([]);
    });

    test("lists ours, and nobody's among all", async () => {
      await upsert(company(1), company(2));
      await byAgent(3);
      const list = async (owner: "ours" | "unowned" | "any") =>
        keysOf((await Array.fromAsync(helpdesk.customers.list("company", owner, signal))).flat());
      const [one, two, three] = [1, 2, 3].map((rowId) => `${tag}-${rowId}`);
      expect(await list("ours")).toEqual([one, two]);
      const unowned = await list("unowned");
      expect(unowned).toContain(three);
      expect(unowned).not.toContain(one);
      expect(await list("any")).toEqual(expect.arrayContaining([one, two, three]));
    });

    test("a record that nobody owns is found, and adopted when that is asked for", async () => {
      await byAgent(1);
      const none = { owner: null, otherKey: null, keyNow: null };
      expect(await upsert(company(1))).toEqual([
        { outcome: "rejected", code: "found", reason: expect.any(String), ...none },
      ]);
      const fields = { CustomerCompanyCity: "Köln", CustomerCompanyStreet: "Ring 1" };
      const modes = { CustomerCompanyStreet: "create-only" } as const;
      const adoption = company(1, { kind: "adopt", expect: "unowned", fields, modes });
      expect(await upsert(adoption)).toEqual([
        { outcome: "adopted", changed: ["CustomerCompanyStreet", "CustomerCompanyCity"] },
      ]);
      expect(await upsert(adoption)).toMatchObject([{ code: "already-ours" }]);
      const later = { CustomerCompanyCity: "Bonn", CustomerCompanyStreet: "Weg 2" };
      expect(await upsert({ ...adoption, kind: "update", expect: "ours", fields: later })).toEqual([
        { outcome: "updated", changed: ["CustomerCompanyCity"] },
      ]);
    });

    test("a rename, and a record that an agent has renamed", async () => {
      await upsert(company(1), user(11));
      const update = { kind: "update", expect: "ours", fields: {} } as const;
      expect(await upsert(company(1, { ...update, newKey: `${tag}-n` }))).toEqual([
        { outcome: "updated", changed: ["Key"] },
      ]);
      const NewUserLogin = `neu@${tag}-test.de`;
      await contract.under.byHand([{ Do: "UserUpdate", UserLogin: user(11).key, NewUserLogin }]);
      expect(await upsert(user(11, update))).toMatchObject([{ code: "gone", keyNow: NewUserLogin }]);
      const [eva] = await helpdesk.customers.lookUp("user", { rowIds: [11] }, { tickets: false, signal });
      expect(eva).toMatchObject({ key: NewUserLogin, fields: { UserCustomerID: `${tag}-n` } });
    });

    test("who is in the way is told", async () => {
      await upsert(company(1), company(2), user(11));
      await byAgent(3);
      const update = { kind: "update", expect: "ours" } as const;
      const [name, stranger, key, address] = await upsert(
        company(2, { ...update, fields: { CustomerCompanyName: `Müller ${tag}-1 GmbH` } }),
        company(2, { ...update, fields: { CustomerCompanyName: `Frei ${tag}-3` } }),
        company(2, { ...update, newKey: `${tag}-1` }),
        user(12, { fields: { ...user(12).fields, UserEmail: user(11).key } }),
      );
      const ours = { otherKey: `${tag}-1`, owner: { instance: tag, rowId: 1 } };
      expect(name).toMatchObject({ code: "name-taken", ...ours });
      expect(stranger).toMatchObject({ code: "name-taken", otherKey: `${tag}-3`, owner: null });
      expect(key).toMatchObject({ code: "key-taken", ...ours });
      expect(address).toMatchObject({ code: "email-taken", otherKey: user(11).key, owner: { rowId: 11 } });
    });
  });
}
