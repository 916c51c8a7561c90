/** customers.way read-only on the command line, and the part of the helpdesk's configuration that goes with it. */
import { execFile } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { parse, stringify } from "yaml";
import { z } from "zod";
import { createWorld, type World } from "../support/bridge.ts";
import { documentOf, failureOf, inWorld, kiviOtrs, type Said } from "./kivi-otrs.ts";

const run = promisify(execFile);

let world: World;
let role: string;
beforeAll(async () => {
  world = await createWorld();
  role = `${world.database.name}_reader`;
  await world.admin.query(`create role ${role} login password 'reader'`);
});
afterAll(() => world.end());

function kivi(line: string, customers: Record<string, unknown> = {}): Promise<Said> {
  return inWorld(world, line.split(" "), { customers: { way: "read-only", ...customers } });
}

describe("customers", () => {
  test("plan and sync keep the tables, and never call the helpdesk", async () => {
    world.requests.length = 0;
    const planned = documentOf("customers read-only", await kivi("customers plan --json"));
    expect(planned.customers).toMatchObject({ created: 7, rejected: 0 });
    expect(await world.admin.query("select from otrs_bridge.helpdesk_users")).toEqual([]);
    expect(documentOf("customers read-only", await kivi("customers sync --json"))).toEqual(planned);
    const [row] = await world.admin.query("select * from otrs_bridge.helpdesk_users where row_id = 1203");
    expect(row).toMatchObject({ login: "aenne@groesse-test.de", customer_id: "K10002" });
    const again = await kivi("customers sync");
    expect(again).toMatchObject({ code: 0, stdout: expect.stringMatching(/0 created.* 7 unchanged/) });
    expect(world.requests).toEqual([]);
  });

  test("a single record cannot be chosen", async () => {
    const failure = failureOf(await kivi("customers sync --json --customer K10001"));
    expect(failure).toMatchObject({ code: 2, message: expect.stringMatching(/refreshed as a whole/) });
  });

  test("too many that would become invalid end with 4", async () => {
    await world.admin.query("update customer set obsolete = true where id in (1150, 1151)");
    try {
      const limits = { maxDeactivations: 1, ignoreBelow: 0 };
      expect(failureOf(await kivi("customers sync --json", limits)).code).toBe(4);
    } finally {
      await world.admin.query("update customer set obsolete = false where id in (1150, 1151)");
    }
  });
});

describe("without a helpdesk in the configuration", () => {
  function alone(line: string): Promise<Said> {
    const file = z
      .record(z.string(), z.unknown())
      .parse(parse(readFileSync(join(world.directory, "bridge.yaml"), "utf8")));
    const { helpdesk: _helpdesk, billing: _billing, ...rest } = file;
    writeFileSync(join(world.directory, "alone.yaml"), stringify({ ...rest, customers: { way: "read-only" } }));
    return kiviOtrs([...line.split(" "), "--config", "alone.yaml"], { directory: world.directory });
  }

  test("what calls none works", async () => {
    expect((await alone("customers sync")).code).toBe(0);
    expect((await alone("customers export --format plain --out files")).code).toBe(0);
    expect((await alone("inbox")).code).toBe(0);
  });

  test("what calls it says so by name", async () => {
    expect(failureOf(await alone("helpdesk check --json"))).toMatchObject({
      code: 2,
      message: "`kivi-otrs helpdesk check` calls the helpdesk, and the configuration has no part `helpdesk`.",
    });
  });
});

test("billing finds its customers by the table that the helpdesk reads", async () => {
  await kivi("customers sync");
  world.ticket({ customer: "K10002", units: [30], closedAt: "2026-10-05T12:00:00Z" });
  const said = documentOf("billing", await kivi("billing plan --json --period 2026-10"));
  expect(said.billing.drafts).toMatchObject([{ customerNumber: "K10002", minutes: "30.00" }]);
});

test("config check: billing at another helpdesk than the one that the state belongs to", async () => {
  expect((await kivi("config check")).code).toBe(0);
  const [before] = await world.admin.query(
    "update otrs_bridge.identity set helpdesk_id = 'another' returning (select helpdesk_id from otrs_bridge.identity)",
  );
  const said = await kivi("config check");
  await world.admin.query("update otrs_bridge.identity set helpdesk_id = $1", [before?.["helpdesk_id"]]);
  expect(said).toMatchObject({ code: 4, stdout: expect.stringContaining("kivi-otrs setup --rebind") as unknown });
});

