import type { Pool, PoolClient } from "pg";
import { z } from "zod";
import type { InboxItem } from "../billing/ports.ts";
import type { RunId } from "../model/index.ts";
import { storableText } from "./rows.ts";
import { inTransaction } from "./transaction.ts";

export interface InboxOptions {
  readonly run: RunId | null;
  readonly now: Temporal.Instant;
  readonly complete: boolean;
  readonly dryRun: boolean;
}

const Answer = z.object({ added: z.number(), open: z.number() });

/**
 * Adds billing's questions that are not open yet, brings the wording of open ones up to date and, after a run that
 * looked at everything, closes what is asked no longer. See the port.
 */
export async function syncInbox(
  pool: Pool,
  items: readonly InboxItem[],
  options: InboxOptions,
): Promise<{ readonly added: number; readonly open: number }> {
  return inTransaction(pool, options.dryRun ? "trial" : "write", async (client) => {
    const added = await openItems(client, items, options);
    if (options.complete) await closeOthers(client, items, options);
    return countItems(client, added);
  });
}

const itemColumns = "(reason text, subject text, text text, hint text)";

async function openItems(client: PoolClient, items: readonly InboxItem[], options: InboxOptions): Promise<number> {
  const { rowCount } = await client.query(
    `insert into otrs_bridge.inbox (flow, reason, subject, text, hint, run_id, opened_at)
     select 'billing', i.reason, i.subject, i.text, i.hint, $2, $3
       from jsonb_to_recordset($1) as i ${itemColumns}
      where not exists (
              select
                from otrs_bridge.inbox o
               where o.flow = 'billing' and o.reason = i.reason and o.subject = i.subject and o.closed_at is null)
      order by i.reason, i.subject`,
    [itemsJson(items), options.run, options.now.toString()],
  );
  await client.query(
    `update otrs_bridge.inbox o
        set text = i.text, hint = i.hint
       from jsonb_to_recordset($1) as i ${itemColumns}
      where o.flow = 'billing' and o.reason = i.reason and o.subject = i.subject and o.closed_at is null
        and (o.text, o.hint) is distinct from (i.text, i.hint)`,
    [itemsJson(items)],
  );
  return rowCount ?? 0;
}

async function closeOthers(client: PoolClient, items: readonly InboxItem[], options: InboxOptions): Promise<void> {
  await client.query(
    `update otrs_bridge.inbox o
        set closed_at = $2
      where o.flow = 'billing' and o.closed_at is null
        and not exists (
              select
                from jsonb_to_recordset($1) as i ${itemColumns}
               where i.reason = o.reason and i.subject = o.subject)`,
    [itemsJson(items), options.now.toString()],
  );
}

async function countItems(client: PoolClient, added: number): Promise<z.infer<typeof Answer>> {
  const { rows } = await client.query(
    `select $1::integer as added, count(*)::integer as open
       from otrs_bridge.inbox
      where flow = 'billing' and closed_at is null`,
    [added],
  );
  return Answer.parse(rows[0]);
}

/** One open item a reason and subject; the last wording of several counts. */
function itemsJson(items: readonly InboxItem[]): string {
  const unique = new Map(items.map((item) => [JSON.stringify([item.reason, item.subject]), item]));
  return JSON.stringify(
    [...unique.values()].map(({ reason, subject, text, hint }) => ({
      reason,
      subject: storableText(subject),
      text: storableText(text),
      hint: storableText(hint),
    })),
  );
}
