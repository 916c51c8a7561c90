import { execFileSync, spawnSync } from "node:child_process";
import { Big } from "big.js";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import type { DraftContent } from "../../src/billing/ports.ts";
import { draftForm } from "../../src/kivitendo/index.ts";
import { draftName } from "../../src/kivitendo/draft-form.ts";
import { numberExpression } from "../../src/kivitendo/numbers.ts";
import { type Decimal, RejectedError, type TicketNumber } from "../../src/model/index.ts";
import roundtrip from "../fixtures/kivitendo-golden/draft-roundtrip.json" with { type: "json" };
import numbers from "../fixtures/kivitendo-golden/number-formats.json" with { type: "json" };
import { sampleContent, sampleCustomer, sampleLine, sampleTicket } from "../support/sample-draft.ts";
import { numberFormats, parseKivitendoNumber } from "./kivitendo-numbers.ts";

const decimal = (text: string): Decimal => text as Decimal;

describe("numbers", () => {
  test("the parser of this test reads the measured inputs as kivitendo does", () => {
    const wrong = numbers.parse.flatMap((measured) =>
      numberFormats
        .filter((format) => {
          const wanted = Number(measured.parsed[format]);
          const got = parseKivitendoNumber(measured.input, format);
          return Math.abs(got - wanted) > 1e-12 * Math.max(1, Math.abs(wanted));
        })
        .map((format) => `${measured.input} as ${format}`),
    );
    expect(wrong).toEqual([]);
    expect(numbers.parse.length).toBeGreaterThan(90);
  });

  test.each([
    ["2", "2"],
    ["95.00", "95"],
    ["95.50", "9550/100"],
    ["0.33333", "33333/100000"],
    ["1.50000", "150/100"],
    ["1.234", "123400/100000"],
    ["0", "0"],
    ["-0.25", "-25/100"],
    ["1000000", "1000000"],
  ])("%s is written as %s", (value, written) => {
    expect(numberExpression(decimal(value), "The price")).toBe(written);
  });

  test("whatever is written is the same number in each of the five formats", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: -99_999_999_999, max: 99_999_999_999 }).filter((n) => n === 0 || Math.abs(n) >= 10),
        (hundredThousandths) => {
          const value = new Big(hundredThousandths).div(100_000);
          const written = numberExpression(decimal(value.toFixed(5)), "The price");
          for (const format of numberFormats) {
            expect(new Big(parseKivitendoNumber(written, format)).toFixed(5)).toBe(value.toFixed(5));
          }
        },
      ),
    );
  });

  test.each([
    ["0.00009", /so small/],
    ["-0.00001", /so small/],
    ["1.000001", /more than five decimals/],
    ["99999999999999.99", /too large/],
  ])("%s is refused", (value, reason) => {
    expect(() => numberExpression(decimal(value), "The price")).toThrow(RejectedError);
    expect(() => numberExpression(decimal(value), "The price")).toThrow(reason);
  });

  test("a quantity of nothing is refused", () => {
    expect(() => draftForm(sampleContent({ lines: [sampleLine({ quantity: decimal("0.00000") })] }))).toThrow(
      /is 0 Std after rounding/,
    );
  });
});

