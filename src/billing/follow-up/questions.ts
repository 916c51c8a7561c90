import type { InboxItem, StoredDraft, TokenPlace } from "../ports.ts";
import type { HundredthUnits, TicketId, TicketNumber } from "../../model/index.ts";
import type { ChangedLines, Invoice, TokenLine } from "./compare.ts";
import type { Outcome } from "./outcome.ts";

/** What a person has to look at, from what became of the drafts. */
export function questionsOf(outcomes: readonly Outcome[]): readonly InboxItem[] {
  return outcomes.flatMap((outcome) => [
    ...(outcome.status === "gone" ? [goneQuestion(outcome)] : []),
    ...(outcome.status === "posted"
      ? [
          ...outcome.comparison.removed.map((line) => removedQuestion(outcome, line)),
          ...outcome.comparison.changed.map((changed) => changedQuestion(outcome, changed)),
        ]
      : []),
    ...outcome.goneFromOrder.map((line) => goneFromOrderQuestion(outcome, line)),
    ...(outcome.takenBack === null ? [] : [takenBackQuestion(outcome.draft, outcome.takenBack)]),
    ...(outcome.alsoInvoiced === null ? [] : [alsoInvoicedQuestion(outcome.draft, outcome.alsoInvoiced)]),
  ]);
}

/** For lines that nobody posted. */
const unposted: InboxItem["choices"] = [
  { choice: "due-again", effect: "The lines are taken back in the ledger: their time is due again with the next run." },
  { choice: "waive", effect: "The lines are taken back, and their time counts as not billed, for good." },
  { choice: "accept", effect: "It stays as it is: the time counts as billed, because you bill it in another way." },
];

function goneQuestion({ draft, closed }: Outcome): InboxItem {
  const lines = countedLines(draft);
  const what = closed
    ? `The ${nameOf(draft)} was closed in kivitendo without an invoice`
    : `The ${nameOf(draft)} is no longer in kivitendo, and no later invoice has its ticket numbers`;
  return {
    reason: "draft-gone",
    subject: `draft ${draft.draftId}`,
    text: `${what}: ${count(lines.length, "line")}, net ${draft.netAmount}, period ${draft.period}.`,
    hint: "Ask whoever threw it away whether its time is to be billed again, and decide.",
    about: {
      draftId: draft.draftId,
      customerId: draft.customerId,
      lineIds: lines.map(({ lineId }) => lineId),
      units: unitsOf(lines),
      fingerprint: closed ? "closed" : "gone",
    },
    choices: unposted,
  };
}

function removedQuestion({ draft, invoices }: Outcome, line: TokenLine): InboxItem {
  return {
    reason: "line-removed",
    subject: `draft ${draft.draftId}, line ${line.position}`,
    text: `The line of ticket ${line.ticketNumber} (${line.quantity} ${unitText(line)}) of the ${nameOf(draft)} was taken out before it was posted as ${numbersOf(invoices)}.`,
    hint: "Ask whoever took it out whether this time is to be billed, and decide.",
    about: { ...aboutLines(draft, [line]), fingerprint: numbersOf(invoices) },
    choices: unposted,
  };
}

function changedQuestion({ draft, invoices }: Outcome, { lines, planned, posted }: ChangedLines): InboxItem {
  const [line] = lines;
  return {
    reason: "line-changed",
    subject: `draft ${draft.draftId}, line ${lines.map(({ position }) => position).join(" and ")}`,
    text: `Ticket ${line?.ticketNumber ?? ""} was posted with ${posted} instead of ${planned} ${line === undefined ? "" : unitText(line)} (${nameOf(draft)}, ${numbersOf(invoices)}).`,
    hint: "Somebody changed it before posting: accept it, or correct the invoice in kivitendo and bill the time again.",
    about: { ...aboutLines(draft, lines), fingerprint: `${numbersOf(invoices)}: ${posted}` },
    choices: [
      {
        choice: "accept",
        effect: "It stays as it is: all the time of the line counts as billed with what was posted.",
      },
      {
        choice: "due-again",
        effect: "The line is taken back in the ledger and its whole time is due again: credit what was posted first.",
      },
    ],
  };
}

