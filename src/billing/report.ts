import { Big } from "big.js";
import type { Decimal, HundredthUnits, TicketNumber } from "../model/index.ts";
import type { FollowUp, Untold } from "./follow-up/index.ts";
import type { BillingPlan, PlannedDraft, WaitReason } from "./plan/index.ts";
import { shownMinutes } from "./plan/rounding.ts";
import type { DraftStatus, InboxItem, LineKind, PlannedLine, StoredDraft, Target } from "./ports.ts";
import type { BillingRules } from "./rules.ts";

/** One draft or order as `--json` and the terminal show it. */
export interface DraftReport {
  readonly customerNumber: string;
  readonly customerName: string;
  /** Of its amounts. */
  readonly currency: string;
  readonly period: string;
  readonly target: Target;
  /** Waits as a proposal for a release. */
  readonly proposed: boolean;
  /** The bridge's own id; null in a plan. */
  readonly draftId: number | null;
  /** Null in a plan and for proposals. */
  readonly kivitendoId: string | null;
  /** Number of the order; null for drafts. */
  readonly kivitendoNumber: string | null;
  readonly minutes: Decimal;
  readonly netAmount: Decimal;
  readonly lines: readonly LineReport[];
}

export interface LineReport {
  readonly kind: LineKind;
  /** Null for the rounding of a whole draft. */
  readonly ticketNumber: TicketNumber | null;
  readonly description: string;
  readonly minutes: Decimal;
  readonly partNumber: string;
  readonly quantity: Decimal;
  readonly unit: string;
  readonly unitPrice: Decimal;
  readonly discount: Decimal;
  readonly netAmount: Decimal;
  readonly late: boolean;
  readonly rule: string | null;
  readonly priceSource: string | null;
}

/** Time that is settled without standing on a draft. */
export interface SettledReport {
  readonly customerNumber: string | null;
  readonly kind: LineKind;
  readonly ticketNumber: TicketNumber | null;
  readonly minutes: Decimal;
  readonly rule: string | null;
}

/** Time that is not billed yet, or never. */
export interface WaitingReport {
  readonly ticketNumber: TicketNumber;
  readonly title: string;
  readonly state: string;
  readonly customerNumber: string | null;
  readonly minutes: Decimal;
  readonly why: WaitReason;
}

/** What became of a draft since the last run. */
export interface ChangeReport {
  readonly customerNumber: string;
  readonly period: string;
  readonly draftId: number;
  readonly status: DraftStatus;
  readonly invoiceNumber: string | null;
}

export interface BillingReport {
  readonly period: string;
  readonly drafts: readonly DraftReport[];
  readonly settled: readonly SettledReport[];
  readonly waiting: readonly WaitingReport[];
  readonly changes: readonly ChangeReport[];
  /** Tickets that could not be told the number of their invoice. */
  readonly untold: readonly Untold[];
  readonly ticketsBilled: number;
  readonly linesWritten: number;
  readonly minutesBilled: Decimal;
  /** Settled without a draft. */
  readonly minutesSettled: Decimal;
  readonly questions: readonly InboxItem[];
  /** Inbox items of billing that are open after this run, and how many of them are new. */
  readonly inbox: { readonly open: number; readonly added: number };
  /** Drafts and lines that were not written because the ledger moved since they were planned: the next run makes them. */
  readonly moved: number;
}

export interface Done {
  readonly plan: BillingPlan;
  readonly rules: BillingRules;
  readonly after: FollowUp;
  /** Empty in a plan. */
  readonly written: ReadonlyMap<PlannedDraft, StoredDraft>;
  readonly inbox: BillingReport["inbox"];
  readonly moved: number;
}

export function billingReport({ plan, rules, after, written, inbox, moved }: Done): BillingReport {
  const minutes = (units: HundredthUnits): Decimal => shownMinutes(units, rules.minutesPerUnit);
  const lines = plan.drafts.flatMap(({ record }) => record.content.lines);
  const settled = settledReports(plan, minutes);
  return {
    period: rules.period.label,
    drafts: plan.drafts.map((draft) => draftReport(draft, written.get(draft) ?? null, minutes)),
    settled,
    waiting: plan.waiting.map(({ ticketNumber, title, state, customerNumber, units, why }) => ({
      ticketNumber,
      title,
      state,
      customerNumber,
      why,
      minutes: minutes(units),
    })),
    changes: after.changes.map(({ draft, status, invoiceNumber }) => ({
      customerNumber: draft.customerNumber,
      period: draft.period,
      draftId: draft.draftId,
      status,
      invoiceNumber,
    })),
    untold: after.untold,
    ticketsBilled: new Set(lines.flatMap(({ ticket }) => ticket?.ticketId ?? [])).size,
    linesWritten: lines.length,
    minutesBilled: sum(plan.drafts.map((draft) => draft.minutes)),
    minutesSettled: sum(settled.map((line) => line.minutes)),
    questions: plan.questions,
    inbox,
    moved,
  };
}

type Minutes = (units: HundredthUnits) => Decimal;

function draftReport(draft: PlannedDraft, stored: StoredDraft | null, minutes: Minutes): DraftReport {
  const { content, periodLabel, propose } = draft.record;
  return {
    customerNumber: draft.customer.customerNumber,
    customerName: draft.customer.name,
    currency: draft.customer.currency,
    period: periodLabel,
    target: content.target,
    proposed: propose,
    draftId: stored?.draftId ?? null,
    kivitendoId: stored?.kivitendoId ?? null,
    kivitendoNumber: stored?.kivitendoNumber ?? null,
    minutes: draft.minutes,
    netAmount: draft.netAmount,
    lines: content.lines.map((line) => lineReport(line, minutes)),
  };
}

function lineReport(line: PlannedLine, minutes: Minutes): LineReport {
  const { kind, description, quantity, unitPrice, discount, netAmount, late, rule, priceSource } = line;
  return {
    kind,
    description,
    quantity,
    unitPrice,
    discount,
    netAmount,
    late,
    rule,
    priceSource,
    ticketNumber: line.ticket?.ticketNumber ?? null,
    minutes: minutes(line.workedUnits),
    partNumber: line.part?.partNumber ?? "",
    unit: line.part?.unit ?? "",
  };
}

function settledReports(plan: BillingPlan, minutes: Minutes): readonly SettledReport[] {
  const withDrafts = plan.drafts.map(({ record }) => ({
    customerNumber: record.customerNumber,
    lines: record.settlement,
  }));
  return [...withDrafts, ...plan.settlements].flatMap(({ customerNumber, lines }) =>
    lines.map(({ kind, ticket, workedUnits, rule }) => ({
      customerNumber,
      kind,
      rule,
      ticketNumber: ticket?.ticketNumber ?? null,
      minutes: minutes(workedUnits),
    })),
  );
}

function sum(values: readonly Decimal[]): Decimal {
  return values.reduce((total, value) => total.plus(value), new Big(0)).toFixed(2) as Decimal;
}
