import type { Pool } from "pg";
import { z } from "zod";
import { type RunEnd, RunId } from "../model/index.ts";
import { storableText } from "./rows.ts";
import { inTransaction } from "./transaction.ts";

const RunRow = z.object({ id: RunId });

/** Opens a run; ids rise, so that a later run has a higher one. */
export async function startRun(pool: Pool, flow: "customers" | "billing", startedAt: Temporal.Instant): Promise<RunId> {
  return inTransaction(pool, "write", async (client) => {
    const { rows } = await client.query(
      `insert into otrs_bridge.runs (flow, started_at)
       values ($1, $2)
       returning id`,
      [flow, startedAt.toString()],
    );
    return RunRow.parse(rows[0]).id;
  });
}

/**
 * Records a run that was refused before it wrote anything. The same refusal again only moves the end of the one before: the
 * service tries every few minutes.
 */
export async function refuseRun(
  pool: Pool,
  flow: "customers" | "billing",
  { at, reason }: { readonly at: Temporal.Instant; readonly reason: string },
): Promise<void> {
  await inTransaction(pool, "write", (client) =>
    client.query(
      `with again as (
         update otrs_bridge.runs
            set finished_at = $2
          where id = (select max(id) from otrs_bridge.runs where flow = $1)
            and status = 'refused'
            and error = $3
        returning id
       )
       insert into otrs_bridge.runs (flow, started_at, finished_at, status, error)
       select $1, $2, $2, 'refused', $3
        where not exists (select from again)`,
      [flow, at.toString(), storableText(reason)],
    ),
  );
}

export async function finishRun(pool: Pool, run: RunId, end: RunEnd): Promise<void> {
  await inTransaction(pool, "write", async (client) => {
    await client.query(
      `update otrs_bridge.runs
          set finished_at = $2, status = $3, summary = $4, error = $5
        where id = $1`,
      [
        run,
        end.finishedAt.toString(),
        end.status,
        JSON.stringify(end.summary ?? null),
        end.error === null ? null : storableText(end.error),
      ],
    );
  });
}
