/** What the read-only way of flow 1 sees of the outside: two tables that the helpdesk reads by itself. */

import type { SourceOptions } from "../records.ts";

/** Where a row stands between kivitendo and the table. */
export interface SourceRow {
  /** Row id of kivitendo's customer or contact. */
  readonly rowId: number;
  /** The key in the table, else the one that the row would get; empty where kivitendo has none to give. */
  readonly key: string;
  /** Row id of the one whose key this is: another one when two want the same. */
  readonly keyOwner: number;
  /** True when the table has the row. */
  readonly held: boolean;
  /** What the table says now. */
  readonly valid: boolean;
  /** Kivitendo has the row no more; what follows is empty then. */
  readonly gone: boolean;
  /** False when the customer, or every customer of the contact, is obsolete or out of scope, or the contact itself is. */
  readonly active: boolean;
  readonly name: string;
  /** Hash of kivitendo's row under the current mapping; null when it is gone. */
  readonly sourceHash: string | null;
}

export interface SourceCompany extends SourceRow {
  readonly street: string;
  readonly zipCode: string;
  readonly city: string;
  readonly country: string;
  /** Two letters (ISO 3166), or empty. */
  readonly countryCode: string;
  readonly homepage: string;
}

export interface SourceContact extends SourceRow {
  /** Row id of the customer that the contact is filed under; null when the contact is gone. */
  readonly customerId: number | null;
  /** Key of that customer when the table has it. */
  readonly companyKey: string | null;
  readonly title: string;
  readonly givenName: string;
  readonly email: string;
  readonly phone: string;
  readonly mobile: string;
}

export interface SourceCounts {
  /** Rows that kivitendo shows. */
  readonly sourceRows: number;
  /** Rows of the table that are valid. */
  readonly known: number;
  readonly unchanged: number;
}

/** Rows that differ from what was written, or have no place yet; the others are only counted. */
export interface ReadOnlyDifferences {
  readonly companies: { readonly counts: SourceCounts; readonly rows: readonly SourceCompany[] };
  readonly contacts: { readonly counts: SourceCounts; readonly rows: readonly SourceContact[] };
  /** False when kivitendo lacks the customer without which it is not believed. */
  readonly sentinelFound: boolean;
}

/** A row of otrs_bridge.helpdesk_companies, by its columns. */
export interface HelpdeskCompanyRow {
  readonly row_id: number;
  readonly customer_id: string;
  readonly name: string;
  readonly street: string;
  readonly zip: string;
  readonly city: string;
  readonly country: string;
  readonly url: string;
  readonly valid_id: number;
  readonly source_hash: string | null;
}

/** A row of otrs_bridge.helpdesk_users, by its columns. */
export interface HelpdeskUserRow {
  readonly row_id: number;
  readonly filed_under: number;
  readonly login: string;
  readonly customer_id: string;
  readonly title: string;
  readonly first_name: string;
  readonly last_name: string;
  readonly email: string;
  readonly phone: string;
  readonly mobile: string;
  readonly valid_id: number;
  readonly source_hash: string | null;
}

/** What is done to one table: `removed` first, because their keys go to others. All are row ids or whole rows. */
export interface TableWrites<Row> {
  readonly removed: readonly number[];
  readonly invalidated: readonly number[];
  readonly written: readonly Row[];
}

export interface ReadOnlyWrites {
  readonly companies: TableWrites<HelpdeskCompanyRow>;
  readonly users: TableWrites<HelpdeskUserRow>;
}

/** The two tables beside kivitendo's rows. */
export interface ReadOnlySource {
  /**
   * Compares in one short snapshot. `mapping` names the version of the field mapping; of `source`, scope and sentinel
   * count.
   */
  read(mapping: string, source: SourceOptions): Promise<ReadOnlyDifferences>;
  /** Writes all of it in one transaction: the helpdesk sees it before or after, never half. */
  write(writes: ReadOnlyWrites): Promise<void>;
}
