import { Big } from "big.js";
import type { CustomerId, HundredthUnits } from "../../model/index.ts";
import type { BillingCustomer, CustomerPrices, DueTicket, InboxItem, LineKind, SettledLine } from "../ports.ts";
import { settingsFor } from "../rules.ts";
import type { BillingRule, BillingRules, CustomerSettings } from "../rules.ts";
import { isRuleCertain, ruleFor } from "./classify.ts";
import { chargeRule, groupPieces, lineCharge } from "./groups.ts";
import type { Group, PricedPiece } from "./groups.ts";
import { movedTime } from "./moved.ts";
import { piecesOf, restPieces, total } from "./pieces.ts";
import type { Piece } from "./pieces.ts";
import { goodwillQuote, quoteFor } from "./pricing.ts";
import type { PricingFacts, Quote, TimePart } from "./pricing.ts";
import { coveredAgain, replaceable } from "./proposals.ts";
import * as ask from "./questions.ts";
import { isDated, whyTicketWaits } from "./waiting.ts";
import type { WaitReason } from "./waiting.ts";

/** What planning knows of the world. */
export interface PlanFacts {
  readonly rules: BillingRules;
  /** Customers whose row can be used. */
  readonly customers: ReadonlyMap<CustomerId, BillingCustomer>;
  readonly prices: ReadonlyMap<CustomerId, CustomerPrices>;
  readonly parts: ReadonlyMap<string, TimePart>;
  readonly now: Temporal.Instant;
}

/** Time that is settled without a draft. */
export interface SettledPieces {
  /** Who has it, or had it when it was settled before; null when nobody is known. */
  readonly customerId: CustomerId | null;
  readonly kind: Extract<LineKind, "excluded" | "included" | "waived" | "transfer">;
  readonly rule: string | null;
  readonly pieces: readonly Piece[];
}

/** What becomes of one ticket, before included hours are taken out. Each due piece stands in one place. */
export interface TicketPlan {
  readonly ticket: DueTicket;
  readonly customer: BillingCustomer | null;
  readonly settings: CustomerSettings;
  readonly settled: readonly SettledPieces[];
  readonly groups: readonly Group[];
  readonly questions: readonly InboxItem[];
  readonly waiting: readonly { readonly why: WaitReason; readonly units: HundredthUnits }[];
  /**
   * Lines of the ticket that stand when this is written, and lines that it takes the place of: unedited proposals, and time
   * within what was charged.
   */
  readonly lines: readonly SettledLine[];
  readonly replaces: readonly number[];
}

/** Decides about one ticket; time within what was charged before is decided about together with what is added to it. */
export function planTicket(ticket: DueTicket, facts: PlanFacts, also: readonly number[] = []): TicketPlan {
  const plan = planProposals(ticket, facts, also);
  const covered = coveredAgain(plan);
  if (covered.length === 0) return plan;
  const anew = planWith(ticket, facts, [...plan.replaces, ...covered]);
  const asks = anew.questions.some(({ reason }) => reason === "negative-difference");
  return asks || unitsWaiting(anew) !== unitsWaiting(plan) ? plan : anew;
}

/**
 * A proposal that nobody edited is planned anew when its ticket changed, unless the ticket asks
 * or waits now: then it stays as it is. `also` are lines of it that are planned anew together with another ticket's: what
 * asks or waits beside them does not keep them.
 */
function planProposals(ticket: DueTicket, facts: PlanFacts, also: readonly number[]): TicketPlan {
  const replaces = [...new Set([...replaceable(ticket), ...also])];
  const asItIs = (): TicketPlan => planWith(ticket, facts, []);
  if (replaces.length === 0) return asItIs();
  const anew = planWith(ticket, facts, replaces);
  const beside = also.length === 0 ? 0 : unitsWaiting(asItIs());
  const asks = anew.questions.some(({ reason }) => also.length === 0 || reason !== "time-without-article");
  return asks || unitsWaiting(anew) !== beside ? asItIs() : anew;
}

function unitsWaiting({ waiting }: TicketPlan): number {
  return waiting.reduce((sum, { units }) => sum + units, 0);
}

