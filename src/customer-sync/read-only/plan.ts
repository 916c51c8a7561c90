import { countryName } from "../countries.ts";
import type {
  HelpdeskCompanyRow,
  HelpdeskUserRow,
  ReadOnlyDifferences,
  ReadOnlyWrites,
  SourceCompany,
  SourceContact,
  SourceRow,
} from "../ports.ts";
import { cut, lengthOf, oneLine } from "../text.ts";

/** What a run does, or would do, with one row; for people and `--json`. */
export interface ReadOnlyChange {
  readonly record: "company" | "user";
  readonly rowId: number;
  readonly label: string;
  readonly key: string;
  readonly outcome: "created" | "updated" | "invalidated" | "rejected";
  /** Why a row is left out. */
  readonly code: "incomplete" | "ambiguous" | "waiting" | null;
  readonly reason: string | null;
  /** The customer that a contact is filed under; null for customers, and for contacts that are gone. */
  readonly customerId: number | null;
}

export interface ReadOnlyPlan {
  readonly writes: ReadOnlyWrites;
  readonly changes: readonly ReadOnlyChange[];
}

const validId = { valid: 1, invalid: 2 } as const;

/** Characters that the helpdesk's own tables hold; more would not fit where a ticket copies the value. */
const widths = { key: 150, name: 200, personName: 100, title: 50, email: 150, phone: 150, address: 200 };

export type Countries = "english" | "as-typed";

/**
 *  kivitendo's row   | in the table | result
 *  ------------------+--------------+----------------------------------------------
 *  present           | no           | created; left out without key, with one that is another's, too long
 *  present, active   | yes          | updated; the key stays
 *  no longer active  | yes, valid   | invalidated, with its new values
 *  gone              | yes, valid   | invalidated, values untouched
 *  gone              | yes          | removed when another row takes the key
 *
 * A contact waits while its customer has no place.
 */
export function planReadOnly({ companies, contacts }: ReadOnlyDifferences, countries: Countries): ReadOnlyPlan {
  const companyPlan = planTable("company", companies.rows, (row) => companyRow(row, countries));
  const newKeys = new Map(companyPlan.written.map((row) => [row.row_id, row.customer_id]));
  const userPlan = planTable("user", contacts.rows, (row) => {
    const companyKey = row.companyKey ?? newKeys.get(row.customerId ?? 0);
    return companyKey === undefined || row.customerId === null ? null : userRow(row, row.customerId, companyKey);
  });
  return {
    writes: { companies: companyPlan, users: userPlan },
    changes: [...companyPlan.changes, ...userPlan.changes],
  };
}

interface TablePlan<Row> {
  readonly removed: readonly number[];
  readonly invalidated: readonly number[];
  readonly written: readonly Row[];
  readonly changes: readonly ReadOnlyChange[];
}

/** `make` answers null for a contact whose customer has no place. */
function planTable<Source extends SourceCompany | SourceContact, Row extends { readonly row_id: number }>(
  record: "company" | "user",
  rows: readonly Source[],
  make: (row: Source) => Row | null,
): TablePlan<Row> {
  const written: Row[] = [];
  const changes: ReadOnlyChange[] = [];
  for (const row of rows.filter((candidate) => !candidate.gone)) {
    const made = make(row);
    const problem = problemOf(record, row) ?? (made === null ? waiting : null);
    if (problem === null && made !== null) written.push(made);
    changes.push({ ...describe(record, row), ...(problem ?? { outcome: effectOf(row), code: null, reason: null }) });
  }
  const taken = new Set(written.map((row) => row.row_id));
  const gone = rows.filter((row) => row.gone);
  // Its key goes to a row of this run: for the helpdesk the record just stays.
  const removed = gone.filter((row) => row.keyOwner !== row.rowId && taken.has(row.keyOwner));
  const invalidated = gone.filter((row) => row.valid && !removed.includes(row));
  changes.push(
    ...invalidated.map((row) => ({
      ...describe(record, row),
      outcome: "invalidated" as const,
      code: null,
      reason: null,
    })),
  );
  return {
    removed: removed.map((row) => row.rowId),
    invalidated: invalidated.map((row) => row.rowId),
    written,
    changes,
  };
}

type Problem = Pick<ReadOnlyChange, "outcome" | "code" | "reason">;

const waiting: Problem = {
  outcome: "rejected",
  code: "waiting",
  reason: "The customer that the contact belongs to is not in the helpdesk's table (yet).",
};

function problemOf(record: "company" | "user", row: SourceCompany | SourceContact): Problem | null {
  const what = record === "company" ? "customer number" : "e-mail";
  const longest = record === "company" ? widths.key : widths.email;
  if (row.key === "") {
    return { outcome: "rejected", code: "incomplete", reason: `There is no ${what} in kivitendo.` };
  }
  if (row.keyOwner !== row.rowId) {
    return {
      outcome: "rejected",
      code: "ambiguous",
      reason: `The ${what} is that of the ${record === "company" ? "customer" : "contact"} with row id ${row.keyOwner} already.`,
    };
  }
  if (lengthOf("email" in row ? oneLine(row.email) : row.key) > longest) {
    return { outcome: "rejected", code: "incomplete", reason: `The ${what} is longer than ${longest} characters.` };
  }
  return null;
}

function effectOf(row: SourceRow): "created" | "updated" | "invalidated" {
  if (!row.held) return "created";
  return row.valid && !row.active ? "invalidated" : "updated";
}

function describe(
  record: "company" | "user",
  row: SourceCompany | SourceContact,
): Pick<ReadOnlyChange, "record" | "rowId" | "label" | "key" | "customerId"> {
  const person = "email" in row;
  const words = person ? [row.givenName, row.name, row.gone ? "" : `<${row.email.trim()}>`] : [row.key, row.name];
  return {
    record,
    rowId: row.rowId,
    label: words.filter((word) => word.trim() !== "").join(" ") || row.key || `row id ${row.rowId}`,
    key: row.key,
    customerId: person ? row.customerId : null,
  };
}

function companyRow(row: SourceCompany, countries: Countries): HelpdeskCompanyRow {
  return {
    row_id: row.rowId,
    customer_id: row.key,
    name: cut(oneLine(row.name), widths.name),
    street: cut(oneLine(row.street), widths.address),
    zip: whole(row.zipCode, widths.address),
    city: cut(oneLine(row.city), widths.address),
    country: cut(countries === "english" ? countryName(row, []) : oneLine(row.country), widths.address),
    url: whole(row.homepage, widths.address),
    valid_id: row.active ? validId.valid : validId.invalid,
    source_hash: row.sourceHash,
  };
}

function userRow(row: SourceContact, customerId: number, companyKey: string): HelpdeskUserRow {
  return {
    row_id: row.rowId,
    filed_under: customerId,
    login: row.key,
    customer_id: companyKey,
    title: cut(oneLine(row.title), widths.title),
    first_name: cut(oneLine(row.givenName), widths.personName),
    last_name: cut(oneLine(row.name), widths.personName),
    email: oneLine(row.email),
    phone: whole(row.phone, widths.phone),
    mobile: whole(row.mobile, widths.phone),
    valid_id: row.active ? validId.valid : validId.invalid,
    source_hash: row.sourceHash,
  };
}

/** What does not fit is left out: a part of a number or an address leads astray. */
function whole(text: string, width: number): string {
  const line = oneLine(text);
  return lengthOf(line) > width ? "" : line;
}
