import { z } from "zod";
import type { ExplainedTicket } from "../bridge/index.ts";
import { minutesOf } from "../model/index.ts";
import type { HundredthUnits } from "../model/index.ts";
import { LineKind, Question, questionJson, Status, Target } from "./json-billing-desk.ts";

/** What `explain ticket --json` prints; see json.ts. */

const decimal = z.string().regex(/^-?\d+(\.\d+)?$/);
const Moment = z.string().meta({ description: "ISO 8601 in UTC." });
const Day = z.string().regex(/^\d{4}-\d{2}-\d{2}$/);

const Entry = z.strictObject({
  kind: z.enum(["article", "row", "rest"]).meta({
    description: "Time of an article, of a booking without one, or what a ticket has beyond its articles.",
  }),
  sourceId: z.number().int(),
  createdAt: Moment,
  seenMinutes: decimal,
  settledMinutes: decimal,
  openMinutes: decimal,
  bookings: z.array(
    z.strictObject({ at: Moment, minutes: decimal, agent: z.string().nullable(), subject: z.string().nullable() }),
  ),
  settled: z.array(
    z.strictObject({ lineId: z.number().int(), minutes: decimal, date: Day.nullable(), agent: z.string().nullable() }),
  ),
});

const Line = z.strictObject({
  lineId: z.number().int(),
  kind: LineKind,
  madeAt: Moment,
  minutes: decimal,
  partNumber: z.string().nullable(),
  quantity: decimal,
  unit: z.string().nullable(),
  unitPrice: decimal,
  discount: decimal,
  netAmount: decimal,
  rule: z.string().nullable(),
  priceSource: z.string().nullable(),
  late: z.boolean(),
  takesBack: z.number().int().nullable().meta({ description: "The line that this one takes back." }),
  takenBackBy: z.number().int().nullable(),
  decidedBy: z.string().nullable(),
  decidedWhy: z.string().nullable(),
  draft: z
    .strictObject({
      draftId: z.number().int(),
      target: Target,
      status: Status,
      period: z.string(),
      customerNumber: z.string(),
      kivitendoId: z.string().nullable(),
      kivitendoNumber: z.string().nullable(),
      invoiceNumber: z.string().nullable(),
    })
    .nullable(),
});

const NextLine = z.strictObject({
  customerNumber: z.string().nullable(),
  kind: LineKind,
  minutes: decimal,
  partNumber: z.string().nullable(),
  quantity: decimal.nullable(),
  unit: z.string().nullable(),
  unitPrice: decimal.nullable(),
  netAmount: decimal.nullable(),
  rule: z.string().nullable(),
  priceSource: z.string().nullable(),
});

export const ExplainTicketOutput = z.strictObject({
  ticketNumber: z.string(),
  tickets: z
    .array(
      z.strictObject({
        ticketId: z.number().int().meta({ description: "Negative: set aside, because the helpdesk was restored." }),
        title: z.string(),
        queue: z.string(),
        state: z.string(),
        companyKey: z.string().nullable(),
        kivitendoCustomerId: z.number().int().nullable(),
        closedAt: Moment.nullable(),
        closedBeforeStart: z.boolean(),
        opening: z.enum(["booked", "bill"]).nullable(),
        held: z.boolean(),
        billedElsewhere: z.boolean(),
        entries: z.array(Entry),
        lines: z.array(Line),
        decisions: z.array(
          z.strictObject({
            reason: z.string().nullable(),
            choice: z.string(),
            by: z.string(),
            why: z.string(),
            at: Moment,
          }),
        ),
        questions: z.array(z.strictObject({ id: z.string(), reason: z.string(), text: z.string(), hint: z.string() })),
      }),
    )
    .meta({ description: "As last seen; empty when no run has read the ticket." }),
  next: z
    .strictObject({
      lines: z.array(NextLine),
      waiting: z.array(z.strictObject({ minutes: decimal, why: z.string() })),
      questions: z.array(Question),
    })
    .nullable()
    .meta({ description: "What the next run would do; null when that could not be found out." }),
  unplanned: z.strictObject({ message: z.string(), hint: z.string() }).nullable(),
});

export function explainTicketJson(explained: ExplainedTicket): z.infer<typeof ExplainTicketOutput> {
  const { ticketNumber, stories, minutesPerUnit, unplanned } = explained;
  const minutes = (units: HundredthUnits): string => minutesOf(units, minutesPerUnit);
  return ExplainTicketOutput.parse({
    ticketNumber,
    tickets: stories.map(({ ticket, entries, lines, decisions, questions }) => {
      const { ticketNumber: _number, service: _service, firstClosedAt: _first, customerId, closedAt, ...same } = ticket;
      return {
        ...same,
        kivitendoCustomerId: customerId,
        closedAt: closedAt?.toString() ?? null,
        entries: entries.map(({ kind, sourceId, createdAt, seenUnits, settledUnits, rows, ledger }) => ({
          kind,
          sourceId,
          createdAt: createdAt.toString(),
          seenMinutes: minutes(seenUnits),
          settledMinutes: minutes(settledUnits),
          openMinutes: minutes((seenUnits - settledUnits) as HundredthUnits),
          bookings: rows.map(({ bookedAt, units, agentName, agentLogin, subject }) => ({
            at: bookedAt.toString(),
            minutes: minutes(units),
            agent: agentName ?? agentLogin,
            subject,
          })),
          settled: ledger.map(({ lineId, units, workedOn, agent }) => ({
            lineId,
            minutes: minutes(units),
            date: workedOn?.toString() ?? null,
            agent,
          })),
        })),
        lines: lines.map(
          ({ madeAt, workedUnits, reverses, reversedBy, customerId: _customer, description: _text, ...line }) => ({
            ...line,
            madeAt: madeAt.toString(),
            minutes: minutes(workedUnits),
            takesBack: reverses,
            takenBackBy: reversedBy,
          }),
        ),
        decisions: decisions.map((decision) => ({ ...decision, at: decision.at.toString() })),
        questions,
      };
    }),
    next: nextJson(explained),
    unplanned,
  });
}

/** The part of the plan that is about the ticket: drafts may carry a line that rounds them as a whole. */
function nextJson({ next, ticketNumber }: ExplainedTicket): unknown {
  if (next === null) return null;
  const own = <T extends { readonly ticketNumber: string | null }>(each: T): boolean =>
    each.ticketNumber === ticketNumber;
  return {
    lines: [
      ...next.drafts.flatMap(({ customerNumber, lines }) =>
        lines
          .filter(own)
          .map(({ kind, minutes, partNumber, quantity, unit, unitPrice, netAmount, rule, priceSource }) => ({
            customerNumber,
            kind,
            minutes,
            partNumber,
            quantity,
            unit,
            unitPrice,
            netAmount,
            rule,
            priceSource,
          })),
      ),
      ...next.settled.filter(own).map(({ customerNumber, kind, minutes, rule }) => ({
        customerNumber,
        kind,
        minutes,
        rule,
        partNumber: null,
        quantity: null,
        unit: null,
        unitPrice: null,
        netAmount: null,
        priceSource: null,
      })),
    ],
    waiting: next.waiting.filter(own).map(({ minutes, why }) => ({ minutes, why })),
    questions: next.questions.map(questionJson),
  };
}
