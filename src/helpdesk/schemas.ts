import { z } from "zod";
import type { RejectionCode } from "../customer-sync/ports.ts";

/** Perl decides by the last use of a scalar whether it comes as text or number; null is an empty column. */
export const Text = z.union([z.string(), z.number().transform(String), z.null().transform(() => "")]);

const Flag = z.union([z.boolean(), z.number(), z.string(), z.null()]).transform((value) => Number(value) === 1);

export const Integer = z.coerce.number().int();

export const SessionAnswer = z.object({ SessionID: z.string().min(1) });

/** Read before the rest: another protocol may look different. */
export const ProtocolAnswer = z.looseObject({
  KivitendoBridge: z.looseObject({ Protocol: Integer.catch(0), AddonVersion: z.string().catch("unknown") }),
});

const DynamicFieldList = z.array(z.object({ Name: z.string(), Type: Text }));
const NameList = z.array(z.object({ Name: Text, Valid: Flag }));

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
    TicketDynamicFields: DynamicFieldList,
    Services: NameList,
    SLAs: NameList,
    Types: NameList,
    Priorities: NameList,
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
export const DynamicValue = z.union([Text, z.array(Text).transform((values) => values.join(", "))]);

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