describe("fields", () => {
  test("one draft with one line", () => {
    expect(draftForm(sampleContent())).toBe(
      [
        "---",
        'id: ""',
        'type: "invoice"',
        'vc: "customer"',
        'customer_id: "1150"',
        'previous_customer_id: "-1"',
        'currency: "EUR"',
        'taxzone_id: "4"',
        'taxincluded: "0"',
        'taxincluded_changed_by_user: "1"',
        'payment_id: "1126"',
        'language_id: "1101"',
        'delivery_term_id: ""',
        'salesman_id: "1119"',
        'employee_id: "1119"',
        'AR_chart_id: "14"',
        'transaction_description: "Tickets 2026-10, Leistungszeitraum: 01.10.2026 – 31.10.2026"',
        'paidaccounts: "1"',
        'rowcount: "2"',
        'id_1: "1140"',
        'partnumber_1: "ST-STD"',
        'description_1: "Ticket#2026112210000017 – Drucker druckt nicht"',
        'longdescription_1: "<p>22.11.2026, 1,50 h</p>"',
        'qty_1: "150/100"',
        'unit_1: "Std"',
        'sellprice_1: "95"',
        'discount_1: "0"',
        'project_id_1: ""',
        'active_price_source_1: ""',
        'serialnumber_1: "2026112210000017"',
        "",
      ].join("\n"),
    );
  });

  test("discount, project, goodwill and the rounding of the draft", () => {
    const lines = [
      sampleLine({ discount: decimal("0.125"), projectId: 1500 }),
      sampleLine({ kind: "goodwill", unitPrice: decimal("0"), netAmount: decimal("0") }),
      sampleLine({ kind: "rounding", ticket: null, quantity: decimal("-0.25"), service: null }),
    ];
    const form = draftForm(sampleContent({ lines }));
    expect(form).toContain('discount_1: "1250/100"\nproject_id_1: "1500"\n');
    expect(form).toContain('sellprice_2: "0"\ndiscount_2: "0"\nproject_id_2: ""\n');
    expect(form).toContain('qty_3: "-25/100"\n');
    expect(form).toContain('serialnumber_3: ""\n');
    expect(form).toContain('rowcount: "4"\n');
  });

  test("no field holds a date: none is read alike in all date formats", () => {
    const form = draftForm(sampleContent());
    expect(form).not.toMatch(/^(invoicing_period|tax_point|deliverydate|invdate|transdate)/m);
  });

  test("the service period covers what was settled late, or worked on after it", () => {
    const service = { start: Temporal.PlainDate.from("2026-08-30"), end: Temporal.PlainDate.from("2026-11-02") };
    const form = draftForm(sampleContent({ lines: [sampleLine(), sampleLine({ service })] }));
    expect(form).toContain("Leistungszeitraum: 30.08.2026 – 02.11.2026");
  });

  test("an English customer reads of its service period in English", () => {
    const customer = { ...sampleCustomer, languageCode: "en" };
    expect(draftForm(sampleContent({ customer }))).toContain(
      'transaction_description: "Tickets 2026-10, service period: 01/10/2026 – 31/10/2026"\n',
    );
  });

  test("kivitendo fetches the customer's terms: the form knows another customer than its own", () => {
    const form = draftForm(sampleContent());
    const customer = (key: string): string | undefined => new RegExp(`^${key}: "(.*)"$`, "m").exec(form)?.[1];
    // A customer id that is false for Perl would count as none.
    expect(Number(customer("previous_customer_id"))).not.toBe(0);
    expect(customer("previous_customer_id")).not.toBe(customer("customer_id"));
  });

  test("a name in the list of drafts is no HTML: kivitendo does not escape it", () => {
    expect(draftName('Tickets 2026-10 – "Müller" & Söhne\n<img src=x onerror=alert(1)>')).toBe(
      'Tickets 2026-10 – "Müller" & Söhne ‹img src=x onerror=alert(1)›',
    );
  });

  test("a ticket number that is no number is refused: kivitendo does not escape it", () => {
    const line = sampleLine({ ticket: { ...sampleTicket, ticketNumber: '"><b>1' as TicketNumber } });
    expect(() => draftForm(sampleContent({ lines: [line] }))).toThrow(RejectedError);
  });
});

/** Reads the form back with the module that kivitendo itself uses. */
function readWithPerl(form: string): Record<string, string> {
  const program =
    'use YAML; use JSON::PP; binmode STDIN, ":encoding(UTF-8)"; local $/; print JSON::PP->new->utf8->encode(YAML::Load(<STDIN>));';
  const json = execFileSync("perl", ["-e", program], {
    input: form,
    encoding: "utf8",
    maxBuffer: 64 * 1024 * 1024,
  });
  return z.record(z.string(), z.string()).parse(JSON.parse(json));
}

