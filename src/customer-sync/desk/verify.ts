import { validId } from "../mapping.ts";
import { nameWithNumber } from "../names.ts";
import type { Ownership, RecordKind } from "../records.ts";
import type { CustomerChange, HelpdeskRecord } from "../writes.ts";

/** One field that is not as kivitendo has it. */
export interface Drift {
  readonly record: RecordKind;
  readonly rowId: number;
  readonly key: string;
  readonly label: string;
  /** A field of docs/addon-protocol.md, `DynamicField_<Name>`, `Companies`, or `Key` of a record that agents renamed. */
  readonly field: string;
  readonly wanted: string;
  readonly found: string;
  /** Only what is `owned` is repaired: the rest was left to the agents. */
  readonly ownership: Ownership;
}

/** A linked record that the helpdesk does not have, or not as ours. */
export interface Lost {
  readonly record: RecordKind;
  readonly rowId: number;
  readonly key: string;
  readonly label: string;
  readonly why: "missing" | "unmarked" | "foreign";
}

/** A record that carries the mark of this instance and whose row no link knows: a lost recording, or a restored database. */
export interface Orphan {
  readonly record: RecordKind;
  readonly rowId: number;
  readonly key: string;
}

export interface Comparison {
  readonly checked: number;
  readonly drifts: readonly Drift[];
  readonly lost: readonly Lost[];
  readonly orphans: readonly Orphan[];
}

/**
 * Compares what kivitendo wants of its linked records with what the helpdesk has. `wanted` are the changes of a plan over
 * all rows; those without a linked record do not count. `found` are all records of that kind in the helpdesk. Where the helpdesk keeps no `marks`, a
 * linked record is ours without one.
 */
export function compareWithHelpdesk(
  wanted: readonly CustomerChange[],
  found: Iterable<HelpdeskRecord>,
  options: {
    readonly record: RecordKind;
    readonly instance: string;
    readonly marks: boolean;
    readonly known?: ReadonlySet<number>;
  },
): Comparison {
  const linked = wanted.filter((change) => change.expect === "ours");
  const byKey = new Map(linked.map((change) => [change.key, change]));
  const byRow = new Map(linked.map((change) => [change.rowId, change]));
  const records = [...found];
  const met = new Map<CustomerChange, Lost["why"] | "there">();
  const drifts: Drift[] = [];
  const orphans: Orphan[] = [];
  for (const record of records) {
    const { owner } = record;
    const isMine = owner?.instance === options.instance;
    const atKey = byKey.get(record.key);
    // The mark says whose it is, wherever agents have moved it.
    const change = isMine ? byRow.get(owner.rowId) : owner === null && !options.marks ? atKey : undefined;
    if (change !== undefined) {
      met.set(change, "there");
      drifts.push(...driftsOf(change, record));
      continue;
    }
    if (isMine && !options.known?.has(owner.rowId))
      orphans.push({ record: options.record, rowId: owner.rowId, key: record.key });
    if (atKey !== undefined && !met.has(atKey)) met.set(atKey, owner === null ? "unmarked" : "foreign");
  }
  const lost = linked.flatMap((change) => {
    const why = met.get(change) ?? "missing";
    return why === "there" ? [] : [lossOf(change, why)];
  });
  return { checked: met.size, drifts, lost, orphans };
}

/**
 * The change that is recorded for a record that agents renamed, which keeps the key that they gave it; null for any other.
 * It says next to nothing, so that no value can be refused.
 */
export function renamingOf(change: CustomerChange, drifts: readonly Drift[]): CustomerChange | null {
  const renamed = drifts.find((drift) => drift.field === "Key");
  if (renamed === undefined) return null;
  const { ValidID = validId.valid } = change.fields;
  return {
    ...change,
    key: renamed.found,
    newKey: null,
    fields: { ValidID },
    dynamicFields: {},
    modes: {},
    notices: [],
    situation: "renamed",
  };
}

/** The change that puts right what drifted in owned fields; null when there is nothing to repair. */
export function repairOf(change: CustomerChange, drifts: readonly Drift[]): CustomerChange | null {
  const repaired = new Set(drifts.filter((drift) => drift.ownership === "owned").map((drift) => drift.field));
  if (repaired.size === 0) return null;
  const among = ([field]: [string, unknown]): boolean => repaired.has(field);
  const dynamic = ([name]: [string, unknown]): boolean => repaired.has(`DynamicField_${name}`);
  return {
    ...change,
    kind: "update",
    key: drifts.find((drift) => drift.field === "Key")?.found ?? change.key,
    newKey: null,
    modes: {},
    fields: Object.fromEntries(Object.entries(change.fields).filter(among)),
    dynamicFields: Object.fromEntries(Object.entries(change.dynamicFields).filter(dynamic)),
    companies: repaired.has("Companies") ? change.companies : null,
  };
}

function driftsOf(change: CustomerChange, record: HelpdeskRecord): readonly Drift[] {
  const drifts: Drift[] = [];
  const compare = (field: string, wanted: string, found: string): void => {
    const ownership = change.modes[field] ?? "owned";
    if (wanted === found || (ownership === "fill-if-empty" && found !== "" && wanted === "")) return;
    const { record: kind, rowId, key, label } = change;
    drifts.push({ record: kind, rowId, key, label, field, wanted, found, ownership });
  };
  if (record.key !== change.key) {
    const { record: kind, rowId, key, label } = change;
    drifts.push({
      record: kind,
      rowId,
      key,
      label,
      field: "Key",
      wanted: key,
      found: record.key,
      ownership: "create-only",
    });
  }
  if (change.fields["ValidID"] === validId.invalid) {
    // What has left is invalid; the rest of it is of no account, and may be what the helpdesk refuses.
    compare("ValidID", String(validId.invalid), String(record.validId));
    return drifts;
  }
  for (const [field, value] of Object.entries(change.fields)) {
    // Another company had the plain name, and may still have it.
    if (
      field === "CustomerCompanyName" &&
      record.fields[field] === nameWithNumber(String(value), change.sourceKey ?? "")
    )
      continue;
    if (field === "ValidID") compare(field, String(value), String(validityOf(record, Number(value))));
    else compare(field, String(value), record.fields[field] ?? "");
  }
  for (const [name, value] of Object.entries(change.dynamicFields)) {
    compare(`DynamicField_${name}`, value, record.dynamicFields[name] ?? "");
  }
  const lacking = (change.companies ?? []).filter((company) => !record.companies.includes(company));
  if (lacking.length > 0) compare("Companies", (change.companies ?? []).join(", "), record.companies.join(", "));
  return drifts;
}

/** A human's invalid-temporarily stands for valid: it is theirs to lift. */
function validityOf(record: HelpdeskRecord, wanted: number): number {
  const temporarily = 3;
  return record.validId === temporarily && wanted === validId.valid ? wanted : record.validId;
}

function lossOf({ record, rowId, key, label }: CustomerChange, why: Lost["why"]): Lost {
  return { record, rowId, key, label, why };
}
