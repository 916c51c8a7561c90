/** Outcomes and questions in short. */
import { Claims } from "../../../src/billing/follow-up/claims.ts";
import { type Outcome, outcomesOf } from "../../../src/billing/follow-up/outcome.ts";
import { questionsOf } from "../../../src/billing/follow-up/questions.ts";
import type { StoredDraft, WatchedNow } from "../../../src/billing/ports.ts";
import { storedLine } from "./samples.ts";

/** `1 posted RE5`, with each question's reason and subject. */
export function told(drafts: readonly StoredDraft[], nows: readonly WatchedNow[], claims = new Claims([])): string[] {
  const outcomes = outcomesOf(drafts, nows, claims);
  return [
    ...outcomes.map(statusText),
    ...questionsOf(outcomes).map(({ reason, subject, choices }) =>
      [reason, `(${subject}):`, choices.map(({ choice }) => choice).join("|")].join(" "),
    ),
  ];
}

export function statusText({ draft, status, invoices }: Outcome): string {
  return [draft.draftId, status, ...invoices.map(({ invoiceNumber }) => invoiceNumber)].join(" ");
}

export const undecided = "due-again|waive|accept";
export const two = [storedLine(1, "A", "1.50000"), storedLine(2, "B", "0.33333")];
