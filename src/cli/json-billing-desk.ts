import { z } from "zod";
import type { BookingSinceStart, Followed, Opening, OpeningTicket, Released } from "../bridge/index.ts";
import type { BillingCustomer, InboxItem, StoredDraft } from "../billing/ports.ts";
import { minutesOf } from "../model/index.ts";
import type { HundredthUnits, MinutesPerUnit } from "../model/index.ts";

/** What `--json` prints for what people do with billing besides running it; see json.ts. */

const count = z.number().int().nonnegative();
const decimal = z.string().regex(/^-?\d+(\.\d+)?$/);
const Moment = z.string().meta({ description: "ISO 8601 in UTC." });
const Day = z.string().regex(/^\d{4}-\d{2}-\d{2}$/);

export const Target = z.enum(["invoice-draft", "sales-order", "recurring-order"]);
export const LineKind = z.enum([
  "billed",
  "goodwill",
  "rounding",
  "included",
  "excluded",
  "waived",
  "opening",
  "transfer",
]);
export const Status = z.enum(["proposed", "waiting", "changed", "posted", "gone", "superseded", "dropped"]);

export const Question = z.strictObject({
  reason: z.string(),
  subject: z.string(),
  text: z.string(),
  hint: z.string(),
  choices: z.array(z.string()).meta({ description: "What may be decided; empty when the cause has to be mended." }),
});

const Edit = z.strictObject({
  change: z.record(z.string(), z.strictObject({ from: z.string(), to: z.string() })),
  by: z.string(),
  why: z.string(),
  at: Moment,
});

const StoredLine = z.strictObject({
  lineId: z.number().int().meta({ description: "What `billing edit` takes." }),
  position: z.number().int(),
  kind: LineKind,
  ticketNumber: z.string().nullable().meta({ description: "null for the rounding of a whole draft." }),
  partNumber: z.string().nullable(),
  description: z.string(),
  minutes: decimal.meta({ description: "Worked time." }),
  quantity: decimal,
  unit: z.string().nullable(),
  unitPrice: decimal,
  discount: decimal.meta({ description: "A fraction: 0.1 is 10 %." }),
  netAmount: decimal,
  rule: z.string().nullable(),
  priceSource: z.string().nullable(),
  late: z.boolean(),
  takenOut: z.boolean().meta({ description: "Taken back in the ledger: it no longer counts." }),
  edits: z.array(Edit),
});

const Draft = z.strictObject({
  draftId: z.number().int().meta({ description: "What `billing release` and `billing redo` take." }),
  target: Target,
  status: Status,
  customerNumber: z.string(),
  period: z.string(),
  netAmount: decimal,
  kivitendoId: z.string().nullable().meta({ description: "drafts.id, or row id of the order; null for a proposal." }),
  kivitendoNumber: z.string().nullable().meta({ description: "Number of the order; null for drafts." }),
  invoiceNumber: z.string().nullable(),
  createdAt: Moment,
  lines: z.array(StoredLine),
});

export const Change = z.strictObject({
  draftId: z.number().int(),
  customerNumber: z.string(),
  period: z.string(),
  status: Status,
  invoiceNumber: z.string().nullable(),
});

export const Untold = z.strictObject({
  ticketId: z.number().int(),
  ticketNumber: z.string(),
  why: z.string().meta({ description: "Why the ticket's dynamic field does not have the number; it is tried again." }),
});

const Booking = z.strictObject({
  date: Day,
  minutes: decimal,
  agent: z.string().nullable(),
  subject: z.string().nullable(),
});

export const billingDeskOutputs = {
  "billing drafts": z.strictObject({ drafts: z.array(Draft) }),
  "billing follow": z.strictObject({
    changes: z.array(Change),
    questions: z.array(Question),
    untold: z.array(Untold),
    inbox: z.strictObject({ added: count, open: count }),
  }),
  "billing release": z.strictObject({
    released: z.array(Draft),
    refused: z.array(z.strictObject({ draftId: z.number().int(), reason: z.string(), hint: z.string() })),
  }),
  "billing hold": z.strictObject({ ticketNumbers: z.array(z.string()), held: z.boolean() }),
  "billing opening": z.strictObject({
    startDate: Day,
    booked: z.boolean().meta({ description: "True after --confirm." }),
    token: z.string().meta({ description: "Confirms this very list: --confirm <token>." }),
    customers: z.array(
      z.strictObject({
        customerNumber: z.string().nullable().meta({ description: "null: the tickets' customer is not known." }),
        name: z.string().nullable(),
        tickets: count,
        minutes: decimal,
        minutesSinceStart: decimal.meta({ description: "Booked on or after startDate; counts as billed, too." }),
      }),
    ),
    tickets: z.array(
      z.strictObject({
        ticketNumber: z.string(),
        title: z.string(),
        state: z.string(),
        customerNumber: z.string().nullable(),
        closedAt: Moment.nullable(),
        minutes: decimal.meta({ description: "What is not settled yet." }),
        sinceStart: z.array(Booking),
      }),
    ),
    unreadable: z.array(z.number().int()).meta({ description: "Ids of tickets that are not in this list therefore." }),
  }),
};

