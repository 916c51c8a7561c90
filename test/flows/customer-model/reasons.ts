import type { Settled } from "./settled.ts";
import type { Kind } from "./shadow.ts";
import type { Contact, Customer, ModelLink } from "./source.ts";
import { line, sameFold } from "./texts.ts";

/** Whether what the inbox says of a row is so. */
export function isReason(settled: Settled, link: ModelLink, row: Customer | Contact): boolean {
  const { kind, code } = link;
  const wanted = wantedKeys(link, row);
  const inTheWay = [...settled.seen.records(kind).keys()].filter((key) => wanted.some((each) => sameFold(each, key)));
  const rowOf = (key: string): number | null => settled.seen.rowOf(kind, key);
  switch (code) {
    case "found":
      return (
        inTheWay.some((key) => rowOf(key) === null || isOfOneWhoLeft(settled, link, row, rowOf(key))) ||
        (link.adopted && settled.setting.adopt === "never")
      );
    case "not-ours":
    case "key-taken":
    case "key-differs":
      return inTheWay.some((key) => rowOf(key) !== link.row);
    case "gone":
      return link.adopted || inTheWay.length === 0;
    case "name-taken":
      return isTaken(settled, kind, link, "CustomerCompanyName", "name" in row ? row.name : "");
    case "email-taken":
      return "email" in row && (isTaken(settled, kind, link, "UserEmail", row.email) || isWantedTwice(settled, row));
    case "ambiguous":
      return (
        "number" in row &&
        [...settled.source.customers.values()].some(
          (other) => other.id !== row.id && sameFold(other.number, row.number),
        )
      );
    case "invalid":
    case "incomplete":
      return "number" in row ? isBadCustomer(row, wanted) : isBadContact(settled, row);
    case "move-waits":
      // A matched record, which stands under another customer.
      return link.adopted && inTheWay.length > 0;
    case "waits-for-customer":
      return "email" in row && row.customers.some((id) => !isThere(settled, id));
    case null:
    default:
      return false;
  }
}

function wantedKeys(link: ModelLink, row: Customer | Contact): readonly string[] {
  return [link.key, "number" in row ? row.number : line(row.email).toLowerCase(), link.decisionValue ?? link.key];
}

/**
 * The user of a contact that is gone and stood under another customer, or the company of a customer that is gone and had
 * another name: only a person can say that it is the same one.
 */
function isOfOneWhoLeft(
  { source, setting }: Settled,
  { kind, customer }: ModelLink,
  row: Customer | Contact,
  formerId: number | null,
): boolean {
  const before = source.links.find((link) => link.kind === kind && link.row === formerId);
  if (formerId === null || before === undefined) return false;
  if ("number" in row) {
    return !source.customers.has(formerId) && !sameFold(line(before.label ?? ""), line(`${row.number} ${row.name}`));
  }
  return !source.contacts.has(formerId) && setting.moves === "ask" && before.customer !== customer;
}

function isThere({ source }: Settled, customer: number): boolean {
  return source.links.some((link) => link.kind === "company" && link.row === customer && link.confirmed);
}

/** Another record has the value, for the helpdesk's own database. */
function isTaken({ seen, setting }: Settled, kind: Kind, link: ModelLink, field: string, value: string): boolean {
  const isSame = (other: string): boolean => {
    if (setting.databaseKind === "mysql") return sameFold(other, line(value));
    return field === "UserEmail" ? other.toLowerCase() === line(value).toLowerCase() : other === line(value);
  };
  return [...seen.records(kind)].some(
    ([key, record]) => seen.rowOf(kind, key) !== link.row && isSame(String(record[field])),
  );
}

function isWantedTwice({ source }: Settled, row: Contact): boolean {
  return [...source.contacts.values()].some(
    (other) => other.id !== row.id && sameFold(line(other.email), line(row.email)),
  );
}

function isBadCustomer(row: Customer, wanted: readonly string[]): boolean {
  return ["", "0"].includes(row.number) || ["", "0"].includes(line(row.name)) || wanted.some((key) => key.length > 150);
}

function isBadContact({ setting }: Settled, row: Contact): boolean {
  const email = line(row.email);
  const names = [line(row.given), line(row.name)];
  const lacks = names.some((name) => name === "0" || (name === "" && setting.placeholderName === null));
  return lacks || email.length > 150 || !/^[\w.+-]+@[\w.-]+\.\w+$/.test(email);
}
