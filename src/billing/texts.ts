import { Drop, Liquid, LiquidError } from "liquidjs";
import type { Template } from "liquidjs";
import { ConfigError, trimDecimal } from "../model/index.ts";
import type { Decimal } from "../model/index.ts";
import { standardTexts } from "./standard-texts.ts";

/** Templates (Liquid) of one language. */
export interface TextTemplate {
  /** Becomes one line of plain text. */
  readonly description: string;
  /** HTML; the values in it are escaped. */
  readonly longDescription: string;
}

export type TextLanguage = "de" | "en";
export type TextTemplates = Readonly<Record<TextLanguage, TextTemplate>>;

/** What a line is about, as templates name it. */
export interface LineFacts {
  readonly ticketNumber: string;
  readonly title: string;
  readonly queue: string;
  readonly service: string;
  readonly sla: string;
  readonly type: string;
  readonly state: string;
  readonly customerUser: string;
  readonly dynamicFields: Readonly<Record<string, string>>;
  readonly closedOn: Temporal.PlainDate;
  /** Worked time of this line, two decimals. */
  readonly minutes: Decimal;
  readonly goodwill: boolean;
  /** An addition to a line that was billed before. */
  readonly later: boolean;
  /** From an earlier period. */
  readonly late: boolean;
  readonly entries: readonly {
    readonly date: Temporal.PlainDate;
    readonly agent: string | null;
    readonly subject: string | null;
    readonly minutes: Decimal;
  }[];
}

export interface LineTexts {
  readonly description: string;
  readonly longDescription: string;
}

/** Texts of one line in the customer's language. */
export type WriteTexts = (facts: LineFacts, languageCode: string | null) => LineTexts;

/** Longest description; the form shows it in one field, and prints it in one column. */
const longestDescription = 300;
const longestTitle = 500;
const longestWord = 200;
/** More would not fit into a printed line either; `more` says how many were left out. */
const mostEntries = 100;
/** A template that loops for ever is stopped. */
const longestRenderingMs = 2000;

/** German unless the customer's language is English. */
export function languageOf(languageCode: string | null): TextLanguage {
  return languageCode !== null && /^en/i.test(languageCode) ? "en" : "de";
}

/**
 * Reads the templates; null where the standard text is to be used. Throws ConfigError, naming the setting, for a template
 * that is no Liquid or names something unknown.
 */
export function createTexts(own: Readonly<Record<TextLanguage, Partial<TextTemplate>>>): WriteTexts {
  const writers = { de: createWriter("de", own.de), en: createWriter("en", own.en) };
  return (facts, languageCode) => writers[languageOf(languageCode)](facts);
}

function createWriter(language: TextLanguage, own: Partial<TextTemplate>): (facts: LineFacts) => LineTexts {
  const plain = new Liquid({ strictVariables: true, strictFilters: true, renderLimit: longestRenderingMs });
  const html = new Liquid({
    strictVariables: true,
    strictFilters: true,
    renderLimit: longestRenderingMs,
    outputEscape: "escape",
  });
  const description = compile(plain, own, language, "description");
  const longDescription = compile(html, own, language, "longDescription");
  return (facts) => {
    const values = valuesOf(facts, language);
    return {
      description: shortened(oneLine(description(values)), longestDescription),
      longDescription: longDescription(values).trim(),
    };
  };
}

type Values = Readonly<Record<string, unknown>>;

function compile(
  liquid: Liquid,
  own: Partial<TextTemplate>,
  language: TextLanguage,
  name: keyof TextTemplate,
): (values: Values) => string {
  const setting = `billing.texts.${language}.${name}`;
  const template = explained(setting, () => liquid.parse(own[name] ?? standardTexts[language][name]));
  const render = (values: Values): string =>
    explained(setting, () => String(liquid.renderSync(template satisfies Template[], { ...values })));
  // Unknown names show when a text is made, so one is made now.
  render(valuesOf(sampleFacts, language));
  return render;
}

