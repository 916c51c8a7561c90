import type { Pool, PoolClient } from "pg";
import { z } from "zod";
import type {
  ReadOnlyDifferences,
  ReadOnlySource,
  ReadOnlyWrites,
  SourceCounts,
  SourceOptions,
  TableWrites,
} from "../customer-sync/ports.ts";
import {
  invalidation,
  readOnlyCompaniesQuery,
  readOnlyContactsQuery,
  removal,
  sentinelQuery,
  upsert,
} from "./read-only-source-sql.ts";
import type { DifferencesQuery } from "./differences-sql.ts";
import { assertScope, readSourceCatalog } from "./source-sql.ts";
import { inTransaction } from "./transaction.ts";

const Counts = z.object({ sourceRows: z.number(), known: z.number(), unchanged: z.number() });

const Row = {
  rowId: z.number(),
  key: z.string(),
  keyOwner: z.number(),
  held: z.boolean(),
  valid: z.boolean(),
  gone: z.boolean(),
  active: z.boolean(),
  name: z.string(),
  sourceHash: z.string().nullable(),
};
const Company = z.object({
  ...Row,
  street: z.string(),
  zipCode: z.string(),
  city: z.string(),
  country: z.string(),
  countryCode: z.string(),
  homepage: z.string(),
});
const Contact = z.object({
  ...Row,
  customerId: z.number().nullable(),
  companyKey: z.string().nullable(),
  title: z.string(),
  givenName: z.string(),
  email: z.string(),
  phone: z.string(),
  mobile: z.string(),
});

interface Table {
  readonly name: string;
  readonly fixed: readonly string[];
  readonly changing: readonly string[];
}

const companies: Table = {
  name: "otrs_bridge.helpdesk_companies",
  fixed: ["row_id", "customer_id"],
  changing: ["name", "street", "zip", "city", "country", "url", "valid_id", "source_hash"],
};
const users: Table = {
  name: "otrs_bridge.helpdesk_users",
  fixed: ["row_id", "login"],
  changing: [
    "filed_under",
    "customer_id",
    "title",
    "first_name",
    "last_name",
    "email",
    "phone",
    "mobile",
    "valid_id",
    "source_hash",
  ],
};

/** Rows in one statement: JSON of some megabytes. */
const rowsPerStatement = 5000;

/** The tables that a helpdesk reads as its second, read-only source of customers. */
export function createReadOnlySource(pool: Pool): ReadOnlySource {
  return {
    read: (mapping, source) => readDifferences(pool, mapping, source),
    write: (writes) => write(pool, writes),
  };
}

async function readDifferences(pool: Pool, mapping: string, source: SourceOptions): Promise<ReadOnlyDifferences> {
  return inTransaction(pool, "snapshot", async (client) => {
    await assertScope(client, source);
    const comparison = { mapping, source, catalog: await readSourceCatalog(client, source) };
    // As for differences.ts: what does not fit goes through files.
    await client.query("set local work_mem = '128MB'");
    // Compiling the query would take longer than it saves.
    await client.query("set local jit = off");
    return {
      companies: await readKind(client, readOnlyCompaniesQuery(comparison), Company),
      contacts: await readKind(client, readOnlyContactsQuery(comparison), Contact),
      sentinelFound: await findSentinel(client, source.sentinel),
    };
  });
}

async function readKind<T>(
  client: PoolClient,
  { text, values }: DifferencesQuery,
  shape: z.ZodType<T>,
): Promise<{ readonly counts: SourceCounts; readonly rows: readonly T[] }> {
  const { rows } = await client.query<Record<string, unknown>>(text, [...values]);
  // Without differences there is one row, with the counts alone.
  const listed = rows.filter((row) => row["rowId"] !== null);
  return { counts: Counts.parse(rows[0]), rows: listed.map((row) => shape.parse(row)) };
}

async function findSentinel(client: PoolClient, sentinel: string | null): Promise<boolean> {
  if (sentinel === null) return true;
  const { rows } = await client.query(sentinelQuery, [sentinel]);
  return z.object({ found: z.boolean() }).parse(rows[0]).found;
}

async function write(pool: Pool, writes: ReadOnlyWrites): Promise<void> {
  await inTransaction(pool, "write", async (client) => {
    await writeTable(client, companies, writes.companies);
    await writeTable(client, users, writes.users);
  });
}

async function writeTable(client: PoolClient, table: Table, writes: TableWrites<object>): Promise<void> {
  if (writes.removed.length > 0) await client.query(removal(table.name), [writes.removed]);
  if (writes.invalidated.length > 0) await client.query(invalidation(table.name), [writes.invalidated]);
  for (let start = 0; start < writes.written.length; start += rowsPerStatement) {
    const rows = writes.written.slice(start, start + rowsPerStatement);
    await client.query(upsert(table.name, table.fixed, table.changing), [JSON.stringify(rows)]);
  }
}