function planWith(ticket: DueTicket, facts: PlanFacts, replaces: readonly number[]): TicketPlan {
  const { rules, now } = facts;
  const customer = ticket.customerId === null ? null : (facts.customers.get(ticket.customerId) ?? null);
  const settings = settingsFor(rules, customer?.customerNumber ?? null);
  const replaced = new Set(replaces);
  const lines = ticket.lines.filter(({ lineId }) => !replaced.has(lineId));
  const found = restPieces(ticket, rules.timeZone, replaced);
  const { moved, pieces, rest } = movedTime(piecesOf(ticket, rules.timeZone, replaced), found);
  const empty = { ticket, customer, settings, settled: [], groups: [], questions: [], waiting: [], lines, replaces };
  const why = whyTicketWaits(ticket, settings, rules.unbilledStates, now);
  if (why !== null) return { ...empty, waiting: waitingOf(why, total([...pieces, ...rest])) };

  const dated = pieces.filter((piece) => isDated(ticket, piece, settings, rules.timeZone));
  const restDated = total(rest) !== 0 && isDated(ticket, { bookedAt: ticket.closedAt }, settings, rules.timeZone);
  const notNow = total(pieces) - total(dated);
  const later = (notNow + (restDated ? 0 : total(rest))) as HundredthUnits;
  const decided = decidePieces(dated, { ...empty, waiting: waitingOf("period", later) }, facts);
  const others = (notNow + total(rest)) as HundredthUnits;
  return {
    ...decided,
    settled: [...decided.settled, ...settledMove(moved, customer?.customerId ?? null)],
    questions: [
      ...decided.questions.map((item) => ask.besides(item, others)),
      ...(restDated ? [ask.timeWithoutArticle(ticket, total(rest))] : []),
    ],
  };
}

function settledMove(pieces: readonly Piece[], customerId: CustomerId | null): readonly SettledPieces[] {
  return pieces.length === 0 ? [] : [{ customerId, kind: "transfer", rule: null, pieces }];
}

function waitingOf(why: WaitReason, units: HundredthUnits): TicketPlan["waiting"] {
  return units === 0 ? [] : [{ why, units }];
}

interface Classified {
  readonly piece: Piece;
  readonly rule: BillingRule | null;
  /** What the piece is, or was settled as. */
  readonly kind: LineKind;
}

function decidePieces(pieces: readonly Piece[], plan: TicketPlan, facts: PlanFacts): TicketPlan {
  const { ticket, customer } = plan;
  const { rules } = facts;
  const classified = pieces.map((piece): Classified => {
    const rule = ruleFor(rules.rules, ticket, piece, customer?.customerNumber ?? null, rules.timeZone);
    const kind = isRuleCertain(rules.rules, ticket, piece, customer?.customerNumber ?? null, rules.timeZone)
      ? kindOf(rule)
      : "billed";
    return { piece, rule, kind: piece.against?.kind ?? kind };
  });
  const settled = settledPieces(classified, customer?.customerId ?? null);
  const open = classified.filter((each) => kindWithoutDraft(each) === null);
  const question = questionBeforeBilling(plan, total(open.map(({ piece }) => piece)));
  const elsewhere = customer === null ? [] : linesOfOthers(plan);
  const questions = elsewhere.length === 0 ? [] : [ask.billedElsewhere(ticket, elsewhere)];
  const withSettled = { ...plan, settled, questions };
  if (open.length === 0) return withSettled;
  if (question !== null) return { ...withSettled, questions: [...questions, question] };
  const priced = customer === null ? [] : priceAll(open, plan, customer, facts);
  if (!Array.isArray(priced)) return { ...withSettled, questions: [...questions, priced] };
  return groupOrAsk(open, priced, withSettled, rules);
}

function kindOf(rule: BillingRule | null): LineKind {
  if (rule?.effect === "exclude") return "excluded";
  return rule?.effect === "goodwill" ? "goodwill" : "billed";
}

/** Time that came back after its lack was waived is settled as that was. */
function kindWithoutDraft({ kind, piece }: Classified): SettledPieces["kind"] | null {
  if (kind === "excluded" || kind === "included") return kind;
  return kind === "waived" && piece.units > 0 ? kind : null;
}

function settledPieces(classified: readonly Classified[], holder: CustomerId | null): readonly SettledPieces[] {
  const result = new Map<string, SettledPieces>();
  for (const each of classified) {
    const kind = kindWithoutDraft(each);
    if (kind === null) continue;
    const { piece, rule } = each;
    const name = piece.against === null ? (rule?.name ?? null) : piece.against.rule;
    const customerId = piece.against === null ? holder : piece.against.customerId;
    const key = JSON.stringify([customerId, kind, name]);
    result.set(key, { customerId, kind, rule: name, pieces: [...(result.get(key)?.pieces ?? []), piece] });
  }
  return [...result.values()];
}

