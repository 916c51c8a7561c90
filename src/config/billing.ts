import { z } from "zod";
import { ConfigError, parsePeriod, periodForms } from "../model/index.ts";
import { Contingents, Minimum, partNumber, PriceSources, Rounding, Rules } from "./billing-rule.ts";
import { Mail } from "./mail.ts";
import { timeZone } from "./zone.ts";

/** The part `billing` of the configuration: flow 2. */

const names = z.array(z.string().trim().min(1));
const fieldName = z.string().regex(/^[A-Za-z0-9]+$/, "expected the name of a dynamic field: letters and digits");
const template = z.string().min(1).optional();

const period = z.string().refine(isPeriod, `expected ${periodForms}`);
const dateBy = z.enum(["closing", "booking"]);
const waitHours = z.number().min(0).max(8784);
const target = z.enum(["invoice-draft", "sales-order", "recurring-order"]);
const release = z.enum(["automatic", "after-review"]);
const laterDifference = z.enum(["first-line", "today"]);

const States = z
  .strictObject({
    types: names.optional().meta({
      description: "Billable state types, in lower case; [closed] when nothing else is given.",
      examples: [["closed"]],
    }),
    names: names.optional().meta({
      description: "Billable states by name instead.",
      examples: [["closed successful", "closed with workaround"]],
    }),
    preset: z
      .enum(["otrs", "otobo-itsm", "jp1-ops-i"])
      .optional()
      .meta({
        description:
          "Those of a product instead, whatever the spelling (blanks, hyphens, one or two l): otrs and otobo-itsm every closed state, jp1-ops-i Closed, Completed and Closed With Backout. With all of them, time on Cancelled is not billed but reported.",
        examples: ["jp1-ops-i"],
      }),
  })
  .refine(
    ({ types, names: byName, preset }) =>
      preset !== undefined || [types, byName].every((list) => list === undefined) || types?.length || byName?.length,
    "give either types, names or preset",
  )
  // Beside another one an empty list is the same as none.
  .transform(({ types, names: byName, preset }) => ({
    ...(types !== undefined && types.length > 0 ? { types } : {}),
    ...(byName !== undefined && byName.length > 0 ? { names: byName } : {}),
    ...(preset === undefined ? {} : { preset }),
  }))
  .refine((given) => Object.keys(given).length <= 1, "give either types, names or preset");

const forCustomer = z.strictObject({
  period: period.optional(),
  dateBy: dateBy.optional(),
  waitHours: waitHours.optional(),
  partNumber: partNumber.optional(),
  target: target.optional(),
  release: release.optional(),
  priceFrom: PriceSources.optional(),
  laterDifference: laterDifference.optional(),
  rounding: Rounding.optional(),
  minimum: Minimum.optional(),
  allowUnseen: z.boolean().optional(),
  prescale: z.boolean().optional(),
});

const wording = (language: string) =>
  z
    .strictObject({
      description: template.meta({ description: "One line.", examples: ["Ticket#{{ ticketNumber }} – {{ title }}"] }),
      longDescription: template.meta({
        description: "HTML; docs/billing-rules.md lists what a template can name.",
        examples: ["<p>{{ title }}<br />{{ minutes }} min</p>"],
      }),
    })
    .prefault({})
    .meta({ description: `Templates for customers whose language in kivitendo is ${language}.` });

