import type { InboxItem, QuestionReason, StoredDraft, StoredLine, TokenPlace } from "../ports.ts";
import type { HundredthUnits } from "../../model/index.ts";
import { type ChangedLines, countedLines, type Invoice } from "./compare.ts";
import type { Outcome } from "./outcome.ts";
import { count, lineText, list, nameOf, numbersOf, placeText, unitText } from "./wording.ts";

/** What looking after drafts asks; each run looks at all of it, so what is no longer asked is closed. */
export const followUpReasons: readonly QuestionReason[] = [
  "draft-gone",
  "line-removed",
  "line-changed",
  "superseded-posted",
  "invoice-cancelled",
  "invoice-credited",
  "order-line-gone",
  "also-invoiced",
];

/** Where the ticket numbers of drafts that left kivitendo stand now, by the draft's id. */
export type Elsewhere = ReadonlyMap<number, readonly TokenPlace[]>;

/** What a person has to look at, from what became of the drafts. */
export function questionsOf(outcomes: readonly Outcome[], elsewhere: Elsewhere = new Map()): readonly InboxItem[] {
  return outcomes.flatMap((outcome) => [
    ...(outcome.status !== "posted" && outcome.withdrawn.length > 0 ? [cancelledQuestion(outcome)] : []),
    ...(outcome.status === "gone" && outcome.withdrawn.length === 0
      ? [goneQuestion(outcome, elsewhere.get(outcome.draft.draftId) ?? [])]
      : []),
    ...(outcome.status === "posted"
      ? [
          ...outcome.comparison.removed.map((line) => removedQuestion(outcome, line)),
          ...outcome.comparison.changed.map((changed) => changedQuestion(outcome, changed)),
          ...outcome.credits.map((credit) => creditedQuestion(outcome, credit)),
        ]
      : []),
    ...outcome.goneFromOrder.map((line) => goneFromOrderQuestion(outcome, line)),
    ...(outcome.takenBack === null ? [] : [takenBackQuestion(outcome.draft, outcome.takenBack)]),
    ...(outcome.alsoInvoiced === null ? [] : [alsoInvoicedQuestion(outcome.draft, outcome.alsoInvoiced)]),
  ]);
}

const stillThere =
  "Where they still stand in kivitendo (in an order, in another draft), the next run asks first; it goes on by itself once they are deleted there.";

/** For lines that nobody posted, or whose invoice counts no longer. */
const unposted: InboxItem["choices"] = [
  {
    choice: "due-again",
    effect: `The lines are taken back in the ledger: their time is due again with the next run. ${stillThere}`,
  },
  { choice: "waive", effect: "The lines are taken back, and their time counts as not billed, for good." },
  { choice: "accept", effect: "It stays as it is: the time counts as billed, because you bill it in another way." },
];

/** For what rounds a draft. */
const withoutTime: InboxItem["choices"] = [
  { choice: "waive", effect: "The line is taken back in the ledger and counts as not charged; no time hangs on it." },
  { choice: "accept", effect: "It stays as it is: the line counts as charged, because you charge it in another way." },
];

function choicesFor(line: StoredLine): InboxItem["choices"] {
  return line.ticketNumber === null ? withoutTime : unposted;
}

function goneQuestion({ draft, closed }: Outcome, places: readonly TokenPlace[]): InboxItem {
  const lines = countedLines(draft);
  const what = closed
    ? `The ${nameOf(draft)} was closed in kivitendo without an invoice`
    : `The ${nameOf(draft)} is no longer in kivitendo, and no later invoice has its ticket numbers`;
  const where =
    places.length === 0
      ? ""
      : ` Some of them stand in ${list([...new Set(places.map(placeText))])}, which the ledger does not know of: perhaps it was saved anew as that.`;
  return {
    reason: "draft-gone",
    subject: `draft ${draft.draftId}`,
    text: `${what}: ${count(lines.length, "line")}, net ${draft.netAmount}, period ${draft.period}.${where}`,
    hint: "Ask whoever threw it away whether its time is to be billed again, and decide.",
    about: { ...aboutDraft(draft, lines), fingerprint: closed ? "closed" : "gone" },
    choices: unposted,
  };
}

