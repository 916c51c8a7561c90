import type { Pool, PoolClient } from "pg";
import { z } from "zod";
import type { Decided } from "../../billing/ports.ts";
import { isActive } from "../entry-sql.ts";
import { BugError, RefusedError } from "../../model/index.ts";
import { takeBack } from "../reversals.ts";
import { inTransaction } from "../transaction.ts";
import { logDecision, signed } from "./decided.ts";
import { lockDraft } from "./proposal.ts";

/** Takes a draft that nobody touched, or a proposal, back: its time is due again. See the port. */
export async function redoDraft(pool: Pool, draftId: number, given: Decided): Promise<void> {
  const decided = signed(given);
  await inTransaction(pool, "write", async (client) => {
    const { status, target } = await lockDraft(client, draftId);
    if (status !== "proposed") {
      assertRedoable(draftId, status, target);
      await discard(client, draftId);
    }
    await takeBack(client, await activeLines(client, draftId), decided);
    await client.query(
      `update otrs_bridge.drafts
          set status = $2
        where id = $1`,
      [draftId, status === "proposed" ? "dropped" : "superseded"],
    );
    await logDecision(client, { draftId }, "redo", decided);
  });
}

function assertRedoable(draftId: number, status: string, target: string): void {
  if (target !== "invoice-draft") {
    throw new RefusedError(
      `Draft ${draftId} is an order in kivitendo, which the bridge does not delete. Nothing was written.`,
      "Delete the order, or its lines, in kivitendo: the next run asks whether their time is due again.",
    );
  }
  if (status === "waiting") return;
  throw new RefusedError(
    `Draft ${draftId} cannot be taken back: it is ${status}. Nothing was written.`,
    status === "changed"
      ? "Somebody changed it in kivitendo: delete it there, and the next run asks whether its time is due again."
      : "`kivi-otrs billing drafts` lists the drafts that still wait.",
  );
}

const DiscardedRow = z.object({ discarded: z.boolean() });

async function discard(client: PoolClient, draftId: number): Promise<void> {
  const { rows } = await client.query(
    `select otrs_bridge.discard_draft(kivitendo_id, form_md5) as discarded
       from otrs_bridge.drafts
      where id = $1`,
    [draftId],
  );
  if (rows.length !== 1) throw new BugError(`draft ${draftId} vanished under its lock`);
  if (DiscardedRow.parse(rows[0]).discarded) return;
  throw new RefusedError(
    `Draft ${draftId} no longer stands in kivitendo as it was written: somebody changed, posted or deleted it. Nothing was written.`,
    "Run `kivi-otrs billing draft`, which looks what became of it and asks where it has to.",
  );
}

async function activeLines(client: PoolClient, draftId: number): Promise<readonly number[]> {
  const { rows } = await client.query(
    `select l.id
       from otrs_bridge.lines l
      where l.draft_id = $1 and ${isActive("l")}
      order by l.id`,
    [draftId],
  );
  return z
    .array(z.object({ id: z.number() }))
    .parse(rows)
    .map(({ id }) => id);
}
