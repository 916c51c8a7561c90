import type {
  BillingDesk,
  BillingState,
  Choice,
  Decided,
  DraftStatus,
  HelpdeskTickets,
  KivitendoBilling,
  StoredDraft,
} from "../billing/ports.ts";
import { ConfigError, RefusedError, RejectedError } from "../model/index.ts";
import type { FlowContext, HelpdeskIdentity, TicketNumber } from "../model/index.ts";
import { follow } from "./follow.ts";
import type { Followed } from "./follow.ts";
import { proposalEdit } from "./line-change.ts";
import type { LineChange } from "./line-change.ts";
import { assertSigned, inboxItemOf } from "./signature.ts";
import type { Signature } from "./signature.ts";
import { lookAtOpening } from "./opening.ts";
import type { Opening, OpeningRules } from "./opening.ts";

/** Which drafts; lists that are empty mean all. */
export interface DraftChoice {
  readonly statuses: readonly DraftStatus[];
  readonly draftIds: readonly number[];
  readonly customerNumbers: readonly string[];
}

/** What became of a release: a proposal that cannot be written stops itself only. */
export interface Released {
  readonly released: readonly StoredDraft[];
  readonly refused: readonly { readonly draft: StoredDraft; readonly reason: string; readonly hint: string }[];
}

/** What people do with billing besides running it. Everything that writes does so while no other run does. */
export interface BillingActions {
  /** Oldest first; throws ConfigError for a number that no draft has. */
  drafts(choice: DraftChoice): Promise<readonly StoredDraft[]>;
  /** Looks what became of drafts and orders, and asks where it has to. */
  follow(context: FlowContext): Promise<Followed>;
  /**
   * Keeps tickets from being billed until they are released. Tickets that no run has seen are read first; throws
   * ConfigError for the first that is still unknown then.
   */
  hold(ticketNumbers: readonly string[], held: boolean, signature: Signature, context: FlowContext): Promise<void>;
  /** Changes a line of a proposal; answers the proposal as it is then. */
  edit(lineId: number, change: LineChange, signature: Signature): Promise<StoredDraft>;
  /** Writes proposals into kivitendo. */
  release(choice: Omit<DraftChoice, "statuses">, signature: Signature, context: FlowContext): Promise<Released>;
  /** Takes back a proposal, or a draft that nobody touched. */
  redo(draftId: number, signature: Signature): Promise<StoredDraft>;
  /** Answers a question of the inbox, by its id there: billing-12. */
  decide(id: string, choice: Choice, signature: Signature): Promise<void>;
  /** What stands on tickets first closed before billing.startDate; keeps and books nothing. */
  opening(context: FlowContext): Promise<Opening>;
  /** Books that as billed by hand before: the list with this token, or with null whatever stands there now. */
  confirmOpening(token: string | null, signature: Signature, context: FlowContext): Promise<Opening>;
}

export interface ActionParts {
  readonly desk: BillingDesk;
  readonly state: BillingState;
  readonly kivitendo: KivitendoBilling;
  readonly helpdesk: HelpdeskTickets;
  readonly rules: OpeningRules & { readonly invoiceNumberField: string | null; readonly watchDays: number };
  /** With null only the database is compared. */
  readonly checkIdentity: (helpdesk: HelpdeskIdentity | null, mode: "look" | "bind") => Promise<void>;
  /** Runs what writes while no other run does. */
  readonly exclusively: <T>(context: FlowContext, run: (guarded: FlowContext) => Promise<T>) => Promise<T>;
  /** Whether some run has seen a ticket with this number. */
  readonly knows: (ticketNumber: string) => Promise<boolean>;
  /** Reads tickets from the helpdesk as a run does first. */
  readonly read: (context: FlowContext) => Promise<void>;
  /** Tells people what came new; throws ConfigError for settings that cannot work. */
  readonly teller: () => () => Promise<void>;
  readonly now: () => Temporal.Instant;
}

