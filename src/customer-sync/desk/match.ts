import { distance } from "fastest-levenshtein";
import { fold } from "../fold.ts";
import type { CompanyDifference, ContactDifference, RecordKind } from "../records.ts";
import type { HelpdeskRecord } from "../writes.ts";

/** A row of kivitendo and a record of the helpdesk that are probably the same, with the reasons. */
export interface MatchProposal {
  readonly record: RecordKind;
  readonly rowId: number;
  /** 0 to 100. */
  readonly score: number;
  readonly reasons: readonly string[];
  /** Another pair with this row or this key is about as good: a human must choose. */
  readonly ambiguous: boolean;
  readonly erp: MatchSide;
  readonly helpdesk: MatchSide & { readonly key: string };
}

/** What people need to recognise it. */
export interface MatchSide {
  readonly number: string;
  readonly name: string;
  readonly zipCode: string;
  readonly city: string;
  readonly email: string;
}

export interface MatchSource {
  readonly companies: readonly CompanyDifference[];
  readonly contacts: readonly ContactDifference[];
}

export interface MatchTarget {
  /** Records that carry no mark. */
  readonly companies: readonly HelpdeskRecord[];
  readonly users: readonly HelpdeskRecord[];
}

/** Pairs below are not shown: a common town or a common family name alone says nothing. */
const leastScore = 40;

/** Two pairs whose scores lie closer together than this cannot be told apart by a machine. */
const clearlyBetter = 15;

/** Proposals for everything that is not linked, best first; each row with its best record and those about as good. */
export function proposeMatches(source: MatchSource, target: MatchTarget): readonly MatchProposal[] {
  const companies = best(companyPairs(source, target));
  const companyOf = new Map(
    companies.filter((pair) => !pair.ambiguous).map((pair) => [pair.rowId, fold(pair.helpdesk.key)]),
  );
  return [...companies, ...best(userPairs(source, target, companyOf))].toSorted(
    (a, b) => kindOrder[a.record] - kindOrder[b.record] || b.score - a.score || a.rowId - b.rowId,
  );
}

const kindOrder = { company: 0, user: 1 } as const;

type Evidence = readonly [points: number, reason: string, holds: boolean];

function* companyPairs(source: MatchSource, target: MatchTarget): Generator<MatchProposal> {
  const addressesOfRow = groupBy(
    source.contacts,
    (contact) => contact.customerId,
    (contact) => fold(contact.email),
  );
  const addressesOfKey = groupBy(target.users, companyKeyOf, addressOf);
  const index = indexOf(target.companies, (record) => [
    `key ${fold(record.key)}`,
    `name ${bareName(nameOf(record))}`,
    `start ${nameStart(nameOf(record))}`,
    `place ${fold(record.fields["CustomerCompanyZIP"] ?? "")} ${fold(record.fields["CustomerCompanyStreet"] ?? "")}`,
    ...(addressesOfKey.get(fold(record.key)) ?? []).map((address) => `mail ${address}`),
  ]);
  for (const row of source.companies) {
    const addresses = addressesOfRow.get(row.customerId) ?? [];
    const clues = [
      `key ${fold(row.customerNumber ?? "")}`,
      `name ${bareName(row.name)}`,
      `start ${nameStart(row.name)}`,
      `place ${fold(row.zipCode)} ${fold(row.street)}`,
      ...addresses.map((address) => `mail ${address}`),
    ];
    for (const record of candidates(index, clues)) {
      const theirs = new Set(addressesOfKey.get(fold(record.key)));
      yield companyProposal(row, record, addresses.filter((address) => theirs.has(address)).length);
    }
  }
}

