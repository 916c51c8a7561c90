/** What is left when the helpdesk loses its database in the middle of a write: never a record without our mark. */
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
const moments = [1, 2, 3, "commit"].flatMap((Before) => kinds.map((kind) => ({ ...kind, Before })));

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

async function upsertBroken(Before: number | string, record: object): Promise<z.infer<typeof Broken>> {
  const Steps = [{ Do: "UpsertBroken", Before, Instance: tag, Records: [record] }];
  return Answer.parse(await caller.post("/KivitendoBridgeTest/Agent", { Steps })).Results[0];
}