export const Billing = z.strictObject({
  startDate: z.iso.date({ error: "expected a day such as 2026-10-01" }).meta({
    description:
      "Time on tickets closed before this day is not billed until `kivi-otrs billing opening` says what stood on them already.",
    examples: ["2026-10-01"],
  }),
  timeZone: timeZone.default("Europe/Berlin").meta({ description: "Zone in which days and months begin and end." }),
  timeUnit: z
    .string()
    .regex(
      /^(minutes|hours|(?=.*[1-9])\d+(\.\d+)? minutes)$/,
      "expected minutes, hours, or a number of minutes such as 15 minutes",
    )
    .meta({
      description:
        "What one unit of accounted time means in this helpdesk: minutes, hours, or a number of minutes (15 minutes). Frozen after the first billing.",
      examples: ["minutes"],
    }),
  collect: z.enum(["add-on", "stock"]).default("add-on").meta({
    description:
      "How time is read: rows with agents and dates through the add-on, or through the helpdesk's stock operations, which tell neither and ask about time without an article.",
  }),
  overlapMinutes: z.number().int().min(1).max(10080).default(60).meta({
    description: "How far a run looks back behind the last change that it has seen.",
  }),
  reread: z
    .strictObject({
      days: z
        .number()
        .int()
        .min(0)
        .max(3650)
        .default(90)
        .meta({ description: "Tickets billed in so many days; 0: never." }),
      everyHours: z.number().min(0).max(8784).default(24).meta({ description: "At most once in so many hours." }),
    })
    .prefault({})
    .meta({
      description:
        "Billed tickets are read again, because an article can be deleted or restored without its ticket showing a change.",
    }),
  watchDays: z.number().int().min(0).max(3650).default(92).meta({
    description:
      "Invoices are compared with the drafts that they were posted from for so many days after posting, and drafts that were taken back watched: one that is cancelled, deleted, credited or changed, or posted after all, is asked about. 0: not. What waits unposted is looked at without limit.",
  }),
  states: States.prefault({}).meta({ description: "Which tickets are billed." }),
  period: period.default("previous-month").meta({
    description: `Up to when: everything due up to the end of this period. One of ${periodForms}.`,
  }),
  dateBy: dateBy.default("closing").meta({
    description: "What dates time: the day on which its ticket was closed last, or the day on which it was booked.",
  }),
  waitHours: waitHours.default(0).meta({
    description: "Tickets are billed only when they have been closed for so many hours.",
  }),
  partNumber: partNumber.meta({
    description: "Part (number) that the time is billed as; its unit must be a unit of time.",
    examples: ["ST-STD"],
  }),
  draftOwner: z
    .string()
    .trim()
    .min(1)
    .meta({
      description: "Login of the employee in kivitendo who finds the drafts under new invoice → more → drafts.",
      examples: ["buchhaltung"],
    }),
  target: target.default("invoice-draft").meta({
    description:
      "What is written: invoice-draft, sales-order (a new order), or recurring-order (lines in the order that carries the customer's recurring invoice).",
  }),
  recurring: z
    .strictObject({
      allowUnseen: z.boolean().default(false).meta({
        description: "Also where kivitendo's job posts the recurring invoice without anybody looking.",
      }),
      prescale: z.boolean().default(false).meta({
        description:
          "Where the order's prices are meant for another span than it is billed in: scale prices beforehand instead of refusing.",
      }),
    })
    .prefault({})
    .meta({ description: "Only for recurring-order." }),
  release: release.default("automatic").meta({
    description: "after-review: lines wait as proposals until `kivi-otrs billing release` writes them.",
  }),
  prices: z
    .strictObject({
      from: PriceSources.default(["open-order", "customer-price", "customer-hourly-rate", "part"]).meta({
        description:
          "The first of these that has a price: an open order of the customer that holds the part (with its discount and project), the customer's price for the part, the customer's hourly rate, the part. When open-order comes first, the part is taken from the order, too.",
      }),
      laterDifference: laterDifference.default("first-line").meta({
        description: "Price of time that is added to a ticket later: that of its first line, or today's.",
      }),
    })
    .prefault({})
    .meta({ description: "Where the unit price comes from, unless a rule names it." }),
  rounding: Rounding.default("none").meta({
    description:
      "none, or {step: 15 minutes, direction: up|nearest|down, per: entry|ticket|draft}; docs/billing-rules.md shows each with numbers.",
  }),
  minimum: Minimum.default("none").meta({
    description: "Least time that is charged for a ticket: none, or a length of time (15 minutes).",
  }),
  rules: Rules.default([]).meta({
    description:
      'First match wins; what matches none is billed. [{name: night, when: {weekdays: [mon, tue], from: "18:00", to: "06:00"}, surcharge: 1.5}]. when: customers, queues (Support::* with what is below), services, slas, types, priorities, agents, dynamicFields, weekdays, from and to. effect: bill, exclude, goodwill (price 0). Also partNumber, unitPrice or priceFrom, surcharge (a factor), rounding, minimum.',
  }),
  contingents: Contingents.default([]).meta({
    description:
      "Included hours a month, by customer number and month of the work: [{customers: [K10001], hoursPerMonth: 5}]; also queues.",
  }),
  customers: z.record(z.string().min(1), forCustomer).default({}).meta({
    description:
      "Other settings for single customers, by number: {K10001: {period: previous-quarter, target: sales-order}}. period, dateBy, waitHours, partNumber, target, release, priceFrom, laterDifference, rounding, minimum, allowUnseen, prescale.",
  }),
  texts: z
    .strictObject({ de: wording("German, or none"), en: wording("English") })
    .prefault({})
    .meta({ description: "What stands on the lines." }),
  dynamicFields: z.array(fieldName).default([]).meta({
    description: "Dynamic fields of tickets that the templates name; those in rules are read anyway.",
  }),
  invoiceNumberField: fieldName.optional().meta({
    description: "Dynamic field (text) of the ticket that gets the number of the invoice.",
    examples: ["InvoiceNumber"],
  }),
  mail: Mail,
});
export type BillingConfig = z.infer<typeof Billing>;

function isPeriod(text: string): boolean {
  try {
    parsePeriod(text, Temporal.Now.plainDateISO());
    return true;
  } catch (error) {
    if (error instanceof ConfigError) return false;
    throw error;
  }
}