function questionBeforeBilling({ ticket, customer, settings }: TicketPlan, units: HundredthUnits): InboxItem | null {
  if (ticket.closedBeforeStart && ticket.opening === null) return ask.closedBeforeStart(ticket, units);
  if (customer === null) return ask.unknownCustomer(ticket, units);
  const reason = ask.whyNotBillable(customer, settings);
  if (reason !== null) return ask.notBillable(ticket, customer, reason, units);
  return null;
}

/** Lines that stand under another customer than the ticket's, while nobody has said that they may. */
function linesOfOthers({ ticket, lines }: TicketPlan): readonly SettledLine[] {
  if (!ticket.billedElsewhere) return [];
  return lines.filter(
    ({ kind, customerId }) =>
      (kind === "billed" || kind === "goodwill" || kind === "included") && customerId !== ticket.customerId,
  );
}

function priceAll(
  open: readonly Classified[],
  plan: TicketPlan,
  customer: BillingCustomer,
  facts: PlanFacts,
): PricedPiece[] | InboxItem {
  const { ticket, settings, lines } = plan;
  const pricing: PricingFacts = {
    customer,
    settings,
    prices: facts.prices.get(customer.customerId) ?? { openOrders: [], customerPrices: new Map() },
    parts: facts.parts,
    lines,
  };
  const priced: PricedPiece[] = [];
  for (const { piece, rule, kind } of open) {
    if (piece.against !== null) {
      priced.push(...pricedAgainst(piece, piece.against, facts, settings));
      continue;
    }
    const quote = kind === "goodwill" ? goodwillQuote(rule, pricing) : quoteFor(rule, pricing);
    if (typeof quote === "string") {
      return ask.ruleNotUsable(ticket, quote, rule?.name ?? null, total(open.map((each) => each.piece)));
    }
    priced.push({
      piece,
      customerId: customer.customerId,
      kind: kind === "goodwill" ? "goodwill" : "billed",
      quote,
      charge: chargeRule(rule, settings),
      rules: rule === null ? [] : [rule.name],
    });
  }
  return priced;
}

/** A piece that is gone counts in the position that it was billed in; without one, nothing can make up for it. */
function pricedAgainst(
  piece: Piece,
  line: SettledLine,
  { rules, parts }: PlanFacts,
  settings: CustomerSettings,
): readonly PricedPiece[] {
  const part = line.partNumber === null ? undefined : parts.get(line.partNumber);
  const { customerId, unitPrice, discount, projectId, kind } = line;
  if (part === undefined || customerId === null || kind === "waived" || kind === "opening") return [];
  const quote: Quote = { part, unitPrice, discount, projectId, source: "first-line" };
  const free = kind === "goodwill" || (kind === "transfer" && new Big(unitPrice).eq(0));
  return [
    {
      piece,
      customerId,
      kind: free ? "goodwill" : "billed",
      quote,
      charge: lineCharge(line, rules.rules, settings),
      rules: [],
    },
  ];
}

/** Less than was settled is for people to decide: the whole ticket asks. */
function groupOrAsk(
  open: readonly Classified[],
  priced: readonly PricedPiece[],
  plan: TicketPlan,
  { rules }: BillingRules,
): TicketPlan {
  const groups = groupPieces(priced, plan.lines, (line) => lineCharge(line, rules, plan.settings));
  const inGroups = new Set(priced.map(({ piece }) => piece));
  const strays = open.map(({ piece }) => piece).filter((piece) => !inGroups.has(piece));
  const less = groups.filter(({ pieces }) => total(pieces) < 0);
  const missing = [...less.flatMap(({ pieces }) => pieces), ...strays];
  if (missing.length === 0) return { ...plan, groups };
  const all = total(open.map(({ piece }) => piece));
  const lines = [...strays.flatMap(({ against }) => against ?? []), ...less.flatMap(linesThatFallShort)];
  return { ...plan, questions: [...plan.questions, ask.negativeDifference(plan.ticket, missing, lines, all)] };
}

/** Lines to take back where a position has less than was settled: those of what is gone, and the latest as far as it takes. */
function linesThatFallShort({ pieces, history }: Group): readonly SettledLine[] {
  const found = new Map(pieces.flatMap(({ against }) => (against === null ? [] : [[against.lineId, against]])));
  let missing = 0 - total(pieces);
  for (const { workedUnits } of found.values()) missing -= workedUnits;
  for (const line of history.toReversed()) {
    if (missing <= 0) break;
    if (line.kind === "transfer" || found.has(line.lineId)) continue;
    found.set(line.lineId, line);
    missing -= line.workedUnits;
  }
  return [...found.values()];
}
