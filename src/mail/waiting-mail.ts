import { type Decimal, sumAmounts } from "../model/index.ts";
import type { Mail } from "./mailer.ts";

export type MailLanguage = "de" | "en";

/** What waits for people after a run. */
export interface Waiting {
  /** Name of this installation. */
  readonly instance: string;
  /** Login of the employee that owns the drafts. */
  readonly draftOwner: string;
  readonly drafts: readonly WaitingDraft[];
  /** Questions that came new with this run, and all that are open. */
  readonly newQuestions: number;
  readonly openQuestions: number;
}

export interface WaitingDraft {
  readonly kind: "draft" | "order" | "recurring-order" | "proposal";
  /** Number of the order, or of the proposal; null for drafts, which kivitendo shows by their customer. */
  readonly number: string | null;
  readonly customerNumber: string;
  readonly customerName: string;
  readonly period: string;
  readonly lines: number;
  readonly netAmount: Decimal;
  readonly currency: string;
}

const kinds = ["draft", "order", "recurring-order", "proposal"] as const;
type Kind = (typeof kinds)[number];

interface Words {
  readonly locale: string;
  readonly subject: (what: string, instance: string) => string;
  readonly counted: Readonly<Record<Kind | "question", readonly [one: string, several: string]>>;
  readonly where: Readonly<Record<Kind, (owner: string) => string>>;
  readonly lines: readonly [one: string, several: string];
  readonly total: string;
  readonly questions: (added: number, open: number) => string;
  readonly ending: string;
}

const words: Readonly<Record<MailLanguage, Words>> = {
  de: {
    locale: "de-DE",
    subject: (what, instance) => `kivitendo: ${what} aus Tickets (${instance})`,
    counted: {
      draft: ["Rechnungsentwurf", "Rechnungsentwürfe"],
      order: ["Auftrag", "Aufträge"],
      "recurring-order": ["wiederkehrender Auftrag", "wiederkehrende Aufträge"],
      proposal: ["Vorschlag", "Vorschläge"],
      question: ["Frage", "Fragen"],
    },
    where: {
      draft: (owner) =>
        `In kivitendo: Verkauf → Rechnung erfassen → mehr → Entwürfe (als "${owner}", oder mit dem Recht, alle Entwürfe zu bearbeiten)`,
      order: () => "In kivitendo: Verkauf → Berichte → Aufträge",
      "recurring-order": () => "In kivitendo: Zeilen zur einmaligen Abrechnung im Auftrag der wiederkehrenden Rechnung",
      proposal: () => "Noch nicht in kivitendo: ansehen und freigeben mit `kivi-otrs billing release`",
    },
    lines: ["Position", "Positionen"],
    total: "Summe netto",
    questions: (added, open) =>
      `${added} neue ${added === 1 ? "Frage" : "Fragen"}, ${open} offen: \`kivi-otrs inbox\` zeigt sie.`,
    ending: "Diese Nachricht kommt ohne Zutun nach jedem Lauf, der etwas Neues bringt.",
  },
  en: {
    locale: "en-GB",
    subject: (what, instance) => `kivitendo: ${what} from tickets (${instance})`,
    counted: {
      draft: ["invoice draft", "invoice drafts"],
      order: ["order", "orders"],
      "recurring-order": ["recurring order", "recurring orders"],
      proposal: ["proposal", "proposals"],
      question: ["question", "questions"],
    },
    where: {
      draft: (owner) =>
        `In kivitendo: Sales → Add Sales Invoice → more → Drafts (as "${owner}", or with the right to edit all drafts)`,
      order: () => "In kivitendo: Sales → Reports → Sales Orders",
      "recurring-order": () => "In kivitendo: lines to be billed once in the order of the recurring invoice",
      proposal: () => "Not in kivitendo yet: `kivi-otrs billing release` shows and writes them",
    },
    lines: ["line", "lines"],
    total: "Net total",
    questions: (added, open) =>
      `${added} new ${added === 1 ? "question" : "questions"}, ${open} open: \`kivi-otrs inbox\` shows them.`,
    ending: "This message comes by itself after each run that brings something new.",
  },
};

/** The mail about what waits; null when a run brought nothing new. */
export function waitingMail(waiting: Waiting, language: MailLanguage): Mail | null {
  const { drafts, newQuestions, openQuestions, instance } = waiting;
  if (drafts.length === 0 && newQuestions === 0) return null;
  const word = words[language];
  const sections = kinds.flatMap((kind) => section(kind, waiting, word));
  const totals = drafts.length > 1 ? [totalOf(drafts, word)] : [];
  const questions = openQuestions + newQuestions === 0 ? [] : [word.questions(newQuestions, openQuestions)];
  return {
    subject: word.subject(summary(waiting, word), instance),
    text: `${[...sections, ...totals, ...questions, `-- \n${word.ending}`].join("\n\n")}\n`,
  };
}

function summary({ drafts, newQuestions }: Waiting, word: Words): string {
  const counts = kinds.map((kind) => [kind, drafts.filter((draft) => draft.kind === kind).length] as const);
  return [...counts, ["question", newQuestions] as const]
    .filter(([, number]) => number > 0)
    .map(([kind, number]) => `${number} ${word.counted[kind][number === 1 ? 0 : 1]}`)
    .join(", ");
}

function section(kind: Kind, { drafts, draftOwner }: Waiting, word: Words): string[] {
  const own = drafts.filter((draft) => draft.kind === kind);
  if (own.length === 0) return [];
  return [[`${word.where[kind](draftOwner)}:`, ...own.map((draft) => `  ${draftText(draft, word)}`)].join("\n")];
}

function draftText(
  { number, customerNumber, customerName, period, lines, netAmount, currency }: WaitingDraft,
  word: Words,
): string {
  const label = number === null ? [] : [number];
  const amount = `${lines} ${word.lines[lines === 1 ? 0 : 1]}, ${amountText(netAmount, word)} ${currency}`;
  return [...label, `${customerNumber} ${customerName}`, period, amount].map(oneLine).join(" | ");
}

function totalOf(drafts: readonly WaitingDraft[], word: Words): string {
  const sums = [...Map.groupBy(drafts, ({ currency }) => currency)].map(
    ([currency, own]) => `${amountText(sumAmounts(own.map(({ netAmount }) => netAmount)), word)} ${currency}`,
  );
  return `${word.total}: ${sums.join(", ")}`;
}

function amountText(amount: Decimal, { locale }: Words): string {
  // The text itself is formatted, not a number made of it: every digit stays.
  return new Intl.NumberFormat(locale, { minimumFractionDigits: 2 }).format(amount as `${number}`);
}

/** Names of customers are anybody's text. */
function oneLine(text: string): string {
  return text.replace(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, " ").trim();
}
