import { parse } from "csv-parse/sync";
import { expect, test } from "vitest";
import { activityCsv } from "../../src/report/index.ts";
import { decimal, entry, line, report, richReport, ticket } from "./samples.ts";

function rowsOf(csv: Buffer): Record<string, string>[] {
  return parse(csv, { delimiter: ";", bom: true, columns: true });
}

test("German: byte order mark, semicolons, CRLF, comma, days with points", () => {
  expect(activityCsv(report()).toString("utf8")).toBe(
    "\uFEFFZeile;Kundennummer;Kunde;Ticket;Titel;Queue;Service;Geschlossen am;Datum;Bearbeitung;Tätigkeit;Minuten;Stunden;" +
      "Abrechnung;Artikel;Bezeichnung;Menge;Einheit;Einzelpreis;Rabatt %;Netto;Währung;Art;Beleg\r\n" +
      "Zeit;10001;Müller & Söhne GmbH;Ticket#2026100510000017;Drucker druckt nicht;Support::L2;Arbeitsplatz;06.10.2026;" +
      "05.10.2026;Eva Müller;Drucker neu eingerichtet;95;1,58;abgerechnet;;;;;;;;;;RE-2026-0042\r\n" +
      "Position;10001;Müller & Söhne GmbH;Ticket#2026100510000017;Drucker druckt nicht;Support::L2;Arbeitsplatz;06.10.2026;" +
      ";;;;;;DL-100;Ticket#2026100510000017 – Drucker druckt nicht;1,58333;Std;95,00;0;150,42;EUR;Arbeitszeit;RE-2026-0042\r\n",
  );
});

test("English: point, ISO days, the same columns", () => {
  const [time, position] = rowsOf(activityCsv(report({ language: "en" })));
  expect(time).toMatchObject({
    Row: "Time",
    "Closed on": "2026-10-06",
    Date: "2026-10-05",
    Hours: "1.58",
    Billing: "billed",
  });
  expect(position).toMatchObject({ Row: "Line", Quantity: "1.58333", "Unit price": "95.00", Net: "150.42" });
});

test.each([
  ['=HYPERLINK("http://example.com")', '\'=HYPERLINK("http://example.com")'],
  ["+49 30 1234", "'+49 30 1234"],
  ["- Drucker", "'- Drucker"],
  ["@SUM(A1)", "'@SUM(A1)"],
  ["\t=1+1", "'=1+1"],
  [" \r\n=1+1", "'=1+1"],
  ["＝1+1", "'＝1+1"],
  ['a;b"c\r\nd', 'a;b"c d'],
  ["Ümläut € 😀 Łódź Київ <b>&", "Ümläut € 😀 Łódź Київ <b>&"],
  ["half \uD83D pair, bell \u0007", "half \uFFFD pair, bell"],
  ["2 - 1 = 1", "2 - 1 = 1"],
])("text %j is written as %j in every column of text", (text, written) => {
  const csv = activityCsv(
    report({
      customer: { number: text, name: text },
      tickets: [
        ticket({
          title: text,
          queue: text,
          service: text,
          entries: [entry({ agent: text, subject: text, where: text })],
          lines: [line({ partNumber: text, description: text, unit: text, invoice: text })],
        }),
      ],
    }),
  );
  const [time = {}, position = {}] = rowsOf(csv);
  for (const column of ["Kundennummer", "Kunde", "Titel", "Queue", "Service", "Bearbeitung", "Tätigkeit", "Beleg"]) {
    expect(time[column], column).toBe(written);
  }
  for (const column of ["Artikel", "Bezeichnung", "Einheit", "Beleg"]) expect(position[column], column).toBe(written);
});

test("negative numbers stay numbers", () => {
  const csv = activityCsv(
    report({
      tickets: [
        ticket({
          entries: [entry({ minutes: decimal("-5.50") })],
          lines: [line({ quantity: decimal("-0.09167"), netAmount: decimal("-1234.50") })],
        }),
      ],
    }),
  );
  const [time, position] = rowsOf(csv);
  expect(time).toMatchObject({ Minuten: "-5,5", Stunden: "-0,09" });
  expect(position).toMatchObject({ Menge: "-0,09167", Netto: "-1234,50" });
});

test("a row for every time and every line, all with the same columns", () => {
  const rows = rowsOf(activityCsv(richReport()));
  expect(rows.map((row) => row["Zeile"]).join(" ")).toBe(
    "Zeit Zeit Zeit Position Position Zeit Zeit Zeit Zeit Zeit Zeit Zeit Zeit Zeit Zeit Position Position",
  );
  expect(rows[5]).toMatchObject({ Service: "", "Geschlossen am": "" });
  expect(rows.at(-2)).toMatchObject({ "Rabatt %": "12,5", Ticket: "Ticket#2026101910000033" });
  expect(rows.at(-1)).toMatchObject({ Ticket: "", Titel: "", Art: "Rundung", Netto: "23,75" });
});

test("no tickets: the head alone", () => {
  expect(
    activityCsv(report({ tickets: [] }))
      .toString("utf8")
      .split("\r\n"),
  ).toHaveLength(2);
});
