import { expect, test } from "vitest";
import { type Mailer, tell, type Waiting, type WaitingDraft, waitingMail } from "../../src/mail/index.ts";
import { type Decimal, RejectedError, UnavailableError } from "../../src/model/index.ts";

function draft(changes: Partial<WaitingDraft> = {}): WaitingDraft {
  return {
    kind: "draft",
    number: null,
    customerNumber: "K10001",
    customerName: "Müller & Söhne GmbH",
    period: "2026-10",
    lines: 2,
    netAmount: "12345.60" as Decimal,
    currency: "EUR",
    ...changes,
  };
}

function waiting(changes: Partial<Waiting> = {}): Waiting {
  return {
    instance: "hauptfirma",
    draftOwner: "buchhaltung",
    drafts: [],
    newQuestions: 0,
    openQuestions: 0,
    ...changes,
  };
}

test("a run that brings nothing new tells nobody", () => {
  expect(waitingMail(waiting({ openQuestions: 7 }), "de")).toBeNull();
});

test("in German: what waits, for whom, how much, and where it is found", () => {
  const drafts = [
    draft(),
    draft({ customerNumber: "K10002", customerName: "Kurz\nAG", lines: 1, netAmount: "0.05" as Decimal }),
    draft({
      kind: "order",
      number: "AU20260007",
      customerName: "Alpen AG",
      netAmount: "95.00" as Decimal,
      currency: "CHF",
    }),
  ];
  expect(waitingMail(waiting({ drafts, newQuestions: 1, openQuestions: 3 }), "de")).toEqual({
    subject: "kivitendo: 2 Rechnungsentwürfe, 1 Auftrag, 1 Frage aus Tickets (hauptfirma)",
    text: `In kivitendo: Verkauf → Rechnung erfassen → mehr → Entwürfe (als "buchhaltung", oder mit dem Recht, alle Entwürfe zu bearbeiten):
  K10001 Müller & Söhne GmbH | 2026-10 | 2 Positionen, 12.345,60 EUR
  K10002 Kurz AG | 2026-10 | 1 Position, 0,05 EUR

In kivitendo: Verkauf → Berichte → Aufträge:
  AU20260007 | K10001 Alpen AG | 2026-10 | 2 Positionen, 95,00 CHF

Summe netto: 12.345,65 EUR, 95,00 CHF

1 neue Frage, 3 offen: \`kivi-otrs inbox\` zeigt sie.

-- 
Diese Nachricht kommt ohne Zutun nach jedem Lauf, der etwas Neues bringt.
`,
  });
});

test("in English: proposals and questions", () => {
  const mail = waitingMail(waiting({ drafts: [draft({ kind: "proposal", number: "12" })], openQuestions: 1 }), "en");
  expect(mail?.subject).toBe("kivitendo: 1 proposal from tickets (hauptfirma)");
  expect(mail?.text).toContain("12 | K10001 Müller & Söhne GmbH | 2026-10 | 2 lines, 12,345.60 EUR\n");
  expect(mail?.text).toContain("0 new questions, 1 open");
  expect(waitingMail(waiting({ newQuestions: 2, openQuestions: 2 }), "en")?.subject).toBe(
    "kivitendo: 2 questions from tickets (hauptfirma)",
  );
});

test("sums keep every digit", () => {
  const text = waitingMail(waiting({ drafts: [draft({ netAmount: "90071992547409.93" as Decimal })] }), "de")?.text;
  expect(text).toContain("90.071.992.547.409,93 EUR");
});

test("a mail that cannot be sent is a problem to tell, not an error", async () => {
  const sent: (readonly string[] | undefined)[] = [];
  const mail = { id: "run.1", subject: "Entwürfe", text: "warten" };
  const to = ["da@example.org", "weg@example.org"];
  const mailer = (refused: readonly string[]): Mailer => ({
    send: (_mail, people) => Promise.resolve({ refused: sent.push(people) > 0 ? refused : [] }),
  });
  expect(await tell(mailer([]), mail, to)).toEqual({ untold: [], problem: null, works: true });
  expect(await tell(mailer(["weg@example.org"]), mail, to)).toEqual({
    untold: ["weg@example.org"],
    problem: "The mail relay did not take the mail for weg@example.org.",
    works: true,
  });
  expect(sent).toEqual([to, to]);
  const down = { send: () => Promise.reject(new UnavailableError("The mail relay is down.", "Start it.")) };
  expect(await tell(down, mail, to)).toEqual({ untold: to, problem: "The mail relay is down.", works: false });
  const strict = { send: () => Promise.reject(new RejectedError("It took it for nobody.", "Look.")) };
  expect(await tell(strict, mail, to)).toEqual({ untold: to, problem: "It took it for nobody.", works: true });
});
