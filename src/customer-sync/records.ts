/** What flow 1 works on: rows of kivitendo beside links, and what people decided; what is sent is in writes.ts. */
import type { CompanyKey, ContactId, CustomerId, CustomerNumber, UserLogin } from "../model/index.ts";

export type RecordKind = "company" | "user";

/** Who wins when ERP and helpdesk differ in a field (docs/customer-sync.md). */
export type Ownership = "owned" | "fill-if-empty" | "create-only";

/**
 * Where a record stands between kivitendo, links and helpdesk: one vocabulary in plan, log and `--json`.
 *
 * - `confirmed`: linked, and the helpdesk's record carries our mark.
 * - `absent`: not linked, and the helpdesk has nothing under the key.
 * - `found`: not linked, and a record that nobody owns stands there.
 * - `matched`: a confirmed pair of `customers match`.
 * - `returned`: not linked, and the bridge's own record stands there whose row is gone: deleted and typed again.
 * - `foreign`: the helpdesk's record belongs to another instance or another row.
 * - `ambiguous`: several records claim one key, name or address.
 * - `renamed`: linked, and our record now stands under another key.
 * - `missing`: linked, and the helpdesk has no such record any more.
 * - `source-missing`: linked, and kivitendo's row is gone.
 * - `out-of-scope`: linked, and kivitendo's row is obsolete, filtered out or opted out.
 * - `incomplete`: kivitendo's row lacks what the helpdesk demands, or has what it refuses.
 * - `waiting`: for its customer, or for somebody's decision.
 */
export type Situation =
  | "confirmed"
  | "absent"
  | "found"
  | "matched"
  | "returned"
  | "foreign"
  | "ambiguous"
  | "renamed"
  | "missing"
  | "source-missing"
  | "out-of-scope"
  | "incomplete"
  | "waiting";

/** What is read of kivitendo besides the fixed columns, and which rows belong into the helpdesk. */
export interface SourceOptions {
  /** Columns of the views, or custom variables as `variable:NAME`, that the configuration maps. */
  readonly companyColumns: readonly string[];
  readonly contactColumns: readonly string[];
  readonly scope: Scope;
  /** A customer number without which the source is not believed. */
  readonly sentinel: string | null;
}

/** Filters; null and empty lists let everything pass. Who is filtered out later becomes invalid, not deleted. */
export interface Scope {
  /** Custom variable (yes/no) of contacts: may report tickets. */
  readonly contactFlag: string | null;
  /** Custom variable (yes/no) of customers. */
  readonly customerFlag: string | null;
  /** Names of kivitendo's business types. */
  readonly businessTypes: readonly string[];
  /** Regular expression (PostgreSQL's) that customer numbers match. */
  readonly numberPattern: string | null;
}

/** Which source rows a run looks at; empty lists mean all. */
export interface Selection {
  readonly customerNumbers: readonly string[];
  /** Row id or e-mail address of contacts. */
  readonly contacts: readonly string[];
}

/**
 * What the bridge remembers about a source row. `writing` means: an intent was committed and no outcome recorded, so the
 * helpdesk may or may not have it.
 */
export interface Link<Key> {
  /** `matched`: `customers match` paired it with a record of the helpdesk that is still to be adopted. */
  readonly status: "writing" | "linked" | "rejected" | "matched";
  readonly key: Key;
  /** True once the helpdesk confirmed the record as ours. */
  readonly confirmed: boolean;
  /** The validity that was last confirmed. */
  readonly valid: boolean;
  readonly attempts: number;
  /** The record stood in the helpdesk before the bridge came: its key is never changed. */
  readonly adopted: boolean;
  /** Customer number when this was last recorded; null for users, and when nothing was. */
  readonly sourceKey: string | null;
  /** The customer under which a user was last recorded. */
  readonly customerId: CustomerId | null;
  /** What somebody decided about this record and no run has used up. */
  readonly decision: Decision | null;
}

/** Choices of `inbox decide`; docs/customer-sync.md says what each does. */
export interface Decision {
  readonly choice: "adopt" | "move" | "stay" | "append-number" | "recreate" | "rename";
  /** `stay`: row id of the customer that was refused; `rename`: the new key; `recreate`: the key that it had. */
  readonly value: string | null;
}

/** What is remembered of a row that is gone, and whose record has the key that another row wants. */
export interface FormerRow {
  readonly rowId: number;
  readonly key: string;
  /** As CustomerChange.label, when it was last recorded; the key where none was. */
  readonly label: string;
  readonly adopted: boolean;
  /** The customer under which a user was last recorded. */
  readonly customerId: CustomerId | null;
}

