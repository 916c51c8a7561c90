import { z } from "zod";
import { ArticleId, TicketId } from "../../model/index.ts";
import { DynamicValue, Integer, Text } from "../schemas.ts";

/** A number people see: as JSON number it must not have lost digits. */
const DigitText = z.union([z.string().min(1), z.number().int().nonnegative().transform(String)]);

/** `YYYY-MM-DD hh:mm:ss` in the helpdesk's zone. */
const Stamp = z.string().regex(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/, "expected a time such as 2026-10-31 13:00:00");
const StampIfAny = z.union([Stamp, z.literal(""), z.null()]).optional();

/** Without a hit the answer is `{}`. */
export const SearchAnswer = z.object({
  TicketID: z.union([z.array(TicketId), TicketId.transform((id) => [id])]).default([]),
});

/** What both ways tell of a ticket under the same names. */
const ticketFields = {
  TicketID: TicketId,
  TicketNumber: DigitText,
  Title: Text.default(""),
  Queue: Text,
  /** The stock operation leaves out what a ticket does not have. */
  Service: Text.default(""),
  SLA: Text.default(""),
  Type: Text.default(""),
  Priority: Text.default(""),
  State: Text,
  StateType: Text,
  CustomerID: Text.default(""),
  CustomerUserID: Text.default(""),
  Created: Stamp,
  Changed: Stamp,
};
export type FieldsAnswer = z.infer<z.ZodObject<typeof ticketFields>>;

/** Missing before OTRS 6, which must be told apart from "no time booked". */
const TimeUnit = z.union([z.number(), z.string(), z.null()]).optional();

const RawValue = z.union([DynamicValue, z.null().transform(() => "")]);

/** The stock operation TicketGet. */
export const TicketAnswer = z.object({
  Ticket: z.array(
    z.object({
      ...ticketFields,
      /** Only with Extended, and only when the ticket was closed once. */
      Closed: StampIfAny,
      TimeUnit,
      /** Only when asked for: all valid ones of tickets, whether they have a value or not. */
      DynamicField: z.array(z.object({ Name: z.string(), Value: RawValue.optional() })).default([]),
      Article: z
        .array(z.object({ ArticleID: ArticleId, CreateTime: Stamp, Subject: Text.default(""), TimeUnit }))
        .default([]),
    }),
  ),
});
export type TicketRecord = z.infer<typeof TicketAnswer>["Ticket"][number];

/** The stock operation TicketUpdate. */
export const UpdateAnswer = z.object({ TicketID: TicketId });

const TimeAnswer = z.object({
  RowID: Integer.positive(),
  ArticleID: ArticleId.nullable(),
  /** Null, or empty, for an article that is gone as well: its time stays. */
  ArticleCreated: z.union([Stamp, z.literal("").transform(() => null), z.null()]),
  Subject: Text.nullable(),
  Units: z.union([z.string().regex(/^-?\d+([.,]\d+)?$/, "expected a number such as 1.50"), z.number()]),
  AgentID: Text,
  Booked: Stamp,
});
export type TimeRecord = z.infer<typeof TimeAnswer>;

/** docs/addon-protocol.md, Tickets: the frame of an answer. The tickets in it are looked at later, as TicketList. */
export const TicketsAnswer = z.object({
  Tickets: z.array(z.unknown()),
  Agents: z.record(z.string(), z.object({ Login: Text, Name: Text.default("") })),
  Unreadable: z.array(TicketId).default([]),
  Next: z.object({ Changed: Stamp, TicketID: TicketId }).nullable(),
  TimeZone: z.string().min(1),
  /** Seconds since 1970. */
  Now: Integer,
});
export type TicketsPage = z.infer<typeof TicketsAnswer>;

/** Tickets of an answer. */
export const TicketList = z.object({
  Tickets: z.array(
    z.object({
      ...ticketFields,
      Closed: StampIfAny,
      FirstClosed: StampIfAny,
      DynamicFields: z.record(z.string(), DynamicValue).default({}),
      Times: z.array(TimeAnswer),
    }),
  ),
});
export type ListedTicket = z.infer<typeof TicketList>["Tickets"][number];