const hasYaml = spawnSync("perl", ["-MYAML", "-e", "1"]).status === 0;
const advice = "Perl's YAML is missing: install it with `apt-get install libyaml-perl`.";

test("Perl's YAML is there to read drafts back", () => {
  if (!hasYaml) console.log(`Drafts were not read back. ${advice}`);
  expect(hasYaml || process.env["CI"] === undefined, advice).toBe(true);
});

describe.runIf(hasYaml)("read back by Perl's YAML", () => {
  test("each measured string comes back, but for what would stop the draft from loading", () => {
    const strings = roundtrip.strings.flatMap((each) => ("string" in each ? [each.string] : []));
    expect(strings.length).toBeGreaterThan(80);
    const lines = strings.map((longDescription) => sampleLine({ longDescription }));
    const read = readWithPerl(draftForm(sampleContent({ lines })));
    const got = strings.map((_, index) => read[`longdescription_${index + 1}`]);
    expect(got).toEqual(strings.map(loadable));
  });

  test("any text comes back", () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: "binary", maxLength: 60 }), { minLength: 20, maxLength: 40 }), (texts) => {
        const lines = texts.map((longDescription) => sampleLine({ longDescription }));
        const read = readWithPerl(draftForm(sampleContent({ lines })));
        expect(texts.map((_, index) => read[`longdescription_${index + 1}`])).toEqual(texts.map(loadable));
      }),
      { numRuns: 8 },
    );
  });

  test("umlauts, quotes, line breaks and emoji come back in every field of text", () => {
    const text = `Ärger mit "O'Brien" \\ 50 % #1: ~ & *x -\n\t👩‍💻 – „ja“ {a: [b]}\r\n'ende'`;
    const flat = `Ärger mit "O'Brien" \\ 50 % #1: ~ & *x - 👩‍💻 – „ja“ {a: [b]} 'ende'`;
    const read = readWithPerl(
      draftForm(
        sampleContent({
          transactionDescription: text,
          lines: [sampleLine({ description: text, longDescription: text }), sampleLine({ ticket: null })],
        }),
      ),
    );
    expect(read["description_1"]).toBe(flat);
    expect(read["longdescription_1"]).toBe(text.replaceAll("\r\n", "\n"));
    expect(read["transaction_description"]).toBe(`${flat}, Leistungszeitraum: 01.10.2026 – 31.10.2026`);
    expect(read["serialnumber_2"]).toBe("");
  });

  test("a text cannot add fields to the form", () => {
    const read = readWithPerl(draftForm(textEverywhere("eins\"\nqty_1: '99'\n---\nid: '7'")));
    expect(read["qty_1"]).toBe("150/100");
    expect(read["id"]).toBe("");
    expect(read["transaction_description"]).toBe(
      "eins\" qty_1: '99' --- id: '7', Leistungszeitraum: 01.10.2026 – 31.10.2026",
    );
  });

  test("several hundred lines with long texts", () => {
    const lines = Array.from({ length: 600 }, (_, index) =>
      sampleLine({ longDescription: `<p>${index} ${'Größe "quer" '.repeat(30)}</p>` }),
    );
    const read = readWithPerl(draftForm(sampleContent({ lines })));
    expect(read["rowcount"]).toBe("601");
    expect(read["longdescription_600"]).toBe(lines[599]?.longDescription);
  });
});

function textEverywhere(text: string): DraftContent {
  return sampleContent({ lines: [sampleLine({ longDescription: text })], transactionDescription: text });
}

/** The same text without control characters and with plain line breaks; what kivitendo cannot load is not in it. */
function loadable(text: string): string {
  return Array.from(text.toWellFormed().replaceAll("\r\n", "\n").replaceAll("\r", "\n"))
    .filter((character) => character >= " " || character === "\n" || character === "\t")
    .filter((character) => !/\p{Noncharacter_Code_Point}/u.test(character))
    .join("");
}
