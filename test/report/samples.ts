import { parsePeriod } from "../../src/model/index.ts";
import type { Decimal } from "../../src/model/index.ts";
import type { ActivityEntry, ActivityLine, ActivityReport, ActivityTicket } from "../../src/report/index.ts";

export const decimal = (text: string): Decimal => text as Decimal;
export const day = (text: string): Temporal.PlainDate => Temporal.PlainDate.from(text);

export function entry(over: Partial<ActivityEntry> = {}): ActivityEntry {
  return {
    date: day("2026-10-05"),
    agent: "Eva Müller",
    subject: "Drucker neu eingerichtet",
    minutes: decimal("95.00"),
    settled: "billed",
    where: "RE-2026-0042",
    ...over,
  };
}

export function line(over: Partial<ActivityLine> = {}): ActivityLine {
  return {
    partNumber: "DL-100",
    description: "Ticket#2026100510000017 – Drucker druckt nicht",
    quantity: decimal("1.58333"),
    unit: "Std",
    unitPrice: decimal("95.00000"),
    netAmount: decimal("150.42"),
    discount: decimal("0"),
    kind: "billed",
    invoice: "RE-2026-0042",
    ...over,
  };
}

export function ticket(over: Partial<ActivityTicket> = {}): ActivityTicket {
  return {
    ticketNumber: "2026100510000017",
    title: "Drucker druckt nicht",
    queue: "Support::L2",
    service: "Arbeitsplatz",
    closedOn: day("2026-10-06"),
    entries: [entry()],
    lines: [line()],
    ...over,
  };
}

export function report(over: Partial<ActivityReport> = {}): ActivityReport {
  return {
    customer: { number: "10001", name: "Müller & Söhne GmbH" },
    period: parsePeriod("2026-10", day("2026-11-02")),
    language: "de",
    createdAt: Temporal.ZonedDateTime.from("2026-11-02T09:05:00+00:00[UTC]"),
    timeZone: "Europe/Berlin",
    currency: "EUR",
    tickets: [ticket()],
    furtherLines: [],
    contingent: null,
    ...over,
  };
}

/** Four tickets in which every column and every way to settle time occurs. */
export function richReport(over: Partial<ActivityReport> = {}): ActivityReport {
  return report({
    tickets: [
      ticket({
        entries: [
          entry(),
          entry({ date: day("2026-10-06"), agent: null, subject: null, minutes: decimal("-5.50") }),
          entry({
            minutes: decimal("30.00"),
            settled: "goodwill",
            subject: "Nachfrage zu Łódź, Київ und 100 € – 😀 🦄",
          }),
        ],
        lines: [line(), line({ kind: "goodwill", unitPrice: decimal("0"), netAmount: decimal("0.00"), invoice: null })],
      }),
      ticket({
        ticketNumber: "2026101210000025",
        title: `Sehr langer Titel ${"über den Umzug des Servers in das neue Rechenzentrum ".repeat(8)}`,
        service: null,
        closedOn: null,
        entries: [
          entry({ settled: "included", where: null, minutes: decimal("1200.00") }),
          entry({ settled: "excluded", where: null, minutes: decimal("10.00") }),
          entry({ settled: "waived", where: null, minutes: decimal("11.00") }),
          entry({ settled: "opening", where: null, minutes: decimal("12.00") }),
          entry({ settled: "transfer", where: null, minutes: decimal("6.00") }),
          entry({ settled: "transfer", where: null, minutes: decimal("-6.00") }),
        ],
        lines: [],
      }),
      ticket({
        ticketNumber: "2026101910000033",
        title: '<b>Nicht fett</b> & =HYPERLINK("x")',
        entries: [
          entry({ settled: "proposed", where: "Vorschlag", minutes: decimal("13.00") }),
          entry({ settled: "held", where: null, minutes: decimal("14.00") }),
          entry({ settled: "due", where: null, minutes: decimal("15.00"), subject: "x".repeat(300) }),
          entry({ settled: "inbox", where: null, minutes: decimal("16.00") }),
        ],
        lines: [
          line({
            discount: decimal("0.125"),
            unitPrice: decimal("1234.5"),
            netAmount: decimal("12345.67"),
            invoice: null,
          }),
        ],
      }),
    ],
    furtherLines: [
      line({ kind: "rounding", description: "Rundung", quantity: decimal("0.25"), netAmount: decimal("23.75") }),
    ],
    contingent: { includedMinutes: decimal("600.00"), usedMinutes: decimal("1200.00") },
    ...over,
  });
}