function goneFromOrderQuestion({ draft }: Outcome, line: TokenLine): InboxItem {
  const standing = draft.target === "recurring-order";
  return {
    reason: standing ? "order-line-gone" : "line-removed",
    subject: `draft ${draft.draftId}, line ${line.position}`,
    text: `The line of ticket ${line.ticketNumber} (${line.quantity} ${unitText(line)}) is no longer in the ${nameOf(draft)}, and no invoice was made from it.`,
    hint: standing
      ? "Somebody took it out, or saved the order from a page that was opened before the line was added: decide whether to bill it again."
      : "Ask whoever took it out whether this time is to be billed, and decide.",
    about: { ...aboutLines(draft, [line]), fingerprint: "gone from the order" },
    choices: unposted,
  };
}

function takenBackQuestion(draft: StoredDraft, { invoices, lines }: NonNullable<Outcome["takenBack"]>): InboxItem {
  const tickets = [...new Set(lines.map(({ ticketNumber }) => ticketNumber))];
  return {
    reason: "superseded-posted",
    subject: `draft ${draft.draftId}`,
    text: `The ${nameOf(draft)} was taken back, and ${numbersOf(invoices)} has lines of it after all: ${list(tickets)}.`,
    hint: "Somebody posted it from a page that was open. Where the time stands on a newer draft, delete that in kivitendo; where it is due, answer the questions about those tickets.",
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

/** A ticket that is due and stands in records that the ledger does not know: stopped until somebody answers. */
export function unknownTokenQuestion(
  ticket: { readonly ticketId: TicketId; readonly ticketNumber: TicketNumber; readonly units: HundredthUnits },
  places: readonly TokenPlace[],
): InboxItem {
  const where = places.map(({ where: kind, label, id }) => `${kind} ${label === "" ? id : `"${label}"`}`);
  return {
    reason: "unknown-token",
    subject: `ticket ${ticket.ticketNumber}`,
    text: `Ticket ${ticket.ticketNumber} is due and its number stands in kivitendo already: ${list(where)}. The ledger does not know of that.`,
    hint: "Look whether its time is billed there, and decide.",
    about: {
      ticketId: ticket.ticketId,
      units: ticket.units,
      fingerprint: places
        .map(({ where: kind, id }) => `${kind} ${id}`)
        .toSorted()
        .join(", "),
    },
    choices: [
      {
        choice: "bill",
        effect: "Its time is not billed there: what is open is billed, and these records are not asked about again.",
      },
      { choice: "opening", effect: "Its time is billed there: what is open counts as billed by hand." },
      { choice: "hold", effect: "The ticket is not billed until it is released." },
    ],
  };
}

function aboutLines(draft: StoredDraft, lines: readonly TokenLine[]): InboxItem["about"] {
  const tickets = new Set(lines.map(({ ticketId }) => ticketId));
  const [ticketId] = tickets;
  return {
    ...(tickets.size === 1 && ticketId !== null && ticketId !== undefined ? { ticketId } : {}),
    draftId: draft.draftId,
    customerId: draft.customerId,
    lineIds: lines.map(({ lineId }) => lineId),
    units: unitsOf(lines),
  };
}

function countedLines(draft: StoredDraft): StoredDraft["lines"] {
  return draft.lines.filter(({ reversed }) => !reversed);
}

function unitsOf(lines: readonly { readonly workedUnits: HundredthUnits }[]): HundredthUnits {
  return lines.reduce((sum, { workedUnits }) => sum + workedUnits, 0) as HundredthUnits;
}

const targetNames = { "invoice-draft": "draft", "sales-order": "order", "recurring-order": "recurring order" } as const;

/** `draft 12 (customer K10001)`, `order AU2026… (customer K10001)`. */
function nameOf({ target, draftId, kivitendoNumber, customerNumber }: StoredDraft): string {
  return `${targetNames[target]} ${kivitendoNumber ?? draftId} (customer ${customerNumber})`;
}

function numbersOf(invoices: readonly Invoice[]): string {
  const numbers = invoices.map(({ invoiceNumber }) => invoiceNumber);
  return `${numbers.length === 1 ? "invoice" : "invoices"} ${numbers.join(", ")}`;
}

function unitText({ unit, partNumber }: TokenLine): string {
  return `${unit ?? ""} ${partNumber ?? ""}`.trim();
}

/** At most ten of them. */
function list(texts: readonly string[]): string {
  const shown = texts.slice(0, 10).join(", ");
  return texts.length > 10 ? `${shown} and ${texts.length - 10} more` : shown;
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? "" : "s"}`;
}
