/**
 * The read-only way in the real helpdesk: `customers sync` keeps the tables, the part that `helpdesk backend-config`
 * prints goes into the helpdesk's configuration, and its own classes are asked.
 */
import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { stringify } from "yaml";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import { Caller, freshTag } from "../contracts/helpdesk-under-test.ts";
import { setUpBridge } from "../support/bridge-setup.ts";
import { createKivitendoDatabase, withClient, type TestDatabase } from "../support/database.ts";
import { contactCount, fillCompany, firstContact, loginOf } from "./company.ts";
import { connectZnuny } from "./real-znuny.ts";

const executable = fileURLToPath(new URL("../../bin/kivi-otrs", import.meta.url));
const tag = freshTag();
const fillers = 20_000;

const Answer = z.object({
  Result: z.unknown(),
  Error: z.string().nullable(),
  Seconds: z.number(),
  Statements: z.array(z.object({ SQL: z.string(), Plan: z.string().nullable() })),
});
type Answer = z.infer<typeof Answer>;
const Place = z.object({ Host: z.string(), Port: z.coerce.number() });

interface Question {
  readonly Object: "CustomerUser" | "CustomerCompany";
  readonly Method: string;
  readonly Param: object;
  readonly As: "hash" | "scalar";
}

let caller: Caller;
let database: TestDatabase;
let reader: string;
let directory: string;
let place: z.infer<typeof Place>;
let printed: string;

beforeAll(async () => {
  caller = await new Caller(await connectZnuny()).logIn();
  database = await createKivitendoDatabase("4.1.0");
  reader = `${database.name}_reader`;
  await fillCompany(database, tag);
  await withClient(database.url, (client) => client.query(`create role ${reader} login password 'reader'`));
  await setUpBridge(database, { instance: tag, readerRole: reader });
  directory = await mkdtemp(join(tmpdir(), "kivi-otrs-read-only-"));
  await writeFile(join(directory, "password"), "it's\n");
  await writeFile(
    join(directory, "bridge.yaml"),
    stringify({
      instance: tag,
      kivitendo: { databaseUrl: database.bridgeUrl },
      helpdesk: { url: "http://127.0.0.1:1/nowhere", userLogin: "nobody", password: "nothing" },
      customers: { way: "read-only", readerRole: reader },
    }),
  );
  await kivi("customers", "sync");
  place = Place.parse(await source("Create", { Name: database.name, SQL: await copyOfTheTables() }));
  printed = await backendConfig("--database-port", String(place.Port));
});

afterAll(async () => {
  await source("Drop", { Name: database.name, Role: reader });
  await database.drop();
  await rm(directory, { recursive: true });
});

async function kivi(...words: string[]): Promise<string> {
  const { stdout } = await promisify(execFile)(executable, [...words, "--config", join(directory, "bridge.yaml")]);
  return stdout;
}

/** A cache of zero seconds, so that one question does not answer the next. */
function backendConfig(...words: string[]): Promise<string> {
  return kivi(
    "helpdesk",
    "backend-config",
    "--database-host",
    place.Host,
    "--password-file",
    join(directory, "password"),
    "--cache-seconds",
    "0",
    ...words,
  );
}

async function source(call: string, given: object): Promise<unknown> {
  const answer = await caller.post("/KivitendoBridgeTest/Agent", { Steps: [{ Do: "Source", Call: call, ...given }] });
  const results = z.object({ Results: z.tuple([z.unknown()]) }).safeParse(answer);
  if (!results.success) throw new Error(`by hand: ${JSON.stringify(answer)}`);
  return results.data.Results[0];
}

/** The tables as the migration makes them, the rows as the sync wrote them, the rights as setup gives them; and many more rows. */
async function copyOfTheTables(): Promise<string[]> {
  const file = (name: string): Promise<string> => readFile(new URL(`../../sql/${name}`, import.meta.url), "utf8");
  const rows = await withClient(database.url, async (client) => {
    const { rows: found } = await client.query<{ companies: string; users: string }>(`
      select (select jsonb_agg(c) from otrs_bridge.helpdesk_companies c)::text as companies,
             (select jsonb_agg(u) from otrs_bridge.helpdesk_users u)::text as users`);
    return found[0];
  });
  if (rows === undefined) throw new Error("no tables");
  const copy = (table: string, json: string): string =>
    `insert into ${table} select * from jsonb_populate_recordset(null::${table}, $json$${json}$json$)`;
  return [
    `create role ${reader} login password 'it''s'`,
    "create table public.customer ()",
    "create schema otrs_bridge",
    "create table otrs_bridge.installation (bridge_role text)",
    "insert into otrs_bridge.installation values ('bridge')",
    await file("migrations/0003_read_only_source.sql"),
    (await file("reader.sql")).replace(":reader_role", `'${reader}'`),
    copy("otrs_bridge.helpdesk_companies", rows.companies),
    copy("otrs_bridge.helpdesk_users", rows.users),
    `insert into otrs_bridge.helpdesk_companies
     select n, 'F-' || n, 'Füllwerk ' || n || ' GmbH', '', '', 'Köln', 'Deutschland', '', 1, md5(n::text)
       from generate_series(1000001, 1000000 + ${fillers}) n`,
    `insert into otrs_bridge.helpdesk_users
     select n, n, 'fill' || n || '@fuell-test.de', 'F-' || n, '', 'Jörg ' || n, 'Füll ' || n, 'fill' || n || '@fuell-test.de',
            '', '', 1, md5(n::text)
       from generate_series(1000001, 1000000 + ${fillers}) n`,
    "analyze",
  ];
}

