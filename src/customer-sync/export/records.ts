/** What an export of files works on, and what the bridge remembers of earlier ones. */
import type { RecordKind } from "../records.ts";

/** For whom the files are; docs/export.md says what each looks like. */
export type ExportFormat = "otobo" | "opsi" | "plain";

/** A record as an export wrote it: what the helpdesk has once the files were taken over. */
export interface ExportedRecord {
  readonly record: RecordKind;
  /** Row id in kivitendo. */
  readonly rowId: number;
  /** CustomerID or login. What was exported first stays for ever. */
  readonly key: string;
  /** By the names of docs/addon-protocol.md; key and validity are not among them. */
  readonly fields: Readonly<Record<string, string>>;
  readonly valid: boolean;
}

export type ExportRefusalCode =
  "incomplete" | "reserved-key" | "key-taken" | "name-taken" | "email-taken" | "waits-for-customer";

/** A record that is not in the files, or stands there as it was exported before. */
export interface ExportRefusal {
  readonly record: RecordKind;
  readonly rowId: number;
  readonly label: string;
  readonly code: ExportRefusalCode;
  readonly reason: string;
  /** What to do, as a full sentence. */
  readonly hint: string;
}

/** What is remembered of a format; `number` is 0 before its first export. */
export interface LastExport {
  readonly number: number;
  readonly records: readonly ExportedRecord[];
  /** The refusals that were told then, as `refusalName` writes them. */
  readonly refused: readonly string[];
}

/** One export, as it is remembered after its files are in place. */
export interface ExportEntry {
  readonly format: ExportFormat;
  /** The export that this one is compared with; 0 for the first. */
  readonly after: number;
  readonly madeAt: Temporal.Instant;
  /** Records that are new or differ from what is remembered. */
  readonly changed: readonly ExportedRecord[];
  readonly refused: readonly string[];
}

/** The bridge's memory of exports, in schema `otrs_bridge`. */
export interface ExportState {
  readLast(format: ExportFormat): Promise<LastExport>;
  /** Remembers an export in one transaction. Throws UnavailableError when another one came in between. */
  recordExport(entry: ExportEntry): Promise<void>;
}
