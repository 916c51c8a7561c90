import { z } from "zod";
import { defaultOwnership } from "../model/index.ts";
import { suggestion } from "./suggestion.ts";

/** The part `customers` of the configuration: flow 1. */

const share = z.number().min(0).max(1);
const count = z.number().int().min(0);
const name = z.string().trim().min(1);
const ownership = z.enum(["owned", "fill-if-empty", "create-only"]);

/** Whose the fields of one kind of record are. */
function fieldModes(record: "company" | "user", description: string) {
  const known = Object.keys(defaultOwnership[record]);
  return z
    .record(z.string(), ownership)
    .superRefine((fields, context) => {
      for (const field of Object.keys(fields).filter((each) => !known.includes(each))) {
        const message = `is not a field that the bridge fills for a ${record}${suggestion(field, known)}; there are ${known.join(", ")}`;
        context.addIssue({ code: "custom", path: [field], message });
      }
    })
    .default({})
    .meta({ description });
}

const variable = /^variable:\S.*$/;
const plainColumn = /^[a-z_][a-z0-9_]*$/;
/** What the bridge fills by itself cannot be filled twice. */
const filled: ReadonlySet<string> = new Set(
  Object.values(defaultOwnership)
    .flatMap((fields) => Object.keys(fields))
    .concat("CustomerID", "UserLogin", "UserCustomerID", "ValidID", "UserPassword"),
);

const ExtraField = z
  .strictObject({
    record: z.enum(["company", "user"]),
    column: z
      .string()
      .trim()
      .refine(
        (text) => variable.test(text) || plainColumn.test(text),
        "expected a column of the bridge's view such as ustid, or a custom variable as variable:NAME",
      ),
    field: name
      .refine((field) => !filled.has(field), "is a field that the bridge fills or needs by itself: choose another")
      .optional(),
    dynamicField: z
      .string()
      .regex(/^[A-Za-z0-9]+$/, "expected the name of a dynamic field: letters and digits")
      .optional(),
    ownership: ownership.default("owned"),
  })
  .refine((each) => (each.field === undefined) !== (each.dynamicField === undefined), {
    message: "give either field or dynamicField",
  });

const ExtraFields = z.array(ExtraField).superRefine((all, context) => {
  const seen = new Set<string>();
  for (const [index, { record, field, dynamicField }] of all.entries()) {
    const target = `${record} ${field ?? `dynamic field ${dynamicField ?? ""}`}`;
    if (seen.has(target)) context.addIssue({ code: "custom", path: [index], message: `fills ${target} a second time` });
    seen.add(target);
  }
});

/** As PostgreSQL takes it; what JavaScript does not know of it (options at the beginning) is not looked at. */
const pattern = z.string().min(1).refine(isPattern, "expected a regular expression such as ^K[0-9]+$");

