import { extractText, getDocumentProxy, getMeta } from "unpdf";
import { expect, test } from "vitest";
import { activityPdf } from "../../src/report/index.ts";
import type { ActivityReport } from "../../src/report/index.ts";
import { decimal, entry, line, report, richReport, ticket } from "./samples.ts";

/** The text of each page, with every run of white space as one space. */
async function pagesOf(given: ActivityReport): Promise<readonly string[]> {
  const document = await getDocumentProxy(new Uint8Array(await activityPdf(given)));
  const { text } = await extractText(document, { mergePages: false });
  return text.map((page) => page.replace(/\s+/g, " "));
}

test("German: head, ticket, its times and lines, sums, page number", async () => {
  const pages = await pagesOf(report());
  expect(pages).toHaveLength(1);
  for (const part of [
    "Tätigkeitsnachweis Kunde Müller & Söhne GmbH Kundennummer 10001 Zeitraum 01.10.2026 – 31.10.2026",
    "Ticket#2026100510000017 – Drucker druckt nicht 95 min",
    "Queue: Support::L2 · Service: Arbeitsplatz · Geschlossen am 06.10.2026",
    "Datum Bearbeitung Tätigkeit Minuten Abrechnung",
    "05.10.2026 Eva Müller Drucker neu eingerichtet 95 abgerechnet, RE-2026-0042",
    "Artikel Bezeichnung Menge Einheit Einzelpreis Netto EUR Rechnung",
    "1,58333 Std 95,00 150,42 RE-2026-0042",
    "Zusammenfassung Abrechnung Minuten Stunden abgerechnet 95 1,58 Gesamt 95 1,58",
    "Nettobetrag der Positionen 150,42 EUR",
    "Erstellt am 02.11.2026, 10:05 (Europe/Berlin) Seite 1 von 1",
  ]) {
    expect(pages[0]).toContain(part);
  }
  expect(pages[0]).not.toContain("Kontingent");
});

test("English, with everything that can become of time, and included time", async () => {
  const text = (await pagesOf(richReport({ language: "en" }))).join(" ");
  for (const part of [
    "Activity report Customer Müller & Söhne GmbH",
    "2026-10-06 -5.5 billed, RE-2026-0042",
    "Not closed yet",
    "1,234.50 12,345.67",
    "(Goodwill)",
    "(12.5% discount)",
    "Further lines Part Description",
    "Rundung 0.25 Std 95.00 23.75 RE-2026-0042",
    "billed 89.5 1.49 goodwill 30 0.50 included 1,200 20.00 not charged 10 0.17 waived 11 0.18 billed earlier 12 0.20 offset 0 0.00",
    "proposed 13 0.22 on hold 14 0.23 open 15 0.25 to be clarified 16 0.27 Total 1,410.5 23.51",
    "Included time Minutes Hours Included 600 10.00 Used 1,200 20.00 Left -600 -10.00",
    "Net amount of the lines 12,519.84 EUR",
    "Page 2 of 2",
  ]) {
    expect(text).toContain(part);
  }
});

test.each([
  ["Ümläute ß, 100 € – „Zitat“", "Ümläute ß, 100 € – „Zitat“"],
  ["Łódź, Київ, Αθήνα, İzmir", "Łódź, Київ, Αθήνα, İzmir"],
  ["<b>&amp;</b> \\(x\\) %PDF", "<b>&amp;</b> \\(x\\) %PDF"],
  ["smile 😀, unicorn 🦄, 日本", "smile 😀, unicorn □, □□"],
  ["family 👩‍💻 done", "family □ done"],
  ["thumb 👍🏽, smile 😀🏽, flag 🇩🇪", "thumb □, smile 😀, flag □"],
  ["a\u0308 decomposed", "ä decomposed"],
  ["half \uD83D pair\u0000\u0007 end", "half \uFFFD pair end"],
  ["two\r\nlines\u2028and\tmore", "two lines and more"],
])("subject %j is readable as %j", async (subject, read) => {
  const [page] = await pagesOf(report({ tickets: [ticket({ entries: [entry({ subject })] })] }));
  expect(page).toContain(`Eva Müller ${read} 95`);
});

