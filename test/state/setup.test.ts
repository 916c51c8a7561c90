import { execFile } from "node:child_process";
import { createHash, createHmac, pbkdf2Sync } from "node:crypto";
import { readFile } from "node:fs/promises";
import { promisify } from "node:util";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { neededColumns } from "../../src/kivitendo/index.ts";
import { ConfigError } from "../../src/model/index.ts";
import { readMigrations } from "../../src/state/migrations.ts";
import { printSetup } from "../../src/state/index.ts";
import { removeBridge, setUpBridge, setupTarget } from "../support/bridge-setup.ts";
import { objectsAndRights, rowVersions, setupCatalog } from "../support/catalog.ts";
import { createEmptyDatabase, createKivitendoDatabase, type TestDatabase, withClient } from "../support/database.ts";

let database: TestDatabase;
afterEach(() => database.drop());

async function asSuperuser<T extends object>(query: string): Promise<T[]> {
  return withClient(database.url, async (client) => (await client.query<T>(query)).rows);
}

/** Leaves out the role's line, whose comment tells who created it. */
function withoutRole(lines: string[]): string[] {
  return lines.filter((line) => !line.startsWith("role "));
}

/** The error of a refused set-up, and that it left nothing behind. */
async function refusal(options: Parameters<typeof setUpBridge>[1] = {}): Promise<ConfigError> {
  const before = await withClient(database.url, objectsAndRights);
  const error: unknown = await setUpBridge(database, options).then(
    () => null,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(ConfigError);
  expect(await withClient(database.url, objectsAndRights)).toEqual(before);
  return error as ConfigError;
}

/** psql as a DBA would use it; without psql on this machine the same text goes through the driver. */
async function runPrinted(target: TestDatabase): Promise<string> {
  const sql = printSetup(setupTarget(target));
  try {
    const running = promisify(execFile)("psql", ["-X", "-q", "-v", "ON_ERROR_STOP=1", "-d", target.url, "-f", "-"]);
    running.child.stdin?.end(sql);
    const { stdout, stderr } = await running;
    return stdout + stderr;
  } catch (error) {
    if ((error as { code?: unknown }).code !== "ENOENT") throw error;
    console.log("psql is not on this machine: the printed SQL went through the driver instead");
    await withClient(target.url, (client) => client.query(sql));
    return "";
  }
}

describe("setup", () => {
  beforeEach(async () => {
    database = await createKivitendoDatabase("4.1.0");
  });

  test("says what it did, and the second time leaves no trace", async () => {
    expect(await setUpBridge(database)).toEqual([
      "schema otrs_bridge created.",
      ...readMigrations().map(({ name }) => `migration ${name} applied.`),
      "views public.otrs_customer_contacts and otrs_bridge.companies installed.",
      `rights of role "${database.bridgeRole}" set.`,
      "state bound to this database.",
    ]);
    const before = await withClient(database.url, (client) => rowVersions(client, database));
    expect(before.length).toBeGreaterThan(1000);
    expect(await setUpBridge(database)).toEqual(["Nothing to do: the database is set up."]);
    expect(await setUpBridge(database, { url: database.ownerUrl })).toEqual(["Nothing to do: the database is set up."]);
    expect(await withClient(database.url, (client) => rowVersions(client, database))).toEqual(before);
  });

  test("works as the owner of kivitendo's tables once the role exists, and gives the same", async () => {
    await setUpBridge(database);
    const asSuper = await withClient(database.url, (client) => setupCatalog(client, database));
    const other = await createKivitendoDatabase("4.1.0");
    try {
      await withClient(other.url, (client) =>
        client.query(`create role ${other.bridgeRole} login password '${other.bridgePassword}'`),
      );
      await setUpBridge(other, { url: other.ownerUrl });
      const asOwner = await withClient(other.url, (client) => setupCatalog(client, other));
      expect(withoutRole(asOwner)).toEqual(withoutRole(asSuper));
    } finally {
      await other.drop();
    }
  });

  test("puts right what somebody changed: a right too many, one too few, another view definition", async () => {
    await setUpBridge(database);
    const before = await withClient(database.url, (client) => setupCatalog(client, database));
    await withClient(database.ownerUrl, async (owner) => {
      await owner.query(`grant update on public.ar to ${database.bridgeRole}`);
      await owner.query(`grant delete on otrs_bridge.ledger to ${database.bridgeRole}`);
      await owner.query(`revoke insert on public.drafts from ${database.bridgeRole}`);
      await owner.query("grant execute on function otrs_bridge.contact_rows() to public");
    });
    expect(await setUpBridge(database)).toEqual([
      "views public.otrs_customer_contacts and otrs_bridge.companies installed.",
      `rights of role "${database.bridgeRole}" set.`,
    ]);
    expect(await withClient(database.url, (client) => setupCatalog(client, database))).toEqual(before);
  });

  test("takes the rights from the role that was the bridge's before", async () => {
    await setUpBridge(database);
    const before = await withClient(database.url, (client) => setupCatalog(client, database));
    await setUpBridge(database, { bridgeRole: `${database.name}_second` });
    const first = await withClient(database.url, (client) => setupCatalog(client, database));
    expect(first.filter((line) => line.startsWith("right ") && line.includes("BRIDGE"))).toEqual([]);
    await setUpBridge(database);
    expect(await withClient(database.url, (client) => setupCatalog(client, database))).toEqual(before);
  });

  test("opens what somebody closed to everybody, for the bridge alone, and --remove closes it again", async () => {
    await asSuperuser(`revoke connect on database ${database.name} from public`);
    await asSuperuser("revoke usage on schema public from public");
    const before = await withClient(database.url, objectsAndRights);
    await setUpBridge(database);
    const rows = await withClient(
      database.bridgeUrl,
      async (client) => (await client.query("select from public.otrs_customer_contacts")).rowCount,
    );
    expect(rows).toBe(14);
    expect(await setUpBridge(database)).toEqual(["Nothing to do: the database is set up."]);
    await removeBridge(database);
    expect(await withClient(database.url, objectsAndRights)).toEqual(before);
  });

  test("gives the server a SCRAM verifier instead of the password", async () => {
    const bridgePassword = "Äpfel & 'Birnen' \"$x\"";
    expect(printSetup(setupTarget(database, { bridgePassword }))).not.toContain("pfel");
    await setUpBridge(database, { bridgePassword });
    const [role] = await asSuperuser<{ rolpassword: string }>(
      `select rolpassword from pg_authid where rolname = '${database.bridgeRole}'`,
    );
    expect(role?.rolpassword).toMatch(/^SCRAM-SHA-256\$4096:/);
    const [, salt = "", stored] = /^SCRAM-SHA-256\$4096:([^$]+)\$([^:]+):/.exec(role?.rolpassword ?? "") ?? [];
    const salted = pbkdf2Sync(bridgePassword, Buffer.from(salt, "base64"), 4096, 32, "sha256");
    const clientKey = createHmac("sha256", salted).update("Client Key").digest();
    expect(createHash("sha256").update(clientKey).digest("base64")).toBe(stored);
  });

  test("refuses a role that does not exist when it may not create one, with the command", async () => {
    const error = await refusal({ url: database.ownerUrl });
    expect(error.message).toContain(`"${database.bridgeRole}" does not exist`);
    expect(error.hint).toContain("setup --print");
  });

  test("refuses an account that does not own kivitendo's tables", async () => {
    await asSuperuser(`create role ${database.bridgeRole} login password '${database.bridgePassword}'`);
    const error = await refusal({ url: database.bridgeUrl });
    expect(error.message).toContain(`belong to role "${database.ownerRole}"`);
    expect(error.hint).toContain("kivitendo.adminUrl");
  });

  test("refuses a bridge role that may do everything: the owner, a superuser", async () => {
    expect((await refusal({ bridgeRole: database.ownerRole })).message).toContain("may do more");
    expect((await refusal({ bridgeRole: "postgres" })).message).toContain("it is a superuser");
  });

  test("refuses a database that is newer than the program, and a changed migration", async () => {
    await setUpBridge(database);
    await asSuperuser(
      "insert into otrs_bridge.schema_migrations (number, name, checksum) values (1000, '1000_new', 'x')",
    );
    expect((await refusal()).message).toMatch(/newer than this program.*1000_new/);
    await asSuperuser("delete from otrs_bridge.schema_migrations where number = 1000");
    await asSuperuser("update otrs_bridge.schema_migrations set checksum = 'other' where number = 1");
    expect((await refusal()).message).toMatch(/0001_create_state.*other contents/);
  });

  test("refuses a kivitendo whose columns are missing, by name and release", async () => {
    await asSuperuser("alter table public.customer drop column gln");
    await asSuperuser("drop table public.customer_contacts");
    const { message } = await refusal();
    expect(message).toContain("release 4.1.0");
    expect(message).toContain("customer.gln");
    expect(message).toContain("customer_contacts.contact_id or contacts.cp_cv_id");
  });

  test("the printed SQL refuses missing columns as well", async () => {
    await asSuperuser("alter table public.customer drop column gln");
    await expect(asSuperuser(printSetup(setupTarget(database)))).rejects.toThrow(/customer\.gln/);
  });

  test("refuses tables of several owners", async () => {
    await asSuperuser("alter table public.parts owner to postgres");
    expect((await refusal()).message).toContain("several roles");
  });

  test.each([
    ["a table", "create table public.otrs_customer_contacts (cp_email text, customernumber text)"],
    ["a view of another meaning", "create view public.otrs_customer_contacts as select name from public.parts_x"],
  ])("refuses %s under the view's name", async (_what, statement) => {
    await asSuperuser("create table public.parts_x (name text)");
    await asSuperuser(statement);
    expect((await refusal()).message).toContain("not a view over kivitendo's contacts and customers");
    await expect(asSuperuser(printSetup(setupTarget(database)))).rejects.toThrow(/not a view over/);
  });
});

describe("setup --print", () => {
  beforeEach(async () => {
    database = await createKivitendoDatabase("4.1.0");
  });

  test("gives the same as setup, quietly, and nothing more the second time", async () => {
    await setUpBridge(database);
    const bySetup = await withClient(database.url, (client) => setupCatalog(client, database));
    const other = await createKivitendoDatabase("4.1.0");
    try {
      expect(await runPrinted(other)).toBe("");
      const byPrint = await withClient(other.url, (client) => setupCatalog(client, other));
      expect(byPrint).toEqual(bySetup);
      expect(await setUpBridge(other)).toEqual(["Nothing to do: the database is set up."]);
      expect(await runPrinted(other)).toBe("");
      expect(await withClient(other.url, (client) => setupCatalog(client, other))).toEqual(bySetup);
    } finally {
      await other.drop();
    }
  });

  test("needs no database, and quotes the role's name", () => {
    const sql = printSetup({ bridgeRole: `o'dd "role"`, bridgePassword: null, instance: "main", neededColumns });
    expect(sql).toContain(`create role "o'dd ""role""" login ;`);
    expect(sql).toContain(`rolname = 'o''dd "role"'`);
    expect(sql).not.toMatch(/(?<!:):["']?(bridge_role|bridge_password|instance|needed|view_kind)/);
    expect(() => printSetup({ bridgeRole: "a$role$b", bridgePassword: null, instance: "", neededColumns })).toThrow(
      ConfigError,
    );
  });
});

test("a database without kivitendo is refused", async () => {
  database = await createEmptyDatabase();
  expect((await refusal()).message).toContain("not the database of a kivitendo client");
});

test("every migration is frozen: its checksum stands in released.sha256", async () => {
  database = await createEmptyDatabase();
  const text = await readFile(new URL("../../sql/migrations/released.sha256", import.meta.url), "utf8");
  expect(text).toBe(
    readMigrations()
      .map(({ checksum, name }) => `${checksum}  ${name}.sql\n`)
      .join(""),
  );
});
