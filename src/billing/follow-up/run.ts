import type {
  BillingState,
  DraftStatus,
  DueTicket,
  HelpdeskTickets,
  InboxItem,
  KivitendoBilling,
  StoredDraft,
  TokenPlace,
} from "../ports.ts";
import type { FlowContext, TicketNumber } from "../../model/index.ts";
import { Claims, recordedNumbers } from "./claims.ts";
import { type Outcome, outcomesOf } from "./outcome.ts";
import { questionsOf } from "./questions.ts";
import { tellInvoiceNumbers } from "./tell.ts";
import type { Untold } from "./tell.ts";
import { readElsewhere, unknownTokens } from "./unknown-tokens.ts";
import { watchedOf } from "./watched.ts";

export interface FollowUpPorts {
  readonly kivitendo: Pick<KivitendoBilling, "look" | "findTokens" | "lastInvoiceBefore">;
  readonly state: Pick<
    BillingState,
    "readDrafts" | "recordStatus" | "recordTold" | "knownPlaces" | "readUnanswered" | "syncInbox"
  >;
  readonly helpdesk: Pick<HelpdeskTickets, "writeField">;
  readonly now: () => Temporal.Instant;
}

export interface FollowUpOptions {
  /** A plan looks and records nothing. */
  readonly mode: "plan" | "draft";
  /** Tickets with something to bill; those whose number stands where the ledger does not know are stopped. */
  readonly due: readonly DueTicket[];
  /** Dynamic field of tickets that gets the invoice's number; null for none. */
  readonly invoiceNumberField: string | null;
  /** Drafts that were posted or taken back are looked at for so many days; 0 for not. */
  readonly watchDays: number;
}

export interface FollowUp {
  readonly questions: readonly InboxItem[];
  /** How many of them came new with what was recorded. */
  readonly asked: number;
  /** Not billed in this run. */
  readonly stopped: ReadonlySet<TicketNumber>;
  /** Drafts and orders whose status changed since the last run. */
  readonly changes: readonly StatusChange[];
  /** Tickets that were told their invoice number. */
  readonly told: number;
  /** Tickets that could not be told their invoice number; tried again in the next run. */
  readonly untold: readonly Untold[];
}

export interface StatusChange {
  readonly draft: StoredDraft;
  readonly status: DraftStatus;
  readonly invoiceNumber: string | null;
}

/**
 * Looks after what was drafted before: records what became of drafts and orders, asks where a person did something to
 * their lines, stops due tickets whose number stands in records that the ledger does not know, and tells tickets the
 * number of their invoice. Asks kivitendo next to nothing when nothing waits and nothing is due.
 */
export async function followUp(
  ports: FollowUpPorts,
  options: FollowUpOptions,
  context: FlowContext,
): Promise<FollowUp> {
  const outcomes = await lookAfter(ports, options.watchDays);
  const changed = outcomes.filter(isChange);
  const asked = options.mode === "draft" ? await recordChanges(ports, changed) : 0;
  context.report({ flow: "billing", step: "drafts looked after", done: outcomes.length });
  const unknown = await unknownTokens(ports, options.due, outcomes);
  const telling =
    options.mode === "draft" && options.invoiceNumberField !== null
      ? await tellInvoiceNumbers(ports, options.invoiceNumberField, context)
      : { told: 0, untold: [] };
  return {
    questions: [...(await questionsAfter(ports, outcomes)), ...unknown.questions],
    asked,
    stopped: unknown.stopped,
    changes: changed.map(changeOf),
    ...telling,
  };
}

/**
 * Posted drafts are looked at once, and later only for an open question: so what is to be asked is kept first, however the
 * run ends. Answers how many questions are new.
 */
async function recordChanges({ state, now }: FollowUpPorts, changed: readonly Outcome[]): Promise<number> {
  const items = questionsOf(changed);
  const options = { run: null, now: now(), complete: false, dryRun: false, onlyNew: true } as const;
  const added = items.length === 0 ? 0 : (await state.syncInbox(items, options)).added;
  for (const outcome of changed) {
    await state.recordStatus(outcome.draft.draftId, outcome.status, recordOf(outcome));
  }
  return added;
}

