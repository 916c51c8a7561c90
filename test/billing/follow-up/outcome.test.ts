import { describe, expect, test } from "vitest";
import { Claims } from "../../../src/billing/follow-up/claims.ts";
import { outcomesOf } from "../../../src/billing/follow-up/outcome.ts";
import { questionsOf } from "../../../src/billing/follow-up/questions.ts";
import type { StoredDraft, WatchedNow } from "../../../src/billing/ports.ts";
import type { Decimal } from "../../../src/model/index.ts";
import { invoice, storedDraft, storedLine, ticketNumber, watchedNow } from "./samples.ts";
import { told, two, undecided } from "./told.ts";

describe("a draft", () => {
  const cases: readonly [string, WatchedNow, readonly string[]][] = [
    ["waits", watchedNow(1, "untouched"), ["1 waiting"]],
    ["was touched", watchedNow(1, "changed"), ["1 changed"]],
    [
      "was posted",
      watchedNow(1, "missing", { invoices: [invoice(5, ["A", "1.5"], ["B", "0.33333"])] }),
      ["1 posted RE5"],
    ],
    [
      "was posted, with other lines besides and a quantity as 3.5.8 keeps it",
      watchedNow(1, "missing", { invoices: [invoice(5, ["A", "1.5"], ["A", "1", "ANFAHRT"], ["B", "0.333333"])] }),
      ["1 posted RE5"],
    ],
    ["is gone", watchedNow(1, "missing"), ["1 gone", `draft-gone (draft 1): ${undecided}`]],
    [
      "lost a line before posting",
      watchedNow(1, "missing", { invoices: [invoice(5, ["A", "1.5"])] }),
      ["1 posted RE5", `line-removed (draft 1, line 2): ${undecided}`],
    ],
    [
      "was posted with another quantity",
      watchedNow(1, "missing", { invoices: [invoice(5, ["A", "1.25"], ["B", "0.33333"])] }),
      ["1 posted RE5", "line-changed (draft 1, line 1): accept|due-again"],
    ],
    [
      "was posted with another part",
      watchedNow(1, "missing", { invoices: [invoice(5, ["A", "1.5", "ST-MIN"], ["B", "0.33333"])] }),
      ["1 posted RE5", "line-changed (draft 1, line 1): accept|due-again"],
    ],
    [
      "was split over two invoices",
      watchedNow(1, "missing", { invoices: [invoice(5, ["A", "1.5"]), invoice(6, ["B", "0.33333"])] }),
      ["1 posted RE5 RE6"],
    ],
    [
      "takes the invoice that fits it, not an older one",
      watchedNow(1, "missing", { invoices: [invoice(5, ["A", "0.5"]), invoice(6, ["A", "1.5"], ["B", "0.33333"])] }),
      ["1 posted RE6"],
    ],
    [
      "still stands although it was invoiced",
      watchedNow(1, "untouched", { invoices: [invoice(5, ["A", "1.5"], ["B", "0.33333"])] }),
      ["1 waiting", "also-invoiced (draft 1): accept"],
    ],
    [
      "still stands while another invoice has one of its tickets",
      watchedNow(1, "untouched", { invoices: [invoice(5, ["A", "0.5"])] }),
      ["1 waiting"],
    ],
  ];
  test.each(cases)("%s", (_name, now, expected) => {
    expect(told([storedDraft(1, two)], [now])).toEqual(expected);
  });

  test("lines of one ticket and part are one sum", () => {
    const lines = [storedLine(1, "A", "1"), storedLine(2, "A", "0.5", { kind: "goodwill" })];
    const draft = storedDraft(1, lines);
    expect(told([draft], [watchedNow(1, "missing", { invoices: [invoice(5, ["A", "1.5"])] })])).toEqual([
      "1 posted RE5",
    ]);
    expect(told([draft], [watchedNow(1, "missing", { invoices: [invoice(5, ["A", "1"])] })])).toEqual([
      "1 posted RE5",
      "line-changed (draft 1, line 1 and 2): accept|due-again",
    ]);
  });

  test.each([
    ["a line", [invoice(5, ["A", "1"], ["B", "0.33333"]), invoice(6, ["A", "0.5"])], ["1 posted RE5 RE6"]],
    [
      "a line, and not with what another invoice has besides",
      [invoice(5, ["A", "1"], ["B", "0.33333"]), invoice(6, ["A", "3"])],
      ["1 posted RE5", "line-changed (draft 1, line 1): accept|due-again"],
    ],
    [
      "tickets, not with a second time of one of them",
      [invoice(5, ["A", "1.5"]), invoice(6, ["A", "1.5"], ["B", "0.33333"])],
      ["1 posted RE6"],
    ],
  ] as const)("was split within %s", (_name, invoices, expected) => {
    expect(told([storedDraft(1, two)], [watchedNow(1, "missing", { invoices })])).toEqual(expected);
  });

  test("a gone draft whose invoice comes to light after all is posted", () => {
    const now = watchedNow(1, "missing", { invoices: [invoice(5, ["A", "1.5"], ["B", "0.33333"])] });
    expect(told([storedDraft(1, two, { status: "gone" })], [now])).toEqual(["1 posted RE5"]);
  });

  test("says what to decide in full sentences", () => {
    const [question] = questionsOf(outcomesOf([storedDraft(1, two)], [watchedNow(1, "missing")], new Claims([])));
    expect(question).toMatchObject({
      text: "The draft 1 (customer K10001) is no longer in kivitendo, and no later invoice has its ticket numbers: 2 lines, net 142.50, period 2026-10.",
      about: { draftId: 1, customerId: 1150, lineIds: [1, 2], units: 18_000 },
    });
    for (const { effect } of question?.choices ?? []) expect(effect).toMatch(/^[A-Z].*\.$/);
  });
});

