import { z } from "zod";
import { type AmountLine, Decimal, RejectedError } from "../model/index.ts";
import { RowId } from "./rows.ts";

/**
 * The tax of a line as a lateral table `found`, without a row when none is set up: the part's booking group and the tax
 * zone give the income account, its tax key of that day gives the tax (`SL/DB/Part.pm`, get_taxkey).
 */
export function taxOf(bookingGroup: string, taxZone: string, day: string): string {
  return `lateral (
      select t.id, t.rate, t.chart_id
        from public.taxzone_charts z
        join public.taxkeys k on k.chart_id = z.income_accno_id and k.startdate <= ${day}
        join public.tax t on t.id = k.tax_id
       where z.buchungsgruppen_id = ${bookingGroup}
         and z.taxzone_id = ${taxZone}
       order by k.startdate desc
       limit 1
    ) found`;
}

/** To be selected from `found`. */
export const taxColumns = `found.rate::text as rate, found.chart_id as "taxAccount"`;
export const TaxColumns = z.object({ rate: Decimal.nullable(), taxAccount: RowId.nullable() });

/** Throws RejectedError, as kivitendo dies, when there is no tax key or a rate without an account. */
export function lineTax({ rate, taxAccount }: z.infer<typeof TaxColumns>, partNumber: string): AmountLine["tax"] {
  if (rate === null) {
    throw new RejectedError(
      `kivitendo has no tax for part ${partNumber} in the customer's tax zone, so the order cannot be computed.`,
      "Set up the accounts of the part's booking group for this tax zone in kivitendo, or bill as invoice-draft.",
    );
  }
  if (Number(rate) === 0) return null;
  if (taxAccount === null) {
    throw new RejectedError(
      `The tax of part ${partNumber} in the customer's tax zone has a rate and no account: kivitendo cannot compute such an order.`,
      "Give this tax an account in kivitendo (System → Taxes), or bill as invoice-draft.",
    );
  }
  return { account: String(taxAccount), rate };
}
