import { Big } from "big.js";
import { round, trimDecimal } from "../../model/index.ts";
import type { Decimal } from "../../model/index.ts";
import type { BillingCustomer, BillingPart, CustomerPrices, PriceOffer, SettledLine } from "../ports.ts";
import type { BillingRule, CustomerSettings, PriceSource } from "../rules.ts";

/** A part whose unit is a unit of time. */
export type TimePart = BillingPart & { readonly minutesPerUnit: Decimal };

/** What a unit of a part costs, and where that is from. */
export interface Quote {
  readonly part: TimePart;
  /** Per the part's unit, before discount. */
  readonly unitPrice: Decimal;
  readonly discount: Decimal;
  readonly projectId: number | null;
  /** As in PlannedLine. */
  readonly source: string;
}

export interface PricingFacts {
  readonly customer: BillingCustomer;
  readonly settings: CustomerSettings;
  readonly prices: CustomerPrices;
  /** Usable parts of time by number. */
  readonly parts: ReadonlyMap<string, TimePart>;
  /** Lines of the ticket that stand, oldest first. */
  readonly lines: readonly SettledLine[];
}

/** Part and price of a piece of work; a sentence where there is none. */
export function quoteFor(rule: BillingRule | null, facts: PricingFacts): Quote | string {
  const first = facts.settings.laterDifference === "first-line" ? firstLine(rule, facts) : null;
  if (first !== null) return first;
  const part = partFor(rule, facts);
  if (typeof part === "string") return part;
  const offer = offerFor(rule, part, facts);
  if (typeof offer === "string") return offer;
  return {
    part,
    unitPrice: withSurcharge(offer.unitPrice, rule?.surcharge ?? ("1" as Decimal)),
    discount: offer.discount,
    projectId: offer.projectId,
    source: [offer.source, ...(offer.detail === null ? [] : [offer.detail])].join(" "),
  };
}

/** The same for goodwill: price 0. */
export function goodwillQuote(rule: BillingRule | null, facts: PricingFacts): Quote | string {
  const part = partFor(rule, facts);
  if (typeof part === "string") return part;
  return { part, unitPrice: "0" as Decimal, discount: "0" as Decimal, projectId: null, source: "rule" };
}

/** Names of the rules that a line was made by: it has several where they came to the same part and price. */
export function rulesOf(line: Pick<SettledLine, "rule">): readonly string[] {
  return line.rule === null ? [] : line.rule.split(ruleSeparator);
}
export const ruleSeparator = " + ";

/** A later difference costs what the ticket's first line of the same rule did; nothing is no price to go on with. */
function firstLine(rule: BillingRule | null, { lines, customer, parts }: PricingFacts): Quote | null {
  const first = lines.find(
    (line) =>
      line.kind === "billed" &&
      !line.edited &&
      !isFree(line) &&
      line.customerId === customer.customerId &&
      (rule === null ? line.rule === null : rulesOf(line).includes(rule.name)),
  );
  const part = first?.partNumber == null ? undefined : parts.get(first.partNumber);
  if (first === undefined || part === undefined) return null;
  const { unitPrice, discount, projectId } = first;
  return { part, unitPrice, discount, projectId, source: "first-line" };
}

/** The rule's part, that of an open order where prices come from orders first, or the configured one. */
function partFor(rule: BillingRule | null, { settings, prices, parts }: PricingFacts): TimePart | string {
  const fromOrder =
    rule?.unitPrice == null && !settings.ownPart && (rule?.priceFrom ?? settings.priceFrom)[0] === "open-order";
  const onOrders = prices.openOrders.map(({ partNumber }) => partNumber).filter((number) => parts.has(number));
  const ordered = onOrders.includes(settings.partNumber) ? settings.partNumber : onOrders[0];
  const number = rule?.partNumber ?? (fromOrder ? ordered : undefined) ?? settings.partNumber;
  return (
    parts.get(number) ??
    `The part "${number}" cannot be used: it is missing, invalid, not sold by time, or its price is for a multiple of its unit (price factor).`
  );
}

interface Offer extends Omit<PriceOffer, "source"> {
  readonly source: PriceSource | "rule";
}

function offerFor(rule: BillingRule | null, part: TimePart, facts: PricingFacts): Offer | string {
  if (rule?.unitPrice != null) return plainOffer("rule", rule.unitPrice);
  const sources = rule?.priceFrom ?? facts.settings.priceFrom;
  for (const source of sources) {
    const offer = offerFrom(source, part, facts);
    if (offer !== null) return offer;
  }
  return `None of the configured sources (${sources.join(", ")}) has a price for the part "${part.partNumber}".`;
}

function offerFrom(source: PriceSource, part: TimePart, { customer, prices }: PricingFacts): Offer | string | null {
  switch (source) {
    case "open-order": {
      const order = prices.openOrders.find(({ partNumber }) => partNumber === part.partNumber);
      if (order !== undefined) return isFree(order.offer) ? freeOrder(order) : order.offer;
      const unusable = prices.unusableOrders?.find(({ partNumber }) => partNumber === part.partNumber);
      if (unusable === undefined) return null;
      return `The line of order ${unusable.orderNumber} with the part "${part.partNumber}" ${unusable.reason}.`;
    }
    case "customer-price": {
      const price = prices.customerPrices.get(part.partNumber);
      return price === undefined ? null : plainOffer(source, price);
    }
    case "customer-hourly-rate":
      return customer.hourlyRate === null
        ? null
        : plainOffer(source, round(new Big(customer.hourlyRate).times(part.minutesPerUnit).div(60), 5));
    case "part":
      // As for the prices of a customer: in kivitendo 0 is none.
      return new Big(part.unitPrice).eq(0) ? null : plainOffer(source, part.unitPrice);
    default:
      return source satisfies never;
  }
}

function isFree({ unitPrice, discount }: Pick<PriceOffer, "unitPrice" | "discount">): boolean {
  return new Big(unitPrice).eq(0) || new Big(discount).gte(1);
}

/** Time for nothing may well be agreed: then a rule says so. */
function freeOrder({ orderNumber, partNumber }: CustomerPrices["openOrders"][number]): string {
  return `The line of order ${orderNumber} with the part "${partNumber}" comes to a price of 0, which only a rule can give (unitPrice: 0, or effect: goodwill).`;
}

function plainOffer(source: Offer["source"], unitPrice: Decimal): Offer {
  return { source, detail: null, unitPrice, discount: "0" as Decimal, projectId: null };
}

/** Rounded to cents, or to as many places as the price has. */
function withSurcharge(unitPrice: Decimal, factor: Decimal): Decimal {
  if (new Big(factor).eq(1)) return unitPrice;
  const places = trimDecimal(unitPrice).split(".")[1]?.length ?? 0;
  return round(new Big(unitPrice).times(factor), Math.max(places, 2));
}