async function ask(questions: readonly Question[], perl = printed): Promise<Answer[]> {
  return z.array(Answer).parse(await source("Ask", { Perl: perl, Ask: questions }));
}

async function askOne(
  Object: Question["Object"],
  Method: string,
  Param: object,
  As: "hash" | "scalar" = "hash",
): Promise<Answer> {
  const [answer] = await ask([{ Object, Method, Param, As }]);
  if (answer === undefined) throw new Error("no answer");
  return answer;
}

describe("the helpdesk finds", () => {
  test("a user with all fields, umlauts and the name of the customer, whatever the case of the login", async () => {
    const { Result } = await askOne("CustomerUser", "CustomerUserDataGet", { User: loginOf(tag, 10).toUpperCase() });
    expect(Result).toMatchObject({
      UserLogin: loginOf(tag, 10),
      UserTitle: "Dr.",
      UserFirstname: "Änne 10",
      UserLastname: "Müller-Lüdenscheidt",
      UserEmail: loginOf(tag, 10),
      UserCustomerID: `${tag}-10`,
      UserPhone: "+49 221 10",
      UserMobile: "+49 171 10",
      CustomerCompanyName: `Straßenwerk Größe 10 ${tag}`,
      Source: "CustomerUser2",
    });
    expect(Result).not.toHaveProperty("UserPassword");
  });

  test("a company with all fields", async () => {
    expect((await askOne("CustomerCompany", "CustomerCompanyGet", { CustomerID: `${tag}-7` })).Result).toMatchObject({
      CustomerID: `${tag}-7`,
      CustomerCompanyName: `Straßenwerk Größe 7 ${tag}`,
      CustomerCompanyStreet: "Ährenweg 7",
      CustomerCompanyZIP: "00007",
      CustomerCompanyCity: "Köln",
      CustomerCompanyURL: `https://${tag}7.muster-test.de`,
      ValidID: 1,
      Source: "CustomerCompany2",
    });
  });

  test.each([
    { what: "by e-mail, as for an incoming mail", Param: { PostMasterSearch: loginOf(tag, 3).toUpperCase() } },
    { what: "by words out of the middle", Param: { Search: `*nne3.${tag}*` } },
    { what: "by the customer's number and a name", Param: { Search: `${tag}-3+müller` } },
  ])("a user $what", async ({ Param }) => {
    const { Result, Error } = await askOne("CustomerUser", "CustomerSearch", Param);
    expect(Error).toBeNull();
    expect(z.record(z.string(), z.string()).parse(Result)[loginOf(tag, 3)]).toBe(
      `"Änne 3 Müller-Lüdenscheidt" <${loginOf(tag, 3)}>`,
    );
  });

  test("all users of a customer, and companies by name", async () => {
    const [users, companies] = await ask([
      { Object: "CustomerUser", Method: "CustomerSearch", Param: { CustomerIDRaw: `${tag}-1` }, As: "hash" },
      { Object: "CustomerCompany", Method: "CustomerCompanyList", Param: { Search: `größe 299 ${tag}` }, As: "hash" },
    ]);
    expect(Object.keys(z.object({}).loose().parse(users?.Result))).toContain(loginOf(tag, 1));
    expect(companies?.Result).toEqual({ [`${tag}-299`]: `${tag}-299 Straßenwerk Größe 299 ${tag}` });
  });

  test("its own customers as before", async () => {
    const own = `stock-${tag}`;
    const fields = { UserFirstname: "Eigen", UserLastname: "Bestand", UserEmail: `${own}@muster-test.de` };
    const [added, found] = await ask([
      {
        Object: "CustomerUser",
        Method: "CustomerUserAdd",
        Param: { Source: "CustomerUser", UserLogin: own, UserCustomerID: own, ...fields, ValidID: 1, UserID: 1 },
        As: "scalar",
      },
      { Object: "CustomerUser", Method: "CustomerUserDataGet", Param: { User: own }, As: "hash" },
    ]);
    expect(added?.Result).toBe(own);
    expect(found?.Result).toMatchObject({ UserLogin: own, Source: "CustomerUser" });
  });
});