type Output<Name extends keyof typeof billingDeskOutputs> = z.infer<(typeof billingDeskOutputs)[Name]>;

export function draftsJson(drafts: readonly StoredDraft[], unit: MinutesPerUnit): Output<"billing drafts"> {
  return billingDeskOutputs["billing drafts"].parse({ drafts: drafts.map((draft) => draftJson(draft, unit)) });
}

function draftJson(draft: StoredDraft, unit: MinutesPerUnit): z.infer<typeof Draft> {
  const { customerId: _id, formMd5: _md5, invoiceId: _invoice, createdAt, lines, ...rest } = draft;
  return {
    ...rest,
    createdAt: createdAt.toString(),
    lines: lines.map((line) => {
      const { ticketId: _ticket, kivitendoRow: _row, workedUnits, reversed, edits, ...same } = line;
      return {
        ...same,
        minutes: minutesOf(workedUnits, unit),
        takenOut: reversed,
        edits: edits.map((edit) => ({ ...edit, at: edit.at.toString() })),
      };
    }),
  };
}

export function releasedJson({ released, refused }: Released, unit: MinutesPerUnit): Output<"billing release"> {
  return billingDeskOutputs["billing release"].parse({
    released: released.map((draft) => draftJson(draft, unit)),
    refused: refused.map(({ draft, reason, hint }) => ({ draftId: draft.draftId, reason, hint })),
  });
}

export function heldJson(ticketNumbers: readonly string[], held: boolean): Output<"billing hold"> {
  return billingDeskOutputs["billing hold"].parse({ ticketNumbers, held });
}

export function followedJson({ changes, questions, untold, inbox }: Followed): Output<"billing follow"> {
  return billingDeskOutputs["billing follow"].parse({
    changes: changes.map(({ draft, status, invoiceNumber }) => ({
      draftId: draft.draftId,
      customerNumber: draft.customerNumber,
      period: draft.period,
      status,
      invoiceNumber,
    })),
    questions: questions.map(questionJson),
    untold,
    inbox,
  });
}

export function questionJson({ reason, subject, text, hint, choices }: InboxItem): z.infer<typeof Question> {
  return { reason, subject, text, hint, choices: choices.map(({ choice }) => choice) };
}

/** Tickets of one customer, in the order of the list, with the sums of what is open. */
export function openingCustomers({ tickets }: Opening): readonly {
  readonly customer: BillingCustomer | null;
  readonly tickets: readonly OpeningTicket[];
  readonly units: HundredthUnits;
  readonly unitsSinceStart: HundredthUnits;
}[] {
  const byCustomer = Map.groupBy(tickets, ({ customer }) => customer?.customerNumber ?? null);
  return [...byCustomer.values()].map((own) => ({
    customer: own[0]?.customer ?? null,
    tickets: own,
    units: sumUnits(own.map(({ openUnits }) => openUnits)),
    unitsSinceStart: sumUnits(own.flatMap(({ sinceStart }) => sinceStart.map(({ units }) => units))),
  }));
}

function sumUnits(values: readonly HundredthUnits[]): HundredthUnits {
  return values.reduce<number>((sum, value) => sum + value, 0) as HundredthUnits;
}

export function openingJson(opening: Opening, booked: boolean): Output<"billing opening"> {
  const minutes = (units: HundredthUnits): string => minutesOf(units, opening.minutesPerUnit);
  const booking = ({ date, units, agent, subject }: BookingSinceStart): z.infer<typeof Booking> => ({
    date: date.toString(),
    minutes: minutes(units),
    agent,
    subject,
  });
  return billingDeskOutputs["billing opening"].parse({
    startDate: opening.startDate.toString(),
    booked,
    token: opening.token,
    customers: openingCustomers(opening).map(({ customer, tickets, units, unitsSinceStart }) => ({
      customerNumber: customer?.customerNumber ?? null,
      name: customer?.name ?? null,
      tickets: tickets.length,
      minutes: minutes(units),
      minutesSinceStart: minutes(unitsSinceStart),
    })),
    tickets: opening.tickets.map(({ ticketNumber, title, state, customer, closedAt, openUnits, sinceStart }) => ({
      ticketNumber,
      title,
      state,
      customerNumber: customer?.customerNumber ?? null,
      closedAt: closedAt?.toString() ?? null,
      minutes: minutes(openUnits),
      sinceStart: sinceStart.map(booking),
    })),
    unreadable: opening.unreadable,
  });
}