const howTexts = {
  cancelled: "was cancelled in kivitendo (Storno)",
  deleted: "was deleted in kivitendo",
  emptied: "has none of its lines any more",
} as const;

function withdrawnText(withdrawn: Outcome["withdrawn"]): string {
  return withdrawn.map(({ invoiceNumber, how }) => `invoice ${invoiceNumber} ${howTexts[how]}`).join(", ");
}

function cancelledQuestion({ draft, withdrawn, status }: Outcome): InboxItem {
  const lines = countedLines(draft);
  const open =
    status === "gone"
      ? "No later invoice has its ticket numbers."
      : "The order stands there open: it can be invoiced again, and a recurring one may be by itself.";
  return {
    reason: "invoice-cancelled",
    subject: `draft ${draft.draftId}`,
    text: `The ${nameOf(draft)} was posted, and then ${withdrawnText(withdrawn)}: ${count(lines.length, "line")}, net ${draft.netAmount}, period ${draft.period}. ${open}`,
    hint: "Ask whoever did it whether another invoice follows: once it is there, with the ticket numbers, the question goes away by itself. Otherwise decide.",
    about: {
      ...aboutDraft(draft, lines),
      fingerprint: withdrawn.map(({ invoiceNumber, how }) => `${invoiceNumber} ${how}`).join(", "),
    },
    choices: unposted,
  };
}

function removedQuestion({ draft, invoices, withdrawn }: Outcome, line: StoredLine): InboxItem {
  const where = `${lineText(line)} of the ${nameOf(draft)}`;
  return {
    reason: "line-removed",
    subject: `draft ${draft.draftId}, line ${line.position}`,
    text:
      withdrawn.length === 0
        ? `${where} is not in ${numbersOf(invoices)}, as which it was posted.`
        : `${where} is in no invoice any more: ${withdrawnText(withdrawn)}; it was posted as ${numbersOf(invoices)} as well.`,
    hint: "Ask whoever took it out whether this time is to be billed, and decide.",
    about: {
      ...aboutLines(draft, [line]),
      fingerprint: [numbersOf(invoices), ...(withdrawn.length === 0 ? [] : [withdrawnText(withdrawn)])].join("; "),
    },
    choices: choicesFor(line),
  };
}

function changedQuestion({ draft, invoices }: Outcome, { lines, planned, posted }: ChangedLines): InboxItem {
  const [line] = lines;
  const what =
    line === undefined || line.ticketNumber !== null
      ? `Ticket ${line?.ticketNumber ?? ""}`
      : `The line "${line.description}"`;
  const accept = {
    choice: "accept",
    effect: "It stays as it is: all the time of the line counts as billed with what was posted.",
  } as const;
  return {
    reason: "line-changed",
    subject: `draft ${draft.draftId}, line ${lines.map(({ position }) => position).join(" and ")}`,
    text: `${what} was posted with ${posted} instead of ${planned} ${line === undefined ? "" : unitText(line)} (${nameOf(draft)}, ${numbersOf(invoices)}).`,
    hint: "Somebody changed it, before posting or in the invoice: accept it, or correct the invoice in kivitendo and bill the time again.",
    about: { ...aboutLines(draft, lines), fingerprint: `${numbersOf(invoices)}: ${posted}` },
    choices:
      line?.ticketNumber === null
        ? [
            {
              ...accept,
              effect: "It stays as it is: the ledger counts the line as it was planned; no time hangs on it.",
            },
          ]
        : [
            accept,
            {
              choice: "due-again",
              effect:
                "The line is taken back in the ledger and its whole time is due again: credit what was posted first.",
            },
          ],
  };
}