describe("the helpdesk cannot", () => {
  test.each([
    {
      what: "change a user",
      Method: "CustomerUserUpdate",
      Param: { ID: loginOf(tag, 4), UserLogin: loginOf(tag, 4), UserFirstname: "X", UserLastname: "Y", ValidID: 1 },
    },
    {
      what: "give a user a password",
      Method: "SetPassword",
      Param: { UserLogin: loginOf(tag, 4), PW: "secret" },
    },
  ])("$what", async ({ Method, Param }) => {
    const { Result, Error } = await askOne("CustomerUser", Method, { ...Param, UserID: 1 }, "scalar");
    expect(Result ?? null).toBeNull();
    expect(Error).toMatch(/read only/);
  });

  // Znuny 6.5.1 heeds ReadOnly for users only; what keeps companies as they are is the role's rights.
  test("change a company", async () => {
    const key = `${tag}-4`;
    const Param = { CustomerCompanyID: key, CustomerID: key, CustomerCompanyName: "X", ValidID: 1, UserID: 1 };
    const { Result, Error } = await askOne("CustomerCompany", "CustomerCompanyUpdate", Param, "scalar");
    expect(Result ?? null).toBeNull();
    expect(Error).toMatch(/read only|permission denied/);
    expect((await askOne("CustomerCompany", "CustomerCompanyGet", { CustomerID: key })).Result).toMatchObject({
      CustomerCompanyName: `Straßenwerk Größe 4 ${tag}`,
    });
  });

  test("see who became invalid, unless it asks for them", async () => {
    const login = loginOf(tag, 5);
    const row = firstContact + 4;
    await source("Execute", {
      Name: database.name,
      SQL: [`update otrs_bridge.helpdesk_users set valid_id = 2 where row_id = ${row}`],
    });
    const [valid, all] = await ask([
      { Object: "CustomerUser", Method: "CustomerSearch", Param: { PostMasterSearch: login }, As: "hash" },
      { Object: "CustomerUser", Method: "CustomerSearch", Param: { PostMasterSearch: login, Valid: 0 }, As: "hash" },
    ]);
    expect(valid?.Result).toEqual({});
    expect(Object.keys(z.object({}).loose().parse(all?.Result))).toEqual([login]);
  });
});

test("each look-up takes an index, among more than 20 000 rows", async () => {
  const user = loginOf(tag, 6);
  const answers = await ask([
    { Object: "CustomerUser", Method: "CustomerUserDataGet", Param: { User: user }, As: "hash" },
    { Object: "CustomerUser", Method: "CustomerName", Param: { UserLogin: user }, As: "scalar" },
    { Object: "CustomerUser", Method: "CustomerIDs", Param: { User: user }, As: "scalar" },
    { Object: "CustomerUser", Method: "CustomerSearch", Param: { PostMasterSearch: user }, As: "hash" },
    { Object: "CustomerUser", Method: "CustomerSearch", Param: { CustomerIDRaw: `${tag}-6` }, As: "hash" },
    { Object: "CustomerUser", Method: "CustomerSearch", Param: { CustomerID: `${tag}-6` }, As: "hash" },
    { Object: "CustomerCompany", Method: "CustomerCompanyGet", Param: { CustomerID: `${tag}-6` }, As: "hash" },
  ]);
  expect(answers.filter(({ Result }) => Result === null)).toEqual([]);
  for (const { Statements } of answers) {
    expect(Statements).not.toEqual([]);
    for (const { SQL, Plan } of Statements) {
      expect(Plan, SQL).toMatch(/Index (Only )?Scan/);
      expect(Plan, SQL).not.toMatch(/Seq Scan/);
    }
  }
});

test("a search by words reads the table, in far less than a second", async () => {
  const [answer] = await ask([
    { Object: "CustomerUser", Method: "CustomerSearch", Param: { Search: `nne9.${tag}` }, As: "hash" },
  ]);
  expect(Object.keys(z.object({}).loose().parse(answer?.Result))).toEqual([loginOf(tag, 9)]);
  console.log(`a search among ${fillers + contactCount} users: ${answer?.Seconds} s`);
  expect(answer?.Seconds).toBeLessThan(1);
});

test("a database out of reach hides its customers, and nothing else", async () => {
  const unreachable = await backendConfig("--database-port", "1");
  const [foreign, own] = await ask(
    [
      { Object: "CustomerUser", Method: "CustomerUserDataGet", Param: { User: loginOf(tag, 8) }, As: "hash" },
      { Object: "CustomerUser", Method: "CustomerUserDataGet", Param: { User: `stock-${tag}` }, As: "hash" },
    ],
    unreachable,
  );
  expect(foreign?.Result).toEqual({});
  expect(foreign?.Error).toMatch(/connect|Connection/i);
  expect(own?.Result).toMatchObject({ UserLogin: `stock-${tag}` });
});

test("everybody was copied: the tables hold what kivitendo has", async () => {
  const [first, last] = await ask([
    { Object: "CustomerUser", Method: "CustomerUserDataGet", Param: { User: loginOf(tag, 1) }, As: "hash" },
    { Object: "CustomerUser", Method: "CustomerUserDataGet", Param: { User: loginOf(tag, contactCount) }, As: "hash" },
  ]);
  expect([first?.Result, last?.Result]).toMatchObject([
    { UserFirstname: "Änne 1" },
    { UserFirstname: `Änne ${contactCount}` },
  ]);
});