test("long text is cut with an ellipsis and never splits a character", async () => {
  const [page = "", ...more] = await pagesOf(
    report({
      customer: { number: "10001", name: "Gesellschaft für Datenverarbeitung ".repeat(20) },
      tickets: [
        ticket({
          title: "😀".repeat(2000),
          queue: "Raw::".repeat(100),
          entries: [entry({ subject: "Sehr lang ".repeat(500), agent: "x".repeat(500) })],
          lines: [line({ description: "y".repeat(3000), partNumber: "P".repeat(200) })],
        }),
      ],
    }),
  );
  expect(more).toHaveLength(0);
  expect(page.match(/…/g)?.length).toBeGreaterThanOrEqual(6);
  expect(page).not.toContain("\uFFFD");
  expect(page).toContain("Nettobetrag der Positionen");
});

test("300 tickets: every one is there once, with its first row on the page of its head, and pages are numbered", async () => {
  const tickets = Array.from({ length: 300 }, (_, index) =>
    ticket({
      ticketNumber: String(2026100510000000 + index),
      title: `Fall ${"lang ".repeat(index % 40)}`,
      entries: Array.from({ length: index % 9 }, (__, row) =>
        entry({ subject: `Eintrag ${index}/${row} ${"weiter ".repeat((index * row) % 23)}`, minutes: decimal("1") }),
      ),
      lines: Array.from({ length: index % 3 }, (__, row) => line({ description: `Position ${index}/${row}` })),
    }),
  );
  const pages = await pagesOf(report({ tickets }));
  expect(pages.length).toBeGreaterThan(50);
  for (const [index, page] of pages.entries()) expect(page).toContain(`Seite ${index + 1} von ${pages.length}`);
  for (const [index, each] of tickets.entries()) {
    const [page = "", ...others] = pages.filter((text) => text.includes(`Ticket#${each.ticketNumber} – Fall`));
    expect(others).toEqual([]);
    const [firstEntry] = each.entries;
    const first = firstEntry
      ? `Eintrag ${index}/0 `
      : each.lines.length > 0
        ? `Position ${index}/0 `
        : each.ticketNumber;
    expect(page).toContain(first);
  }
  const whole = pages.join(" ");
  for (const [index, each] of tickets.entries()) {
    for (const row of each.entries.keys()) expect(whole.split(`Eintrag ${index}/${row} `)).toHaveLength(2);
  }
  expect(pages.at(-1)).toContain("Zusammenfassung");
});

test("a ticket over several pages names itself on each of them and repeats the head of its table", async () => {
  const entries = Array.from({ length: 120 }, (_, index) => entry({ subject: `Eintrag ${index}.` }));
  const pages = await pagesOf(report({ tickets: [ticket({ entries })] }));
  expect(pages.length).toBeGreaterThan(2);
  for (const page of pages.slice(1)) {
    expect(page).toContain("Tätigkeitsnachweis: 10001 Müller & Söhne GmbH, 01.10.2026 – 31.10.2026");
    expect(page).toContain("Ticket#2026100510000017 (Fortsetzung)");
  }
  expect(pages[1]).toContain("Datum Bearbeitung Tätigkeit Minuten Abrechnung");
});

test("no tickets: it says so", async () => {
  const [page] = await pagesOf(report({ tickets: [] }));
  expect(page).toContain("In diesem Zeitraum wurde keine Zeit erfasst.");
  expect(page).toContain("Gesamt 0 0,00");
});

test("the same report gives the same bytes, with its own moment as the date of creation", async () => {
  const first = await activityPdf(richReport());
  expect((await activityPdf(richReport())).equals(first)).toBe(true);
  const { info } = await getMeta(await getDocumentProxy(new Uint8Array(first)));
  expect(info).toMatchObject({
    Title: "Tätigkeitsnachweis 10001 Müller & Söhne GmbH, 01.10.2026 – 31.10.2026",
    CreationDate: "D:20261102090500Z",
    ModDate: "D:20261102090500Z",
  });
});
