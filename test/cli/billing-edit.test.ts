/** The options of `billing edit`, and what it takes for a number. */
import { describe, expect, test } from "vitest";
import { decimalOption, moneyText, numberArgument } from "../../src/cli/amounts.ts";
import { changeOf } from "../../src/cli/billing-edit.ts";
import { ConfigError } from "../../src/model/index.ts";

type Options = Parameters<typeof changeOf>[0];

describe("one change of a line", () => {
  test.each<[string, Partial<Options>, unknown]>([
    ["left out", { leaveOut: "hold" }, { kind: "leave-out", time: "hold" }],
    ["goodwill", { goodwill: true }, { kind: "goodwill" }],
    ["quantity", { quantity: "1,5" }, { kind: "quantity", quantity: "1.5" }],
    ["a rounding line's", { quantity: "-0.25" }, { kind: "quantity", quantity: "-0.25" }],
    ["minutes", { minutes: "45" }, { kind: "minutes", minutes: "45" }],
    ["part", { part: "ST-NACHT" }, { kind: "part", partNumber: "ST-NACHT", unitPrice: null, quantity: null }],
    [
      "part, price and quantity",
      { part: "P", price: "120", quantity: "2" },
      { kind: "part", partNumber: "P", unitPrice: "120", quantity: "2" },
    ],
    ["text", { text: "Anders" }, { kind: "text", description: "Anders", longDescription: null }],
  ])("%s", (_name, options, expected) => {
    expect(changeOf({ goodwill: false, ...options })).toEqual(expected);
  });

  test.each<[string, Partial<Options>, RegExp]>([
    ["none", {}, /Nothing is to be changed/],
    ["two", { goodwill: true, minutes: "5" }, /One change at a time/],
    ["a price alone", { price: "5" }, /--price goes with --part/],
    ["a word", { quantity: "viel" }, /--quantity viel is not a number/],
    ["too many decimals", { minutes: "1.123456" }, /--minutes 1.123456 is not/],
    ["a file that is not there", { longTextFile: "/nowhere/text.html" }, /nowhere\/text.html cannot be read/],
  ])("%s is refused", (_name, options, message) => {
    expect(() => changeOf({ goodwill: false, ...options })).toThrow(message);
    expect(() => changeOf({ goodwill: false, ...options })).toThrow(ConfigError);
  });
});

test("numbers of drafts and lines", () => {
  expect(numberArgument("draft", "12")).toBe(12);
  for (const text of ["0", "-1", "1.5", "x", "", "1e3"])
    expect(() => numberArgument("draft", text)).toThrow(ConfigError);
  expect(decimalOption("--price", " 1,25 ")).toBe("1.25");
});

test.each([
  ["95", "95.00"],
  ["95.5", "95.50"],
  ["95.00000", "95.00"],
  ["0.12345", "0.12345"],
  ["-3.1", "-3.10"],
  ["hold", "hold"],
])("%s is shown as %s", (value, expected) => expect(moneyText(value)).toBe(expected));