export function createBillingActions(parts: ActionParts): BillingActions {
  const { desk, state, checkIdentity, exclusively } = parts;
  /** On the client's database alone. */
  const write = async <T>(context: FlowContext, act: (guarded: FlowContext) => Promise<T>): Promise<T> => {
    await checkIdentity(null, "look");
    return exclusively(context, act);
  };
  const decided = (signature: Signature): Decided => ({ ...assertSigned(signature), at: parts.now() });
  const lookAt = async (context: FlowContext, confirmed?: { readonly token: string | null }): Promise<Opening> => {
    await checkIdentity(await parts.helpdesk.info(), "bind");
    return lookAtOpening(parts, context, confirmed);
  };
  return {
    drafts: (choice) => readChosen(state, choice),
    follow: async (context) => {
      const tell = parts.teller();
      await checkIdentity(await parts.helpdesk.info(), "bind");
      return exclusively(context, async (guarded) => {
        const followed = await follow(parts, guarded);
        await tell();
        return followed;
      });
    },
    hold: async (ticketNumbers, held, signature, context) => {
      const by = decided(signature);
      await write(context, async (guarded) => {
        const known = await Promise.all(ticketNumbers.map(parts.knows));
        if (known.includes(false)) await parts.read(guarded);
        for (const ticketNumber of ticketNumbers) await desk.hold(ticketNumber as TicketNumber, held, by);
      });
    },
    edit: async (lineId, change, signature) => {
      const by = decided(signature);
      return write(unwatched(), async () => {
        const draft = await proposalOfLine(state, lineId);
        await desk.edit(lineId, await proposalEdit(parts, draft, lineId, change), by);
        return oneDraft(state, draft.draftId);
      });
    },
    release: async (choice, signature, context) => {
      const by = decided(signature);
      return write(context, async ({ signal }) => release(parts, choice, by, signal));
    },
    redo: async (draftId, signature) => {
      const by = decided(signature);
      return write(unwatched(), async () => {
        await desk.redo(draftId, by);
        return oneDraft(state, draftId);
      });
    },
    decide: async (id, choice, signature) => {
      const by = decided(signature);
      await write(unwatched(), () => desk.decide(inboxItemOf(id), choice, by));
    },
    opening: (context) => exclusively(context, (guarded) => lookAt(guarded)),
    confirmOpening: async (token, signature, context) => {
      const by = decided(signature);
      return exclusively(context, async (guarded) => book(parts, await lookAt(guarded, { token }), by));
    },
  };
}

async function book({ desk }: ActionParts, opening: Opening, by: Decided): Promise<Opening> {
  const ticketIds = opening.tickets.map(({ ticketId }) => ticketId);
  await desk.book(ticketIds, by);
  return opening;
}

/** For what takes a moment only. */
function unwatched(): FlowContext {
  return { report: () => undefined, signal: new AbortController().signal };
}

async function readChosen(
  state: BillingState,
  { statuses, draftIds, customerNumbers }: DraftChoice,
): Promise<readonly StoredDraft[]> {
  const found = await state.readDrafts({
    ...(statuses.length > 0 ? { statuses } : {}),
    ...(draftIds.length > 0 ? { draftIds } : {}),
    ...(customerNumbers.length > 0 ? { customerNumbers } : {}),
  });
  if (statuses.length > 0) return found;
  const missing = draftIds.find((id) => found.every(({ draftId }) => draftId !== id));
  if (missing === undefined) return found;
  throw new ConfigError(`There is no draft ${missing}.`, "`kivi-otrs billing drafts` lists them with their numbers.");
}

async function release(
  { state, desk }: Pick<ActionParts, "state" | "desk">,
  choice: Omit<DraftChoice, "statuses">,
  decided: Decided,
  signal: AbortSignal,
): Promise<Released> {
  const all = await readChosen(state, { ...choice, statuses: [] });
  // What was named by its number is told when it is no proposal; the desk says so.
  const chosen = choice.draftIds.length > 0 ? all : all.filter(({ status }) => status === "proposed");
  const released: StoredDraft[] = [];
  const refused: Released["refused"][number][] = [];
  for (const draft of chosen) {
    if (signal.aborted) break;
    try {
      released.push(await desk.release(draft.draftId, decided));
    } catch (error) {
      if (!(error instanceof RefusedError || error instanceof RejectedError)) throw error;
      if (chosen.length === 1) throw error;
      refused.push({ draft, reason: error.message, hint: error.hint });
    }
  }
  signal.throwIfAborted();
  return { released, refused };
}

async function proposalOfLine(state: BillingState, lineId: number): Promise<StoredDraft> {
  const proposals = await state.readDrafts({ statuses: ["proposed"] });
  const proposal = proposals.find(({ lines }) => lines.some((line) => line.lineId === lineId));
  if (proposal !== undefined) return proposal;
  throw new ConfigError(
    `No proposal has a line ${lineId}.`,
    "`kivi-otrs billing drafts --status proposed` lists proposals with their lines; drafts that stand in kivitendo are changed there.",
  );
}

async function oneDraft(state: BillingState, draftId: number): Promise<StoredDraft> {
  const [draft] = await readChosen(state, { statuses: [], draftIds: [draftId], customerNumbers: [] });
  if (draft !== undefined) return draft;
  throw new ConfigError(`There is no draft ${draftId}.`, "`kivi-otrs billing drafts` lists them with their numbers.");
}
