import { z } from "zod";
import type { BillingReport } from "../billing/index.ts";
import { effectOf, refusalOf } from "../customer-sync/index.ts";
import type { CustomersReport } from "../customer-sync/index.ts";
import type { InboxEntry, RunEntry } from "../state/index.ts";
import type { Explanation } from "./explain.ts";
import { ExportOutput } from "./export-json.ts";
import { customerDeskOutputs } from "./json-customer-desk.ts";

/**
 * What `--json` prints. Stable: fields may be added, none removed or renamed. `docs/json-output.schema.json` is printed
 * from here.
 */

const count = z.number().int().nonnegative();
const decimal = z.string().regex(/^-?\d+(\.\d+)?$/);

const Counts = z.strictObject({
  created: count,
  adopted: count.meta({ description: "Records that stood in the helpdesk already and are the bridge's from now on." }),
  updated: count,
  invalidated: count,
  unchanged: count,
  rejected: count,
});

const situation = z.enum([
  "confirmed",
  "absent",
  "found",
  "matched",
  "foreign",
  "ambiguous",
  "renamed",
  "missing",
  "source-missing",
  "out-of-scope",
  "incomplete",
  "waiting",
]);

const Draft = z.strictObject({
  customerNumber: z.string(),
  period: z.string().meta({ description: "2026-10, 2026-Q3 or 2026-10-05..2026-10-20." }),
  lines: count,
  minutes: decimal.meta({ description: "Two decimals." }),
  netAmount: decimal.meta({ description: "In the client's currency, two decimals." }),
  target: z.enum(["invoice-draft", "sales-order", "recurring-order"]),
  proposed: z.boolean().meta({ description: "Waits for a release and is not in kivitendo." }),
  draftId: z.number().int().nullable().meta({ description: "The bridge's own id; null in a plan." }),
  kivitendoId: z.string().nullable().meta({
    description: "drafts.id in kivitendo, or the row id of the order; null in a plan and for proposals.",
  }),
  kivitendoNumber: z.string().nullable().meta({ description: "Number of the order; null for drafts." }),
});

const Billing = z.strictObject({
  ticketsBilled: count,
  linesWritten: count,
  minutesBilled: decimal,
  minutesSettled: decimal.meta({ description: "Settled without a draft: within included hours, or not billable." }),
  drafts: z.array(Draft),
});

const Change = z.strictObject({
  record: z.enum(["customer", "contact"]),
  kivitendoId: z.number().int(),
  label: z.string(),
  helpdeskKey: z.string().meta({ description: "CustomerID of the company, login of the user." }),
  newHelpdeskKey: z.string().nullable().meta({ description: "The key that the record gets, when it is renamed." }),
  situation: situation.meta({ description: "Where the record stands between kivitendo, links and helpdesk." }),
  outcome: z.enum(["created", "adopted", "updated", "invalidated", "rejected"]),
  fields: z.array(z.string()).meta({ description: "Names of the helpdesk's fields that change." }),
  notices: z.array(z.string()).meta({ description: "What was made to fit on the way." }),
  code: z.string().nullable(),
  reason: z.string().nullable(),
});

/** What a refresh of the tables for customers.way read-only did with one kind of row. */
const TableCounts = z.strictObject({
  created: count,
  updated: count,
  invalidated: count,
  unchanged: count,
  rejected: count.meta({ description: "Left out, now as in each run until the source is mended." }),
});

