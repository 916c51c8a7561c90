import type { Pool, PoolClient } from "pg";
import { z } from "zod";
import type {
  CompanyDifference,
  ContactDifference,
  Differences,
  Link,
  Selection,
  SourceOptions,
  Vanished,
} from "../customer-sync/ports.ts";
import { BugError, CompanyKey, ContactId, CustomerId, CustomerNumber, type UserLogin } from "../model/index.ts";
import { companiesQuery } from "./companies-sql.ts";
import { contactsQuery } from "./contacts-sql.ts";
import type { Comparison, DifferencesQuery } from "./differences-sql.ts";
import { formerFor, readFormerRows } from "./former-rows.ts";
import { readGuardFigures } from "./guard-figures.ts";
import { assertScope, readSourceCatalog } from "./source-sql.ts";
import { inSameSnapshot, inTransaction } from "./transaction.ts";

export interface DifferencesOptions {
  readonly mapping: string;
  readonly selection: Selection;
  readonly source: SourceOptions;
  readonly everything: boolean;
  readonly now: Temporal.Instant;
}

const Counts = z.object({
  unchanged: z.number(),
  known: z.number(),
  sourceRows: z.number(),
  sentinelFound: z.boolean().default(true),
  withdrawn: z.array(z.number()),
});

const NumberColumn = z
  .string()
  .transform((text) => (text.trim() === "" ? null : text))
  .pipe(CustomerNumber.nullable());

const Choice = z.enum(["adopt", "move", "stay", "append-number", "recreate", "rename"]);

/** All null where nothing is remembered about the row. */
const LinkColumns = z.union([
  z.object({
    status: z.enum(["writing", "linked", "rejected", "matched"]),
    key: z.string(),
    confirmed: z.boolean(),
    valid: z.boolean(),
    attempts: z.number(),
    adopted: z.boolean(),
    sourceKey: z.string().nullable(),
    linkCustomerId: CustomerId.nullable(),
    decision: Choice.nullable(),
    decisionValue: z.string().nullable(),
  }),
  z.object({ status: z.null() }),
]);

const ExtraColumn = z.array(z.string());

const CompanyRow = z.object({
  customerId: CustomerId,
  customerNumber: NumberColumn,
  name: z.string(),
  street: z.string(),
  zipCode: z.string(),
  city: z.string(),
  country: z.string(),
  countryCode: z.string(),
  homepage: z.string(),
  obsolete: z.boolean(),
  inScope: z.boolean(),
  nameShared: z.boolean(),
  keyRival: CustomerNumber.nullable(),
  sourceHash: z.string(),
});

const ContactRow = z.object({
  contactId: ContactId,
  customerId: CustomerId,
  customerNumber: NumberColumn,
  companyKey: CompanyKey.nullable(),
  title: z.string(),
  givenName: z.string(),
  name: z.string(),
  email: z.string(),
  phone: z.string(),
  mobile: z.string(),
  active: z.boolean(),
  follows: z.boolean(),
  otherCustomers: z.array(z.object({ customerId: CustomerId, key: CompanyKey.nullable() })),
  sourceHash: z.string(),
});

/** `row` is null in the one row that an answer without differences has, for its counts. */
const Place = z.object({ row: z.number().nullable(), gone: z.boolean().nullable() });

const Label = z.object({ linkLabel: z.string().nullable() });

/**
 * Reads both sides in one short snapshot. Unchanged rows are compared and counted in the database and never leave it.
 * A run with a selection also brings rejected rows whose next try is not due: somebody asked for them. Throws ConfigError
 * when `source` names what kivitendo does not have.
 */
export async function readDifferences(pool: Pool, options: DifferencesOptions): Promise<Differences> {
  return inTransaction(pool, "snapshot", (client) => compare(pool, client, options));
}

