/** What flow 1 sends to the helpdesk, what came of it, and what the helpdesk has. */
import type { FormerRow, Ownership, RecordKind, Situation } from "./records.ts";

/** One wanted write. `fields` are those of docs/addon-protocol.md. */
export interface CustomerChange {
  readonly kind: "create" | "adopt" | "update" | "invalidate";
  readonly record: RecordKind;
  readonly rowId: number;
  /** For people: the customer number and name, or the contact's name. */
  readonly label: string;
  readonly key: string;
  /** The key that the record is to get; null when it keeps its own. */
  readonly newKey: string | null;
  readonly expect: "absent" | "unowned" | "ours";
  /** With `ours`: the record may still carry the mark of this row, which is gone; it gets this one's. */
  readonly takesOver?: FormerRow;
  readonly fields: Readonly<Record<string, string | number>>;
  /** Ownership of fields (and of `DynamicField_<Name>`) that are not simply ours. */
  readonly modes: Readonly<Record<string, Ownership>>;
  readonly dynamicFields: Readonly<Record<string, string>>;
  /** Additional CustomerIDs of a user; null leaves them alone. */
  readonly companies: readonly string[] | null;
  readonly sourceHash: string;
  /**
   * The customer that a user is filed under; null for companies and for vanished contacts. With `waitsFor` and with decision
   * `stay` the one that it was to move to: the recorded one stays.
   */
  readonly customerId: number | null;
  /** Customer number that is recorded with it; null for users. */
  readonly sourceKey: string | null;
  readonly situation: Situation;
  /** Becomes invalid because its customer does. */
  readonly follows: boolean;
  /** What was made to fit on the way, for people: "CustomerCompanyStreet cut to 200 characters". */
  readonly notices: readonly string[];
  /**
   * Written as it stands here, and then recorded as waiting for a decision (a contact's move to another customer): what
   * may be written is, what is held is not.
   */
  readonly waitsFor: { readonly code: "move-waits"; readonly reason: string } | null;
  /** Written with something else than kivitendo has, because another record of ours has that: tried again after a pause. */
  readonly isStopgap?: boolean;
}

export type RejectionCode =
  | "found"
  | "not-ours"
  | "already-ours"
  | "gone"
  | "key-differs"
  | "key-taken"
  | "name-taken"
  | "email-taken"
  | "invalid"
  | "failed"
  /** Ours, not the helpdesk's: no customer number, or the company was rejected in this run. */
  | "incomplete"
  | "ambiguous"
  | "waits-for-customer"
  /** Ours: a contact's move to another customer takes all its tickets along, so somebody must say so. */
  | "move-waits";

export type UpsertOutcome =
  | { readonly outcome: "created" | "adopted" | "updated" | "unchanged"; readonly changed: readonly string[] }
  | {
      readonly outcome: "rejected";
      readonly code: RejectionCode;
      readonly reason: string;
      /** Whose mark the record in the way carries; null when it carries none, or none is in the way. */
      readonly owner: RecordOwner | null;
      /** Key of the record in the way. */
      readonly otherKey: string | null;
      /** With `gone`: where our record stands now. */
      readonly keyNow: string | null;
    };

/** The mark that the add-on keeps on a record. */
export interface RecordOwner {
  readonly instance: string;
  readonly rowId: number;
}

/** A record as the helpdesk has it. */
export interface HelpdeskRecord {
  readonly key: string;
  /** All mapped fields but key and password; empty ones are "". */
  readonly fields: Readonly<Record<string, string>>;
  readonly validId: number;
  readonly dynamicFields: Readonly<Record<string, string>>;
  readonly companies: readonly string[];
  readonly owner: RecordOwner | null;
  /** Null when they were not asked for. */
  readonly tickets: { readonly all: number; readonly open: number } | null;
}

/** What the helpdesk can store, to check the configuration against. */
export interface HelpdeskFields {
  readonly fields: Readonly<Record<RecordKind, readonly string[]>>;
  readonly dynamicFields: Readonly<Record<RecordKind, readonly { readonly name: string; readonly type: string }[]>>;
  /** Names that the helpdesk offers for countries. */
  readonly countries: readonly string[];
  /** Whether it keeps owner marks: without them a record is ours when a link says so. */
  readonly marks: boolean;
  /** Whether a user can have additional companies through it. */
  readonly additionalCompanies: boolean;
}

/** A change and what came of it. */
export interface CustomerOutcome {
  readonly change: CustomerChange;
  readonly result: UpsertOutcome;
}
