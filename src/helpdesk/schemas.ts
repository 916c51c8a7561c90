import { z } from "zod";
import { ArticleId, TicketId } from "../model/index.ts";
import type { RejectionCode } from "../customer-sync/ports.ts";

/** Perl decides by the last use of a scalar whether it comes as text or number; null is an empty column. */
const Text = z.union([z.string(), z.number(), z.null()]).transform((value) => (value === null ? "" : String(value)));

/** A number people see: as JSON number it must not have lost digits. */
const DigitText = z.union([z.string().min(1), z.number().int().nonnegative()]).transform(String);

const Flag = z.union([z.boolean(), z.number(), z.string(), z.null()]).transform((value) => Number(value) === 1);

const Integer = z.coerce.number().int();

export const SessionAnswer = z.object({ SessionID: z.string().min(1) });

/** Without a hit the answer is `{}`. */
export const SearchAnswer = z.object({
  TicketID: z.union([z.array(TicketId), TicketId.transform((id) => [id])]).default([]),
});

/** `YYYY-MM-DD hh:mm:ss` in the helpdesk's zone. */
const Stamp = z.string().regex(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/, "expected a time such as 2026-10-31 13:00:00");

/** Missing before OTRS 6, which must be told apart from "no time booked". */
const TimeUnit = z.union([z.number(), z.string(), z.null()]).optional();

export const TicketAnswer = z.object({
  Ticket: z.array(
    z.object({
      TicketID: TicketId,
      TicketNumber: DigitText,
      Title: Text.default(""),
      Queue: Text,
      State: Text,
      StateType: Text,
      CustomerID: Text.default(""),
      Created: Stamp,
      Changed: Stamp,
      /** Only with Extended, and only when the ticket was closed once. */
      Closed: z.union([Stamp, z.literal(""), z.null()]).optional(),
      TimeUnit,
      Article: z.array(z.object({ ArticleID: ArticleId, CreateTime: Stamp, TimeUnit })).default([]),
    }),
  ),
});
export type TicketRecord = z.infer<typeof TicketAnswer>["Ticket"][number];

/** Read before the rest: another protocol may look different. */
export const ProtocolAnswer = z.looseObject({
  KivitendoBridge: z.looseObject({ Protocol: Integer.catch(0), AddonVersion: z.string().catch("unknown") }),
});

const DynamicFieldList = z.array(z.object({ Name: z.string(), Type: Text }));

/** docs/addon-protocol.md, Info. */
export const InfoAnswer = z.object({
  KivitendoBridge: z.object({
    AddonVersion: Text,
    Product: Text,
    ProductVersion: Text,
    HelpdeskId: z.string().min(1),
    TimeZone: z.string().min(1),
    TimeUnitLabel: Text.default(""),
    Agent: Text,
    States: z.array(z.object({ Name: Text, Type: Text, Valid: Flag })),
    Queues: z.array(z.object({ Name: Text, Valid: Flag, Readable: Flag })),
    DatabaseKind: Text,
    Fields: z.object({ Company: z.array(z.string()), User: z.array(z.string()) }),
    DynamicFields: z.object({ Company: DynamicFieldList, User: DynamicFieldList }),
    Countries: z.array(Text),
    Sequence: Integer.nonnegative(),
  }),
});

/** An instance that is not ours may name its rows as it likes; only ours are compared. */
const Owner = z
  .object({ Instance: Text, RowId: z.union([z.string(), z.number()]).transform(Number) })
  .transform(({ Instance, RowId }) => ({ instance: Instance, rowId: RowId }))
  .nullish()
  .transform((owner) => owner ?? null);

const KeyIfAny = Text.optional().transform((key) => key || null);

const codes = [
  "found",
  "not-ours",
  "already-ours",
  "gone",
  "key-differs",
  "key-taken",
  "name-taken",
  "email-taken",
  "invalid",
  "failed",
] as const satisfies readonly RejectionCode[];

/** docs/addon-protocol.md, Upsert. */
export const UpsertAnswer = z.object({
  Results: z.array(
    z.intersection(
      z.object({ Type: z.string(), RowId: Text }),
      z.discriminatedUnion("Outcome", [
        z.object({
          Outcome: z.enum(["created", "adopted", "updated", "unchanged"]),
          Changed: z.array(z.string()).default([]),
        }),
        z.object({
          Outcome: z.literal("rejected"),
          // A later add-on may know more reasons; its sentence still says which.
          Code: z.enum(codes).catch("failed"),
          Reason: Text.default(""),
          Owner,
          OtherKey: KeyIfAny,
          KeyNow: KeyIfAny,
        }),
      ]),
    ),
  ),
});
export type UpsertResult = z.infer<typeof UpsertAnswer>["Results"][number];

/** A field for several values comes as a list. */
const DynamicValue = z.union([Text, z.array(Text).transform((values) => values.join(", "))]);

/** docs/addon-protocol.md, Records. */
export const RecordsAnswer = z.object({
  Records: z.array(
    z.object({
      Key: z.union([z.string().min(1), z.number()]).transform(String),
      Fields: z.record(z.string(), Text),
      DynamicFields: z.record(z.string(), DynamicValue).default({}),
      Companies: z.array(Text).default([]),
      Owner,
      Tickets: z.object({ All: Integer.nonnegative(), Open: Integer.nonnegative() }).optional(),
    }),
  ),
  Next: Text.default(""),
});
export type RecordAnswer = z.infer<typeof RecordsAnswer>["Records"][number];
