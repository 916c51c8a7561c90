import { Big } from "big.js";
import type { DraftContent, PlannedLine } from "../billing/ports.ts";
import { type Decimal, RejectedError } from "../model/index.ts";
import { numberExpression } from "./numbers.ts";
import { nameOf, oneLine, printable, serialNumberOf, servicePeriod, transactionText } from "./text.ts";

/**
 * The `form` of a kivitendo invoice draft: a YAML mapping of the strings that the invoice form holds
 * (kivitendo `SL/Controller/Draft.pm`, `bin/mozilla/is.pl`). Throws RejectedError for a value that kivitendo would show
 * as something else.
 */
export function draftForm(content: DraftContent): string {
  const fields = [...headFields(content), ...content.lines.flatMap((line, index) => lineFields(line, index + 1))];
  return ["---", ...fields.map(([key, value]) => `${key}: ${quoted(value)}`), ""].join("\n");
}

/**
 * The draft's name in kivitendo's list of drafts. That list puts it into the page without escaping it (4.1.0,
 * `templates/design40_webpages/drafts/form.html`) and the form escapes it, so pointed quotes stand for the brackets.
 */
export function draftName(text: string): string {
  return oneLine(text).replaceAll("<", "‹").replaceAll(">", "›");
}

type Field = readonly [key: string, value: string];

function headFields(content: DraftContent): Field[] {
  const { customer } = content;
  return [
    // Without it the address's draft id stays in the form's id and the form dies.
    ["id", ""],
    ["type", "invoice"],
    ["vc", "customer"],
    ["customer_id", String(customer.customerId)],
    // Another customer than before: whoever opens the draft gets the customer's due date, direct debit, billing address
    // and notes, as for an invoice typed by hand. With the same one, an invoice without payment terms had no due date.
    ["previous_customer_id", "-1"],
    ["currency", customer.currency],
    ["taxzone_id", idText(customer.taxZoneId)],
    ["taxincluded", customer.taxIncluded ? "1" : "0"],
    ["taxincluded_changed_by_user", "1"],
    ["payment_id", idText(customer.paymentId)],
    ["language_id", idText(customer.languageId)],
    ["delivery_term_id", idText(customer.deliveryTermId)],
    ["salesman_id", idText(customer.salesmanId)],
    ["employee_id", String(content.ownerId)],
    ["AR_chart_id", String(content.arChartId)],
    // Not intnotes, which the customer's notes overwrite. And no date anywhere: no spelling of a date is read alike in
    // all of kivitendo's date formats.
    [
      "transaction_description",
      transactionText(content.transactionDescription, { ...servicePeriod(content), ...customer }),
    ],
    ["paidaccounts", "1"],
    // One more than there are lines: the last one is looked up again from the master data.
    ["rowcount", String(content.lines.length + 1)],
  ];
}

function lineFields(line: PlannedLine, row: number): Field[] {
  const { part } = line;
  if (part === null)
    throw new RejectedError(`${nameOf(line)} has no part.`, "Set a part number for it in billing.rules.");
  const percent = new Big(line.discount).times(100).toFixed() as Decimal;
  return [
    [`id_${row}`, String(part.partId)],
    [`partnumber_${row}`, oneLine(part.partNumber)],
    [`description_${row}`, oneLine(line.description)],
    [`longdescription_${row}`, printable(line.longDescription)],
    [`qty_${row}`, quantityExpression(line, part.unit)],
    [`unit_${row}`, part.unit],
    [`sellprice_${row}`, numberExpression(line.unitPrice, `The price of ${nameOf(line)}`)],
    [`discount_${row}`, numberExpression(percent, `The discount of ${nameOf(line)} in percent`)],
    [`project_id_${row}`, idText(line.projectId)],
    // Empty: a price of its own ("Freier Preis"), not to be replaced by a price rule.
    [`active_price_source_${row}`, ""],
    [`serialnumber_${row}`, serialNumberOf(line)],
  ];
}

function quantityExpression(line: PlannedLine, unit: string): string {
  const what = `The quantity of ${nameOf(line)}`;
  if (new Big(line.quantity).eq(0)) {
    throw new RejectedError(
      `${what} is 0 ${unit} after rounding.`,
      "Bill a part whose unit is shorter, such as minutes.",
    );
  }
  return numberExpression(line.quantity, what);
}

function idText(id: number | null): string {
  return id === null ? "" : String(id);
}

/** Double-quoted YAML as YAML.pm reads it back; it knows no `\u`, so everything else stands as it is. */
function quoted(text: string): string {
  const escaped = text.replace(/[\\"]/g, "\\$&").replaceAll("\n", "\\n").replaceAll("\t", "\\t");
  return `"${escaped}"`;
}