function explained<T>(setting: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (!LiquidError.is(error)) throw error;
    const [what = ""] = error.message.split("\n");
    throw new ConfigError(
      `The text ${setting} cannot be used: ${what}.`,
      `Known names: ${Object.keys(valuesOf(sampleFacts, "de")).join(", ")}; of each of entries: date, agent, subject, minutes, hours.`,
    );
  }
}

function valuesOf(facts: LineFacts, language: TextLanguage): Values {
  const { entries, closedOn, minutes, ...rest } = facts;
  return {
    ...rest,
    ticketNumber: oneLine(facts.ticketNumber),
    title: shortened(oneLine(facts.title), longestTitle),
    queue: shortened(oneLine(facts.queue), longestWord),
    service: shortened(oneLine(facts.service), longestWord),
    dynamicFields: new DynamicFields(facts.dynamicFields),
    closedOn: dateText(closedOn, language),
    minutes: numberText(minutes, language),
    hours: hoursText(minutes, language),
    entries: entries.slice(0, mostEntries).map((entry) => ({
      date: dateText(entry.date, language),
      agent: entry.agent === null ? "" : shortened(oneLine(entry.agent), longestWord),
      subject: entry.subject === null ? "" : shortened(oneLine(entry.subject), longestWord),
      minutes: numberText(entry.minutes, language),
      hours: hoursText(entry.minutes, language),
    })),
    more: Math.max(entries.length - mostEntries, 0),
  };
}

/** Which fields there are differs from ticket to ticket: one that is not set is empty, not an error. */
class DynamicFields extends Drop {
  readonly #values: Readonly<Record<string, string>>;
  constructor(values: Readonly<Record<string, string>>) {
    super();
    this.#values = values;
  }
  override liquidMethodMissing(name: string | number): string {
    return shortened(oneLine(this.#values[name] ?? ""), longestTitle);
  }
}

/** `95`, or `95,5` when minutes are not whole. */
function numberText(value: Decimal, language: TextLanguage): string {
  const text = trimDecimal(value);
  return language === "de" ? text.replace(".", ",") : text;
}

/** `1:35`. */
function hoursText(minutes: Decimal, language: TextLanguage): string {
  const sign = minutes.startsWith("-") ? "-" : "";
  const [whole = "0", part = ""] = trimDecimal(minutes).replace("-", "").split(".");
  const total = BigInt(whole);
  const rest = String(total % 60n).padStart(2, "0");
  return `${sign}${total / 60n}:${rest}${part === "" ? "" : `${language === "de" ? "," : "."}${part}`}`;
}

function dateText(day: Temporal.PlainDate, language: TextLanguage): string {
  if (language === "en") return day.toString();
  return [twoDigits(day.day), twoDigits(day.month), day.year].join(".");
}

function twoDigits(value: number): string {
  return String(value).padStart(2, "0");
}

function oneLine(text: string): string {
  return text
    .toWellFormed()
    .replace(/[\p{Cc}\s]+/gu, " ")
    .trim();
}

/** Never cuts a character (as people see it) in two. */
function shortened(text: string, longest: number): string {
  if (text.length <= longest) return text;
  let kept = "";
  for (const { segment } of new Intl.Segmenter("de", { granularity: "grapheme" }).segment(text)) {
    if (kept.length + segment.length > longest - 1) break;
    kept += segment;
  }
  return `${kept.trimEnd()}…`;
}

const sampleDay = new Temporal.PlainDate(2026, 10, 5);

const sampleFacts: LineFacts = {
  ticketNumber: "2026100510000017",
  title: "Drucker druckt nicht",
  queue: "Support",
  service: "",
  sla: "",
  type: "",
  state: "closed successful",
  customerUser: "",
  dynamicFields: {},
  closedOn: sampleDay,
  minutes: "95.00" as Decimal,
  goodwill: false,
  later: false,
  late: false,
  entries: [{ date: sampleDay, agent: null, subject: null, minutes: "95.00" as Decimal }],
};
