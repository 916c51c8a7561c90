/** What is left when the helpdesk loses its database in the middle of a write: never a record without our mark, never half a rename. */
import { beforeAll, expect, test } from "vitest";
import { z } from "zod";
import { Caller, freshTag, type HelpdeskUnderTest } from "../contracts/helpdesk-under-test.ts";
import type { Step } from "../../src/demo/helpdesk/index.ts";
import { connectZnuny } from "./real-znuny.ts";

const Broken = z.object({
  Broken: z.number(),
  Results: z.array(z.object({ Outcome: z.string() })).nullable(),
});
const Answer = z.object({ Results: z.tuple([Broken]) });
const Found = z.record(z.string(), z.unknown()).nullable();
const Tickets = z.object({ Ticket: z.array(z.object({ CustomerID: z.string(), CustomerUserID: z.string() })) });
const Records = z.object({
  Records: z.array(
    z.object({
      Key: z.string(),
      Fields: z.object({ UserCustomerID: z.string().optional() }),
      Companies: z.array(z.string()),
      Owner: z.unknown(),
    }),
  ),
});
const tag = freshTag();
let znuny: HelpdeskUnderTest;
let caller: Caller;

beforeAll(async () => {
  znuny = await connectZnuny();
  caller = await new Caller(znuny).logIn();
});

const company = (key: string): object => ({
  Type: "Company",
  Key: key,
  Fields: { CustomerCompanyName: `Bruch ${key}`, ValidID: 1 },
});
const user = (key: string): object => ({
  Type: "User",
  Key: key,
  Fields: {
    UserCustomerID: tag,
    UserFirstname: "Änne",
    UserLastname: "Bruch",
    UserEmail: `${key}@muster-test.de`,
    ValidID: 1,
  },
});
const kinds: { Kind: "Company" | "User"; record: (key: string) => object; get: (key: string) => Step }[] = [
  { Kind: "Company", record: company, get: (key) => ({ Do: "CompanyGet", CustomerID: key }) },
  { Kind: "User", record: user, get: (key) => ({ Do: "UserGet", UserLogin: key }) },
];
const moments = [1, 2, "commit"].flatMap((Before) => kinds.map((kind) => ({ ...kind, Before })));

test.each(moments)("$Kind, before $Before: told as created only what is there, and marked", async (moment) => {
  const { Kind, record, get, Before } = moment;
  const key = `${tag}-${Kind}-${Before}`.toLowerCase();
  const RowId = "77";
  const broken = await upsertBroken(Before, { ...record(key), RowId, Expect: "absent" });
  expect(broken.Broken).toBe(1);

  const [stored, mark] = await znuny.byHand([get(key), { Do: "MarkGet", Kind, Key: key }]);
  const isThere = Found.parse(stored) !== null;
  if (isThere) expect(mark).toEqual({ Instance: tag, RowId });
  else expect(broken.Results?.[0]?.Outcome).not.toBe("created");

  const again = await upsertBroken("never", { ...record(key), RowId, Expect: isThere ? "ours" : "absent" });
  expect(again.Results).toMatchObject([{ Outcome: isThere ? "unchanged" : "created" }]);
});

/** What tells the old key from the new one, wherever it stands. */
const renames = [1, 2, 3, 4, 5, 6, 8, 10, "commit"].flatMap((Before) => kinds.map(({ Kind }) => ({ Kind, Before })));

test.each(renames)(
  "$Kind renamed, before $Before: everything has the old key, or everything the new one",
  async (moment) => {
    const { Kind, Before } = moment;
    const base = `${tag}-r-${Kind}-${Before}`.toLowerCase();
    const [companyKey, login] = [`${base}-c`, `${base}-u`];
    const made = [
      { ...company(companyKey), RowId: "77", Expect: "absent" },
      { ...user(login), RowId: "78", Expect: "absent", Companies: [`${base}-x`] },
    ];
    await caller.post("/KivitendoBridge/Upsert", { Instance: tag, Records: made });
    const moveIn = { Type: "User", RowId: "78", Key: login, Expect: "ours", Fields: { UserCustomerID: companyKey } };
    await caller.post("/KivitendoBridge/Upsert", { Instance: tag, Records: [moveIn] });
    const [ticket] = await znuny.byHand([
      { Do: "TicketCreate", Title: base, CustomerID: companyKey, CustomerUser: login, Articles: [] },
      { Do: "MemberSet", UserLogin: login, CustomerID: companyKey, Active: 1 },
    ]);

    const [RowId, Key] = Kind === "Company" ? ["77", companyKey] : ["78", login];
    const NewKey = `${Key}-new`;
    const broken = await upsertBroken(Before, { Type: Kind, Key, RowId, Expect: "ours", NewKey, Fields: {} });
    expect(broken.Broken).toBe(1);

    const [at] = Tickets.parse(
      await caller.post("/TicketGet", { ...z.object({ TicketID: z.number() }).parse(ticket) }),
    ).Ticket;
    const carried = Kind === "Company" ? at?.CustomerID : at?.CustomerUserID;
    expect([Key, NewKey]).toContain(carried);
    if (broken.Results?.[0]?.Outcome === "updated") expect(carried).toBe(NewKey);
    const records = Records.parse(
      await caller.post("/KivitendoBridge/Records", { Instance: tag, Type: Kind, Keys: [Key, NewKey] }),
    ).Records;
    expect(records).toMatchObject([{ Key: carried, Owner: { Instance: tag, RowId } }]);
    const [person] = Records.parse(
      await caller.post("/KivitendoBridge/Records", { Instance: tag, Type: "User", RowIds: ["78"] }),
    ).Records.filter((found) => found.Key.startsWith(base));
    expect(person?.Fields["UserCustomerID"]).toBe(Kind === "Company" ? carried : companyKey);
    expect(person?.Companies).toEqual([Kind === "Company" ? carried : companyKey, `${base}-x`]);
    // what the helpdesk itself shows comes from its caches
    const [shownCompany, shownUser] = await znuny.byHand([
      { Do: "CompanyGet", CustomerID: person?.Fields["UserCustomerID"] ?? "" },
      { Do: "UserGet", UserLogin: person?.Key ?? "" },
    ]);
    expect(shownCompany).toMatchObject({ CustomerID: person?.Fields["UserCustomerID"] });
    expect(shownUser).toMatchObject({ UserLogin: person?.Key, UserCustomerID: person?.Fields["UserCustomerID"] });
  },
);

async function upsertBroken(Before: number | string, record: object): Promise<z.infer<typeof Broken>> {
  const Steps = [{ Do: "UpsertBroken", Before, Instance: tag, Records: [record] }];
  return Answer.parse(await caller.post("/KivitendoBridgeTest/Agent", { Steps })).Results[0];
}