describe("invoices belong to one draft", () => {
  const a1 = storedDraft(1, [storedLine(1, "A", "1")]);
  const a2 = storedDraft(2, [storedLine(2, "A", "0.5")]);

  test("an invoice without a line that was taken out is not that of an older draft, which was thrown away", () => {
    const later = storedDraft(2, [storedLine(2, "A", "0.5"), storedLine(3, "B", "2")]);
    const invoices = [invoice(5, ["A", "0.5"])];
    const older = { ...a1, status: "gone" } as const;
    expect(
      told([older, later], [watchedNow(1, "missing", { invoices }), watchedNow(2, "missing", { invoices })]),
    ).toEqual([
      "1 gone",
      "2 posted RE5",
      `draft-gone (draft 1): ${undecided}`,
      `line-removed (draft 2, line 3): ${undecided}`,
    ]);
  });

  test("two drafts of one ticket, posted between two runs", () => {
    const invoices = [invoice(5, ["A", "0.5"]), invoice(6, ["A", "1"])];
    const nows = [watchedNow(1, "missing", { invoices }), watchedNow(2, "missing", { invoices })];
    expect(told([a1, a2], nows)).toEqual(["1 posted RE6", "2 posted RE5"]);
  });

  test("one posted with less, the other thrown away", () => {
    const invoices = [invoice(5, ["A", "0.75"])];
    const nows = [watchedNow(1, "missing", { invoices }), watchedNow(2, "missing", { invoices })];
    expect(told([a1, a2], nows)).toEqual([
      "1 posted RE5",
      "2 gone",
      "line-changed (draft 1, line 1): accept|due-again",
      `draft-gone (draft 2): ${undecided}`,
    ]);
  });

  test("an invoice that the ledger knows for another draft is no sign", () => {
    const claims = new Claims([{ invoiceId: "5", ticketNumber: ticketNumber("A") }]);
    expect(told([a2], [watchedNow(2, "missing", { invoices: [invoice(5, ["A", "0.5"])] })], claims)).toEqual([
      "2 gone",
      `draft-gone (draft 2): ${undecided}`,
    ]);
  });

  test("a draft that was taken back and posted after all, while its successor waits", () => {
    const old = storedDraft(1, [storedLine(1, "A", "1", { reversed: true })], { status: "superseded" });
    const successor = storedDraft(2, [storedLine(2, "A", "1")]);
    const invoices = [invoice(5, ["A", "1"])];
    expect(
      told([old, successor], [watchedNow(1, "missing", { invoices }), watchedNow(2, "untouched", { invoices })]),
    ).toEqual(["1 superseded", "2 waiting", "superseded-posted (draft 1): accept", "also-invoiced (draft 2): accept"]);
    // Once somebody deleted the successor, it is what the invoice billed.
    expect(
      told([old, successor], [watchedNow(1, "missing", { invoices }), watchedNow(2, "missing", { invoices })]),
    ).toEqual(["1 superseded", "2 posted RE5"]);
  });

  test("a line that was taken back and posted with the others", () => {
    const draft = storedDraft(1, [storedLine(1, "A", "1"), storedLine(2, "B", "2", { reversed: true })]);
    const now = watchedNow(1, "missing", { invoices: [invoice(5, ["A", "1"], ["B", "2"])] });
    expect(told([draft], [now])).toEqual(["1 posted RE5", "superseded-posted (draft 1): accept"]);
  });

  test("a draft without lines that vanished is done with", () => {
    const draft = storedDraft(1, [storedLine(1, "A", "1", { reversed: true })]);
    expect(told([draft], [watchedNow(1, "missing")])).toEqual(["1 superseded"]);
  });
});

