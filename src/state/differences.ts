import type { Pool, PoolClient } from "pg";
import { z } from "zod";
import type {
  CompanyDifference,
  ContactDifference,
  Differences,
  Link,
  Selection,
  Vanished,
} from "../customer-sync/ports.ts";
import { BugError, CompanyKey, ContactId, CustomerId, CustomerNumber, type UserLogin } from "../model/index.ts";
import { companiesQuery, contactsQuery } from "./differences-sql.ts";
import { inTransaction } from "./transaction.ts";

export interface DifferencesOptions {
  readonly mapping: string;
  readonly selection: Selection;
  readonly now: Temporal.Instant;
}

const Counts = z.object({ unchanged: z.number(), known: z.number(), sourceRows: z.number() });

const NumberColumn = z
  .string()
  .transform((text) => (text.trim() === "" ? null : text))
  .pipe(CustomerNumber.nullable());

const Status = z.enum(["writing", "linked", "rejected"]);

/** All null where nothing is remembered about the row. */
const LinkColumns = z.union([
  z.object({
    status: Status,
    key: z.string(),
    confirmed: z.boolean(),
    valid: z.boolean(),
    attempts: z.number(),
  }),
  z.object({ status: z.null() }),
]);

const CompanyRow = z.object({
  customerId: CustomerId,
  customerNumber: NumberColumn,
  name: z.string(),
  street: z.string(),
  zipCode: z.string(),
  city: z.string(),
  country: z.string(),
  homepage: z.string(),
  obsolete: z.boolean(),
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
  sourceHash: z.string(),
});

/** `row` is null in the one row that an answer without differences has, for its counts. */
const Place = z.object({ row: z.number().nullable(), gone: z.boolean().nullable() });

/**
 * Reads both sides in one short snapshot. Unchanged rows are compared and counted in the database and never leave it.
 * A run with a selection also brings rejected rows whose next try is not due: somebody asked for them.
 */
export async function readDifferences(pool: Pool, options: DifferencesOptions): Promise<Differences> {
  const { companies, contacts } = await inTransaction(pool, "snapshot", async (client) => {
    // Sorting 100 000 contacts in memory needs more than the default of 4 MB.
    await client.query("set local work_mem = '64MB'");
    return {
      companies: await readKind(client, companiesQuery, options),
      contacts: await readKind(client, contactsQuery, options),
    };
  });
  return {
    companies: companies.present.map((row): CompanyDifference => ({
      ...CompanyRow.parse(row),
      link: linkOf<CompanyKey>(row),
    })),
    contacts: contacts.present.map((row): ContactDifference => ({
      ...ContactRow.parse(row),
      link: linkOf<UserLogin>(row),
    })),
    vanishedCompanies: companies.gone.map((row) => vanishedOf<CompanyKey>(row)),
    vanishedContacts: contacts.gone.map((row) => vanishedOf<UserLogin>(row)),
    unchanged: { companies: companies.counts.unchanged, contacts: contacts.counts.unchanged },
    known: { companies: companies.counts.known, contacts: contacts.counts.known },
    sourceRows: { companies: companies.counts.sourceRows, contacts: contacts.counts.sourceRows },
  };
}

interface KindRows {
  readonly counts: z.infer<typeof Counts>;
  readonly present: readonly unknown[];
  readonly gone: readonly unknown[];
}

async function readKind(client: PoolClient, query: string, options: DifferencesOptions): Promise<KindRows> {
  const { mapping, selection, now } = options;
  const { rows } = await client.query<Record<string, unknown>>(query, [
    mapping,
    now.toString(),
    selection.customerNumbers,
    selection.contacts.map((contact) => contact.trim().toLowerCase()),
  ]);
  const present: unknown[] = [];
  const gone: unknown[] = [];
  for (const row of rows) {
    const place = Place.parse(row);
    if (place.row === null) continue;
    (place.gone === true ? gone : present).push(row);
  }
  return { counts: Counts.parse(rows[0]), present, gone };
}

/** The key is what was once written from a checked key, or empty where a record never had one. */
function linkOf<Key extends string>(row: unknown): Link<Key> | null {
  const link = LinkColumns.parse(row);
  return link.status === null ? null : { ...link, key: link.key as Key };
}

function vanishedOf<Key extends string>(row: unknown): Vanished<Key> {
  const link = linkOf<Key>(row);
  const { row: rowId } = Place.parse(row);
  if (link === null || rowId === null) throw new BugError("a vanished row without a link");
  return { rowId, label: link.key, link };
}
