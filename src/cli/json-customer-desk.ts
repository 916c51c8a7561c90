import { z } from "zod";
import type {
  Comparison,
  CustomerOutcome,
  ExplainedRecord,
  MatchProposal,
  MatchReport,
  VerifyReport,
} from "../customer-sync/index.ts";

/** What `--json` prints for what people do with customers besides syncing them; see json.ts. */

const count = z.number().int().nonnegative();
const record = z.enum(["customer", "contact"]);
const rowId = z.number().int().meta({ description: "Row id in kivitendo." });
const key = z.string().meta({ description: "CustomerID of the company, login of the user." });

const Side = z.strictObject({
  number: z.string(),
  name: z.string(),
  zipCode: z.string(),
  city: z.string(),
  email: z.string(),
});

const Unmatched = z.strictObject({ customers: count, contacts: count });

const Match = z.strictObject({
  proposals: z.array(
    z.strictObject({
      record,
      kivitendoId: rowId,
      helpdeskKey: key,
      score: z.number().int().min(0).max(100),
      reasons: z.array(z.string()),
      ambiguous: z.boolean(),
      kivitendo: Side,
      helpdesk: Side,
    }),
  ),
  unmatched: z.strictObject({ kivitendo: Unmatched, helpdesk: Unmatched }).nullable(),
  confirmed: count.meta({ description: "Pairs that --confirm recorded." }),
});

const Compared = z.strictObject({
  checked: count,
  drifts: z.array(
    z.strictObject({
      kivitendoId: rowId,
      helpdeskKey: key,
      label: z.string(),
      field: z.string(),
      wanted: z.string(),
      found: z.string(),
      ownership: z.enum(["owned", "fill-if-empty", "create-only"]),
    }),
  ),
  lost: z.array(
    z.strictObject({
      kivitendoId: rowId,
      helpdeskKey: key,
      label: z.string(),
      why: z.enum(["missing", "unmarked", "foreign"]),
    }),
  ),
  orphans: z.array(z.strictObject({ kivitendoId: rowId, helpdeskKey: key })),
});

const Result = z.strictObject({
  record,
  kivitendoId: rowId,
  helpdeskKey: key,
  situation: z.string(),
  outcome: z.enum(["created", "adopted", "updated", "unchanged", "rejected"]),
  fields: z.array(z.string()).meta({ description: "Names of the helpdesk's fields that change." }),
  code: z.string().nullable(),
  reason: z.string().nullable(),
});

const values = z.record(z.string(), z.union([z.string(), z.number()]));

const Explained = z.strictObject({
  record,
  kivitendoId: rowId,
  label: z.string(),
  kivitendo: z.record(z.string(), z.unknown()).meta({ description: "The row as the bridge reads it." }),
  link: z
    .looseObject({ status: z.string(), key: z.string(), confirmed: z.boolean(), valid: z.boolean() })
    .nullable()
    .meta({ description: "What the bridge remembers." }),
  helpdesk: z
    .strictObject({
      key,
      fields: values,
      validId: z.number().int(),
      dynamicFields: values,
      companies: z.array(z.string()),
      owner: z.strictObject({ instance: z.string(), rowId: z.number().int() }).nullable(),
      tickets: z.strictObject({ all: count, open: count }).nullable(),
    })
    .nullable(),
  wanted: z
    .strictObject({
      key,
      newKey: z.string().nullable(),
      fields: values,
      dynamicFields: values,
      companies: z.array(z.string()).nullable(),
      modes: z.record(z.string(), z.string()),
      notices: z.array(z.string()),
    })
    .nullable(),
  next: Result.nullable().meta({ description: "What the next run does; null when it leaves the record alone." }),
  drifts: Compared.shape.drifts,
});

export const customerDeskOutputs = {
  "customers match": Match,
  "customers verify": z.strictObject({
    customers: Compared,
    contacts: Compared,
    pending: Unmatched.meta({ description: "Changed in kivitendo and left to the next sync." }),
    repaired: z.boolean(),
    repairs: z.array(Result),
  }),
  "explain customer": z.strictObject({ records: z.array(Explained) }),
  "inbox decide": z.strictObject({ id: z.string(), choice: z.string(), by: z.string(), why: z.string() }),
};

