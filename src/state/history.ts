import type { Pool } from "pg";
import { z } from "zod";
import { RunId } from "../model/index.ts";
import { choicesFor } from "./decisions.ts";
import { InstantColumn } from "./rows.ts";
import { inTransaction } from "./transaction.ts";

const Flow = z.enum(["customers", "billing"]);

/** What waits for a human: a question of billing, or a record that is not in the helpdesk as kivitendo has it. */
export interface InboxEntry {
  /** What `inbox decide` takes: `company-1127`, `user-1501` (kind and row id in kivitendo), `billing-12`. */
  readonly id: string;
  readonly flow: z.infer<typeof Flow>;
  readonly reason: string;
  readonly subject: string;
  readonly text: string;
  readonly hint: string;
  readonly openedAt: Temporal.Instant;
  /** What may be decided; empty when the cause has to be mended. */
  readonly choices: readonly string[];
  /** What each choice means, as a sentence; the choices about customers explain themselves in `hint`. */
  readonly effects: Readonly<Record<string, string>>;
}

const QuestionRow = z.object({
  id: z.string(),
  flow: Flow,
  reason: z.string(),
  subject: z.string(),
  text: z.string(),
  hint: z.string(),
  openedAt: InstantColumn,
  choices: z.array(z.object({ choice: z.string(), effect: z.string() })),
});

const RecordRow = z.object({
  kind: z.enum(["company", "user"]),
  rowId: z.number(),
  code: z.string(),
  reason: z.string(),
  label: z.string(),
  confirmed: z.boolean(),
  adopted: z.boolean(),
  decision: z.string().nullable(),
  openedAt: InstantColumn,
});

/** What to do about a refused record, by the code of the refusal (docs/addon-protocol.md, and ours). */
const refusalHints: Readonly<Record<string, string>> = {
  found:
    "The helpdesk has a record under this key that nobody owns. When it is the same one, decide `adopt`; when many are, pair them with `kivi-otrs customers match`.",
  "not-ours":
    "The record under this key belongs to another row or another installation of the bridge. Change the key in kivitendo, or leave the record to the other one. When it is a record of ours whose row is gone, rename it in the helpdesk (a user's e-mail address, too): the next try creates the new one.",
  gone: "Somebody removed the record from the helpdesk: decide `recreate` when it shall be there. When the helpdesk was restored from a backup, see `kivi-otrs setup --rebind`.",
  "key-differs":
    "The helpdesk takes two keys for one (case, umlauts, blanks). Change the customer number or e-mail in kivitendo.",
  "key-taken":
    "Another record of the helpdesk has the new key. Change the customer number in kivitendo, or rename the other record.",
  "name-taken":
    "Company names are unique in the helpdesk. Decide `append-number`, or make the name in kivitendo distinguishable, for instance by the town.",
  "email-taken":
    "The helpdesk lets one contact only have an e-mail address. Correct it on one of the two, or remove it from the other record in the helpdesk.",
  ambiguous:
    "Several rows of kivitendo claim the same key, name or address. Change it on one of them; the next run sends the other.",
  incomplete: "Complete or correct the record in kivitendo; the next run sends it.",
  "waits-for-customer": "Nothing, when the customer itself is only waiting; its refusal is listed here as well.",
  "move-waits":
    "With `move` all tickets of the contact go along to the other customer; with `stay` the helpdesk keeps the contact where it is.",
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

/** Everything that waits for a human, oldest first: open questions, and refused records that nobody told to ignore. */
export async function readInbox(pool: Pool): Promise<readonly InboxEntry[]> {
  const { questions, records } = await inTransaction(pool, "snapshot", async (client) => ({
    questions: await client.query(
      `select flow || '-' || id as id, flow, reason, subject, text, hint, opened_at as "openedAt", choices
         from otrs_bridge.inbox
        where closed_at is null
        order by opened_at, subject`,
    ),
    records: await client.query(
      `select l.kind, l.row_id as "rowId", l.rejection_code as code, l.rejection_reason as reason,
              coalesce(nullif(btrim(l.label), ''), nullif(l.helpdesk_key, ''), 'with row id ' || l.row_id) as label,
              l.confirmed, l.adopted, l.decision, coalesce(l.rejected_at, r.started_at, now()) as "openedAt"
         from otrs_bridge.links l
         left join otrs_bridge.runs r on r.id = l.run_id
        where l.status = 'rejected' and l.decision is distinct from 'ignore'
        order by "openedAt", l.kind, l.row_id`,
    ),
  }));
  const entries = [
    ...z.array(QuestionRow).parse(questions.rows).map(questionOf),
    ...z.array(RecordRow).parse(records.rows).map(entryOf),
  ];
  return entries.sort((a, b) => Temporal.Instant.compare(a.openedAt, b.openedAt));
}

function questionOf({ choices, ...question }: z.infer<typeof QuestionRow>): InboxEntry {
  return {
    ...question,
    choices: choices.map(({ choice }) => choice),
    effects: Object.fromEntries(choices.map(({ choice, effect }) => [choice, effect])),
  };
}

function entryOf(row: z.infer<typeof RecordRow>): InboxEntry {
  return {
    id: `${row.kind}-${row.rowId}`,
    flow: "customers",
    reason: row.code,
    subject: `${row.kind === "company" ? "customer" : "contact"} ${row.label}`,
    text: row.reason,
    hint: refusalHints[row.code] ?? otherHint,
    openedAt: row.openedAt,
    choices: choicesFor(row),
    effects: {},
  };
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