function companyProposal(row: CompanyDifference, record: HelpdeskRecord, commonAddresses: number): MatchProposal {
  const names = [bareName(row.name), bareName(nameOf(record))] as const;
  const zip = record.fields["CustomerCompanyZIP"] ?? "";
  return weighed(
    "company",
    row.customerId,
    [
      [50, "customer number", same(row.customerNumber ?? "", record.key)],
      [45, "name", names[0] !== "" && names[0] === names[1]],
      [25, "similar name", names[0] !== names[1] && alike(names[0], names[1])],
      [15, "ZIP", same(row.zipCode, zip)],
      [10, "street", same(row.street, record.fields["CustomerCompanyStreet"] ?? "")],
      [40, "e-mail of a contact", commonAddresses > 0],
    ],
    {
      erp: { number: row.customerNumber ?? "", name: row.name, zipCode: row.zipCode, city: row.city, email: "" },
      helpdesk: {
        key: record.key,
        number: record.key,
        name: nameOf(record),
        zipCode: zip,
        city: record.fields["CustomerCompanyCity"] ?? "",
        email: "",
      },
    },
  );
}

function* userPairs(
  source: MatchSource,
  target: MatchTarget,
  companyOf: ReadonlyMap<number, string>,
): Generator<MatchProposal> {
  const index = indexOf(target.users, (record) => [
    `mail ${addressOf(record)}`,
    `mail ${fold(record.key)}`,
    `person ${personOf(record)}`,
  ]);
  for (const row of source.contacts) {
    const person = fold(`${row.givenName} ${row.name}`);
    for (const record of candidates(index, [`mail ${fold(row.email.trim())}`, `person ${person}`])) {
      yield userProposal(
        row,
        record,
        companyOf.get(row.customerId) ?? fold(row.companyKey ?? row.customerNumber ?? ""),
      );
    }
  }
}

function userProposal(row: ContactDifference, record: HelpdeskRecord, companyKey: string): MatchProposal {
  const field = (name: string): string => record.fields[name] ?? "";
  const phones = [row.phone, row.mobile].map(digits).filter((number) => number.length > 5);
  const theirs = [field("UserPhone"), field("UserMobile")].map(digits);
  return weighed(
    "user",
    row.contactId,
    [
      [70, "e-mail", same(row.email.trim(), field("UserEmail"))],
      [60, "e-mail is the login", !same(row.email.trim(), field("UserEmail")) && same(row.email.trim(), record.key)],
      [30, "name", same(`${row.givenName} ${row.name}`, `${field("UserFirstname")} ${field("UserLastname")}`)],
      [10, "family name", same(row.name, field("UserLastname")) && !same(row.givenName, field("UserFirstname"))],
      [20, "company", companyKey !== "" && companyKey === companyKeyOf(record)],
      [10, "telephone", phones.some((number) => theirs.includes(number))],
    ],
    {
      erp: {
        number: row.customerNumber ?? "",
        name: `${row.givenName} ${row.name}`.trim(),
        zipCode: "",
        city: "",
        email: row.email.trim(),
      },
      helpdesk: {
        key: record.key,
        number: field("UserCustomerID"),
        name: `${field("UserFirstname")} ${field("UserLastname")}`.trim(),
        zipCode: "",
        city: "",
        email: field("UserEmail"),
      },
    },
  );
}

function weighed(
  record: RecordKind,
  rowId: number,
  evidence: readonly Evidence[],
  sides: Pick<MatchProposal, "erp" | "helpdesk">,
): MatchProposal {
  const holding = evidence.filter(([, , holds]) => holds);
  const score = holding.reduce((sum, [points]) => sum + points, 0);
  return { record, rowId, score, reasons: holding.map(([, reason]) => reason), ambiguous: false, ...sides };
}

