import { readFileSync } from "node:fs";
import { escapeIdentifier, escapeLiteral } from "pg";
import type { Target } from "../billing/ports.ts";
import { ConfigError } from "../model/index.ts";
import { changeTables } from "./change-triggers.ts";
import { type Migration, readMigrations, sqlFolder } from "./migrations.ts";
import { scramVerifier } from "./scram.ts";

/** What the SQL of setup is made for. */
export interface SetupTarget {
  /** Name of the role that the bridge logs in with. */
  readonly bridgeRole: string;
  /** Given to the role when setup creates it; null leaves it without one. */
  readonly bridgePassword: string | null;
  /** Name of this installation, as in the configuration. */
  readonly instance: string;
  /** `table.column`, alternatives separated by `|`. */
  readonly neededColumns: readonly string[];
  /** Existing role that the helpdesk reads the tables of its read-only source with; null takes such rights away. */
  readonly readerRole?: string | null;
  /** Where lines are billed: orders are written with rights that drafts do not need. */
  readonly targets?: readonly Target[];
  /** Whether kivitendo's tables tell of changes; without it their triggers are taken away. */
  readonly changeTriggers?: boolean;
}

/** A step of setup: one transaction, without effect when it was done before. */
export interface SetupStep {
  /** Said when the step changed something. */
  readonly done: string;
  readonly sql: string;
}

/** The steps of setup in their order; `setup --print` prints these, `setup` runs them. */
export function setupSteps(target: SetupTarget): readonly SetupStep[] {
  assertRoleName(target.bridgeRole);
  const fill = (file: string): string => filled(readSql(file), target);
  const migrations = readMigrations();
  return [
    { done: "checked", sql: fill("guard.sql") },
    { done: "schema otrs_bridge created", sql: fill("prepare.sql") },
    { done: "", sql: newerGuard(migrations) },
    ...migrations.map((migration) => ({ done: `migration ${migration.name} applied`, sql: migrationStep(migration) })),
    {
      done: "views public.otrs_customer_contacts and otrs_bridge.companies installed",
      // The earlier view may belong to somebody else, whom only a superuser can act for.
      sql: [fill("replace-view.sql"), asOwner, fill("view.sql"), fill("variables.sql")].join("\n"),
    },
    { done: `rights of role "${target.bridgeRole}" set`, sql: fill("roles.sql") },
    { done: "state bound to this database", sql: fill("bind.sql") },
    readerStep(target),
    ...(target.changeTriggers === true ? tellingSteps() : silencingSteps()),
  ];
}

/** After the binding, which makes the row that remembers this role. */
function readerStep({ readerRole = null, bridgeRole }: SetupTarget): SetupStep {
  if (readerRole !== null) assertRoleName(readerRole, "customers.readerRole");
  if (readerRole === bridgeRole) {
    throw new ConfigError(
      `customers.readerRole is the bridge's own role "${bridgeRole}".`,
      "Name a role of its own, which may log in and nothing else: the helpdesk's configuration holds its password.",
    );
  }
  return {
    done: readerRole === null ? "rights of the helpdesk's role taken away" : `rights of role "${readerRole}" set`,
    sql: readSql("reader.sql").replace(/(?<!:):reader_role\b/g, () =>
      readerRole === null ? "null" : escapeLiteral(readerRole),
    ),
  };
}

function tellingSteps(): readonly SetupStep[] {
  return [
    { done: "function otrs_bridge.tell_change installed", sql: `${asOwner}\n${readSql("change-function.sql")}` },
    ...changeTables.map((table) => triggerStep(table, true)),
  ];
}

/** The triggers go first, one at a time; at last their function. */
function silencingSteps(): readonly SetupStep[] {
  return [
    ...changeTables.map((table) => triggerStep(table, false)),
    {
      done: "function otrs_bridge.tell_change removed",
      sql: `${asOwner}\ndrop function if exists otrs_bridge.tell_change();`,
    },
  ];
}

