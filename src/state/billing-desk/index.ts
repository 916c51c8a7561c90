import type { Pool } from "pg";
import type { BillingCustomer, BillingDesk } from "../../billing/ports.ts";
import type { CustomerId } from "../../model/index.ts";
import type { InsertTarget } from "../drafts.ts";
import { answerQuestion } from "./answer.ts";
import { editProposal } from "./edit.ts";
import { redoDraft } from "./redo.ts";
import { releaseProposal } from "./release.ts";
import { bookOpening, holdTicket } from "./tickets.ts";

export interface DeskOptions {
  /** Refuses, by name, a customer that cannot be billed any more. */
  readonly insertTarget: InsertTarget;
  /** The customer as kivitendo has it now; null when it is gone or has no number any more. */
  readonly readCustomer: (customerId: CustomerId) => Promise<BillingCustomer | null>;
  /** Business zone (IANA name): dates of the work, and the day of a release. */
  readonly timeZone: string;
}

/** What people do with tickets, questions, proposals and drafts; each is one transaction, kept with who and why. */
export function createBillingDesk(pool: Pool, options: DeskOptions): BillingDesk {
  return {
    decide: (itemId, choice, decided) => answerQuestion(pool, options.timeZone, itemId, choice, decided),
    hold: (ticketNumber, held, decided) => holdTicket(pool, ticketNumber, held, decided),
    book: (ticketIds, decided, minutesPerUnit) =>
      bookOpening(pool, options.timeZone, ticketIds, decided, minutesPerUnit),
    edit: (lineId, edit, decided) => editProposal(pool, lineId, edit, decided),
    release: (draftId, decided) => releaseProposal(pool, options, draftId, decided),
    redo: (draftId, decided) => redoDraft(pool, draftId, decided),
  };
}