describe("an order", () => {
  const lines = [storedLine(1, "A", "1.5", { kivitendoRow: 71 }), storedLine(2, "B", "2", { kivitendoRow: 72 })];
  const rows = [
    { row: 71, quantity: "1.5" as Decimal },
    { row: 72, quantity: "2" as Decimal },
  ];
  const order = (changes: Partial<StoredDraft> = {}): StoredDraft =>
    storedDraft(1, lines, { target: "sales-order", kivitendoId: "6000", kivitendoNumber: "AU1", ...changes });
  const full = invoice(5, ["A", "1.5", "ST-STD", 71], ["B", "2", "X", 72]);
  const cases: readonly [string, WatchedNow, readonly string[]][] = [
    ["is open", watchedNow(1, "untouched", { orderRows: rows }), ["1 waiting"]],
    [
      "is invoiced, whatever part is named",
      watchedNow(1, "untouched", { orderRows: rows, closed: true, invoices: [full] }),
      ["1 posted RE5"],
    ],
    [
      "is invoiced in part",
      watchedNow(1, "untouched", { orderRows: rows, invoices: [invoice(5, ["A", "1.5", "ST-STD", 71])] }),
      ["1 waiting"],
    ],
    [
      "is invoiced in part and closed",
      watchedNow(1, "untouched", { orderRows: rows, closed: true, invoices: [invoice(5, ["A", "1", "ST-STD", 71])] }),
      [
        "1 posted RE5",
        `line-removed (draft 1, line 2): ${undecided}`,
        "line-changed (draft 1, line 1): accept|due-again",
      ],
    ],
    [
      "is invoiced in two parts",
      watchedNow(1, "untouched", {
        orderRows: rows,
        closed: true,
        invoices: [
          invoice(5, ["A", "1", "ST-STD", 71]),
          invoice(6, ["A", "0.5", "ST-STD", 71], ["B", "2", "ST-STD", 72]),
        ],
      }),
      ["1 posted RE5 RE6"],
    ],
    [
      "is invoiced with less, and with less in the order, too",
      watchedNow(1, "changed", {
        orderRows: [{ row: 71, quantity: "1" as Decimal }, ...rows.slice(1)],
        invoices: [invoice(5, ["A", "1", "ST-STD", 71], ["B", "2", "ST-STD", 72])],
      }),
      ["1 posted RE5", "line-changed (draft 1, line 1): accept|due-again"],
    ],
    [
      "is invoiced with less than stands in the order",
      watchedNow(1, "untouched", {
        orderRows: rows,
        invoices: [invoice(5, ["A", "1", "ST-STD", 71], ["B", "2", "ST-STD", 72])],
      }),
      ["1 waiting"],
    ],
    [
      "is invoiced with more",
      watchedNow(1, "untouched", {
        orderRows: rows,
        invoices: [invoice(5, ["A", "3", "ST-STD", 71], ["B", "2", "ST-STD", 72])],
      }),
      ["1 posted RE5", "line-changed (draft 1, line 1): accept|due-again"],
    ],
    [
      "lost a line",
      watchedNow(1, "changed", { orderRows: rows.slice(0, 1) }),
      ["1 changed", `line-removed (draft 1, line 2): ${undecided}`],
    ],
    [
      "was closed without an invoice",
      watchedNow(1, "untouched", { orderRows: rows, closed: true }),
      ["1 gone", `draft-gone (draft 1): ${undecided}`],
    ],
    ["was deleted", watchedNow(1, "missing"), ["1 gone", `draft-gone (draft 1): ${undecided}`]],
    [
      "was deleted after it was invoiced",
      watchedNow(1, "missing", { invoices: [invoice(5, ["A", "1.5"], ["B", "2"])] }),
      ["1 posted RE5"],
    ],
  ];
  test.each(cases)("%s", (_name, now, expected) => {
    expect(told([order()], [now])).toEqual(expected);
  });

  test("a standing order is billed though it is closed, and a line that vanished is asked about", () => {
    const standing = order({ target: "recurring-order" });
    expect(told([standing], [watchedNow(1, "untouched", { orderRows: rows, closed: true })])).toEqual(["1 waiting"]);
    expect(told([standing], [watchedNow(1, "untouched", { orderRows: rows, invoices: [full] })])).toEqual([
      "1 posted RE5",
    ]);
    const less = invoice(5, ["A", "1", "ST-STD", 71], ["B", "2", "ST-STD", 72]);
    expect(told([standing], [watchedNow(1, "untouched", { orderRows: rows, invoices: [less] })])).toEqual([
      "1 posted RE5",
      "line-changed (draft 1, line 1): accept|due-again",
    ]);
    expect(told([standing], [watchedNow(1, "changed", { orderRows: rows.slice(0, 1) })])).toEqual([
      "1 changed",
      `order-line-gone (draft 1, line 2): ${undecided}`,
    ]);
  });
});

describe("a posted draft with an open question", () => {
  const draft = storedDraft(1, two, { status: "posted", invoiceId: 5, invoiceNumber: "RE5" });

  test("is asked about as long as it holds", () => {
    const other = invoice(9, ["B", "0.33333"]);
    expect(told([draft], [watchedNow(1, "missing", { invoices: [invoice(5, ["A", "1.5"]), other] })])).toEqual([
      "1 posted RE5",
      `line-removed (draft 1, line 2): ${undecided}`,
    ]);
    expect(
      told([draft], [watchedNow(1, "missing", { invoices: [invoice(5, ["A", "1.5"], ["B", "0.33333"])] })]),
    ).toEqual(["1 posted RE5"]);
  });

  test("is gone when kivitendo has nothing of it", () => {
    expect(told([draft], [watchedNow(1, "missing")])).toEqual(["1 gone", `draft-gone (draft 1): ${undecided}`]);
  });
});