function triggerStep(table: string, wanted: boolean): SetupStep {
  const values: Readonly<Record<string, string>> = {
    ":'table'": escapeLiteral(`public.${table}`),
    ":wanted": String(wanted),
  };
  return {
    done: `trigger on public.${table} ${wanted ? "installed" : "removed"}`,
    sql: readSql("change-trigger.sql").replace(/:'table'|(?<!:):wanted\b/g, (place) => values[place] ?? place),
  };
}

/** The steps that take everything away again. */
export function removalSteps(bridgeRole: string): readonly SetupStep[] {
  assertRoleName(bridgeRole);
  const target = { bridgeRole, bridgePassword: null, instance: "", neededColumns: [] };
  return [
    { done: "checked", sql: filled(readSql("remove-guard.sql"), target) },
    ...silencingSteps(),
    { done: "views, schema otrs_bridge and rights removed", sql: filled(readSql("remove.sql"), target) },
  ];
}

/** The query that tells what stands under the view's name. */
export function viewKindQuery(): string {
  return readSql("view-kind.sql");
}

/** `$` is refused because it could end a quoted body of the SQL files. */
function assertRoleName(role: string, setting = "kivitendo.databaseUrl"): void {
  if (role !== "" && Buffer.byteLength(role) <= 63 && !/[$\0\n]/.test(role)) return;
  throw new ConfigError(
    `"${role}" cannot be the name of a database role for the bridge.`,
    `Choose a name of 1 to 63 letters, digits and underscores in ${setting}.`,
  );
}

function readSql(file: string): string {
  return readFileSync(new URL(file, sqlFolder), "utf8").replaceAll("\r\n", "\n");
}

/** Fills in the places that start with a colon; `::` is a cast. */
function filled(sql: string, target: SetupTarget): string {
  const values: Readonly<Record<string, string>> = {
    ':"bridge_role"': escapeIdentifier(target.bridgeRole),
    ":'bridge_role'": escapeLiteral(target.bridgeRole),
    ":'instance'": escapeLiteral(target.instance),
    ":bridge_password":
      target.bridgePassword === null ? "" : `password ${escapeLiteral(scramVerifier(target.bridgePassword))}`,
    ":needed": `array[${target.neededColumns.map((column) => escapeLiteral(column)).join(", ")}]::text[]`,
    ":writes_orders": String(target.targets?.includes("sales-order") ?? false),
    ":writes_recurring": String(target.targets?.includes("recurring-order") ?? false),
    ":view_kind": `\n${readSql("view-kind.sql")}`,
  };
  const places =
    /:"bridge_role"|:'(?:bridge_role|instance)'|(?<!:):(?:bridge_password|needed|writes_orders|writes_recurring|view_kind)\b/g;
  return sql.replace(places, (place) => values[place] ?? place);
}

/** Everything in otrs_bridge belongs to the owner of kivitendo's tables; to the end of the transaction. */
const asOwner = `do $owner$
begin
  perform set_config('role', pg_catalog.pg_get_userbyid(relowner), true)
     from pg_catalog.pg_class
    where oid = 'public.customer'::pg_catalog.regclass;
end
$owner$;`;

function newerGuard(migrations: readonly Migration[]): string {
  return `do $newer$
begin
  if exists (select from otrs_bridge.schema_migrations where number > ${migrations.length}) then
    raise exception 'The database is newer than this program.' using hint = 'Use the version that set it up.';
  end if;
end
$newer$;`;
}

function migrationStep({ number, name, sql, checksum }: Migration): string {
  return `${asOwner}
do $migration$
declare
  applied text := (select checksum from otrs_bridge.schema_migrations where number = ${number});
begin
  if applied is null then
    execute $sql$
${sql}$sql$;
    insert into otrs_bridge.schema_migrations (number, name, checksum)
    values (${number}, '${name}', '${checksum}');
  elsif applied <> '${checksum}' then
    raise exception 'Migration ${name} was applied with other contents.'
      using hint = 'Use an unaltered version of kivitendo-otrs-bridge.';
  end if;
end
$migration$;`;
}
