/** Lines without a ticket, invoices that count no longer, and credit notes. */
import { describe, expect, test } from "vitest";
import { Claims } from "../../../src/billing/follow-up/claims.ts";
import { outcomesOf } from "../../../src/billing/follow-up/outcome.ts";
import { questionsOf } from "../../../src/billing/follow-up/questions.ts";
import { credit, invoice, storedDraft, storedLine, ticketNumber, watchedNow } from "./samples.ts";
import { statusText, told, two, undecided } from "./told.ts";

describe("a line that rounds", () => {
  const rounding = storedLine(3, null, "0.25", { description: "Rundung auf 15 Minuten" });
  test.each([
    ["its text", [["Rundung auf 15  minuten", "0.25"]], []],
    [
      "its text, with another quantity",
      [["Rundung auf 15 Minuten", "0.5"]],
      ["line-changed (draft 1, line 3): accept"],
    ],
    [
      "its quantity, when somebody changed the text",
      [
        ["Anfahrt", "2"],
        ["aufgerundet", "0.25"],
      ],
      [],
    ],
    [
      "nothing: another part",
      [["Rundung auf 15 Minuten", "0.25", "ANFAHRT"]],
      ["line-removed (draft 1, line 3): waive|accept"],
    ],
    ["nothing: another text and quantity", [["Anfahrt", "2"]], ["line-removed (draft 1, line 3): waive|accept"]],
    ["nothing: it was taken out", [], ["line-removed (draft 1, line 3): waive|accept"]],
  ] as readonly [string, readonly [string, string, string?][], readonly string[]][])(
    "a line that rounds is known by %s",
    (_name, others, expected) => {
      const draft = storedDraft(1, [storedLine(1, "A", "1"), rounding]);
      const now = watchedNow(1, "missing", { invoices: [invoice(5, ["A", "1"], ...others)] });
      expect(told([draft], [now])).toEqual(["1 posted RE5", ...expected]);
    },
  );

  test("a line that rounds an order down stands there above 0", () => {
    const lines = [
      storedLine(1, "A", "1", { kivitendoRow: 7 }),
      storedLine(2, null, "-0.25", { kivitendoRow: 8, description: "Rundung" }),
    ];
    const draft = storedDraft(1, lines, { target: "sales-order" });
    const posted = (quantity: string) =>
      watchedNow(1, "untouched", {
        invoices: [invoice(5, ["A", "1", "ST-STD", 7], ["Rundung", quantity, "ST-STD", 8])],
        closed: true,
      });
    expect(told([draft], [posted("0.25")])).toEqual(["1 posted RE5"]);
    expect(told([draft], [posted("0.5")])).toEqual(["1 posted RE5", "line-changed (draft 1, line 2): accept"]);
  });
});

describe("an invoice that counts no longer", () => {
  const recorded = { status: "posted", invoiceId: 5, invoiceNumber: "RE5" } as const;
  const draft = storedDraft(1, two, recorded);
  const cancelled = { withdrawn: [{ invoiceNumber: "RE5", how: "cancelled" }] } as const;
  const asked = `invoice-cancelled (draft 1): ${undecided}`;

  test.each([
    ["posted", draft],
    ["gone since", { ...draft, status: "gone" } as const],
  ])("is asked about: %s", (_name, given) => {
    expect(told([given], [watchedNow(1, "missing", cancelled)])).toEqual(["1 gone", asked]);
  });

  test.each([
    ["cancelled", "was cancelled in kivitendo (Storno)"],
    ["deleted", "was deleted in kivitendo"],
    ["emptied", "has none of its lines any more"],
  ] as const)("%s: says so", (how, text) => {
    const now = watchedNow(1, "missing", { withdrawn: [{ invoiceNumber: "RE5", how }] });
    const [question] = questionsOf(outcomesOf([draft], [now], new Claims([])));
    expect(question?.text).toContain(`was posted, and then invoice RE5 ${text}`);
    expect(question?.about).toMatchObject({ lineIds: [1, 2], fingerprint: `RE5 ${how}` });
  });

  test("its successor takes its place", () => {
    const invoices = [invoice(9, ["A", "1.5"], ["B", "0.33333"])];
    expect(told([draft], [watchedNow(1, "missing", { ...cancelled, invoices })])).toEqual(["1 posted RE9"]);
    expect(told([draft], [watchedNow(1, "missing", { ...cancelled, invoices: [invoice(9, ["A", "1.5"])] })])).toEqual([
      "1 posted RE9",
      `line-removed (draft 1, line 2): ${undecided}`,
    ]);
  });

  test("one of two: what stood there is in no invoice any more", () => {
    const split = { ...draft, invoiceNumber: "RE5, RE6" };
    const now = watchedNow(1, "missing", {
      invoices: [invoice(5, ["A", "1.5"])],
      withdrawn: [{ invoiceNumber: "RE6", how: "deleted" }],
    });
    // The ledger knows RE5, for this very draft.
    const claims = new Claims([{ invoiceId: 5, ticketNumber: ticketNumber("A") }]);
    const outcomes = outcomesOf([split], [now], claims);
    expect(outcomes.map(statusText)).toEqual(["1 posted RE5"]);
    expect(questionsOf(outcomes).map(({ text }) => text)).toEqual([
      "The line of ticket 66 (0.33333 Std ST-STD) of the draft 1 (customer K10001) is in no invoice any more: invoice RE6 was deleted in kivitendo; it was posted as invoice RE5 as well.",
    ]);
  });

  test("that counts again answers by itself, also after its lines were taken back", () => {
    const now = watchedNow(1, "missing", { invoices: [invoice(5, ["A", "1.5"], ["B", "0.33333"])] });
    const claims = (): Claims => new Claims([{ invoiceId: 5, ticketNumber: ticketNumber("A") }]);
    expect(told([{ ...draft, status: "gone" }], [now], claims())).toEqual(["1 posted RE5"]);
    const lines = two.map((line) => ({ ...line, reversed: true }));
    expect(told([{ ...draft, status: "superseded", lines }], [now], claims())).toEqual([
      "1 superseded",
      "superseded-posted (draft 1): accept",
    ]);
  });

  test.each([
    ["an order that is closed", "sales-order", true, "1 gone"],
    ["an order that is open again", "sales-order", false, "1 waiting"],
    ["a standing order", "recurring-order", true, "1 waiting"],
  ] as const)("of %s", (_name, target, closed, status) => {
    const lines = two.map((line) => ({ ...line, kivitendoRow: line.lineId }));
    const orderRows = lines.map(({ lineId: row, quantity }) => ({ row, quantity }));
    const order = { ...draft, lines, target };
    const now = watchedNow(1, "untouched", { ...cancelled, orderRows, closed });
    expect(told([order], [now])).toEqual([status, asked]);
    expect(told([{ ...order, status: "waiting" }], [now])).toEqual([status, asked]);
    const invoices = [invoice(9, ["A", "1.5", "ST-STD", 1], ["B", "0.33333", "ST-STD", 2])];
    expect(told([{ ...order, status: "waiting" }], [{ ...now, invoices }])).toEqual(["1 posted RE9"]);
  });
});