function creditedQuestion({ draft }: Outcome, { creditNote, lines }: Outcome["credits"][number]): InboxItem {
  const credited = creditNote.lines.map(
    ({ ticketNumber, quantity, partNumber }) => `${quantity} ${partNumber ?? ""} of ticket ${ticketNumber ?? ""}`,
  );
  return {
    reason: "invoice-credited",
    subject: `draft ${draft.draftId}, credit note ${creditNote.creditNoteNumber}`,
    text: `Credit note ${creditNote.creditNoteNumber} takes back what the ${nameOf(draft)} was posted with: ${list(credited)}.`,
    hint: "Ask whoever made it whether this time is to be billed again, and decide.",
    about: { ...aboutLines(draft, lines), fingerprint: credited.join(", ") },
    choices: [
      { choice: "accept", effect: "It stays as it is: the time counts as billed, whatever was credited." },
      {
        choice: "due-again",
        effect:
          "The lines of these tickets are taken back in the ledger: their whole time is due again with the next run, also what was not credited.",
      },
      { choice: "waive", effect: "The lines are taken back, and their time counts as not billed, for good." },
    ],
  };
}

function goneFromOrderQuestion({ draft }: Outcome, line: StoredLine): InboxItem {
  const standing = draft.target === "recurring-order";
  return {
    reason: standing ? "order-line-gone" : "line-removed",
    subject: `draft ${draft.draftId}, line ${line.position}`,
    text: `${lineText(line)} is no longer in the ${nameOf(draft)}, and no invoice was made from it.`,
    hint: standing
      ? "Somebody took it out, or saved the order from a page that was opened before the line was added: decide whether to bill it again."
      : "Ask whoever took it out whether this time is to be billed, and decide.",
    about: { ...aboutLines(draft, [line]), fingerprint: "gone from the order" },
    choices: choicesFor(line),
  };
}

function takenBackQuestion(draft: StoredDraft, { invoices, lines }: NonNullable<Outcome["takenBack"]>): InboxItem {
  const tickets = [...new Set(lines.map(({ ticketNumber }) => ticketNumber))];
  return {
    reason: "superseded-posted",
    subject: `draft ${draft.draftId}`,
    text: `The ${nameOf(draft)} was taken back, and ${numbersOf(invoices)} has lines of it after all: ${list(tickets)}.`,
    hint: "Somebody posted it from a page that was open, or took back what had cancelled or credited its invoice. Where the time stands on a newer draft, delete that in kivitendo; where it is due, answer the questions about those tickets.",
    about: {
      ...aboutLines(draft, lines),
      fingerprint: `${numbersOf(invoices)}: ${tickets.join(" ")}`,
    },
    choices: [
      {
        choice: "accept",
        effect: "Nothing is changed in the ledger: you have corrected it in kivitendo, or it is right.",
      },
    ],
  };
}

function alsoInvoicedQuestion(draft: StoredDraft, invoice: Invoice): InboxItem {
  return {
    reason: "also-invoiced",
    subject: `draft ${draft.draftId}`,
    text: `The ${nameOf(draft)} still stands in kivitendo although invoice ${invoice.invoiceNumber} has all its lines.`,
    hint: "Delete the draft in kivitendo when the invoice bills it: the next run then counts it as posted.",
    about: { draftId: draft.draftId, customerId: draft.customerId, fingerprint: invoice.invoiceNumber },
    choices: [{ choice: "accept", effect: "Nothing is changed: the draft goes on waiting, and both get billed." }],
  };
}

function aboutLines(draft: StoredDraft, lines: readonly StoredLine[]): InboxItem["about"] {
  const tickets = new Set(lines.flatMap(({ ticketId }) => ticketId ?? []));
  const [ticketId] = tickets;
  return {
    ...(tickets.size === 1 && ticketId !== undefined ? { ticketId } : {}),
    ...aboutDraft(draft, lines),
  };
}

function aboutDraft(draft: StoredDraft, lines: readonly StoredLine[]): InboxItem["about"] {
  return {
    draftId: draft.draftId,
    customerId: draft.customerId,
    lineIds: lines.map(({ lineId }) => lineId),
    units: unitsOf(lines),
  };
}

function unitsOf(lines: readonly { readonly workedUnits: HundredthUnits }[]): HundredthUnits {
  return lines.reduce((sum, { workedUnits }) => sum + workedUnits, 0) as HundredthUnits;
}
