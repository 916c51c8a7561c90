import { z } from "zod";

/** One entry of `billing.rules`, and the settings that a rule shares with the rest of `billing`. */

const text = z.string().trim().min(1);
const texts = z.array(text).min(1, "name at least one, or leave the condition out");

/** A length of time as people write it: `15 minutes`, `1 hour`. */
export const duration = z
  .string()
  .regex(/^(?=.*[1-9])\d+(\.\d+)? (minutes?|hours?)$/, "expected a length of time such as 15 minutes or 1 hour");

export const partNumber = z.string().trim().min(1);

export const priceSources = ["open-order", "customer-price", "customer-hourly-rate", "part"] as const;
export const PriceSources = z
  .array(z.enum(priceSources))
  .min(1, "name at least one source of prices")
  .refine((sources) => new Set(sources).size === sources.length, "names a source twice");

/** How worked time becomes charged time. */
export const Rounding = z.union(
  [
    z.literal("none"),
    z.strictObject({
      step: duration,
      direction: z.enum(["up", "nearest", "down"]).default("up"),
      per: z.enum(["entry", "ticket", "draft"]).default("ticket"),
    }),
  ],
  "expected none, or {step: 15 minutes, direction: up|nearest|down, per: entry|ticket|draft}",
);

export const Minimum = z.union([z.literal("none"), duration], "expected none, or a length of time such as 15 minutes");

const weekdays = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"] as const;
const timeOfDay = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, "expected a time of day such as 18:00");

const When = z
  .strictObject({
    customers: texts.optional(),
    queues: texts.optional(),
    services: texts.optional(),
    slas: texts.optional(),
    types: texts.optional(),
    priorities: texts.optional(),
    agents: texts.optional(),
    dynamicFields: z
      .record(z.string().regex(/^[A-Za-z0-9]+$/, "expected the name of a dynamic field: letters and digits"), texts)
      .optional(),
    weekdays: z.array(z.enum(weekdays)).min(1).optional(),
    from: timeOfDay.optional(),
    to: timeOfDay.optional(),
  })
  .refine((when) => (when.from === undefined) === (when.to === undefined), "from and to belong together")
  .refine((when) => when.from === undefined || when.from !== when.to, "from and to are the same time of day");

export const Rule = z
  .strictObject({
    name: text.max(60, "is longer than 60 characters"),
    when: When.prefault({}),
    effect: z.enum(["bill", "exclude", "goodwill"]).default("bill"),
    partNumber: partNumber.optional(),
    unitPrice: z.number().min(0).optional(),
    priceFrom: PriceSources.optional(),
    surcharge: z.number().positive().max(100).optional(),
    rounding: Rounding.optional(),
    minimum: Minimum.optional(),
  })
  .superRefine((rule, context) => {
    const refuse = (field: string, message: string): void =>
      context.addIssue({ code: "custom", path: [field], message });
    if (rule.unitPrice !== undefined && rule.priceFrom !== undefined)
      refuse("priceFrom", "give either unitPrice or priceFrom");
    const money = ["unitPrice", "priceFrom", "surcharge", "rounding", "minimum"] as const;
    if (rule.effect === "bill") return;
    for (const field of money) {
      if (rule[field] !== undefined) refuse(field, `says nothing where effect is ${rule.effect}: take it out`);
    }
    if (rule.effect === "exclude" && rule.partNumber !== undefined) {
      refuse("partNumber", "says nothing where effect is exclude: take it out");
    }
  });

/** First match wins, so a name that stands twice could not be told apart in what is kept of a line. */
export const Rules = z.array(Rule).superRefine((rules, context) => {
  const names: string[] = [];
  for (const [index, { name }] of rules.entries()) {
    if (names.includes(name)) {
      const message = `"${name}" is the name of another rule`;
      context.addIssue({ code: "custom", path: [index, "name"], message });
    }
    names.push(name);
  }
});

const Contingent = z.strictObject({
  customers: texts,
  hoursPerMonth: z.number().positive(),
  queues: texts.optional(),
});

/** What was used is kept by customer and month: it could not be told apart for two contingents of one customer. */
export const Contingents = z.array(Contingent).superRefine((contingents, context) => {
  const seen = new Set<string>();
  for (const [index, { customers }] of contingents.entries()) {
    for (const customer of customers.filter((each) => seen.has(each))) {
      context.addIssue({ code: "custom", path: [index, "customers"], message: `${customer} has a contingent already` });
    }
    for (const customer of customers) seen.add(customer);
  }
});
