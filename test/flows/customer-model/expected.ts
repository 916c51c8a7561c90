/**
 * What the helpdesk has to look like when everything has settled, from kivitendo's tables, the links' state and what agents
 * did. Rows that wait in the inbox are asked whether their reason holds, all others whether every field is right.
 */
import { expect } from "vitest";
import { isReason } from "./reasons.ts";
import type { Settled } from "./settled.ts";
import type { Kind, Shadow } from "./shadow.ts";
import type { Contact, Customer, ModelLink } from "./source.ts";
import { line, sameFold, shortened } from "./texts.ts";

/** Fails with every row that is not as it has to be. */
export function assertSettled(settled: Settled): void {
  const { source, seen } = settled;
  const problems = [
    ...[...source.customers.values()].flatMap((row) => companyProblems(settled, row)),
    ...[...source.contacts.values()].flatMap((row) => userProblems(settled, row)),
    ...source.links.flatMap((link) => linkProblems(settled, link)),
    ...settled.shadow.tickets.flatMap((ticket) => ticketProblems(settled, ticket)),
    ...seen.state.marks
      .filter(({ instance }) => instance === "main")
      .filter(
        ({ type, rowId }) =>
          !source.links.some(
            (link) => link.confirmed && `${link.kind} ${link.row}` === `${type.toLowerCase()} ${rowId}`,
          ),
      )
      .map((mark) => `a mark that no link knows: ${JSON.stringify(mark)}`),
  ];
  expect(problems).toEqual([]);
}

function linkProblems({ source, seen }: Settled, link: ModelLink): string[] {
  const name = `${link.kind} ${link.row}`;
  const keys = seen.keysOf(link.kind, link.row);
  if (link.status === "writing") return [`${name} is in doubt still`];
  if (!link.confirmed) return keys.length === 0 ? [] : [`${name} is in the helpdesk and not linked: ${keys.join()}`];
  // Nobody looks after what is to be ignored, or cannot even be asked for.
  if (link.decision === "ignore" || ["ambiguous", "incomplete"].includes(link.code ?? "")) return [];
  if (keys.length !== 1 || keys[0] !== link.key)
    return [`${name} is linked to ${link.key}, its records are ${keys.join()}`];
  const rows: ReadonlyMap<number, unknown> = link.kind === "company" ? source.customers : source.contacts;
  const valid = seen.records(link.kind).get(link.key)?.["ValidID"];
  return rows.has(link.row) || valid === 2 ? [] : [`${name} is gone in kivitendo and has validity ${valid}`];
}

/** The link of a row that belongs into the helpdesk, when its record is to be looked at; else what is wrong. */
function linkOf(settled: Settled, kind: Kind, row: Customer | Contact, live: boolean): ModelLink | string[] {
  const link = settled.source.links.find((each) => each.kind === kind && each.row === row.id);
  if (!live) return link?.confirmed === true ? link : [];
  if (link === undefined) return [`${kind} ${row.id} is not linked`];
  if (link.status !== "rejected" || (link.code === "move-waits" && link.confirmed)) return link;
  if (link.decision === "ignore" || isReason(settled, link, row)) return [];
  return [`${kind} ${row.id} waits without reason: ${link.code}`];
}

function companyProblems(settled: Settled, row: Customer): string[] {
  const { seen, shadow } = settled;
  const link = linkOf(settled, "company", row, row.live);
  if (Array.isArray(link)) return link;
  const record = seen.records("company").get(link.key);
  if (record === undefined) return [`no company ${link.key}`];
  const wrong = wrongIn("company", row.id, record);
  if (!row.live) return wrong("ValidID", [2]);
  return [
    ...wrong("CustomerCompanyName", namesOf(settled, row, link)),
    ...wrong("CustomerCompanyStreet", [shortened(row.street, 200)]),
    ...wrong("CustomerCompanyZIP", [left(row.zipcode, 200)]),
    ...wrong("CustomerCompanyCity", [shortened(row.city, 200)]),
    ...wrong("CustomerCompanyCountry", ["Germany"]),
    ...(line(row.homepage) !== "" && record["CustomerCompanyURL"] === "" && left(row.homepage, 200) !== ""
      ? ["URL lacks"]
      : []),
    ...wrong("ValidID", validitiesOf("company", row.id, shadow)),
    ...keyProblems(settled, row, link),
    ...keptProblems("company", row.id, record, shadow, ["CustomerCompanyComment"]),
  ];
}

function keyProblems({ setting, shadow }: Settled, row: Customer, link: ModelLink): string[] {
  const follows = setting.followCustomerNumber && !link.adopted;
  // Without a number it keeps the one that it had.
  if (!follows || row.number === "" || link.key === row.number || shadow.keysByHand.has(link.key)) return [];
  return [`company ${row.id} has the key ${link.key} instead of ${row.number}`];
}

