import type { Pool, PoolClient } from "pg";
import { z } from "zod";
import type { InboxItem, QuestionReason } from "../billing/ports.ts";
import type { RunId } from "../model/index.ts";
import { storableText } from "./rows.ts";
import { inTransaction } from "./transaction.ts";

export interface InboxOptions {
  readonly run: RunId | null;
  readonly now: Temporal.Instant;
  readonly complete: boolean | readonly QuestionReason[];
  readonly dryRun: boolean;
  /** Leaves open ones as they are worded. */
  readonly onlyNew?: true;
}

/** SQL: the circumstances that an answer holds for; a question that names none is the same as long as its text is. */
export function fingerprintOf(about: string, text: string): string {
  return `coalesce(${about} ->> 'fingerprint', md5(${text}))`;
}

const Answer = z.object({ added: z.number(), open: z.number() });

/** Those of the items that were not answered for good under the same circumstances; see the port. */
export async function readUnanswered(pool: Pool, items: readonly InboxItem[]): Promise<readonly InboxItem[]> {
  if (items.length === 0) return items;
  return inTransaction(pool, "snapshot", (client) => withoutAnswered(client, items));
}

async function withoutAnswered(client: PoolClient, items: readonly InboxItem[]): Promise<readonly InboxItem[]> {
  const { rows } = await client.query(
    `select i.ordinal::integer - 1 as index
       from jsonb_array_elements($1) with ordinality as i (item, ordinal)
       join otrs_bridge.acknowledged a
         on a.reason = i.item ->> 'reason' and a.subject = i.item ->> 'subject'
        and a.fingerprint = ${fingerprintOf("i.item -> 'about'", "i.item ->> 'text'")}
      order by i.ordinal`,
    [JSON.stringify(items.map(itemColumns))],
  );
  const answered = new Set(
    z
      .array(z.object({ index: z.number() }))
      .parse(rows)
      .map(({ index }) => index),
  );
  return items.filter((_item, index) => !answered.has(index));
}

/**
 * Adds billing's questions that are neither open nor answered for good, brings open ones up to date and, after a run that
 * looked at everything, closes what is asked no longer. See the port.
 */
export async function syncInbox(
  pool: Pool,
  items: readonly InboxItem[],
  options: InboxOptions,
): Promise<{ readonly added: number; readonly open: number }> {
  return inTransaction(pool, options.dryRun ? "trial" : "write", async (client) => {
    const unanswered = await withoutAnswered(client, items);
    const added = await openItems(client, unanswered, options);
    if (options.complete !== false) await closeOthers(client, unanswered, options);
    return countItems(client, added);
  });
}

const itemRecord = "(reason text, subject text, text text, hint text, about jsonb, choices jsonb)";

async function openItems(client: PoolClient, items: readonly InboxItem[], options: InboxOptions): Promise<number> {
  const { rowCount } = await client.query(
    `insert into otrs_bridge.inbox (flow, reason, subject, text, hint, about, choices, run_id, opened_at)
     select 'billing', i.reason, i.subject, i.text, i.hint, i.about, i.choices, $2, $3
       from jsonb_to_recordset($1) as i ${itemRecord}
      where not exists (
              select
                from otrs_bridge.inbox o
               where o.flow = 'billing' and o.reason = i.reason and o.subject = i.subject and o.closed_at is null)
      order by i.reason, i.subject`,
    [itemsJson(items), options.run, options.now.toString()],
  );
  if (options.onlyNew === true) return rowCount ?? 0;
  await client.query(
    `update otrs_bridge.inbox o
        set text = i.text, hint = i.hint, about = i.about, choices = i.choices
       from jsonb_to_recordset($1) as i ${itemRecord}
      where o.flow = 'billing' and o.reason = i.reason and o.subject = i.subject and o.closed_at is null
        and (o.text, o.hint, o.about, o.choices) is distinct from (i.text, i.hint, i.about, i.choices)`,
    [itemsJson(items)],
  );
  return rowCount ?? 0;
}

/** What no run looks at: it is opened and closed by who tells people. */
const besideRuns: readonly QuestionReason[] = ["mail-not-sent"];

async function closeOthers(client: PoolClient, items: readonly InboxItem[], options: InboxOptions): Promise<void> {
  await client.query(
    `update otrs_bridge.inbox o
        set closed_at = $2
      where o.flow = 'billing' and o.closed_at is null
        and case when $3::text[] is null then o.reason <> all ($4::text[]) else o.reason = any ($3::text[]) end
        and not exists (
              select
                from jsonb_to_recordset($1) as i ${itemRecord}
               where i.reason = o.reason and i.subject = o.subject)`,
    [itemsJson(items), options.now.toString(), options.complete === true ? null : options.complete, besideRuns],
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
  return JSON.stringify([...unique.values()].map(itemColumns));
}

function itemColumns({ reason, subject, text, hint, about, choices }: InboxItem): Record<string, unknown> {
  return {
    reason,
    subject: storableText(subject),
    text: storableText(text),
    hint: storableText(hint),
    about: about.fingerprint === undefined ? about : { ...about, fingerprint: storableText(about.fingerprint) },
    choices: choices.map(({ choice, effect }) => ({ choice, effect: storableText(effect) })),
  };
}
