import type { BillingReport } from "../billing/index.ts";
import type { InboxItem, QuestionReason } from "../billing/ports.ts";
import { ConfigError, UnavailableError } from "../model/index.ts";
import type { MinutesPerUnit } from "../model/index.ts";
import type { TicketStory } from "../state/index.ts";

/** Everything about one ticket number, and what the next run would do. */
export interface ExplainedTicket {
  readonly ticketNumber: string;
  /** Business time zone, in which days count. */
  readonly timeZone: string;
  readonly minutesPerUnit: MinutesPerUnit;
  /** Newest first; several when a restored helpdesk handed the number out again. Empty: no billing run has seen it. */
  readonly stories: readonly TicketStory[];
  /** A fresh plan for this ticket alone; null when it could not be made. */
  readonly next: BillingReport | null;
  /** Why not. */
  readonly unplanned: { readonly message: string; readonly hint: string } | null;
}

export interface ExplainParts {
  readonly rules: { readonly timeZone: string; readonly minutesPerUnit: MinutesPerUnit };
  readonly readStories: (ticketNumber: string) => Promise<readonly TicketStory[]>;
  /** Reads the ticket anew; writes nothing. */
  readonly plan: (ticketNumber: string) => Promise<BillingReport>;
}

/**
 * What is known stands above what cannot be asked: a helpdesk out of reach, or a configuration that no run would take,
 * is told beside it.
 */
export async function explainTicket(
  { rules, readStories, plan }: ExplainParts,
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
  const { timeZone, minutesPerUnit } = rules;
  const ids = new Set(stories.map(({ ticket }) => ticket.ticketId));
  return { ticketNumber, timeZone, minutesPerUnit, stories, next: onlyAbout(next, ticketNumber, ids), unplanned };
}

/** A run looks after everything that was written before; these questions need not be about this ticket. */
const askedOfAll: ReadonlySet<QuestionReason> = new Set([
  "draft-gone",
  "line-removed",
  "line-changed",
  "superseded-posted",
  "order-line-gone",
  "also-invoiced",
  "ticket-replaced",
]);

function onlyAbout(
  report: BillingReport | null,
  ticketNumber: string,
  ticketIds: ReadonlySet<number>,
): BillingReport | null {
  if (report === null) return null;
  const isAbout = ({ reason, about, subject }: InboxItem): boolean =>
    !askedOfAll.has(reason) ||
    (about.ticketId !== undefined && ticketIds.has(about.ticketId)) ||
    subject.includes(ticketNumber);
  return { ...report, questions: report.questions.filter(isAbout) };
}