/** The plain name, or with the number appended; that one only where somebody else has, or may want, the plain one. */
function namesOf({ source, seen }: Settled, row: Customer, link: ModelLink): string[] {
  const plain = shortened(row.name, 191);
  const suffix = ` (${row.number})`;
  const numbered = plain.endsWith(suffix) ? plain : `${shortened(line(row.name), 191 - suffix.length)}${suffix}`;
  const rivals = [
    ...[...source.customers.values()].filter((other) => other.id !== row.id).map((other) => shortened(other.name, 191)),
    ...[...seen.records("company")]
      .filter(([key]) => key !== link.key)
      .map(([, other]) => String(other["CustomerCompanyName"])),
  ];
  const isShared = link.decision === "append-number" || rivals.some((other) => sameFold(other, plain));
  return isShared ? [plain, numbered] : [plain];
}

function userProblems(settled: Settled, row: Contact): string[] {
  const { source, seen, shadow, setting } = settled;
  const active = row.flagged && row.customers.some((id) => source.customers.get(id)?.live);
  const link = linkOf(settled, "user", row, active);
  if (Array.isArray(link)) return link;
  const record = seen.records("user").get(link.key);
  if (record === undefined) return [`no user ${link.key}`];
  const wrong = wrongIn("user", row.id, record);
  if (!active) return wrong("ValidID", [2]);
  const placeholder = setting.placeholderName ?? "";
  return [
    ...wrong("UserFirstname", [shortened(row.given, 100) || placeholder]),
    ...wrong("UserLastname", [shortened(row.name, 100) || placeholder]),
    ...wrong("UserEmail", [line(row.email)]),
    ...wrong("ValidID", validitiesOf("user", row.id, shadow)),
    ...(line(row.phone) !== "" && record["UserPhone"] === "" ? [`user ${row.id} lacks its phone`] : []),
    ...keptProblems("user", row.id, record, shadow, ["UserComment", "UserFax", "UserPhone"]),
    ...customerProblems(settled, row, link, record),
  ];
}

/** Under which customers a user stands. */
function customerProblems(
  { source, seen }: Settled,
  row: Contact,
  link: ModelLink,
  record: Readonly<Record<string, string | number>>,
): string[] {
  const keyOf = (id: number): readonly string[] => seen.keysOf("company", id);
  const [own] = keyOf(link.customer ?? 0);
  const live = row.customers.filter((id) => source.customers.get(id)?.live);
  const candidates = live.length > 0 ? live : row.customers;
  const filed = row.customers.includes(link.customer ?? 0) ? link.customer : candidates[0];
  const others = live
    .filter((id) => id !== filed)
    .flatMap(keyOf)
    .filter((key) => key !== own);
  const isHeld = link.code === "move-waits" || link.decision === "stay";
  return [
    ...(own === record["UserCustomerID"]
      ? []
      : [`user ${row.id} is under ${record["UserCustomerID"]}, not under ${own}`]),
    ...(filed === link.customer || isHeld
      ? []
      : [`user ${row.id} is under customer ${link.customer}, kivitendo says ${filed}`]),
    ...others
      .filter((key) => !seen.members(link.key).includes(key))
      .map((key) => `user ${row.id} lacks customer ${key}`),
  ];
}

function ticketProblems({ seen, shadow, setting }: Settled, ticket: Shadow["tickets"][number]): string[] {
  const now = seen.state.tickets[ticket.id];
  const keyOf = (kind: Kind, name: string): string | undefined =>
    name.startsWith("row ") ? seen.keysOf(kind, Number(name.slice(4)))[0] : undefined;
  const [login, key] = [keyOf("user", ticket.user), keyOf("company", ticket.company)];
  const decided = setting.moves === "allow" || shadow.mayMove.has(Number(ticket.user.slice(4)));
  return [
    ...(login === undefined || now?.customerUserId === login ? [] : [`ticket ${ticket.id} is not ${login}'s any more`]),
    ...(key === undefined || decided || now?.customerId === key
      ? []
      : [`ticket ${ticket.id} is under ${now?.customerId} instead of ${key}`]),
  ];
}

function wrongIn(kind: Kind, row: number, record: Readonly<Record<string, string | number>>) {
  return (field: string, allowed: readonly (string | number)[]): string[] =>
    allowed.some((value) => value === record[field])
      ? []
      : [`${kind} ${row} has ${field} ${JSON.stringify(record[field])} instead of ${JSON.stringify(allowed)}`];
}

/** What agents wrote into fields that are theirs, or that were filled already. */
function keptProblems(
  kind: Kind,
  row: number,
  record: Readonly<Record<string, string | number>>,
  shadow: Shadow,
  fields: readonly string[],
): string[] {
  return fields.flatMap((field) => {
    const theirs = shadow.ownFields.get(`${kind} ${row} ${field}`);
    return theirs === undefined || theirs === "" || theirs === "0" || record[field] === theirs
      ? []
      : [`${kind} ${row} lost ${field} of an agent`];
  });
}

/** A human's invalid-temporarily stays until kivitendo makes the record invalid. */
function validitiesOf(kind: Kind, row: number, { temporarily, some }: Shadow): number[] {
  if (temporarily.has(`${kind} ${row}`) && !some.left) return [3];
  return some.temporarily ? [1, 3] : [1];
}

function left(text: string, longest: number): string {
  return line(text).length > longest ? "" : line(text);
}
