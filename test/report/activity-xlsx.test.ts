import { readXlsx } from "hucre/xlsx";
import { expect, test } from "vitest";
import { activityXlsx } from "../../src/report/index.ts";
import type { ActivityReport } from "../../src/report/index.ts";
import { decimal, entry, line, report, richReport, ticket } from "./samples.ts";

async function sheetsOf(given: ActivityReport) {
  const { sheets, properties } = await readXlsx(await activityXlsx(given), { readStyles: true });
  const [totals, entries, lines] = sheets;
  if (!totals || !entries || !lines) throw new Error("the workbook lacks a sheet");
  return { totals, entries, lines, properties };
}

test("times: real numbers and days, a frozen head with filters", async () => {
  const { entries } = await sheetsOf(report());
  expect(entries.name).toBe("Zeiten");
  expect(entries.rows).toEqual([
    "Ticket,Titel,Queue,Service,Geschlossen am,Datum,Bearbeitung,Tätigkeit,Minuten,Stunden,Abrechnung,Beleg".split(","),
    [
      "2026100510000017",
      "Drucker druckt nicht",
      "Support::L2",
      "Arbeitsplatz",
      new Date("2026-10-06T00:00:00Z"),
      new Date("2026-10-05T00:00:00Z"),
      "Eva Müller",
      "Drucker neu eingerichtet",
      95,
      1.58,
      "abgerechnet",
      "RE-2026-0042",
    ],
  ]);
  expect(entries.freezePane).toEqual({ rows: 1 });
  expect(entries.autoFilter?.range).toBe("A1:L2");
  expect(entries.columns?.map(({ width }) => width)).toEqual([20, 45, 20, 20, 16, 12, 22, 45, 11, 11, 20, 16]);
  expect(entries.cells?.get("1,5")?.style?.numFmt).toBe("dd.mm.yyyy");
  expect(entries.cells?.get("1,9")?.style?.numFmt).toBe("#,##0.00");
  expect(entries.cells?.get("0,0")?.style?.font?.bold).toBe(true);
});

test("lines: quantity, price and amount are numbers", async () => {
  const { lines } = await sheetsOf(report());
  expect(lines.rows[1]).toEqual([
    "2026100510000017",
    "Drucker druckt nicht",
    "DL-100",
    "Ticket#2026100510000017 – Drucker druckt nicht",
    1.58333,
    "Std",
    95,
    0,
    150.42,
    "EUR",
    "Arbeitszeit",
    "RE-2026-0042",
  ]);
  expect(lines.cells?.get("1,6")?.style?.numFmt).toBe("#,##0.00###");
  expect(lines.autoFilter?.range).toBe("A1:L2");
});

test("totals: head, time by what became of it, included time, net amount", async () => {
  const { totals, properties } = await sheetsOf(richReport({ language: "en" }));
  expect(totals.rows.map((row) => row.filter((value) => value !== null))).toEqual([
    ["Activity report"],
    ["Customer", "10001 Müller & Söhne GmbH"],
    ["Period", "2026-10-01 – 2026-10-31"],
    ["Created on", "2026-11-02, 10:05"],
    ["Time zone", "Europe/Berlin"],
    ["Tickets", 3],
    [],
    ["Billing", "Minutes", "Hours"],
    ["billed", 89.5, 1.49],
    ["goodwill", 30, 0.5],
    ["included", 1200, 20],
    ["not charged", 10, 0.17],
    ["waived", 11, 0.18],
    ["billed earlier", 12, 0.2],
    ["offset", 0, 0],
    ["proposed", 13, 0.22],
    ["on hold", 14, 0.23],
    ["open", 15, 0.25],
    ["to be clarified", 16, 0.27],
    ["Total", 1410.5, 23.51],
    [],
    ["Included time", "Minutes", "Hours"],
    ["Included", 600, 10],
    ["Used", 1200, 20],
    ["Left", -600, -10],
    [],
    ["Net amount of the lines", 12519.84, "EUR"],
  ]);
  expect(properties?.title).toBe("Activity report Müller & Söhne GmbH, 2026-10-01 – 2026-10-31");
});

test.each([
  ["=1+1", "=1+1"],
  ["Ümläut € 😀 Łódź Київ <b>&\"'", "Ümläut € 😀 Łódź Київ <b>&\"'"],
  ["bell \u0007, half \uD83D pair", "bell , half \uFFFD pair"],
  ["_x0041_", "_x0041_"],
  ["two\r\nlines", "two lines"],
  ["x".repeat(5000), "x".repeat(5000)],
])("text %j comes back as text %j", async (text, read) => {
  const { entries, lines } = await sheetsOf(
    report({
      tickets: [ticket({ title: text, entries: [entry({ subject: text })], lines: [line({ description: text })] })],
    }),
  );
  expect(entries.rows[1]?.[1]).toBe(read);
  expect(entries.rows[1]?.[7]).toBe(read);
  expect(lines.rows[1]?.[3]).toBe(read);
  expect(entries.cells?.get("1,1")?.formula).toBeUndefined();
});

test("no tickets: heads alone, and totals of zero", async () => {
  const { totals, entries, lines } = await sheetsOf(report({ tickets: [] }));
  expect([entries.rows.length, lines.rows.length]).toEqual([1, 1]);
  expect(entries.autoFilter?.range).toBe("A1:L1");
  expect(totals.rows.at(-1)?.slice(0, 2)).toEqual(["Nettobetrag der Positionen", 0]);
});

test("the same report gives the same bytes, another moment others", async () => {
  const first = await activityXlsx(report());
  expect(await activityXlsx(report())).toEqual(first);
  const later = report({ createdAt: report().createdAt.add({ hours: 1 }) });
  expect((await activityXlsx(later)).equals(first)).toBe(false);
});

test("300 tickets", async () => {
  const tickets = Array.from({ length: 300 }, (_, index) =>
    ticket({ entries: [entry({ minutes: decimal(String(index)) }), entry({ minutes: decimal("0.5") })] }),
  );
  const { entries } = await sheetsOf(report({ tickets }));
  expect(entries.rows).toHaveLength(601);
  expect(entries.rows.slice(1).reduce((sum, row) => sum + Number(row[8]), 0)).toBe((299 * 300) / 2 + 150);
});
