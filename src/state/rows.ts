import { z } from "zod";
import { HundredthUnits } from "../model/index.ts";

/** A `timestamptz` as PostgreSQL writes it, such as `2026-11-22 03:15:00.25+01`. */
export const InstantColumn = z.string().transform((text) => Temporal.Instant.from(text));

/** A `date`. */
export const DayColumn = z.string().transform((text) => Temporal.PlainDate.from(text));

/** A `bigint` that holds hundredths of units: far below the largest exact number. */
export const UnitsColumn = z.coerce
  .number()
  .refine((value) => Number.isSafeInteger(value))
  .pipe(HundredthUnits);

/** What `jsonb` can hold: PostgreSQL refuses NUL and lone halves of surrogate pairs. */
export function storableText(text: string): string {
  return text.replaceAll("\u0000", "").toWellFormed();
}
