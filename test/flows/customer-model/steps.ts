/** What can happen to customers on both sides, as values that fast-check makes, prints and makes smaller. */
import fc from "fast-check";

/** A place in a list of whatever there is at that moment, counted round. */
const who = fc.nat({ max: 5 });
const oneOf = <T extends string>(...all: readonly T[]) => fc.constantFrom<T[]>(...all);
const words = (...all: readonly string[]): fc.Arbitrary<string> => fc.constantFrom(...all);
const long = (length: number): string => "Lang ".repeat(length).slice(0, length).trim();

const number = words("10001", "10002", "K1", "k1", "Ä1", "A1", "0", "", " 10003 ", long(160));
const companyName = words(
  "Müller GmbH",
  "MÜLLER GMBH",
  "Muller GmbH",
  "Müller GmbH (10001)",
  "Straße AG",
  "Strasse AG",
  "Tab\tund\r\nZeile",
  "Emoji 😀",
  "Emoji 😎",
  long(250),
  "",
);
const email = words(
  "eva@a-test.de",
  "Eva@A-test.de",
  "max@a-test.de",
  "max@b-test.de",
  " ida@b-test.de ",
  "kaputt@@a-test.de",
  "ümläut@a-test.de",
  `${long(160).replaceAll(" ", "")}@a-test.de`,
  "",
);
const personName = words("Müller", "MULLER", "Meier", "  ", "", "0", "😀", "O'Neill <b>", long(120));
const text = words("", "Bonn", "Köln\tDeutz", "0", long(230));
const phone = words("", "0221 1", "0221 2");

/** In kivitendo. `kind` company is a customer, user a contact. */
const erp = fc.oneof(
  { weight: 4, arbitrary: fc.record({ do: fc.constant("addCustomer"), number, name: companyName }) },
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constant("addContact"),
      customers: fc.array(who, { minLength: 1, maxLength: 2 }),
      email,
      given: personName,
      name: personName,
    }),
  },
  { weight: 3, arbitrary: fc.record({ do: fc.constant("number"), who, number }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("swapNumbers"), who, other: who }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant("customerName"), who, name: companyName }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("swapNames"), who, other: who }) },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant("customerText"),
      who,
      column: oneOf("street", "zipcode", "city", "homepage"),
      text,
    }),
  },
  { weight: 3, arbitrary: fc.record({ do: fc.constant("email"), who, email }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("swapEmails"), who, other: who }) },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant("contactName"),
      who,
      column: oneOf("cp_givenname", "cp_name"),
      name: personName,
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("phone"), who, phone }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant("obsolete"), who, to: fc.boolean() }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("flag"), who, to: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("deleteContact"), who }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("deleteCustomer"), who }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("relate"), who, customer: who }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("separate"), who, customer: who }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("move"), who, customer: who }) },
);

const kind = oneOf("company", "user");
const userField = oneOf("UserFirstname", "UserLastname", "UserEmail", "UserPhone", "UserComment", "UserFax");
const companyField = oneOf(
  "CustomerCompanyName",
  "CustomerCompanyCity",
  "CustomerCompanyURL",
  "CustomerCompanyComment",
);

/** In the helpdesk, by agents. What the helpdesk would refuse them changes nothing. */
const agents = fc.oneof(
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant("companyField"), who, field: companyField, value: companyName }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant("userField"),
      who,
      field: userField,
      value: fc.oneof(personName, email, phone),
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("validity"), kind, who, to: fc.constantFrom(1, 2, 3, 3) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("renameCompany"), who, to: oneOf("10001", "K1", "von-hand") }) },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant("renameUser"),
      who,
      to: oneOf("eva@a-test.de", "max@b-test.de", "von-hand"),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant("strangeCompany"),
      key: oneOf("10001", "K1", "A1", "fremd"),
      name: companyName,
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant("strangeUser"),
      login: oneOf("eva@a-test.de", "MAX@A-test.de", "fremd"),
      email,
      company: who,
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("member"), who, company: who, active: fc.boolean() }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant("ticket"), who }) },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant("otherBridge"),
      kind,
      key: oneOf("10001", "10002", "max@a-test.de", "anders"),
    }),
  },
);

/** Single calls fail in every way that the simulated helpdesk knows; `after` requests of the run went well. */
const fault = fc.oneof(
  fc
    .constantFrom("reset", "lost-answer", "server-error", "truncated", "not-json", "auth-fail")
    .map((what) => ({ kind: what })),
  fc.record({ kind: fc.constant("die-after-records"), records: fc.nat({ max: 2 }) }),
);
const operators = fc.oneof(
  { weight: 6, arbitrary: fc.record({ do: fc.constant("sync") }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("plan") }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("syncOne"), kind, who }) },
  {
    weight: 4,
    arbitrary: fc.record({ do: fc.constant("decide"), who, choice: who, value: oneOf("neu@a-test.de", "K9", "10002") }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("match"), who }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("repair") }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("wait") }) },
  {
    weight: 3,
    arbitrary: fc.record({ do: fc.constant("fail"), fault, after: fc.nat({ max: 8 }), tries: fc.constantFrom(1, 5) }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("interrupt"), after: fc.nat({ max: 8 }) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("cut"), after: fc.nat({ max: 40 }) }) },
);

const addCustomer = fc.record({
  do: fc.constant("addCustomer"),
  number: words("10001", "10002", "10003", "10004"),
  name: words("Müller GmbH", "Straße AG", "Weber KG", "Strasse AG"),
});
const addContact = fc.record({
  do: fc.constant("addContact"),
  customers: fc.array(who, { minLength: 1, maxLength: 2 }),
  email: words("eva@a-test.de", "max@a-test.de", "ida@b-test.de", "max@b-test.de"),
  given: words("Eva", "Max"),
  name: words("Müller", "Meier"),
});

/** Whom kivitendo has when a history begins. */
export const anyPeople: fc.Arbitrary<readonly ErpStep[]> = fc
  .tuple(
    fc.array(addCustomer, { minLength: 1, maxLength: 4, size: "max" }),
    fc.array(addContact, { minLength: 1, maxLength: 5, size: "max" }),
  )
  .map((both) => both.flat());

export const anyStep = fc.oneof(
  { weight: 5, arbitrary: erp },
  { weight: 3, arbitrary: agents },
  { weight: 4, arbitrary: operators },
);

/** A configuration, and what the helpdesk's database is. */
export const anySetting = fc.record({
  databaseKind: fc.constantFrom<("postgresql" | "mysql")[]>("postgresql", "mysql"),
  adopt: oneOf("never", "same-key", "matched"),
  moves: oneOf("ask", "ask", "allow"),
  followCustomerNumber: fc.constantFrom(true, true, false),
  placeholderName: fc.constantFrom(null, "-"),
  hasFlag: fc.boolean(),
});

type ValueOf<A> = A extends fc.Arbitrary<infer T> ? T : never;
export type Step = ValueOf<typeof anyStep>;
export type ErpStep = ValueOf<typeof erp>;
export type AgentStep = ValueOf<typeof agents>;
export type OperatorStep = ValueOf<typeof operators>;
export type Setting = ValueOf<typeof anySetting>;
