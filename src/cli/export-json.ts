import { z } from "zod";
import type { ExportReport } from "../customer-sync/index.ts";

/** What `customers export --json` prints; part of docs/json-output.schema.json. */

const Kind = z.enum(["customer", "contact"]);
const count = z.number().int().nonnegative();

export const ExportOutput = z.strictObject({
  format: z.enum(["otobo", "opsi", "plain"]),
  number: z
    .number()
    .int()
    .nullable()
    .meta({ description: "Number of this export among those of its format; null when nothing changed." }),
  customers: count.meta({ description: "Records in companies.csv, invalid ones included." }),
  contacts: count.meta({ description: "Records in users.csv, invalid ones included." }),
  changes: z.array(
    z.strictObject({
      change: z.enum(["new", "changed", "invalid", "valid-again"]),
      record: Kind,
      kivitendoId: z.number().int(),
      key: z.string().meta({ description: "CustomerID or login in the files." }),
      label: z.string(),
      fields: z.array(z.strictObject({ field: z.string(), before: z.string(), after: z.string() })),
    }),
  ),
  refused: z.array(
    z.strictObject({
      record: Kind,
      kivitendoId: z.number().int(),
      label: z.string(),
      code: z.string(),
      reason: z.string(),
      hint: z.string(),
    }),
  ),
  newlyRefused: count.meta({ description: "Refusals that the last export did not have." }),
  files: z.array(z.string()).meta({ description: "Paths of the files that were written." }),
});

const kinds = { company: "customer", user: "contact" } as const;

export function exportJson({ plan, number, files }: ExportReport): z.infer<typeof ExportOutput> {
  const { format, records, newlyRefused } = plan;
  return ExportOutput.parse({
    format,
    number,
    customers: records.filter(({ record }) => record === "company").length,
    contacts: records.filter(({ record }) => record === "user").length,
    changes: plan.changes.map(({ rowId, record, ...rest }) => ({ ...rest, record: kinds[record], kivitendoId: rowId })),
    refused: plan.refused.map(({ rowId, record, ...rest }) => ({ ...rest, record: kinds[record], kivitendoId: rowId })),
    newlyRefused,
    files,
  });
}
