import type { PoolClient } from "pg";
import { z } from "zod";
import type { FormerRow, RecordKind } from "../customer-sync/ports.ts";
import { CustomerId } from "../model/index.ts";

const Former = z.object({
  rowId: z.number(),
  key: z.string(),
  label: z.string(),
  adopted: z.boolean(),
  customerId: CustomerId.nullable(),
});

/** By the key in lower case. */
export type FormerRows = ReadonlyMap<string, FormerRow>;

const sources = {
  company: "select customer_id from otrs_bridge.companies",
  user: "select contact_id from public.otrs_customer_contacts",
} as const;

/**
 * Rows that are gone, or are not to be shown any more, whose records have one of these keys, however it is written; of several
 * the latest. The view is asked only when there is such a record.
 */
export async function readFormerRows(
  client: PoolClient,
  kind: RecordKind,
  wanted: readonly (string | null)[],
): Promise<FormerRows> {
  const keys = new Set(wanted.flatMap((key) => (key === null || key === "" ? [] : [key.toLowerCase()])));
  if (keys.size === 0) return new Map();
  const { rows } = await client.query(
    `select l.row_id as "rowId", l.helpdesk_key as key, coalesce(l.label, l.helpdesk_key) as label, l.adopted,
           l.customer_id as "customerId"
       from otrs_bridge.links l
       join unnest($2::text[]) as w (key) on w.key = lower(l.helpdesk_key)
      where l.kind = $1
        and l.confirmed
        and l.row_id not in (${sources[kind]})
      order by l.row_id`,
    [kind, [...keys]],
  );
  return new Map(
    z
      .array(Former)
      .parse(rows)
      .map((former) => [former.key.toLowerCase(), former]),
  );
}

export function formerFor(rows: FormerRows, key: string | null): FormerRow | null {
  return key === null ? null : (rows.get(key.toLowerCase()) ?? null);
}
