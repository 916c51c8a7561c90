import type { Pool } from "pg";
import type { BillingDesk } from "../../billing/ports.ts";
import { answerQuestion } from "./answer.ts";
import { editProposal } from "./edit.ts";
import type { DeskOptions } from "./options.ts";
import { redoDraft } from "./redo.ts";
import { releaseProposal } from "./release.ts";
import { bookOpening, holdTicket } from "./tickets.ts";

export type { DeskOptions } from "./options.ts";

/** What people do with tickets, questions, proposals and drafts; each is one transaction, kept with who and why. */
export function createBillingDesk(pool: Pool, options: DeskOptions): BillingDesk {
  return {
    decide: (itemId, choice, decided) => answerQuestion(pool, options, itemId, choice, decided),
    hold: (ticketNumber, held, decided) => holdTicket(pool, ticketNumber, held, decided),
    book: (ticketIds, decided) => bookOpening(pool, options, ticketIds, decided),
    edit: (lineId, edit, decided) => editProposal(pool, lineId, edit, decided),
    release: (draftId, decided) => releaseProposal(pool, options, draftId, decided),
    redo: (draftId, decided) => redoDraft(pool, draftId, decided),
  };
}
