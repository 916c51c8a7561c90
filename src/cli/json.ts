import { z } from "zod";
import type { BillingReport } from "../billing/index.ts";
import { effectOf, refusalOf } from "../customer-sync/index.ts";
import type { CustomersReport } from "../customer-sync/index.ts";
import type { InboxEntry, RunEntry } from "../state/index.ts";
import type { Explanation } from "./explain.ts";
import { ExportOutput } from "./export-json.ts";
import { BillingOutput, BillingPart, billingPart } from "./json-billing.ts";
import { billingDeskOutputs } from "./json-billing-desk.ts";
import { ExplainTicketOutput } from "./json-explain-ticket.ts";
import { ReportOutput } from "./json-report.ts";
import { customerDeskOutputs } from "./json-customer-desk.ts";

/**
 * What `--json` prints. Stable: fields may be added, none removed or renamed. `docs/json-output.schema.json` is printed
 * from here.
 */

const count = z.number().int().nonnegative();

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
  "returned",
  "foreign",
  "ambiguous",
  "renamed",
  "missing",
  "source-missing",
  "out-of-scope",
  "incomplete",
  "waiting",
]);

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
  demo: z.strictObject({ customers: Counts, contacts: Counts, billing: BillingPart, inbox }),
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
  billing: BillingOutput,
  ...billingDeskOutputs,
  "explain ticket": ExplainTicketOutput,
  report: ReportOutput,
  setup: z.union([
    z.strictObject({ changed: z.boolean(), said: z.array(z.string()) }),
    z.strictObject({ sql: z.string() }),
  ]),
  inbox: z.strictObject({ inbox: z.array(InboxItem) }),
  runs: z.strictObject({ runs: z.array(Run) }),
  "config check": z.strictObject({
    file: z.string(),
    problems: z.array(z.string()),
    hints: z.array(z.string()).meta({ description: "What to do about each problem, in the same order." }),
    offline: z.boolean().meta({ description: "Neither database nor helpdesk was asked." }),
  }),
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
      "One document a command, under the command's name: demo is demo --once, customers is plan and sync (customers read-only where customers.way is that), billing is plan and draft, billing drafts is edit and redo as well, billing hold is unhold as well, explain customer is explain contact as well; error is any command that fails.",
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
