import type { ClientBase, Pool } from "pg";
import { z } from "zod";
import { databaseErrorOf } from "../model/index.ts";

/** A pool, or a connection that is inside somebody's transaction. */
export type Queryable = Pool | ClientBase;

export const RowId = z.number().int().positive();

/** A date as the database writes it: `2026-11-22`. */
export const DayColumn = z.string().transform((text) => Temporal.PlainDate.from(text));

/** All rows of a query; throws one of the shared classes of error. */
export async function readRows<T>(
  database: Queryable,
  schema: z.ZodType<T>,
  query: string,
  values: readonly unknown[],
): Promise<T[]> {
  try {
    const { rows } = await database.query<Record<string, unknown>>(query, [...values]);
    return z.array(schema).parse(rows);
  } catch (error) {
    throw databaseErrorOf(error);
  }
}