/** A customer whose row differs from what was last recorded, or that was never recorded. */
export interface CompanyDifference {
  readonly customerId: CustomerId;
  readonly customerNumber: CustomerNumber | null;
  readonly name: string;
  readonly street: string;
  readonly zipCode: string;
  readonly city: string;
  readonly country: string;
  /** Two letters (ISO 3166), or empty. */
  readonly countryCode: string;
  readonly homepage: string;
  readonly obsolete: boolean;
  /** False when the scope leaves it out. */
  readonly inScope: boolean;
  /** A customer with a lower row id has the same name, as the most tolerant database compares names. */
  readonly nameShared: boolean;
  /**
   * Number of the customer that has the same number in the eyes of the helpdesk's database and came first: it is in the
   * helpdesk already, or has the lowest row id.
   */
  readonly keyRival: CustomerNumber | null;
  /** By the name in SourceOptions.companyColumns. */
  readonly extra: Readonly<Record<string, string>>;
  /** Hash of the source row under the current mapping; what is recorded after success. */
  readonly sourceHash: string;
  readonly link: Link<CompanyKey> | null;
  /** Null for rows whose own record is in the helpdesk. */
  readonly former: FormerRow | null;
}

/** A contact (with the one customer that it is filed under) that differs from what was last recorded. */
export interface ContactDifference {
  readonly contactId: ContactId;
  readonly customerId: CustomerId;
  readonly customerNumber: CustomerNumber | null;
  /** Key of that customer in the helpdesk when it is linked already. */
  readonly companyKey: CompanyKey | null;
  readonly title: string;
  readonly givenName: string;
  readonly name: string;
  readonly email: string;
  readonly phone: string;
  readonly mobile: string;
  /** False when every customer of the contact is obsolete or out of scope, or the contact may not report tickets. */
  readonly active: boolean;
  /** Inactive because of its customers only: not counted by the guard. */
  readonly follows: boolean;
  /** The contact's other customers (not obsolete, in scope), with their keys where they are linked; by row id. */
  readonly otherCustomers: readonly { readonly customerId: CustomerId; readonly key: CompanyKey | null }[];
  /** By the name in SourceOptions.contactColumns. */
  readonly extra: Readonly<Record<string, string>>;
  readonly sourceHash: string;
  readonly link: Link<UserLogin> | null;
  readonly former: FormerRow | null;
}

/** A link whose source row is gone: the contact or customer was deleted, or lost its e-mail or its customer. */
export interface Vanished<Key> {
  readonly rowId: number;
  readonly label: string;
  readonly link: Link<Key>;
}

/** Everything that one snapshot says; unchanged rows are only counted. */
export interface Differences {
  readonly companies: readonly CompanyDifference[];
  readonly contacts: readonly ContactDifference[];
  readonly vanishedCompanies: readonly Vanished<CompanyKey>[];
  readonly vanishedContacts: readonly Vanished<UserLogin>[];
  /**
   * Row ids of what was refused, never was in the helpdesk and is not to be there any more: the row is gone, obsolete or out
   * of scope. Nobody needs to be asked about it.
   */
  readonly withdrawn: Readonly<Record<RecordKind, readonly number[]>>;
  /** Rows that are linked and equal to what was recorded, and rejected ones whose next try is not due. */
  readonly unchanged: { readonly companies: number; readonly contacts: number };
  /** Links that are confirmed and valid: the base for the guard's shares. */
  readonly known: { readonly companies: number; readonly contacts: number };
  /** Rows in the source, whatever their state. */
  readonly sourceRows: { readonly companies: number; readonly contacts: number };
  /** The same when a run last recorded something; null before the first. */
  readonly lastSourceRows: { readonly companies: number; readonly contacts: number } | null;
  /** False when SourceOptions.sentinel is set and kivitendo has no such customer. */
  readonly sentinelFound: boolean;
  /** What the runs of the last 24 hours did that nobody had allowed explicitly. */
  readonly recent: Readonly<Record<RecordKind, GuardedCounts>>;
}

/** What the guard counts. Contacts that follow their customer are not among them. */
export interface GuardedCounts {
  readonly deactivations: number;
  /** Changes of CustomerID or login. */
  readonly keyChanges: number;
  readonly adoptions: number;
}

/** A pair that somebody confirmed. */
export interface ConfirmedMatch {
  readonly record: RecordKind;
  readonly rowId: number;
  readonly key: string;
  readonly by: string;
}

/** `retry`: now instead of after the pause. `ignore`: not before the row in kivitendo changes. */
export interface RecordedDecision {
  readonly choice: Decision["choice"] | "retry" | "ignore";
  readonly value: string | null;
  readonly by: string;
  readonly why: string;
  readonly at: Temporal.Instant;
}