const TableChange = Change.pick({ record: true, kivitendoId: true, label: true, helpdeskKey: true }).extend({
  outcome: z.enum(["created", "updated", "invalidated", "rejected"]),
  code: z.enum(["incomplete", "ambiguous", "waiting"]).nullable(),
  reason: z.string().nullable(),
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

const StatusChange = z.strictObject({
  customerNumber: z.string(),
  period: z.string(),
  draftId: z.number().int(),
  status: z.string(),
  invoiceNumber: z.string().nullable(),
});

const Untold = z.strictObject({ ticketId: z.number().int(), ticketNumber: z.string(), why: z.string() });

const Question = z.strictObject({
  reason: z.string(),
  subject: z.string(),
  text: z.string(),
  hint: z.string(),
  choices: z.array(z.string()).meta({ description: "What may be decided." }),
});

const inbox = count.meta({ description: "Items that wait for a human's decision, whether new or not." });

const Moment = z.string().meta({ description: "ISO 8601 in UTC." });

const InboxItem = z.strictObject({
  id: z.string().meta({ description: "What `inbox decide` takes, such as company-1127, user-1501, billing-12." }),
  flow: z.enum(["customers", "billing"]),
  reason: z.string(),
  subject: z.string(),
  text: z.string(),
  hint: z.string(),
  openedAt: Moment,
  choices: z.array(z.string()).meta({ description: "What may be decided; empty when the cause has to be mended." }),
  effects: z
    .record(z.string(), z.string())
    .meta({ description: "What each choice means; empty for customers, where the hint says it." }),
});

const Run = z.strictObject({
  id: z.number().int(),
  flow: z.enum(["customers", "billing"]),
  startedAt: Moment,
  finishedAt: Moment.nullable().meta({ description: "null while it goes on, and for ever when it was killed." }),
  status: z.enum(["done", "partial", "refused", "failed", "interrupted"]).nullable(),
  summary: z.unknown().meta({ description: "The figures of the run; what they are depends on the flow." }),
  error: z.string().nullable(),
});

const HelpdeskCheck = z.looseObject({
  addonVersion: z.string(),
  product: z.string(),
  productVersion: z.string(),
  timeZone: z.string(),
  agent: z.string(),
});

export const outputs = {
  demo: z.strictObject({ customers: Counts, contacts: Counts, billing: Billing, inbox }),
  customers: z.strictObject({
    customers: Counts,
    contacts: Counts,
    situations: z.partialRecord(situation, count).meta({
      description:
        "How many of the records that were looked at stand where; linked ones without a change are left out.",
    }),
    changes: z.array(Change),
    inbox,
  }),
  "customers read-only": z.strictObject({
    customers: TableCounts,
    contacts: TableCounts,
    changes: z.array(TableChange),
  }),
  "customers export": ExportOutput,
  billing: z.strictObject({
    billing: Billing,
    lines: z.array(Line),
    settled: z.array(Settled).meta({ description: "Time that is settled without standing on a draft." }),
    waiting: z.array(Waiting).meta({ description: "Time that is not billed yet, or never." }),
    changes: z.array(StatusChange).meta({ description: "What became of drafts since the last run." }),
    untold: z.array(Untold).meta({ description: "Tickets that could not be told the number of their invoice." }),
    questions: z.array(Question),
    inbox,
  }),
  setup: z.union([
    z.strictObject({ changed: z.boolean(), said: z.array(z.string()) }),
    z.strictObject({ sql: z.string() }),
  ]),
  inbox: z.strictObject({ inbox: z.array(InboxItem) }),
  runs: z.strictObject({ runs: z.array(Run) }),
  "config check": z.strictObject({ file: z.string(), problems: z.array(z.string()) }),
  "config show": z.strictObject({ file: z.string(), config: z.looseObject({}) }),
  "config example": z.strictObject({ example: z.string() }),
  "helpdesk check": HelpdeskCheck,
  "helpdesk webservice": z.strictObject({ webservice: z.string() }),
  "helpdesk backend-config": z.strictObject({ perl: z.string() }),
  ...customerDeskOutputs,
  error: z.strictObject({
    error: z.strictObject({ kind: z.string(), message: z.string(), hint: z.string(), exitCode: z.number().int() }),
  }),
};

/** The schema of all documents, by command; committed as `docs/json-output.schema.json`. */
export function outputSchema(): unknown {
  return {
    $comment:
      "One document a command, under the command's name: demo is demo --once, customers is plan and sync (customers read-only where customers.way is that), billing is plan and draft, explain customer is explain contact as well; error is any command that fails.",
    ...Object.fromEntries(Object.entries(outputs).map(([name, schema]) => [name, z.toJSONSchema(schema)])),
  };
}

export function demoJson(
  customers: CustomersReport,
  billing: BillingReport,
  open: number,
): z.infer<typeof outputs.demo> {
  return outputs.demo.parse({
    customers: customers.customers,
    contacts: customers.contacts,
    billing: billingPart(billing),
    inbox: open,
  });
}

export function customersJson(report: CustomersReport, open: number): z.infer<typeof outputs.customers> {
  return outputs.customers.parse({
    customers: report.customers,
    contacts: report.contacts,
    situations: report.situations,
    changes: report.outcomes.map((outcome) => ({
      record: outcome.change.record === "company" ? "customer" : "contact",
      kivitendoId: outcome.change.rowId,
      label: outcome.change.label,
      helpdeskKey: outcome.change.key,
      newHelpdeskKey: outcome.change.newKey,
      situation: outcome.change.situation,
      outcome: effectOf(outcome),
      fields: outcome.result.outcome === "rejected" ? [] : outcome.result.changed,
      notices: outcome.change.notices,
      code: refusalOf(outcome)?.code ?? null,
      reason: refusalOf(outcome)?.reason ?? null,
    })),
    inbox: open,
  });
}

export function billingJson(report: BillingReport, open: number): z.infer<typeof outputs.billing> {
  return outputs.billing.parse({
    billing: billingPart(report),
    lines: report.drafts.flatMap(({ customerNumber, lines }) => lines.map((line) => ({ customerNumber, ...line }))),
    settled: report.settled,
    waiting: report.waiting,
    changes: report.changes,
    untold: report.untold,
    questions: report.questions.map(({ reason, subject, text, hint, choices }) => ({
      reason,
      subject,
      text,
      hint,
      choices: choices.map(({ choice }) => choice),
    })),
    inbox: open,
  });
}

export function inboxJson(items: readonly InboxEntry[]): z.infer<typeof outputs.inbox> {
  return outputs.inbox.parse({ inbox: items.map((item) => ({ ...item, openedAt: item.openedAt.toString() })) });
}

export function runsJson(runs: readonly RunEntry[]): z.infer<typeof outputs.runs> {
  return outputs.runs.parse({
    runs: runs.map((run) => ({
      ...run,
      startedAt: run.startedAt.toString(),
      finishedAt: run.finishedAt?.toString() ?? null,
    })),
  });
}

export function errorJson({ kind, message, hint, exitCode }: Explanation): z.infer<typeof outputs.error> {
  return outputs.error.parse({ error: { kind, message, hint, exitCode } });
}

function billingPart(report: BillingReport): z.infer<typeof Billing> {
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
      target: draft.target,
      proposed: draft.proposed,
      draftId: draft.draftId,
      kivitendoId: draft.kivitendoId,
      kivitendoNumber: draft.kivitendoNumber,
    })),
  };
}
