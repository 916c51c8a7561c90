import { Big } from "big.js";
import type { Decimal } from "../model/index.ts";
import type { BillingPlan, PlannedDraft } from "./drafts.ts";
import type { InboxItem } from "./ports.ts";

/** One draft as `--json` and the terminal show it. */
export interface DraftReport {
  readonly customerNumber: string;
  readonly customerName: string;
  readonly period: string;
  readonly target: "invoice-draft";
  /** Null in a plan. */
  readonly kivitendoId: string | null;
  readonly minutes: Decimal;
  readonly netAmount: Decimal;
  readonly lines: readonly LineReport[];
}

export interface LineReport {
  readonly ticketNumber: string;
  readonly description: string;
  readonly quantity: Decimal;
  readonly unit: string;
  readonly unitPrice: Decimal;
  readonly netAmount: Decimal;
  readonly late: boolean;
}

export interface BillingReport {
  readonly period: string;
  readonly drafts: readonly DraftReport[];
  readonly ticketsBilled: number;
  readonly linesWritten: number;
  readonly minutesBilled: Decimal;
  readonly questions: readonly InboxItem[];
  /** Inbox items of billing that are open after this run, and how many of them are new. */
  readonly inbox: { readonly open: number; readonly added: number };
}

export function billingReport(
  plan: BillingPlan,
  period: string,
  kivitendoIds: ReadonlyMap<PlannedDraft, string>,
  inbox: BillingReport["inbox"],
): BillingReport {
  const positions = plan.drafts.flatMap((draft) => draft.positions);
  return {
    period,
    drafts: plan.drafts.map((draft) => draftReport(draft, period, kivitendoIds.get(draft) ?? null)),
    ticketsBilled: new Set(positions.map(({ ledgerLine }) => ledgerLine.ticketId)).size,
    linesWritten: positions.length,
    minutesBilled: plan.drafts.reduce((sum, draft) => sum.plus(draft.minutes), new Big(0)).toFixed(2) as Decimal,
    questions: plan.questions,
    inbox,
  };
}

function draftReport(draft: PlannedDraft, period: string, kivitendoId: string | null): DraftReport {
  return {
    customerNumber: draft.customer.customerNumber,
    customerName: draft.customer.name,
    period,
    target: "invoice-draft",
    kivitendoId,
    minutes: draft.minutes,
    netAmount: draft.netAmount,
    lines: draft.positions.map(({ draftLine, ledgerLine }) => ({
      ticketNumber: draftLine.ticketNumber,
      description: draftLine.description,
      quantity: draftLine.quantity,
      unit: draftLine.unit,
      unitPrice: draftLine.unitPrice,
      netAmount: ledgerLine.netAmount,
      late: ledgerLine.late,
    })),
  };
}
