import { escapeIdentifier, type PoolClient } from "pg";
import { z } from "zod";
import type { SourceOptions } from "../customer-sync/ports.ts";
import { ConfigError } from "../model/index.ts";

/** Values of a statement's parameters, in the order in which it names them. */
export class Parameters {
  readonly values: unknown[];

  constructor(values: readonly unknown[]) {
    this.values = [...values];
  }

  /** Adds a value and answers its place, such as `$5`. */
  add(value: unknown): string {
    this.values.push(value);
    return `$${this.values.length}`;
  }
}

/** What the database has, to build and check queries against. */
export interface SourceCatalog {
  /** Columns of the views with their types, by the view's kind. */
  readonly columns: Readonly<Record<ViewKind, ReadonlyMap<string, string>>>;
  /** Custom variables: type, and the value for rows that have none of their own. */
  readonly variables: Readonly<Record<ViewKind, ReadonlyMap<string, Variable>>>;
}

export type ViewKind = "company" | "user";

interface Variable {
  readonly type: string;
  readonly value: string;
}

/** kivitendo's names for what custom variables belong to. */
const modules = { company: "CT", user: "Contacts" } as const satisfies Record<ViewKind, string>;
const viewNames = {
  company: "otrs_bridge.companies",
  user: "public.otrs_customer_contacts",
} as const satisfies Record<ViewKind, string>;
const rowIds = { company: "customer_id", user: "contact_id" } as const satisfies Record<ViewKind, string>;
const people = { company: "customers", user: "contacts" } as const satisfies Record<ViewKind, string>;

const variablePrefix = "variable:";

const ColumnRow = z.object({ kind: z.enum(["company", "user"]), name: z.string(), type: z.string() });
const VariableRow = z.object({
  module: z.enum(["CT", "Contacts"]),
  name: z.string(),
  type: z.string(),
  value: z.string(),
});

/** Reads the catalog when the configuration names anything that must be looked up there; null when it does not. */
export async function readSourceCatalog(client: PoolClient, source: SourceOptions): Promise<SourceCatalog | null> {
  const { companyColumns, contactColumns, scope } = source;
  const named = [...companyColumns, ...contactColumns].length > 0;
  if (!named && scope.contactFlag === null && scope.customerFlag === null) return null;
  const { rows: columns } = await client.query(
    `select k.kind, a.attname as name, format_type(a.atttypid, a.atttypmod) as type
       from (values ('company', $1), ('user', $2)) k (kind, view)
       join pg_catalog.pg_attribute a on a.attrelid = to_regclass(k.view) and a.attnum > 0 and not a.attisdropped
      order by k.kind, a.attnum`,
    [viewNames.company, viewNames.user],
  );
  const { rows: variables } = await client.query(
    "select module, name, type, value from otrs_bridge.variable_defaults() order by module, name",
  );
  const found = z.array(ColumnRow).parse(columns);
  const defined = z.array(VariableRow).parse(variables);
  const columnsOf = (kind: ViewKind): ReadonlyMap<string, string> =>
    new Map(found.filter((row) => row.kind === kind).map((row) => [row.name, row.type]));
  const variablesOf = (kind: ViewKind): ReadonlyMap<string, Variable> =>
    new Map(defined.filter((row) => row.module === modules[kind]).map((row) => [row.name, row]));
  return {
    columns: { company: columnsOf("company"), user: columnsOf("user") },
    variables: { company: variablesOf("company"), user: variablesOf("user") },
  };
}

/** SQL that reads what the configuration names besides the fixed columns; the view's row is `v`. */
export interface ExtraSql {
  /** Joins the row's custom variables; empty when none are named. */
  readonly join: string;
  /** Array of the mapped values, in the configuration's order; null when nothing is mapped. */
  readonly values: string | null;
  /** Whether the yes/no variable of the scope is set; null when there is none. */
  readonly flag: string | null;
}

/** Throws ConfigError for a column or variable that is not there, naming what is. */
export function extraSql(
  kind: ViewKind,
  named: { readonly columns: readonly string[]; readonly flag: string | null },
  catalog: SourceCatalog | null,
  parameters: Parameters,
): ExtraSql {
  const wanted: string[] = [];
  const ofVariable = (name: string, setting: string): string => {
    const variable = catalog?.variables[kind].get(name);
    if (variable === undefined) throw unknownVariable(kind, name, setting, catalog);
    if (!wanted.includes(name)) wanted.push(name);
    return `coalesce(own.value${wanted.indexOf(name)}, ${parameters.add(variable.value)}::text)`;
  };
  const flag = named.flag === null ? null : `${ofVariable(named.flag, flagSettings[kind])} = '1'`;
  if (named.flag !== null) assertYesNo(kind, named.flag, catalog);
  const values = named.columns.map((column) =>
    column.startsWith(variablePrefix)
      ? ofVariable(column.slice(variablePrefix.length), "customers.extraFields")
      : columnSql(kind, column, catalog),
  );
  return {
    join: variablesJoin(kind, wanted, parameters),
    values: values.length === 0 ? null : `array[${values.join(", ")}]`,
    flag,
  };
}

