import { Big } from "big.js";
import type { DraftLine, InvoiceDraft } from "../billing/ports.ts";
import { type Decimal, RejectedError } from "../model/index.ts";

/**
 * The `form` of a kivitendo invoice draft: a YAML mapping of the strings that the invoice form holds
 * (kivitendo `SL/Controller/Draft.pm`, `bin/mozilla/is.pl`). Throws RejectedError for a value that kivitendo would show
 * as something else.
 */
export function draftForm(draft: InvoiceDraft): string {
  const fields = [...headFields(draft), ...draft.lines.flatMap((line, index) => lineFields(line, index + 1))];
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

function headFields(draft: InvoiceDraft): Field[] {
  const { customer } = draft;
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
    ["employee_id", String(draft.ownerId)],
    ["AR_chart_id", String(draft.arChartId)],
    // Not intnotes, which the customer's notes overwrite.
    ["transaction_description", oneLine(`${draft.transactionDescription}, ${servicePeriod(draft)}`)],
    ["paidaccounts", "1"],
    // One more than there are lines: the last one is looked up again from the master data.
    ["rowcount", String(draft.lines.length + 1)],
  ];
}

function lineFields(line: DraftLine, row: number): Field[] {
  if (!/^\d+$/.test(line.ticketNumber)) {
    // kivitendo puts the serial number into the page without escaping it.
    throw new RejectedError(
      `Ticket number "${line.ticketNumber}" is not made of digits only and cannot stand in a draft.`,
      "Use a ticket number generator of the helpdesk that makes numbers (Ticket::NumberGenerator).",
    );
  }
  return [
    [`id_${row}`, String(line.partId)],
    [`partnumber_${row}`, oneLine(line.partNumber)],
    [`description_${row}`, oneLine(line.description)],
    [`longdescription_${row}`, printable(line.longDescription)],
    [`qty_${row}`, quantityExpression(line)],
    [`unit_${row}`, line.unit],
    [`sellprice_${row}`, numberExpression(line.unitPrice, `The price of ticket ${line.ticketNumber}`)],
    [`discount_${row}`, "0"],
    // Empty: a price of its own ("Freier Preis"), not to be replaced by a price rule.
    [`active_price_source_${row}`, ""],
    [`serialnumber_${row}`, line.ticketNumber],
  ];
}

/** Dates in a draft are read in the format of whoever opens it, so the service period stands there as text. */
function servicePeriod({ periodStart, periodEnd }: InvoiceDraft): string {
  return `Leistungszeitraum: ${dayText(periodStart)} – ${dayText(periodEnd)}`;
}

function dayText(day: Temporal.PlainDate): string {
  return day.toLocaleString("de-DE", { day: "2-digit", month: "2-digit", year: "numeric" });
}

function quantityExpression(line: DraftLine): string {
  const what = `The quantity of ticket ${line.ticketNumber}`;
  if (new Big(line.quantity).eq(0)) {
    throw new RejectedError(
      `${what} is 0 ${line.unit} after rounding.`,
      "Bill a part whose unit is shorter, such as minutes.",
    );
  }
  return numberExpression(line.quantity, what);
}

/** kivitendo shows and posts smaller values as 0. */
const smallest = new Big("0.0001");
/** Perl computes with floats: 15 digits are exact. */
const mostDigits = 15;

/**
 * A number as kivitendo reads it alike in each of its five number formats: an integer, or a fraction of integers such
 * as `150000/100000`. With hundreds for prices in cents, else hundred-thousands, which are the places that it stores.
 */
export function numberExpression(value: Decimal, what: string): string {
  const number = new Big(value);
  if (number.round(5).cmp(number) !== 0) {
    throw new RejectedError(`${what}, ${value}, has more than five decimals.`, "Round it to five decimals.");
  }
  if (!number.eq(0) && number.abs().lt(smallest)) {
    throw new RejectedError(`${what}, ${value}, is so small that kivitendo takes it for 0.`, "Bill a larger unit.");
  }
  const denominator = [1, 100, 100_000].find((each) => number.times(each).round(0).eq(number.times(each))) ?? 1;
  const numerator = number.times(denominator).toFixed(0);
  if (numerator.replace("-", "").length > mostDigits) {
    throw new RejectedError(`${what}, ${value}, is too large for kivitendo.`, "Check the part's price and the time.");
  }
  return denominator === 1 ? numerator : `${numerator}/${denominator}`;
}

function idText(id: number | null): string {
  return id === null ? "" : String(id);
}

/** Text on one line, as in a one-line field of the form. */
function oneLine(text: string): string {
  return printable(text).replace(/\s+/g, " ").trim();
}

/**
 * Without what stops a draft from loading: control characters other than tab and line feed, lone halves of pairs, and
 * code points that are no characters, which Perl's strict UTF-8 refuses.
 */
function printable(text: string): string {
  return (
    text
      .toWellFormed()
      .replace(/\r\n?/g, "\n")
      // oxlint-disable-next-line no-control-regex -- these are the characters to remove
      .replace(/[\u0000-\u0008\u000B-\u001F]|\p{Noncharacter_Code_Point}/gu, "")
  );
}

/** Double-quoted YAML as YAML.pm reads it back; it knows no `\u`, so everything else stands as it is. */
function quoted(text: string): string {
  const escaped = text.replace(/[\\"]/g, "\\$&").replaceAll("\n", "\\n").replaceAll("\t", "\\t");
  return `"${escaped}"`;
}