export function matchJson(given: {
  readonly proposals: readonly MatchProposal[];
  readonly confirmed: number;
  readonly report: MatchReport | null;
}): z.infer<typeof Match> {
  const { proposals, confirmed, report } = given;
  return Match.parse({
    proposals: proposals.map(({ record: kind, rowId: id, helpdesk: { key: theirs, ...helpdesk }, erp, ...pair }) => ({
      record: wordOf(kind),
      kivitendoId: id,
      helpdeskKey: theirs,
      kivitendo: erp,
      helpdesk,
      ...pair,
    })),
    unmatched:
      report === null
        ? null
        : { kivitendo: unmatchedPart(report.unmatchedRows), helpdesk: unmatchedPart(report.unmatchedRecords) },
    confirmed,
  });
}

export function verifyJson(
  report: VerifyReport,
  isRepaired: boolean,
): z.infer<(typeof customerDeskOutputs)["customers verify"]> {
  return customerDeskOutputs["customers verify"].parse({
    customers: comparedPart(report.companies),
    contacts: comparedPart(report.users),
    pending: { customers: report.pending.companies, contacts: report.pending.users },
    repaired: isRepaired,
    repairs: report.repairs.map(resultPart),
  });
}

export function explainedJson(
  records: readonly ExplainedRecord[],
): z.infer<(typeof customerDeskOutputs)["explain customer"]> {
  return customerDeskOutputs["explain customer"].parse({
    records: records.map(({ record: kind, rowId: id, source, wanted, next, drifts, ...rest }) => ({
      ...rest,
      record: wordOf(kind),
      kivitendoId: id,
      kivitendo: source,
      wanted: wanted === null ? null : wantedPart(wanted),
      next: next === null ? null : resultPart(next),
      drifts: drifts.map(driftPart),
    })),
  });
}

function unmatchedPart({ companies, users }: MatchReport["unmatchedRows"]): z.infer<typeof Unmatched> {
  return { customers: companies, contacts: users };
}

function wordOf(kind: "company" | "user"): "customer" | "contact" {
  return kind === "company" ? "customer" : "contact";
}

function comparedPart({ checked, drifts, lost, orphans }: Comparison): z.infer<typeof Compared> {
  return {
    checked,
    drifts: drifts.map(driftPart),
    lost: lost.map(({ rowId: kivitendoId, key: helpdeskKey, label, why }) => ({
      kivitendoId,
      helpdeskKey,
      label,
      why,
    })),
    orphans: orphans.map(({ rowId: kivitendoId, key: helpdeskKey }) => ({ kivitendoId, helpdeskKey })),
  };
}

function driftPart(drift: Comparison["drifts"][number]): z.infer<typeof Compared>["drifts"][number] {
  const { rowId: kivitendoId, key: helpdeskKey, label, field, wanted, found, ownership } = drift;
  return { kivitendoId, helpdeskKey, label, field, wanted, found, ownership };
}

function resultPart({ change, result }: CustomerOutcome): z.infer<typeof Result> {
  const isRejected = result.outcome === "rejected";
  return {
    record: wordOf(change.record),
    kivitendoId: change.rowId,
    helpdeskKey: change.key,
    situation: change.situation,
    outcome: result.outcome,
    fields: isRejected ? [] : [...result.changed],
    code: isRejected ? result.code : null,
    reason: isRejected ? result.reason : (change.waitsFor?.reason ?? null),
  };
}

function wantedPart(wanted: NonNullable<ExplainedRecord["wanted"]>): unknown {
  const { key: ours, newKey, fields, dynamicFields, companies, modes, notices } = wanted;
  return { key: ours, newKey, fields, dynamicFields, companies, modes, notices };
}

export function decisionJson(
  decision: z.infer<(typeof customerDeskOutputs)["inbox decide"]>,
): z.infer<(typeof customerDeskOutputs)["inbox decide"]> {
  return customerDeskOutputs["inbox decide"].parse(decision);
}
