import type { Collect } from "./collect.ts";
import type { Play } from "./play.ts";

/** What stands after a run. */
export interface Expectation {
  /** All minutes that were ever billed to a customer of the case, as a sum by hand; who is missing has none. */
  readonly billed: Readonly<Record<string, string>>;
  /** Open questions, each as its reason and the ticket (or `draft`); default none. */
  readonly asks?: readonly string[];
  /** Where it matters: `T 30 Ada 20 days ago`, what was billed for whose work of which day. */
  readonly work?: readonly string[];
}

/** What people do, then one run. */
export interface Stage extends Expectation {
  /** As the document says it. Tickets are T, U, V, customers A, B; numbers are minutes. */
  readonly when: string;
  readonly act: (play: Play) => Promise<void>;
  /** What is different where the stock operations are asked. */
  readonly stock?: Partial<Expectation>;
  /** From this stage on, by customer: `billing.customers` of the configuration, with what ends so many days ago as period. */
  readonly settings?: Readonly<Record<string, { readonly until: number; readonly dateBy?: "closing" | "booking" }>>;
}

/** One history of tickets, a block of rows in docs/billing-cases.md. */
export interface BillingCase {
  /** Names the test. */
  readonly id: string;
  readonly stages: readonly Stage[];
  /** Letters of the customers that there are; default A. */
  readonly customers?: readonly string[];
  /** Only this way of reading comes to it. */
  readonly only?: Collect;
  /** How people do it where the screens of Znuny 6.5 have nothing for it: through its Perl API, or past it. */
  readonly through?: "api" | "sql";
}

/** Cases under one heading. */
export interface BillingCaseGroup {
  readonly title: string;
  readonly cases: readonly BillingCase[];
}

/** What is expected of a stage where time is read in this way. */
export function expectedOf(
  stage: Stage,
  collect: Collect,
): Required<Pick<Expectation, "billed" | "asks">> & Expectation {
  const { billed, asks = [], work } = { ...stage, ...(collect === "stock" ? stage.stock : {}) };
  return { billed, asks, ...(work === undefined ? {} : { work }) };
}

/** Hundredths of a minute that a sum by hand, such as `30 - 10 + 12.5`, comes to. */
export function hundredthsOf(sum: string): number {
  const terms = sum.split(/ (?=[+-])/).map((term) => /^([+-]? ?)(\d+)(?:\.(\d{1,2}))?$/.exec(term));
  return terms.reduce((total, term) => {
    if (term === null) throw new Error(`"${sum}" is no sum`);
    const [, sign = "", whole = "0", decimals = ""] = term;
    const hundredths = Number(whole) * 100 + Number(decimals.padEnd(2, "0"));
    return sign.startsWith("-") ? total - hundredths : total + hundredths;
  }, 0);
}
