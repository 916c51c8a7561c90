import { z } from "zod";
import type { DraftStatus, EntryKey, LineKind, Target, TimeRow } from "../billing/ports.ts";
import { InstantColumn, UnitsColumn } from "./rows.ts";

/** Columns of billing's tables that several queries read. */

export const EntryKindColumn = z.enum(["article", "row", "rest"] satisfies readonly EntryKey["kind"][]);

export const LineKindColumn = z.enum([
  "billed",
  "goodwill",
  "rounding",
  "included",
  "excluded",
  "waived",
  "opening",
  "transfer",
] satisfies readonly LineKind[]);

export const TargetColumn = z.enum(["invoice-draft", "sales-order", "recurring-order"] satisfies readonly Target[]);

export const DraftStatusColumn = z.enum([
  "proposed",
  "waiting",
  "changed",
  "posted",
  "gone",
  "superseded",
  "dropped",
] satisfies readonly DraftStatus[]);

export const OpeningColumn = z.enum(["booked", "bill"]).nullable();

/** `time_entries.rows`. */
export const TimeRowsColumn: z.ZodType<readonly TimeRow[]> = z.array(
  z.object({
    rowId: z.number(),
    units: UnitsColumn,
    bookedAt: InstantColumn,
    agentLogin: z.string().nullable(),
    agentName: z.string().nullable(),
    subject: z.string().nullable(),
  }),
);
