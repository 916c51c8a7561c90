import type { Pool } from "pg";
import { z } from "zod";
import type { StoredDraft } from "../billing/ports.ts";
import { RunId } from "../model/index.ts";
import { readDrafts } from "./stored-drafts.ts";
import { storableText } from "./rows.ts";
import { inTransaction } from "./transaction.ts";

/** What runs of billing brought that people are still to be told by mail; kept with the runs (`summary.mail`). */
export interface News {
  readonly runs: readonly RunId[];
  /** Addresses that were not told; null for runs that were killed before they could say whom. */
  readonly to: readonly string[] | null;
  /** Names the mail that was tried for them: the same one again. Null before the first time. */
  readonly attempt: string | null;
  /** Drafts, orders and proposals of these runs that still wait. */
  readonly drafts: readonly StoredDraft[];
  /** Questions that were new then; some may be answered meanwhile. */
  readonly newQuestions: number;
}

/** What is kept about the mail of a run. */
export interface MailRecord {
  readonly untold: readonly string[];
  readonly attempt: string | null;
  readonly problem: string | null;
}

const UntoldRow = z.object({
  id: RunId,
  untold: z.array(z.string()).nullable(),
  attempt: z.string().nullable(),
  questions: z.number(),
});

/** News that nobody, or not everybody, was told; one entry for each mail, oldest first. Call it while no run works. */
export async function readNews(pool: Pool): Promise<readonly News[]> {
  const { untold, made } = await inTransaction(pool, "snapshot", async (client) => {
    const runs = await client.query(
      `select id, summary #> '{mail,untold}' as untold, summary #>> '{mail,attempt}' as attempt,
              coalesce((summary ->> 'questions')::integer, 0) as questions
         from otrs_bridge.runs
        where flow = 'billing'
          and (jsonb_array_length(summary #> '{mail,untold}') > 0 or (finished_at is null and summary is null))
        order by id`,
    );
    const rows = z.array(UntoldRow).parse(runs.rows);
    const drafts = await client.query(
      `select id, run_id as run
         from otrs_bridge.drafts
        where run_id = any ($1::integer[]) and status in ('proposed', 'waiting', 'changed')
        order by id`,
      [rows.map(({ id }) => id)],
    );
    return { untold: rows, made: z.array(z.object({ id: z.number(), run: RunId })).parse(drafts.rows) };
  });
  if (untold.length === 0) return [];
  const drafts = made.length === 0 ? [] : await readDrafts(pool, { draftIds: made.map(({ id }) => id) });
  const mails = Map.groupBy(untold, (run) => JSON.stringify([run.untold, run.attempt]));
  return [...mails.values()].map((own) => {
    const runs = own.map(({ id }) => id);
    const ids = new Set(made.filter(({ run }) => runs.includes(run)).map(({ id }) => id));
    return {
      runs,
      to: own[0]?.untold ?? null,
      attempt: own[0]?.attempt ?? null,
      drafts: drafts.filter(({ draftId }) => ids.has(draftId)),
      newQuestions: own.reduce((sum, { questions }) => sum + questions, 0),
    };
  });
}

/** Remembers what came of a mail about runs. */
export async function recordMail(pool: Pool, runs: readonly RunId[], mail: MailRecord): Promise<void> {
  const kept = { ...mail, problem: mail.problem === null ? null : storableText(mail.problem) };
  await inTransaction(pool, "write", async (client) => {
    await client.query(
      `update otrs_bridge.runs
          set summary = case when jsonb_typeof(summary) = 'object' then summary else '{}' end
                        || jsonb_build_object('mail', $2::jsonb)
        where id = any ($1::integer[])`,
      [runs, JSON.stringify(kept)],
    );
  });
}

/** Open questions of billing, without the one about mail itself. */
export async function countOpenQuestions(pool: Pool): Promise<number> {
  return inTransaction(pool, "snapshot", async (client) => {
    const { rows } = await client.query(
      `select count(*)::integer as open
         from otrs_bridge.inbox
        where flow = 'billing' and closed_at is null and reason <> 'mail-not-sent'`,
    );
    return z.array(z.object({ open: z.number() })).parse(rows)[0]?.open ?? 0;
  });
}
