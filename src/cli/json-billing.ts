import { z } from "zod";
import type { ContingentBalance } from "../bridge/index.ts";
import type { BillingReport } from "../billing/index.ts";
import { Change, Question, questionJson, Target, Untold } from "./json-billing-desk.ts";

/** What `billing plan` and `billing draft` print with `--json`; see json.ts. */

const count = z.number().int().nonnegative();
const decimal = z.string().regex(/^-?\d+(\.\d+)?$/);

const Draft = z.strictObject({
  customerNumber: z.string(),
  period: z.string().meta({ description: "2026-10, 2026-Q3 or 2026-10-05..2026-10-20." }),
  lines: count,
  minutes: decimal.meta({ description: "Two decimals." }),
  netAmount: decimal.meta({ description: "Two decimals." }),
  currency: z.string(),
  target: Target,
  proposed: z.boolean().meta({ description: "Waits for a release and is not in kivitendo." }),
  draftId: z.number().int().nullable().meta({ description: "The bridge's own id; null in a plan." }),
  kivitendoId: z.string().nullable().meta({
    description: "drafts.id in kivitendo, or the row id of the order; null in a plan and for proposals.",
  }),
  kivitendoNumber: z.string().nullable().meta({ description: "Number of the order; null for drafts." }),
});

/** The figures, as the demo prints them as well. */
export const BillingPart = z.strictObject({
  ticketsBilled: count,
  linesWritten: count,
  minutesBilled: decimal,
  minutesSettled: decimal.meta({ description: "Settled without a draft: within included hours, or not billable." }),
  drafts: z.array(Draft),
});

const Line = z.strictObject({
  customerNumber: z.string(),
  kind: z.enum(["billed", "goodwill", "rounding"]),
  ticketNumber: z.string().nullable().meta({ description: "null for the rounding of a whole draft." }),
  description: z.string(),
  minutes: decimal.meta({ description: "Worked, two decimals." }),
  partNumber: z.string(),
  quantity: decimal,
  unit: z.string(),
  unitPrice: decimal,
  discount: decimal.meta({ description: "As a fraction: 0.1 is 10 %." }),
  netAmount: decimal,
  rule: z.string().nullable().meta({ description: "Name of the rule in the configuration." }),
  priceSource: z.string().nullable(),
  late: z.boolean().meta({ description: "Closed before the period and billed only now." }),
});

const Settled = z.strictObject({
  customerNumber: z.string().nullable(),
  kind: z.enum(["included", "excluded", "transfer"]),
  ticketNumber: z.string().nullable(),
  minutes: decimal,
  rule: z.string().nullable(),
});

const Waiting = z.strictObject({
  ticketNumber: z.string(),
  title: z.string(),
  state: z.string(),
  customerNumber: z.string().nullable(),
  minutes: decimal,
  why: z.enum(["state", "held", "just-closed", "period", "too-small"]).meta({
    description:
      "state: cancelled, never billed; held by somebody; closed less than billing.waitHours ago; dated after the period; nothing to charge yet.",
  }),
});

const Contingent = z.strictObject({
  customerNumber: z.string(),
  month: z.string().meta({ description: "Month of the work, such as 2026-10." }),
  includedMinutes: decimal,
  usedMinutes: decimal,
});

export const BillingOutput = z.strictObject({
  billing: BillingPart,
  lines: z.array(Line),
  settled: z.array(Settled).meta({ description: "Time that is settled without standing on a draft." }),
  waiting: z.array(Waiting).meta({ description: "Time that is not billed yet, or never." }),
  changes: z.array(Change).meta({ description: "What became of drafts since the last run." }),
  untold: z.array(Untold).meta({ description: "Tickets that could not be told the number of their invoice." }),
  moved: count.meta({
    description: "Drafts and lines that were not written because the ledger moved meanwhile: the next run makes them.",
  }),
  questions: z.array(Question),
  contingents: z
    .array(Contingent)
    .meta({ description: "Included hours in the ledger; those of a plan are not used yet." }),
  inbox: count.meta({ description: "Items that wait for a human's decision, whether new or not." }),
});

/** `open` items wait in the inbox. */
export function billingJson(
  report: BillingReport,
  contingents: readonly ContingentBalance[],
  open: number,
): z.infer<typeof BillingOutput> {
  return BillingOutput.parse({
    billing: billingPart(report),
    lines: report.drafts.flatMap(({ customerNumber, lines }) => lines.map((line) => ({ customerNumber, ...line }))),
    settled: report.settled,
    waiting: report.waiting,
    changes: report.changes,
    untold: report.untold,
    moved: report.moved,
    questions: report.questions.map(questionJson),
    contingents,
    inbox: open,
  });
}

/** The figures of a run. */
export function billingPart(report: BillingReport): z.infer<typeof BillingPart> {
  return {
    ticketsBilled: report.ticketsBilled,
    linesWritten: report.linesWritten,
    minutesBilled: report.minutesBilled,
    minutesSettled: report.minutesSettled,
    drafts: report.drafts.map((draft) => ({
      customerNumber: draft.customerNumber,
      period: draft.period,
      lines: draft.lines.length,
      minutes: draft.minutes,
      netAmount: draft.netAmount,
      currency: draft.currency,
      target: draft.target,
      proposed: draft.proposed,
      draftId: draft.draftId,
      kivitendoId: draft.kivitendoId,
      kivitendoNumber: draft.kivitendoNumber,
    })),
  };
}
