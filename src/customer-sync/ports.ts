/** What flow 1 sees of the outside. Adapters in src/state and src/helpdesk implement these types. */
import type {
  CompanyKey,
  ContactId,
  CustomerId,
  CustomerNumber,
  HelpdeskIdentity,
  RunEnd,
  RunId,
  UserLogin,
} from "../model/index.ts";

export type RecordKind = "company" | "user";

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
  readonly status: "writing" | "linked" | "rejected";
  readonly key: Key;
  /** True once the helpdesk confirmed the record as ours. */
  readonly confirmed: boolean;
  /** The validity that was last confirmed. */
  readonly valid: boolean;
  readonly attempts: number;
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
  readonly homepage: string;
  readonly obsolete: boolean;
  /** Hash of the source row under the current mapping; what is recorded after success. */
  readonly sourceHash: string;
  readonly link: Link<CompanyKey> | null;
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
  /** False when every customer of the contact is obsolete. */
  readonly active: boolean;
  readonly sourceHash: string;
  readonly link: Link<UserLogin> | null;
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
  /** Rows that are linked and equal to what was recorded, and rejected ones whose next try is not due. */
  readonly unchanged: { readonly companies: number; readonly contacts: number };
  /** Links that are confirmed and valid: the base for the guard's shares. */
  readonly known: { readonly companies: number; readonly contacts: number };
  /** Rows in the source, whatever their state. */
  readonly sourceRows: { readonly companies: number; readonly contacts: number };
}

/** One wanted write. `fields` are those of docs/addon-protocol.md. */
export interface CustomerChange {
  readonly kind: "create" | "update" | "invalidate";
  readonly record: RecordKind;
  readonly rowId: number;
  /** For people: the customer number and name, or the contact's name. */
  readonly label: string;
  readonly key: string;
  readonly expect: "absent" | "ours";
  readonly fields: Readonly<Record<string, string | number>>;
  readonly sourceHash: string;
  /** The customer that a user is filed under; null for companies and for vanished contacts. */
  readonly customerId: number | null;
}

export type RejectionCode =
  | "not-ours"
  | "already-ours"
  | "gone"
  | "key-differs"
  | "name-taken"
  | "email-taken"
  | "invalid"
  | "failed"
  /** Ours, not the helpdesk's: no customer number, or the company was rejected in this run. */
  | "incomplete"
  | "waits-for-customer";

export type UpsertOutcome =
  | { readonly outcome: "created" | "updated" | "unchanged"; readonly changed: readonly string[] }
  | { readonly outcome: "rejected"; readonly code: RejectionCode; readonly reason: string };

/** A change and what came of it. */
export interface CustomerOutcome {
  readonly change: CustomerChange;
  readonly result: UpsertOutcome;
}

/** The bulk operation of the add-on. */
export interface HelpdeskCustomers {
  /** Who the helpdesk is; asked once at the start of each run. */
  identify(): Promise<HelpdeskIdentity>;
  /**
   * Writes the changes in their order (or answers what writing would give, with `dryRun`); one outcome a change, in
   * the same order. Throws UnavailableError when the helpdesk cannot be reached: then none, some or all are written.
   */
  upsert(
    changes: readonly CustomerChange[],
    options: { readonly dryRun: boolean; readonly sequence: number; readonly signal: AbortSignal },
  ): Promise<readonly UpsertOutcome[]>;
}

/** The bridge's own memory of customers and contacts, in schema `otrs_bridge`. */
export interface CustomerState {
  /** Reads the source beside the links in one short snapshot. `mapping` names the version of the field mapping. */
  readDifferences(options: {
    readonly mapping: string;
    readonly selection: Selection;
    readonly now: Temporal.Instant;
  }): Promise<Differences>;
  /** Commits what is about to be sent, before it is sent. */
  commitIntent(run: RunId, changes: readonly CustomerChange[]): Promise<void>;
  /** Records what came of it, in one transaction. Returns how many of the rejections were not known before. */
  record(
    run: RunId,
    outcomes: readonly CustomerOutcome[],
    now: Temporal.Instant,
  ): Promise<{ readonly newlyRejected: number }>;
  /** Opens a run; its id is the sequence that the helpdesk is told. */
  startRun(flow: "customers", startedAt: Temporal.Instant): Promise<RunId>;
  readonly finishRun: (run: RunId, end: RunEnd) => Promise<void>;
}
