import { textOf, type Fields } from "./loose-values.ts";
import { failureOf, type Call } from "./operation.ts";
import type { RecordType } from "./world-state.ts";

const operation = "KivitendoBridgeUpsert";
const maxRecords = 1000;
const modes = ["owned", "fill-if-empty", "create-only"] as const;

/** One record of an upsert, well-formed. */
export interface UpsertRecord {
  type: RecordType;
  rowId: string;
  key: string;
  /** undefined when the key stays. */
  newKey: string | undefined;
  expect: "absent" | "unowned" | "ours";
  /** The row of the same instance whose mark it may carry; undefined for none but its own. */
  formerRowId: string | undefined;
  fields: Fields;
  modes: Record<string, (typeof modes)[number]>;
  dynamicFields: Fields;
  /** undefined when they are left alone. */
  companies: string[] | undefined;
}

function malformed(message: string): Error {
  return failureOf(operation)("InvalidParameter", message);
}

/** The sequence of an upsert; undefined without one. Throws InvalidParameter. */
export function requestedSequence(call: Call): number | undefined {
  if (!("Sequence" in call.data)) return undefined;
  const given = textOf(call.data["Sequence"]);
  if (/^[1-9]\d{0,14}$/.test(given)) return Number(given);
  throw malformed("Sequence must be a positive integer of at most 15 digits.");
}

/** Throws InvalidParameter. */
export function requestedDryRun(call: Call): boolean {
  if (!("DryRun" in call.data)) return false;
  const given = call.data["DryRun"] === false ? "0" : textOf(call.data["DryRun"]);
  if (given !== "0" && given !== "1") throw malformed("DryRun must be 0 or 1.");
  return given === "1";
}

/** The records of an upsert. Throws InvalidParameter when one of them is malformed. */
export function requestedRecords(call: Call): UpsertRecord[] {
  const given = call.data["Records"];
  if (!Array.isArray(given)) throw malformed("Records must be a list.");
  if (given.length > maxRecords) throw malformed(`At most ${maxRecords} records are taken in a call.`);
  return given.map((item: unknown, index) => {
    const record = recordOf(item);
    if (typeof record === "string") throw malformed(`Records[${index}]: ${record}`);
    return record;
  });
}

// A string says why it is none.
function recordOf(item: unknown): UpsertRecord | string {
  const given = objectOf(item);
  if (given === undefined) return "must be an object.";
  const { Type: type, RowId, Expect: expect } = given;
  if (type !== "Company" && type !== "User") return "Type must be Company or User.";
  if (expect !== "absent" && expect !== "unowned" && expect !== "ours")
    return "Expect must be absent, unowned or ours.";
  if (!/^\d{1,20}$/.test(textOf(RowId))) return "RowId must be a string of 1 to 20 digits.";
  const key = textOf(given["Key"]);
  if (key === "") return "Key must be a string that is not empty.";
  if (key === "0") return "Key must not be 0.";
  const fields = objectOf(given["Fields"]);
  if (fields === undefined) return "Fields must be an object.";
  const more = moreOf(given, type, expect);
  return typeof more === "string" ? more : { type, rowId: textOf(RowId), key, expect, fields, ...more };
}

type More = Pick<UpsertRecord, "newKey" | "formerRowId" | "modes" | "dynamicFields" | "companies">;

// What may be left out.
function moreOf(given: Fields, type: RecordType, expect: string): More | string {
  const key = textOf(given["Key"]);
  const newKey = "NewKey" in given ? textOf(given["NewKey"]) : key;
  if (newKey === "" || newKey === "0") return "NewKey must be a string that is not empty, and not 0.";
  if ("NewKey" in given && expect !== "ours") return "NewKey needs Expect ours.";
  const formerRowId = given["FormerRowId"] === undefined ? undefined : textOf(given["FormerRowId"]);
  if (formerRowId !== undefined && expect !== "ours") return "FormerRowId needs Expect ours.";
  if (formerRowId !== undefined && !/^\d{1,20}$/.test(formerRowId))
    return "FormerRowId must be a string of 1 to 20 digits.";
  const modesOfFields = objectOf(given["Modes"] ?? {});
  if (modesOfFields === undefined) return "Modes must be an object.";
  const unknown = Object.values(modesOfFields).find((mode) => !modes.some((known) => known === mode));
  if (unknown !== undefined) return `Modes must be ${modes.join(", ")}.`;
  const dynamicFields = objectOf(given["DynamicFields"] ?? {});
  if (dynamicFields === undefined) return "DynamicFields must be an object.";
  const companies = given["Companies"];
  if (companies !== undefined && type === "Company") return "Companies are for users only.";
  const isList = Array.isArray(companies) && companies.every((company) => textOf(company) !== "");
  if (companies !== undefined && !isList) return "Companies must be a list of keys.";
  return {
    newKey: newKey === key ? undefined : newKey,
    formerRowId,
    modes: modesOfFields as UpsertRecord["modes"],
    dynamicFields,
    companies: isList ? companies.map(textOf) : undefined,
  };
}

function objectOf(value: unknown): Fields | undefined {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Fields) : undefined;
}
