import type { PoolClient } from "pg";
import { z } from "zod";
import { ConfigError, RefusedError } from "../../model/index.ts";

const StatusRow = z.object({ status: z.string(), target: z.string() });

/** Locks a draft and answers its state; throws ConfigError when there is none. */
export async function lockDraft(client: PoolClient, draftId: number): Promise<z.infer<typeof StatusRow>> {
  const { rows } = await client.query(
    `select status, target
       from otrs_bridge.drafts
      where id = $1
        for update`,
    [draftId],
  );
  if (rows.length > 0) return StatusRow.parse(rows[0]);
  throw noDraft(draftId);
}

export function noDraft(draftId: number): ConfigError {
  return new ConfigError(`There is no draft ${draftId}.`, "`kivi-otrs billing drafts` lists them with their numbers.");
}

/** Throws RefusedError unless the draft is still a proposal. */
export function assertProposal(draftId: number, status: string): void {
  if (status === "proposed") return;
  throw new RefusedError(
    `Draft ${draftId} is no longer a proposal: it is ${status}. Nothing was written.`,
    status === "waiting"
      ? `It stands in kivitendo: change it there, or take it back with \`kivi-otrs billing redo ${draftId}\`.`
      : "`kivi-otrs billing drafts` lists what can still be changed.",
  );
}
