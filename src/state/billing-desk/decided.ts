import type { PoolClient } from "pg";
import type { Decided, QuestionReason } from "../../billing/ports.ts";
import { ConfigError } from "../../model/index.ts";
import { storableText } from "../rows.ts";

/** Who and why as they are kept; throws ConfigError when one of them is missing. */
export function signed({ by, why, at }: Decided): Decided {
  const given = { by: storableText(by.trim()), why: storableText(why.trim()), at };
  if (given.by !== "" && given.why !== "") return given;
  throw new ConfigError("A decision needs who made it, and why.", 'Add --by "…" --why "…".');
}

/** Adds to the log of what people did; a ticket that was never read is named by its question only. */
export async function logDecision(
  client: PoolClient,
  about: { readonly ticketId?: number; readonly draftId?: number; readonly reason?: QuestionReason },
  choice: string,
  decided: Decided,
): Promise<void> {
  await client.query(
    `insert into otrs_bridge.billing_decisions
       (ticket_id, draft_id, reason, choice, decided_by, decided_why, decided_at)
     values ((select ticket_id from otrs_bridge.tickets where ticket_id = $1), $2, $3, $4, $5, $6, $7)`,
    [
      about.ticketId ?? null,
      about.draftId ?? null,
      about.reason ?? null,
      choice,
      decided.by,
      decided.why,
      decided.at.toString(),
    ],
  );
}
