import { Big } from "big.js";
import { isTooSmall, lineTotal } from "../../model/index.ts";
import type { CustomerId, Decimal, HundredthUnits } from "../../model/index.ts";
import type { LineEntry, PlannedLine } from "../ports.ts";
import type { BillingRules, Rounding } from "../rules.ts";
import type { LineFacts, LineTexts, WriteTexts } from "../texts.ts";
import { chargedNow } from "./groups.ts";
import type { Group } from "./groups.ts";
import { entryName, total } from "./pieces.ts";
import type { Piece } from "./pieces.ts";
import { ruleSeparator } from "./pricing.ts";
import { exactMinutes, shownMinutes } from "./rounding.ts";
import type { SettledPieces, TicketPlan } from "./ticket.ts";
import { isLate } from "./waiting.ts";

/** A position on a draft, with what rounding the whole draft needs of it. */
export interface Position {
  readonly line: PlannedLine;
  readonly minutesPerPartUnit: Decimal;
  /** Null where the draft is not rounded as a whole. */
  readonly draftRounding: Rounding | null;
  readonly workedMinutes: ReturnType<typeof exactMinutes>;
}

export type GroupResult =
  | { readonly kind: "position"; readonly position: Position }
  /** Differences that cancel out, and time within what was charged. */
  | { readonly kind: "transfer"; readonly line: PlannedLine }
  | { readonly kind: "too-small" };

interface LineContext {
  readonly rules: BillingRules;
  readonly texts: WriteTexts;
}

/** What becomes of the pieces of a position that are left after included hours. */
export function resultOf(group: Group, plan: TicketPlan, context: LineContext): GroupResult {
  const { quote, pieces, kind, charge } = group;
  const { part, unitPrice, discount, projectId } = quote;
  const priced = {
    part: { partId: part.partId, partNumber: part.partNumber, unit: part.unit },
    unitPrice,
    discount,
    projectId,
    rule: group.rules.length === 0 ? null : group.rules.join(ruleSeparator),
    priceSource: quote.source,
  };
  const worked = total(pieces);
  if (worked === 0) {
    return { kind: "transfer", line: { ...lineOf("transfer", pieces, plan, context, false), ...priced } };
  }
  const { minutesPerUnit } = context.rules;
  const quantity = chargedNow(group, includedOn(plan, group.customerId), minutesPerUnit);
  if (isCovered(group, quantity)) {
    return { kind: "transfer", line: { ...lineOf("transfer", pieces, plan, context, false), ...priced } };
  }
  if (isTooSmall(quantity)) return { kind: "too-small" };
  const later = plan.lines.some((line) => line.kind === kind && line.customerId === group.customerId);
  const line: PlannedLine = {
    ...lineOf(kind, pieces, plan, context, later),
    ...priced,
    quantity,
    netAmount: lineTotal({ unitPrice, discount, quantity }),
  };
  const draftRounding = charge.rounding?.per === "draft" ? charge.rounding : null;
  const workedMinutes = exactMinutes(worked, minutesPerUnit);
  return {
    kind: "position",
    position: { line, minutesPerPartUnit: part.minutesPerUnit, draftRounding, workedMinutes },
  };
}

/** True for added time that costs nothing as it is: included hours need not pay for it. */
export function isPaidFor(group: Group, plan: TicketPlan, { minutesPerUnit }: BillingRules): boolean {
  return isCovered(group, chargedNow(group, includedOn(plan, group.customerId), minutesPerUnit));
}

/** True for time that costs nothing because rounding, or a minimum, has charged for it before. */
function isCovered({ kind, history }: Group, quantity: Decimal): boolean {
  return new Big(quantity).lte(0) && history.some((line) => line.kind === kind);
}

/** What is included of the ticket's time, with what this plan adds or takes back. */
function includedOn({ lines, settled }: TicketPlan, customerId: CustomerId): HundredthUnits {
  const before = lines.filter((line) => line.kind === "included" && line.customerId === customerId);
  const now = settled.filter((each) => each.kind === "included" && each.customerId === customerId);
  const parts = [...before.flatMap(({ entries }) => entries), ...now.flatMap(({ pieces }) => pieces)];
  return total(parts);
}

/** A line that stands on no draft. */
export function settlementLine(settled: SettledPieces, plan: TicketPlan, context: LineContext): PlannedLine {
  return { ...lineOf(settled.kind, settled.pieces, plan, context, false), rule: settled.rule };
}

function lineOf(
  kind: PlannedLine["kind"],
  pieces: readonly Piece[],
  plan: TicketPlan,
  { rules, texts }: LineContext,
  later: boolean,
): PlannedLine {
  const { ticket, customer, settings } = plan;
  const late = pieces.some((piece) => isLate(ticket, piece, settings, rules.timeZone));
  const days = pieces.map(({ workedOn }) => workedOn).toSorted((a, b) => Temporal.PlainDate.compare(a, b));
  const [start] = days;
  const end = days.at(-1);
  const written: LineTexts = texts(
    lineFacts(pieces, plan, rules, { goodwill: kind === "goodwill", later, late }),
    customer?.languageCode ?? null,
  );
  return {
    kind,
    ticket: { ticketId: ticket.ticketId, ticketNumber: ticket.ticketNumber },
    part: null,
    unitPrice: "0" as Decimal,
    discount: "0" as Decimal,
    quantity: "0" as Decimal,
    netAmount: "0.00" as Decimal,
    projectId: null,
    ...written,
    workedUnits: total(pieces),
    late,
    service: start === undefined || end === undefined ? null : { start, end },
    rule: null,
    priceSource: null,
    entries: lineEntries(pieces),
  };
}

function lineFacts(
  pieces: readonly Piece[],
  { ticket }: TicketPlan,
  { timeZone, minutesPerUnit }: BillingRules,
  flags: Pick<LineFacts, "goodwill" | "later" | "late">,
): LineFacts {
  const { ticketNumber, title, queue, service, sla, type, state, customerUser, dynamicFields } = ticket;
  const inOrder = pieces.toSorted(
    (a, b) => Temporal.PlainDate.compare(a.workedOn, b.workedOn) || Temporal.Instant.compare(a.bookedAt, b.bookedAt),
  );
  return {
    ticketNumber,
    title,
    queue,
    service,
    sla,
    type,
    state,
    customerUser,
    dynamicFields,
    ...flags,
    closedOn: ticket.closedAt.toZonedDateTimeISO(timeZone).toPlainDate(),
    minutes: shownMinutes(total(pieces), minutesPerUnit),
    entries: inOrder.map((piece) => ({
      date: piece.workedOn,
      agent: piece.agentName ?? piece.agentLogin,
      subject: piece.subject,
      minutes: shownMinutes(piece.units, minutesPerUnit),
    })),
  };
}

/** One entry of the ledger for each day and agent, so that what is billed can be told from what was added. */
function lineEntries(pieces: readonly Piece[]): readonly LineEntry[] {
  const entries = new Map<string, LineEntry>();
  for (const { key, units, settledBefore, workedOn, agentName, agentLogin } of pieces) {
    const agent = agentName ?? agentLogin;
    const name = JSON.stringify([entryName(key), workedOn.toString(), agent]);
    const before = entries.get(name)?.units ?? 0;
    entries.set(name, { key, units: (before + units) as LineEntry["units"], settledBefore, workedOn, agent });
  }
  return [...entries.values()].filter(({ units }) => units !== 0);
}
