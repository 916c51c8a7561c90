import type { Pool } from "pg";
import { z } from "zod";
import { RunId } from "../model/index.ts";
import { InstantColumn } from "./rows.ts";
import { inTransaction } from "./transaction.ts";

const Flow = z.enum(["customers", "billing"]);

const InboxRow = z.object({
  flow: Flow,
  reason: z.string(),
  subject: z.string(),
  text: z.string(),
  hint: z.string(),
  openedAt: InstantColumn,
});
/** What waits for a human: a question of billing, or a record that the helpdesk refuses. */
export type InboxEntry = z.infer<typeof InboxRow>;

/** What to do about a refused record, by the code of the refusal (docs/addon-protocol.md). */
const refusalHints: Readonly<Record<string, string>> = {
  "not-ours":
    "The helpdesk has a record under this key that the bridge did not make. Change the key on one side, or leave the record to the agents.",
  gone: "Somebody removed the record from the helpdesk, or the helpdesk was restored from a backup: see `kivi-otrs setup --rebind`.",
  "key-differs":
    "The helpdesk takes two keys for one (case, umlauts, blanks). Change the customer number or e-mail in kivitendo.",
  "name-taken":
    "Company names are unique in the helpdesk. Make the name in kivitendo distinguishable, for instance by the town.",
  "email-taken": "The helpdesk lets one contact only have an e-mail address. Correct it on one of the two.",
  incomplete: "Complete the record in kivitendo; the next run sends it.",
  "waits-for-customer": "Nothing, when the customer itself is only waiting; its refusal is listed here as well.",
};
const otherHint = "Correct the record in kivitendo; the next run sends it again.";

const RunRow = z.object({
  id: RunId,
  flow: Flow,
  startedAt: InstantColumn,
  /** Null while the run goes on, and for ever when its process was killed. */
  finishedAt: InstantColumn.nullable(),
  status: z.enum(["done", "partial", "refused", "failed", "interrupted"]).nullable(),
  summary: z.unknown(),
  error: z.string().nullable(),
});
export type RunEntry = z.infer<typeof RunRow>;

/** Everything that waits for a human, oldest first: open questions, and records that the helpdesk refuses. */
export async function readInbox(pool: Pool): Promise<readonly InboxEntry[]> {
  return inTransaction(pool, "snapshot", async (client) => {
    const { rows } = await client.query(
      `select flow, reason, subject, text, hint, opened_at as "openedAt"
         from otrs_bridge.inbox
        where closed_at is null
        union all
       select 'customers', l.rejection_code,
              case l.kind when 'company' then 'customer ' else 'contact ' end
                || coalesce(nullif(l.helpdesk_key, ''), 'with row id ' || l.row_id),
              l.rejection_reason,
              coalesce($1::jsonb ->> l.rejection_code, $2),
              r.started_at
         from otrs_bridge.links l
         join otrs_bridge.runs r on r.id = l.run_id
        where l.status = 'rejected'
        order by 6, 3`,
      [JSON.stringify(refusalHints), otherHint],
    );
    return z.array(InboxRow).parse(rows);
  });
}

/** The last runs, newest first. */
export async function readRuns(pool: Pool, limit: number): Promise<readonly RunEntry[]> {
  return inTransaction(pool, "snapshot", async (client) => {
    const { rows } = await client.query(
      `select id, flow, started_at as "startedAt", finished_at as "finishedAt", status, summary, error
         from otrs_bridge.runs
        order by id desc
        limit $1`,
      [limit],
    );
    return z.array(RunRow).parse(rows);
  });
}
