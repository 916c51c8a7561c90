import { z } from "zod";
import { settlements, totalsOf } from "../report/index.ts";
import type { ActivityReport } from "../report/index.ts";

const decimal = z.string().regex(/^-?\d+(\.\d+)?$/);

/** What `report --json` prints; see json.ts. */
export const ReportOutput = z.strictObject({
  customerNumber: z.string(),
  period: z.string(),
  files: z.array(z.string()),
  tickets: z.number().int().nonnegative(),
  minutes: decimal,
  settled: z.array(z.strictObject({ settled: z.enum(settlements), minutes: decimal })),
  netAmount: decimal.meta({ description: "Of the lines on drafts and invoices." }),
  currency: z.string(),
  contingent: z.strictObject({ includedMinutes: decimal, usedMinutes: decimal }).nullable(),
});

export function reportJson(report: ActivityReport, files: readonly string[]): z.infer<typeof ReportOutput> {
  const { minutes, bySettlement, netAmount } = totalsOf(report);
  return ReportOutput.parse({
    customerNumber: report.customer.number,
    period: report.period.label,
    files,
    tickets: report.tickets.length,
    minutes,
    settled: bySettlement,
    netAmount,
    currency: report.currency,
    contingent: report.contingent,
  });
}