async function compare(pool: Pool, client: PoolClient, options: DifferencesOptions): Promise<Differences> {
  const { mapping, selection, source, everything, now } = options;
  await assertScope(client, source);
  const comparison: Comparison = {
    mapping,
    now,
    customerNumbers: selection.customerNumbers.map((number) => number.trim()),
    contacts: selection.contacts.map((contact) => contact.trim().toLowerCase()),
    source,
    everything,
    catalog: await readSourceCatalog(client, source),
  };
  const [companies, contacts] = await readKinds(pool, client, comparison);
  const formerCompanies = await readFormerRows(client, "company", companies.present.map(keyOfCompany));
  const formerUsers = await readFormerRows(client, "user", contacts.present.map(keyOfUser));
  const figures = await readGuardFigures(client, now);
  return {
    companies: companies.present.map((row): CompanyDifference => ({
      ...CompanyRow.parse(row),
      extra: extraOf(source.companyColumns, row),
      link: linkOf<CompanyKey>(row),
      former: formerFor(formerCompanies, keyOfCompany(row)),
    })),
    contacts: contacts.present.map((row): ContactDifference => ({
      ...ContactRow.parse(row),
      extra: extraOf(source.contactColumns, row),
      link: linkOf<UserLogin>(row),
      former: formerFor(formerUsers, keyOfUser(row)),
    })),
    vanishedCompanies: companies.gone.map((row) => vanishedOf<CompanyKey>(row)),
    vanishedContacts: contacts.gone.map((row) => vanishedOf<UserLogin>(row)),
    withdrawn: { company: companies.counts.withdrawn, user: contacts.counts.withdrawn },
    unchanged: { companies: companies.counts.unchanged, contacts: contacts.counts.unchanged },
    known: { companies: companies.counts.known, contacts: contacts.counts.known },
    sourceRows: { companies: companies.counts.sourceRows, contacts: contacts.counts.sourceRows },
    sentinelFound: companies.counts.sentinelFound,
    ...figures,
  };
}

/** The CustomerID that a row wants which has no company (yet); null for others. */
function keyOfCompany(row: Record<string, unknown>): string | null {
  return row["confirmed"] === true ? null : NumberColumn.parse(row["customerNumber"]);
}

function keyOfUser(row: Record<string, unknown>): string | null {
  return row["confirmed"] === true ? null : z.string().parse(row["email"]).trim();
}

/** Customers that this run tries to bring into the helpdesk: their contacts wait for them no longer. */
function triedAgain(rows: readonly Record<string, unknown>[]): readonly number[] {
  return rows.flatMap((row) =>
    row["status"] !== null && row["confirmed"] === false ? [Place.parse(row).row ?? 0] : [],
  );
}

interface KindRows {
  readonly counts: z.infer<typeof Counts>;
  readonly present: readonly Record<string, unknown>[];
  readonly gone: readonly Record<string, unknown>[];
}

/** Both at once: each keeps one of the server's processors busy. */
async function readKinds(pool: Pool, client: PoolClient, comparison: Comparison): Promise<[KindRows, KindRows]> {
  const [contacts, companies] = await inSameSnapshot(
    pool,
    client,
    (here) => readKind(here, contactsQuery(comparison)),
    (beside) => readKind(beside, companiesQuery(comparison)),
  );
  const tried = triedAgain(companies.present);
  // Seldom, and only then do the contacts depend on the companies.
  return [companies, tried.length === 0 ? contacts : await readKind(client, contactsQuery(comparison, tried))];
}

async function readKind(client: PoolClient, { text, values }: DifferencesQuery): Promise<KindRows> {
  // The rows of 100 000 contacts as the view has them are 70 MB; what does not fit goes through files, there and back.
  await client.query("set local work_mem = '128MB'");
  // Its compiler takes longer than these queries, whose costs it overestimates: the functions count as expensive.
  await client.query("set local jit = off");
  const { rows } = await client.query<Record<string, unknown>>(text, [...values]);
  const present: Record<string, unknown>[] = [];
  const gone: Record<string, unknown>[] = [];
  for (const row of rows) {
    const place = Place.parse(row);
    if (place.row === null) continue;
    (place.gone === true ? gone : present).push(row);
  }
  return { counts: Counts.parse(rows[0]), present, gone };
}

function extraOf(columns: readonly string[], row: Record<string, unknown>): Record<string, string> {
  if (columns.length === 0) return {};
  const values = ExtraColumn.parse(row["extra"]);
  return Object.fromEntries(columns.map((column, at) => [column, values[at] ?? ""]));
}

/** The key is what was once written from a checked key, or empty where a record never had one. */
function linkOf<Key extends string>(row: unknown): Link<Key> | null {
  const link = LinkColumns.parse(row);
  if (link.status === null) return null;
  const { linkCustomerId: customerId, decision, decisionValue: value, key, ...rest } = link;
  return { ...rest, key: key as Key, customerId, decision: decision === null ? null : { choice: decision, value } };
}

function vanishedOf<Key extends string>(row: unknown): Vanished<Key> {
  const link = linkOf<Key>(row);
  const { row: rowId } = Place.parse(row);
  if (link === null || rowId === null) throw new BugError("a vanished row without a link");
  return { rowId, label: Label.parse(row).linkLabel ?? link.key, link };
}
