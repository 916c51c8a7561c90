import { expect, test } from "vitest";
import { BugError } from "../../src/model/index.ts";
import { answer, client, infoRoute, json, recordsRoute, scripted } from "./scripted-server.ts";
import type { Seen, Step } from "./scripted-server.ts";

const signal = new AbortController().signal;
const eva = {
  Key: "eva@mueller-test.de",
  Fields: { UserCustomerID: 10001, UserFirstname: "Eva", UserPhone: null, ValidID: "3" },
  DynamicFields: { VATNumber: "DE1", Colours: ["red", "blue"] },
  Companies: ["10002", 10003],
  Owner: { Instance: "main", RowId: "1501" },
  Tickets: { All: "12", Open: 3 },
};
const stranger = { Key: 10001, Fields: {}, DynamicFields: {}, Companies: [], Owner: null };

test("records under keys, with their tickets, whatever Perl makes of numbers", async () => {
  const server = await scripted({ [recordsRoute]: answer({ Records: [eva, stranger], Next: "" }) });
  const keys = ["eva@mueller-test.de", "10001", "10001"];
  expect(await client(server.url).customers.lookUp("user", { keys }, { tickets: true, signal })).toEqual([
    {
      key: "eva@mueller-test.de",
      fields: { UserCustomerID: "10001", UserFirstname: "Eva", UserPhone: "" },
      validId: 3,
      dynamicFields: { VATNumber: "DE1", Colours: "red, blue" },
      companies: ["10002", "10003"],
      owner: { instance: "main", rowId: 1501 },
      tickets: { all: 12, open: 3 },
    },
    { key: "10001", fields: {}, validId: 1, dynamicFields: {}, companies: [], owner: null, tickets: null },
  ]);
  expect(server.at(recordsRoute)[0]?.body).toEqual({
    SessionID: "session-1",
    Instance: "main",
    Type: "User",
    Keys: ["eva@mueller-test.de", "10001"],
    Tickets: 1,
  });
});

test("many row ids go in requests of a thousand, two at once, and nothing is asked for nothing", async () => {
  const pending = { now: 0, most: 0 };
  const server = await scripted({
    [recordsRoute]: (seen, response) => {
      pending.most = Math.max(pending.most, ++pending.now);
      setTimeout(() => {
        pending.now -= 1;
        const ids = seen.body["RowIds"] as string[];
        json(response, { Records: ids.slice(0, 2).map((id) => ({ ...stranger, Key: `k${id}` })), Next: "" });
      }, 20);
    },
  });
  const helpdesk = client(server.url);
  const rowIds = Array.from({ length: 2500 }, (_, index) => index + 1);
  const found = await helpdesk.customers.lookUp("company", { rowIds }, { tickets: false, signal });
  expect(found.map(({ key }) => key)).toEqual(["k1", "k2", "k1001", "k1002", "k2001", "k2002"]);
  expect(server.at(recordsRoute).map((seen) => (seen.body["RowIds"] as string[]).length)).toEqual([1000, 1000, 500]);
  expect(server.at(recordsRoute)[0]?.body).not.toHaveProperty("Tickets");
  expect(pending.most).toBe(2);
  expect(await helpdesk.customers.lookUp("user", { keys: [] }, { tickets: true, signal })).toEqual([]);
  expect(server.at(recordsRoute)).toHaveLength(3);
});

test("all records come page by page, empty pages left out", async () => {
  const server = await scripted({ [recordsRoute]: [page("a", "b"), page(), page("c")].map(followed) });
  const pages = await Array.fromAsync(client(server.url).customers.list("company", "unowned", signal));
  expect(pages.map((records) => records.map(({ key }) => key))).toEqual([["a", "b"], ["c"]]);
  expect(server.at(recordsRoute).map(({ body }) => body["After"])).toEqual(["", "next-0", "next-1"]);
  expect(server.at(recordsRoute)[0]?.body).toMatchObject({ Type: "Company", Limit: 1000, Owner: "unowned" });
});

test("the signal ends the list before the next page", async () => {
  const controller = new AbortController();
  const server = await scripted({ [recordsRoute]: answer({ Records: [eva], Next: "x" }) });
  const list = client(server.url).customers.list("user", "any", controller.signal);
  const reading = async (): Promise<void> => {
    for await (const records of list) if (records.length > 0) controller.abort(new Error("SIGTERM"));
  };
  await expect(reading()).rejects.toThrow("SIGTERM");
  expect(server.at(recordsRoute)).toHaveLength(1);
});

test("a list that does not go on is a fault, not an endless loop", async () => {
  const server = await scripted({ [recordsRoute]: answer({ Records: [eva], Next: "x" }) });
  const reading = Array.fromAsync(client(server.url).customers.list("user", "any", signal));
  await expect(reading).rejects.toThrow(BugError);
  expect(server.at(recordsRoute)).toHaveLength(2);
});

test("what the helpdesk can store, without asking twice", async () => {
  const server = await scripted();
  const { customers } = client(server.url);
  await customers.identify();
  expect(await customers.describe()).toEqual({
    fields: { company: ["CustomerID", "CustomerCompanyName"], user: ["UserLogin", "UserFirstname"] },
    dynamicFields: { company: [{ name: "VATNumber", type: "Text" }], user: [] },
    countries: ["Austria", "Germany"],
    marks: true,
    additionalCompanies: true,
  });
  expect(server.at(infoRoute)).toHaveLength(1);
});

function page(...keys: string[]): object[] {
  return keys.map((Key) => ({ ...stranger, Key }));
}

/** The page of this number; three in all. */
function followed(Records: object[], index: number): Step {
  return (_: Seen, response) => json(response, { Records, Next: index < 2 ? `next-${index}` : "" });
}
