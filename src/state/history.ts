import type { Pool } from "pg";
import { z } from "zod";
import { RunId } from "../model/index.ts";
import { InstantColumn } from "./rows.ts";
import { inTransaction } from "./transaction.ts";

const Flow = z.enum(["customers", "billing"]);

const InboxRow = z.object({
  id: z.number(),
  flow: Flow,
  reason: z.string(),
  subject: z.string(),
  text: z.string(),
  hint: z.string(),
  openedAt: InstantColumn,
});
/** A question that waits for a human. */
export type InboxEntry = z.infer<typeof InboxRow>;

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

/** The open questions of both flows, oldest first. */
export async function readInbox(pool: Pool): Promise<readonly InboxEntry[]> {
  return inTransaction(pool, "snapshot", async (client) => {
    const { rows } = await client.query(
      `select id, flow, reason, subject, text, hint, opened_at as "openedAt"
         from otrs_bridge.inbox
        where closed_at is null
        order by opened_at, id`,
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