export const Customers = z.strictObject({
  way: z.enum(["push", "read-only"]).default("push").meta({
    description:
      "push writes into the helpdesk through its add-on. read-only keeps two tables up to date that the helpdesk reads by itself (docs/read-only-source.md) and never calls it.",
  }),
  readerRole: z
    .string()
    .min(1)
    .optional()
    .meta({
      description:
        "Only for read-only: existing PostgreSQL role that the helpdesk logs in with; `kivi-otrs setup` lets it read those two tables.",
      examples: ["otrs_reader"],
    }),
  adopt: z.enum(["never", "same-key", "matched"]).default("matched").meta({
    description:
      "Records that stand in the helpdesk already and nobody owns: never taken over, with the same-key (CustomerID or login), or when somebody matched them (`kivi-otrs customers match`). Others wait in the inbox.",
  }),
  followCustomerNumber: z.boolean().default(true).meta({
    description:
      "The CustomerID follows a changed customer number, with everything that hangs on it; never that of an adopted company.",
  }),
  moves: z.enum(["ask", "allow"]).default("ask").meta({
    description:
      "A contact's move to another customer takes all its tickets along: it waits in the inbox (ask), or is done (allow).",
  }),
  placeholderName: name.optional().meta({
    description:
      "Stands for a missing given or family name, which the helpdesk demands. Without it such contacts wait in the inbox.",
    examples: ["-"],
  }),
  countries: z.enum(["english", "as-typed"]).default("english").meta({
    description:
      "english: countries (German or English name, ISO code) by the name that the helpdesk's forms offer. as-typed: as in kivitendo.",
  }),
  fields: z
    .strictObject({
      company: fieldModes(
        "company",
        "For example {CustomerCompanyStreet: create-only}. Default: CustomerCompanyURL is fill-if-empty, the others owned.",
      ),
      user: fieldModes(
        "user",
        "For example {UserPhone: owned}. Default: UserTitle, UserPhone and UserMobile are fill-if-empty, the others owned.",
      ),
    })
    .prefault({})
    .meta({
      description:
        "Whose a field is: owned (kivitendo wins), fill-if-empty (set where the helpdesk has nothing), create-only (set once). Validity and the customer of a contact are always kivitendo's.",
    }),
  extraFields: ExtraFields.default([]).meta({
    description:
      "More columns of the views otrs_bridge.companies (company) and otrs_customer_contacts (user), or custom variables, for mapped fields or dynamic fields of the helpdesk: [{record: company, column: ustid, dynamicField: VATNumber}]; also variable:NAME, field, ownership.",
  }),
  contactFlag: name.optional().meta({
    description: "Custom variable (yes/no) of contacts: only who has it may report tickets; withdrawn means invalid.",
    examples: ["darf_tickets_melden"],
  }),
  customerFlag: name.optional().meta({
    description: "Custom variable (yes/no) of customers: only those that have it belong into the helpdesk.",
    examples: ["im_helpdesk"],
  }),
  businessTypes: z
    .array(name)
    .default([])
    .meta({ description: "Only customers of these business types (by name); empty: all." }),
  customerNumbers: pattern.optional().meta({
    description: "Only customers whose number matches this regular expression (PostgreSQL's).",
    examples: ["^K"],
  }),
  sentinel: name.optional().meta({
    description:
      "Customer number that must be there: without it kivitendo's data are not believed and a run is refused.",
    examples: ["K10001"],
  }),
  maxSourceShrink: share.default(0.2).meta({
    description:
      "A run is refused when kivitendo shows fewer customers (or contacts) than at the last one by more than this share.",
  }),
  maxDeactivations: count.default(50).meta({
    description:
      "A run that would make more customers (or more contacts) invalid than this, together with those of the last 24 hours, is refused.",
  }),
  maxDeactivationShare: share.default(0.1).meta({
    description: "The same as a share of the known ones; 0.1 is 10 %.",
  }),
  maxKeyChanges: count.default(50).meta({ description: "The same for changes of CustomerID or login." }),
  maxKeyChangeShare: share.default(0.1).meta({ description: "The same as a share of the known ones." }),
  maxAdoptions: count.default(50).meta({ description: "The same for records of the helpdesk that are adopted." }),
  maxAdoptionShare: share.default(0.1).meta({ description: "The same as a share of the known ones." }),
  ignoreBelow: count.default(20).meta({
    description: "These limits (from maxSourceShrink on) count only from this many known records up.",
  }),
  changeTriggers: z.boolean().default(false).meta({
    description:
      "A saved contact is in the helpdesk within seconds: setup installs triggers on kivitendo's tables that say that something changed, and the service listens.",
  }),
});

function isPattern(text: string): boolean {
  try {
    // Only parsed.
    void new RegExp(text.replace(/^(\*\*\*[:=])?(\(\?[a-z]+\))?/, ""));
    return true;
  } catch (error) {
    if (error instanceof SyntaxError) return false;
    throw error;
  }
}