describe("a credit note", () => {
  const invoices = [invoice(5, ["A", "1.5"], ["B", "0.33333"])];
  const draft = storedDraft(1, two, { status: "posted", invoiceId: 5, invoiceNumber: "RE5" });
  const choices = "accept|due-again|waive";

  test("is asked about with the lines of its tickets", () => {
    const now = watchedNow(1, "missing", { invoices, credits: [credit(7, 5, ["A", "0.5"])] });
    const outcomes = outcomesOf([draft], [now], new Claims([]));
    const [question] = questionsOf(outcomes);
    expect(told([draft], [now])).toEqual(["1 posted RE5", `invoice-credited (draft 1, credit note GU7): ${choices}`]);
    expect(question).toMatchObject({
      text: "Credit note GU7 takes back what the draft 1 (customer K10001) was posted with: 0.5 ST-STD of ticket 65.",
      about: { lineIds: [1], fingerprint: "0.5 ST-STD of ticket 65" },
    });
  });

  test("over lines that were taken back in the ledger already asks nothing", () => {
    const [first, second] = two;
    const lines = [{ ...storedLine(1, "A", "1.5"), ...first, reversed: true }, storedLine(2, "B", "0.33333", second)];
    const now = watchedNow(1, "missing", { invoices, credits: [credit(7, 5, ["A", "1.5"])] });
    expect(told([{ ...draft, lines }], [now])).toEqual(["1 posted RE5"]);
  });

  describe("and what rounds its draft", () => {
    const rounding = storedLine(3, null, "0.25", { description: "Rundung" });
    const rounded = { ...draft, lines: [...two, rounding] };
    const posted = [invoice(5, ["A", "1.5"], ["B", "0.33333"], ["Rundung", "0.25"])];
    const asked = (...credits: readonly ReturnType<typeof credit>[]): readonly unknown[] =>
      questionsOf(outcomesOf([rounded], [watchedNow(1, "missing", { invoices: posted, credits })], new Claims([]))).map(
        ({ subject, about }) => [subject.slice(-3), about.ticketId, about.lineIds],
      );

    test.each([
      ["some tickets", [credit(7, 5, ["A", "1.5"])], [["GU7", 65, [1]]]],
      ["all of them", [credit(7, 5, ["A", "1.5"], ["B", "0.33333"])], [["GU7", undefined, [1, 2, 3]]]],
      [
        "all of them in two credit notes",
        [credit(8, 5, ["B", "0.33333"]), credit(7, 5, ["A", "1.5"])],
        [
          ["GU7", 65, [1]],
          ["GU8", 66, [2, 3]],
        ],
      ],
    ] as const)("over %s", (_name, credits, expected) => {
      expect(asked(...credits)).toEqual(expected);
    });

    test("stands in the invoice when its tickets were taken back", () => {
      const lines = [...two.map((line) => ({ ...line, reversed: true })), rounding];
      expect(told([{ ...draft, lines }], [watchedNow(1, "missing", { invoices: posted })])).toEqual(["1 posted RE5"]);
    });
  });

  test("takes back the latest invoice of its ticket alone", () => {
    const later = storedDraft(2, [storedLine(3, "A", "1.5")], {
      ...draft,
      draftId: 2,
      invoiceId: 6,
      invoiceNumber: "RE6",
    });
    const nows = [
      watchedNow(1, "missing", { invoices, credits: [credit(7, 5, ["A", "1.5"])] }),
      watchedNow(2, "missing", { invoices: [invoice(6, ["A", "1.5"])], credits: [credit(7, 6, ["A", "1.5"])] }),
    ];
    expect(told([draft, { ...later, lines: [storedLine(3, "A", "1.5")] }], nows)).toEqual([
      "1 posted RE5",
      "2 posted RE6",
      `invoice-credited (draft 2, credit note GU7): ${choices}`,
    ]);
  });
});