describe("helpdesk backend-config", () => {
  test("without a role it says what to set", async () => {
    expect(failureOf(await kivi("helpdesk backend-config --json"))).toMatchObject({
      code: 2,
      hint: expect.stringContaining("customers.readerRole"),
    });
  });

  test.each([
    { line: "--number 0", message: /--number 0 is not a whole number from 1 to 10/ },
    { line: "--cache-seconds ever", message: /--cache-seconds ever is not/ },
    { line: "--database-host a;b", message: /"a;b" cannot be the host/ },
    { line: "--password-file nowhere", message: /nowhere cannot be read/ },
  ])("$line is refused", async ({ line, message }) => {
    const failure = failureOf(await kivi(`helpdesk backend-config --json ${line}`, { readerRole: role }));
    expect(failure.code).toBe(2);
    expect(failure.message).toMatch(message);
  });

  test.each(["znuny", "otobo", "otrs"])("for %s: Perl that says what was wanted", async (product) => {
    writeFileSync(join(world.directory, "reader-password"), "it's \\ a 'se\\\\cret' {1}\n");
    const said = await kivi(
      `helpdesk backend-config --product ${product} --number 3 --database-host db.example.org --database-port 5433 --password-file reader-password`,
      { readerRole: role },
    );
    expect(said).toMatchObject({ code: 0, stderr: "" });
    const self = await perl(said.stdout);
    expect(Object.keys(self).sort()).toEqual(["CustomerCompany3", "CustomerUser3"]);
    const users = Source.parse(self["CustomerUser3"]);
    const companies = Source.parse(self["CustomerCompany3"]);
    for (const source of [users, companies]) {
      expect(source).toMatchObject({ ReadOnly: 1, CacheTTL: 60 });
      expect(source.Params).toMatchObject({
        DSN: `DBI:Pg:dbname=${world.database.name};host=db.example.org;port=5433;connect_timeout=3`,
        User: role,
        Password: "it's \\ a 'se\\\\cret' {1}",
        ForeignDB: 1,
      });
      expect(source.Params).not.toHaveProperty("CaseSensitive");
    }
    expect(await columnsThatAreMissing(users)).toEqual([]);
    expect(await columnsThatAreMissing(companies)).toEqual([]);
    expect(users.Map.map(([variable]) => variable)).not.toContain("UserPassword");
  });
});

const Source = z.looseObject({
  Params: z.looseObject({ Table: z.string() }),
  Map: z.array(z.array(z.unknown())),
});

/** What the text makes of `$Self`, under the pragmas of Kernel/Config.pm and with every warning an error. */
async function perl(text: string): Promise<Record<string, unknown>> {
  const script = join(world.directory, "config.pl");
  writeFileSync(
    script,
    String.raw`use strict; use warnings FATAL => 'all'; use utf8;
     sub Load { my $Self = shift;
${text}
     return 1; }
     sub Json { my $Value = shift;
       return 'null' if !defined $Value;
       return '[' . join( ',', map { Json($_) } @{$Value} ) . ']' if ref $Value eq 'ARRAY';
       return '{' . join( ',', map { Json($_) . ':' . Json( $Value->{$_} ) } keys %{$Value} ) . '}' if ref $Value eq 'HASH';
       return $Value if $Value =~ /^\d+$/;
       $Value =~ s/(["\\])/\\$1/g;
       return qq{"$Value"}; }
     my %Config; Load( \%Config ); print Json( \%Config );`,
  );
  const { stdout } = await run("perl", [script]);
  return z.record(z.string(), z.unknown()).parse(JSON.parse(stdout));
}

/** Columns that the source names and its table lacks. */
async function columnsThatAreMissing(source: z.infer<typeof Source>): Promise<string[]> {
  const named = new Set([
    ...source.Map.map((line) => String(line[2])),
    ...Object.entries(source)
      .filter(([key]) => /Fields$|^Customer(Key|ID|Valid|CompanyKey|CompanyValid)$/.test(key))
      .flatMap(([, value]) => value as string[] | string),
  ]);
  const rows = await world.admin.query(
    `select attname from pg_attribute where attrelid = '${source.Params.Table}'::regclass and attnum > 0`,
  );
  const there = new Set(rows.map((row) => row["attname"]));
  return [...named].filter((column) => !there.has(column));
}