const flagSettings = { company: "customers.customerFlag", user: "customers.contactFlag" } as const;

function columnSql(kind: ViewKind, column: string, catalog: SourceCatalog | null): string {
  const type = catalog?.columns[kind].get(column);
  if (type === undefined) {
    throw new ConfigError(
      `customers.extraFields names column "${column}" of ${people[kind]}, which ${viewNames[kind]} does not have.`,
      `Its columns are: ${[...(catalog?.columns[kind].keys() ?? [])].join(", ")}. A custom variable is written ${variablePrefix}NAME.`,
    );
  }
  const value = `v.${escapeIdentifier(column)}`;
  return type === "boolean" ? `case when ${value} then '1' else '0' end` : `coalesce(${value}::text, '')`;
}

function variablesJoin(kind: ViewKind, wanted: readonly string[], parameters: Parameters): string {
  if (wanted.length === 0) return "";
  const columns = wanted.map((name, at) => `max(value) filter (where name = ${parameters.add(name)}) as value${at}`);
  return `left join (
            select row_id, ${columns.join(", ")}
              from otrs_bridge.variable_rows('${modules[kind]}', ${parameters.add(wanted)}::text[])
             group by row_id
          ) own on own.row_id = v.${rowIds[kind]}`;
}

function unknownVariable(kind: ViewKind, name: string, setting: string, catalog: SourceCatalog | null): ConfigError {
  const there = [...(catalog?.variables[kind].keys() ?? [])];
  return new ConfigError(
    `${setting} names custom variable "${name}" of ${people[kind]}, which kivitendo does not have.`,
    there.length === 0
      ? `kivitendo has no custom variables of ${people[kind]} yet: add it under System → Benutzerdefinierte Variablen, or take it out of the configuration.`
      : `Those of ${people[kind]} are: ${there.join(", ")}.`,
  );
}

function assertYesNo(kind: ViewKind, name: string, catalog: SourceCatalog | null): void {
  const type = catalog?.variables[kind].get(name)?.type;
  if (type === "bool") return;
  throw new ConfigError(
    `${flagSettings[kind]} names custom variable "${name}", which is of type ${type}.`,
    "Name one of type yes/no (bool).",
  );
}

/** Which customers belong into the helpdesk; null when all do. The row of `otrs_bridge.companies` is `v`. */
export function customerScopeSql(source: SourceOptions, flag: string | null, parameters: Parameters): string | null {
  const { businessTypes, numberPattern } = source.scope;
  const conditions = [
    ...(flag === null ? [] : [flag]),
    ...(businessTypes.length === 0
      ? []
      : [`coalesce(v.business_type = any (${parameters.add(businessTypes)}::text[]), false)`]),
    ...(numberPattern === null ? [] : [`btrim(coalesce(v.customernumber, '')) ~ ${parameters.add(numberPattern)}`]),
  ];
  return conditions.length === 0 ? null : conditions.join(" and ");
}

/** Throws ConfigError for what the scope names and kivitendo does not have: a mistyped name would let nobody through. */
export async function assertScope(client: PoolClient, source: SourceOptions): Promise<void> {
  await assertNumberPattern(client, source);
  await assertBusinessTypes(client, source);
}

async function assertBusinessTypes(client: PoolClient, { scope }: SourceOptions): Promise<void> {
  if (scope.businessTypes.length === 0) return;
  const { rows } = await client.query("select name from otrs_bridge.business_types() name order by name");
  const there = z.array(z.object({ name: z.string() })).parse(rows);
  const missing = scope.businessTypes.filter((wanted) => !there.some(({ name }) => name === wanted));
  if (missing.length === 0) return;
  throw new ConfigError(
    `customers.businessTypes names ${missing.map((name) => `"${name}"`).join(", ")}, which kivitendo does not have.`,
    there.length === 0
      ? "kivitendo has no business types yet: add them in its menu System, or take the setting out of the configuration."
      : `Its business types are: ${there.map(({ name }) => `"${name}"`).join(", ")}.`,
  );
}

/** Throws ConfigError when the pattern of the scope is none that PostgreSQL understands. */
async function assertNumberPattern(client: PoolClient, { scope }: SourceOptions): Promise<void> {
  if (scope.numberPattern === null) return;
  try {
    await client.query("select '' ~ $1", [scope.numberPattern]);
  } catch (error) {
    if (!(error instanceof Error) || !("code" in error) || error.code !== "2201B") throw error;
    throw new ConfigError(
      `customers.customerNumbers is no regular expression: ${error.message}.`,
      "Write it as PostgreSQL reads it, for instance ^K1 for numbers that begin with K1.",
      { cause: error },
    );
  }
}
