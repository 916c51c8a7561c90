/** What the commands print of billing. */
import { expect, test } from "vitest";
import type { BillingReport } from "../../src/billing/index.ts";
import { whereText } from "../../src/cli/billing-drafts.ts";
import { billingJson } from "../../src/cli/json-billing.ts";
import type { Decimal } from "../../src/model/index.ts";

test("a run over a ledger that moved says how much it left to the next one", () => {
  const report: BillingReport = {
    period: "2026-10",
    drafts: [],
    settled: [],
    waiting: [],
    changes: [],
    untold: [],
    ticketsBilled: 0,
    linesWritten: 0,
    minutesBilled: "0.00" as Decimal,
    minutesSettled: "0.00" as Decimal,
    questions: [],
    inbox: { open: 1, added: 1 },
    moved: 2,
  };
  expect(billingJson(report, [], 1)).toMatchObject({ moved: 2, inbox: 1 });
});

test("a draft whose invoice was cancelled is told by that invoice", () => {
  const draft = { target: "invoice-draft", kivitendoId: "is-1", kivitendoNumber: null } as const;
  expect(whereText({ ...draft, status: "gone", invoiceNumber: "RE5" })).toBe(
    "posted as RE5, which was cancelled or deleted",
  );
  expect(whereText({ ...draft, status: "gone", invoiceNumber: null })).toBe("draft is-1 is no longer in kivitendo");
});
