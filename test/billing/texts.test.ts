import { describe, expect, it } from "vitest";
import { createTexts, languageOf } from "../../src/billing/texts.ts";
import type { LineFacts } from "../../src/billing/texts.ts";
import { ConfigError } from "../../src/model/index.ts";
import type { Decimal } from "../../src/model/index.ts";

const day = Temporal.PlainDate.from("2026-10-05");
const facts: LineFacts = {
  ticketNumber: "281653",
  title: "Beamer",
  queue: "Support",
  service: "",
  sla: "",
  type: "Incident",
  state: "closed successful",
  customerUser: "eva@example.org",
  dynamicFields: { Contract: "Gold & Silber" },
  closedOn: day,
  minutes: "20.00" as Decimal,
  goodwill: false,
  later: false,
  late: false,
  entries: [{ date: day, agent: "Jo Doe", subject: "Note <intern>", minutes: "20.00" as Decimal }],
};
const standard = createTexts({ de: {}, en: {} });

describe("the standard text", () => {
  it.each<[string, Partial<LineFacts>, string | null, string]>([
    [
      "in German",
      {},
      null,
      "<p>Ticket: 281653<br />Beamer<br />Erfasste Zeit: 20 min<br />Geschlossen am 05.10.2026</p>",
    ],
    [
      "in English",
      { minutes: "20.50" as Decimal },
      "en_GB",
      "<p>Ticket: 281653<br />Beamer<br />Accounted time: 20.5 min<br />Closed on 2026-10-05</p>",
    ],
    [
      "with decimals, free of charge",
      { minutes: "20.50" as Decimal, goodwill: true },
      "de",
      "<p>Ticket: 281653<br />Beamer<br />Erfasste Zeit: 20,5 min<br />Geschlossen am 05.10.2026<br />Kulanz, ohne Berechnung</p>",
    ],
    [
      "of a late addition",
      { later: true, late: true },
      "fr",
      "<p>Ticket: 281653<br />Beamer<br />Erfasste Zeit: 20 min<br />Geschlossen am 05.10.2026<br />Nachtrag zu einem bereits abgerechneten Ticket<br />Nachgereicht aus einem früheren Zeitraum</p>",
    ],
    [
      "with markup in the title",
      { title: '<b>"A" & B</b>\n' },
      null,
      "<p>Ticket: 281653<br />&lt;b&gt;&#34;A&#34; &amp; B&lt;/b&gt;<br />Erfasste Zeit: 20 min<br />Geschlossen am 05.10.2026</p>",
    ],
    [
      "with several entries",
      {
        entries: [
          ...facts.entries,
          { date: day.add({ days: 1 }), agent: null, subject: null, minutes: "-5" as Decimal },
        ],
      },
      null,
      "<p>Ticket: 281653<br />Beamer<br />Erfasste Zeit: 20 min<br />Geschlossen am 05.10.2026</p><ul><li>05.10.2026: 20 min</li><li>06.10.2026: -5 min</li></ul>",
    ],
  ])("%s", (_name, change, language, expected) => {
    expect(standard({ ...facts, ...change }, language).longDescription).toBe(expected);
  });

  it("keeps the description plain, on one line and short, without cutting a character", () => {
    const title = `A <b> & "B"\n\u0000${"👩‍👩‍👧".repeat(100)}`;
    const { description } = standard({ ...facts, title }, null);
    expect(description.startsWith('Ticket#281653 – A <b> & "B" 👩‍👩‍👧')).toBe(true);
    expect(description.length).toBeLessThanOrEqual(300);
    expect(description.endsWith("👩‍👩‍👧…")).toBe(true);
  });

  it("names a hundred entries and counts the others", () => {
    const [entry] = facts.entries;
    const entries = Array.from({ length: 250 }, () => entry).filter((each) => each !== undefined);
    const { longDescription } = standard({ ...facts, entries }, null);
    expect(longDescription.split("<li>")).toHaveLength(102);
    expect(longDescription).toContain("<li>und 150 weitere</li>");
  });
});

describe("a text of one's own", () => {
  it("may name everything that is known", () => {
    const write = createTexts({
      de: {
        description: "{{ ticketNumber }} {{ hours }} {{ dynamicFields.Contract }} {{ dynamicFields.Unset }}",
        longDescription:
          "{% for entry in entries %}<p>{{ entry.date }} {{ entry.agent }}: {{ entry.subject }} ({{ entry.hours }})</p>{% endfor %}{{ dynamicFields.Contract }}",
      },
      en: {},
    });
    expect(write({ ...facts, minutes: "95.50" as Decimal }, null)).toEqual({
      description: "281653 1:35,5 Gold & Silber",
      longDescription: "<p>05.10.2026 Jo Doe: Note &lt;intern&gt; (0:20)</p>Gold &amp; Silber",
    });
  });

  it.each([
    ["an unknown name", { description: "{{ tiketNumber }}" }, /billing\.texts\.de\.description.*tiketNumber/],
    ["an open tag", { longDescription: "{% if late %}<p>" }, /billing\.texts\.de\.longDescription.*not closed/],
    ["an unknown filter", { description: "{{ title | shout }}" }, /billing\.texts\.de\.description.*shout/],
  ])("with %s is refused, naming the setting", (_name, de, message) => {
    expect(() => createTexts({ de, en: {} })).toThrow(ConfigError);
    expect(() => createTexts({ de, en: {} })).toThrow(message);
  });
});

it.each([
  [null, "de"],
  ["en", "en"],
  ["EN_us", "en"],
  ["de", "de"],
])("the language %s is written in %s", (code, language) => {
  expect(languageOf(code)).toBe(language);
});