async function lookAfter({ state, kivitendo, now }: FollowUpPorts, watchDays: number): Promise<readonly Outcome[]> {
  const drafts = await watchedDrafts({ state, kivitendo, now }, watchDays);
  const watched = drafts.flatMap(watchedOf);
  if (watched.length === 0) return [];
  const nows = await kivitendo.look(watched);
  const places = nows.flatMap(({ invoices }) =>
    invoices.flatMap(({ invoiceId, invoiceNumber, lines }) =>
      lines.flatMap(({ ticketNumber }): TokenPlace[] =>
        ticketNumber === null
          ? []
          : [{ ticketNumber, where: "invoice", id: String(invoiceId), label: invoiceNumber, customerId: null }],
      ),
    ),
  );
  const known = places.length === 0 ? [] : await state.knownPlaces(places);
  const claims = new Claims(known.map(({ id, ticketNumber }) => ({ invoiceId: id, ticketNumber })));
  const takenBack = [
    ...(await state.readDrafts({ statuses: ["posted"], asked: "superseded-posted" })),
    // A credit note can be cancelled or deleted as well, and the invoice bills the time again.
    ...(await state.readDrafts({
      statuses: ["posted"],
      draftIds: drafts.map(({ draftId }) => draftId),
      takenBackFor: "invoice-credited",
    })),
  ];
  return outcomesOf(drafts, nows, claims, new Set(takenBack.map(({ draftId }) => draftId)));
}

/**
 * Those that wait, or of which nobody knows what became of them, however old they are; and for some time those that were
 * posted or taken back: an invoice can be cancelled, and a page that holds a draft is not open forever. Those that an open
 * question is about are looked at until it is answered.
 */
async function watchedDrafts(
  { state, kivitendo, now }: Pick<FollowUpPorts, "state" | "kivitendo" | "now">,
  watchDays: number,
): Promise<readonly StoredDraft[]> {
  const since = now().subtract({ hours: 24 * watchDays });
  const lists = [
    await state.readDrafts({ statuses: ["waiting", "changed", "gone"] }),
    await state.readDrafts({ statuses: ["posted", "superseded"], asked: true }),
  ];
  if (watchDays > 0) {
    const invoicedAfter = await kivitendo.lastInvoiceBefore(since);
    lists.push(
      await state.readDrafts({ statuses: ["superseded"], takenBackSince: since }),
      await state.readDrafts({ statuses: ["posted"], invoicedAfter }),
    );
  }
  return [...new Map(lists.flat().map((draft) => [draft.draftId, draft])).values()];
}

/** What nobody has answered for good, with what is found out for it. */
async function questionsAfter(ports: FollowUpPorts, outcomes: readonly Outcome[]): Promise<readonly InboxItem[]> {
  const unanswered = await ports.state.readUnanswered(questionsOf(outcomes));
  const gone = new Set(unanswered.flatMap(({ reason, about }) => (reason === "draft-gone" ? about.draftId : [])));
  const drafts = outcomes.flatMap(({ draft }) => (gone.has(draft.draftId) ? draft : []));
  return ports.state.readUnanswered(questionsOf(outcomes, await readElsewhere(ports, drafts)));
}

function changeOf({ draft, status, ...rest }: Outcome): StatusChange {
  const numbers = rest.invoices.map(({ invoiceNumber }) => invoiceNumber);
  return { draft, status, invoiceNumber: numbers.length === 0 ? null : numbers.join(", ") };
}

/** Whether there is something to record: another status, or other invoices. */
function isChange(outcome: Outcome): boolean {
  const { draft, status } = outcome;
  const before = recordedNumbers(draft).toSorted();
  const now = recordedNumbers({ invoiceNumber: recordOf(outcome)?.invoiceNumber ?? null }).toSorted();
  return status !== draft.status || before.join() !== now.join();
}

/** Its invoices, and those that were withdrawn, as long as others do not take their place; without any, what is known. */
function recordOf({ draft, invoices, withdrawn }: Outcome): { invoiceId: number; invoiceNumber: string } | null {
  const numbers = [...invoices, ...withdrawn].map(({ invoiceNumber }) => invoiceNumber);
  const invoiceId = invoices[0]?.invoiceId ?? draft.invoiceId;
  const invoiceNumber = numbers.length === 0 ? draft.invoiceNumber : [...new Set(numbers)].join(", ");
  return invoiceId === null || invoiceNumber === null ? null : { invoiceId, invoiceNumber };
}
