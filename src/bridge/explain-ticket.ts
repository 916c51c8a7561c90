import type { BillingReport } from "../billing/index.ts";
import { ConfigError, UnavailableError } from "../model/index.ts";
import type { TicketStory } from "../state/index.ts";

/** Everything about one ticket number, and what the next run would do. */
export interface ExplainedTicket {
  readonly ticketNumber: string;
  /** Newest first; several when a restored helpdesk handed the number out again. Empty: no billing run has seen it. */
  readonly stories: readonly TicketStory[];
  /** A fresh plan for this ticket alone; null when it could not be made. */
  readonly next: BillingReport | null;
  /** Why not. */
  readonly unplanned: { readonly message: string; readonly hint: string } | null;
}

export interface ExplainParts {
  readonly readStories: (ticketNumber: string) => Promise<readonly TicketStory[]>;
  /** Reads the ticket anew; writes nothing. */
  readonly plan: (ticketNumber: string) => Promise<BillingReport>;
}

/**
 * What is known stands above what cannot be asked: a helpdesk out of reach, or a configuration that no run would take,
 * is told beside it.
 */
export async function explainTicket(
  { readStories, plan }: ExplainParts,
  ticketNumber: string,
): Promise<ExplainedTicket> {
  const stories = await readStories(ticketNumber);
  const { next, unplanned } = await plan(ticketNumber).then(
    (report) => ({ next: report, unplanned: null }),
    (error: unknown) => {
      if (!(error instanceof UnavailableError || error instanceof ConfigError)) throw error;
      return { next: null, unplanned: { message: error.message, hint: error.hint } };
    },
  );
  return { ticketNumber, stories, next, unplanned };
}
