/** The role that a helpdesk reads the tables of its read-only source with. */
import { afterEach, beforeEach, expect, test } from "vitest";
import { ConfigError } from "../../src/model/index.ts";
import { removeBridge, setUpBridge } from "../support/bridge-setup.ts";
import { createKivitendoDatabase, type TestDatabase, withClient } from "../support/database.ts";

let database: TestDatabase;
let reader: string;
beforeEach(async () => {
  database = await createKivitendoDatabase("4.1.0");
  reader = `${database.name}_reader`;
  await admin(`create role ${reader} login password 'reader'`);
});
afterEach(() => database.drop());

async function admin(sql: string): Promise<void> {
  await withClient(database.url, (client) => client.query(sql));
}

/** What happens to each statement when the reader runs it. */
async function asReader(...statements: string[]): Promise<string[]> {
  const url = database.bridgeUrl.replace(`${database.bridgeRole}:bridge@`, `${reader}:reader@`);
  return withClient(url, async (client) => {
    const answers: string[] = [];
    for (const statement of statements) {
      answers.push(
        await client.query(statement).then(
          () => "allowed",
          (error: { code?: unknown }) => String(error.code),
        ),
      );
    }
    return answers;
  });
}

const reads = ["select * from otrs_bridge.helpdesk_users", "select * from otrs_bridge.helpdesk_companies"];
const denied = "42501";

test("may read the two tables and nothing else", async () => {
  expect(await setUpBridge(database, { readerRole: reader })).toContain(`rights of role "${reader}" set.`);
  expect(await asReader(...reads)).toEqual(["allowed", "allowed"]);
  const others = [
    "update otrs_bridge.helpdesk_users set email = ''",
    "insert into otrs_bridge.helpdesk_companies default values",
    "delete from otrs_bridge.helpdesk_users",
    "select * from otrs_bridge.links",
    "select * from otrs_bridge.companies",
    "select * from otrs_bridge.identity",
    "select * from otrs_bridge.contact_rows()",
    "select * from public.otrs_customer_contacts",
    "select * from public.customer",
    "select * from public.contacts",
    "create table otrs_bridge.x ()",
  ];
  expect(await asReader(...others)).toEqual(others.map(() => denied));
});

test("a second setup changes nothing, another role takes the rights over, none takes them away", async () => {
  await setUpBridge(database, { readerRole: reader });
  expect(await setUpBridge(database, { readerRole: reader })).toEqual(["Nothing to do: the database is set up."]);

  const other = `${database.name}_other`;
  await admin(`create role ${other} login password 'reader'`);
  await setUpBridge(database, { readerRole: other });
  expect(await asReader(...reads)).toEqual([denied, denied]);
  await setUpBridge(database, { readerRole: reader });
  expect(await asReader(...reads)).toEqual(["allowed", "allowed"]);
  expect(await setUpBridge(database)).toEqual(["rights of the helpdesk's role taken away."]);
  expect(await asReader(...reads)).toEqual([denied, denied]);
});

test("a role that is not there, or the bridge's own, is a mistake that setup tells", async () => {
  await expect(setUpBridge(database, { readerRole: `${reader}_typo` })).rejects.toThrow(
    /The role ".*_typo" in customers.readerRole does not exist/,
  );
  await expect(setUpBridge(database, { readerRole: database.bridgeRole })).rejects.toThrow(ConfigError);
});

test("setup --remove leaves the role without rights, so that it can be dropped", async () => {
  await setUpBridge(database, { readerRole: reader });
  await removeBridge(database);
  await admin(`drop role ${reader}`);
});