/** Keeps what is good enough, drops what is clearly beaten, and marks what competes for one row or one key. */
function best(pairs: Iterable<MatchProposal>): readonly MatchProposal[] {
  const good = [...pairs].filter((pair) => pair.score >= leastScore);
  const topOf = (idOf: (pair: MatchProposal) => string): ReadonlyMap<string, number> => {
    const top = new Map<string, number>();
    for (const pair of good) top.set(idOf(pair), Math.max(top.get(idOf(pair)) ?? 0, pair.score));
    return top;
  };
  const rowOf = (pair: MatchProposal): string => String(pair.rowId);
  const keyOf = (pair: MatchProposal): string => fold(pair.helpdesk.key);
  const [rows, keys] = [topOf(rowOf), topOf(keyOf)];
  const near = good.filter(
    (pair) =>
      pair.score > (rows.get(rowOf(pair)) ?? 0) - clearlyBetter &&
      pair.score > (keys.get(keyOf(pair)) ?? 0) - clearlyBetter,
  );
  const countOf = (idOf: (pair: MatchProposal) => string): ReadonlyMap<string, number> =>
    new Map([...Map.groupBy(near, idOf)].map(([id, group]) => [id, group.length]));
  const [perRow, perKey] = [countOf(rowOf), countOf(keyOf)];
  return near.map((pair) => ({
    ...pair,
    score: Math.min(100, pair.score),
    ambiguous: (perRow.get(rowOf(pair)) ?? 0) > 1 || (perKey.get(keyOf(pair)) ?? 0) > 1,
  }));
}

type Index = ReadonlyMap<string, readonly HelpdeskRecord[]>;

/** Only records that share a clue with a row are compared with it: comparing all pairs would take hours. */
function indexOf(records: readonly HelpdeskRecord[], cluesOf: (record: HelpdeskRecord) => readonly string[]): Index {
  const index = new Map<string, HelpdeskRecord[]>();
  for (const record of records) {
    for (const clue of new Set(cluesOf(record))) {
      const list = index.get(clue);
      if (list) list.push(record);
      else index.set(clue, [record]);
    }
  }
  return index;
}

function candidates(index: Index, clues: readonly string[]): ReadonlySet<HelpdeskRecord> {
  return new Set(clues.filter((clue) => !/^\S+ *$/.test(clue)).flatMap((clue) => index.get(clue) ?? []));
}

function groupBy<T, K>(
  items: readonly T[],
  keyOf: (item: T) => K,
  valueOf: (item: T) => string,
): ReadonlyMap<K, readonly string[]> {
  return new Map([...Map.groupBy(items, keyOf)].map(([key, group]) => [key, group.map(valueOf)]));
}

/** Legal forms say nothing about which company it is, and are written in many ways. */
const legalForms = /\b(?:gmbh|mbh|ag|kg|kgaa|ohg|gbr|ug|se|ev|eg|ek|co|inc|ltd|llc|haftungsbeschrankt|und|and)\b/g;

function bareName(name: string): string {
  return fold(name)
    .replace(/[.&+,()/-]+/g, " ")
    .replace(legalForms, " ")
    .replace(/\s+/g, " ")
    .trim();
}

function nameStart(name: string): string {
  return bareName(name).split(" ")[0] ?? "";
}

function alike(one: string, other: string): boolean {
  const length = Math.max(one.length, other.length);
  return Math.min(one.length, other.length) >= 4 && distance(one, other) <= Math.floor(length / 6);
}

function same(one: string, other: string): boolean {
  return one.trim() !== "" && fold(one.trim()) === fold(other.trim());
}

/** A telephone number without what is written or left out at will; 49 is Germany's country code. */
function digits(number: string): string {
  return number.replace(/\D+/g, "").replace(/^(?:00)?49|^0/, "");
}

function nameOf(record: HelpdeskRecord): string {
  return record.fields["CustomerCompanyName"] ?? "";
}

function addressOf(record: HelpdeskRecord): string {
  return fold((record.fields["UserEmail"] ?? "").trim());
}

function companyKeyOf(record: HelpdeskRecord): string {
  return fold(record.fields["UserCustomerID"] ?? "");
}

function personOf(record: HelpdeskRecord): string {
  return fold(`${record.fields["UserFirstname"] ?? ""} ${record.fields["UserLastname"] ?? ""}`);
}
