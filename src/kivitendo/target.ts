import type { ClientBase } from "pg";
import type { BillingCustomer, DraftContent, Target, WrittenTarget } from "../billing/ports.ts";
import { BugError, RejectedError } from "../model/index.ts";
import { insertDraft } from "./draft.ts";
import { insertRecurringLines } from "./recurring-order.ts";
import { insertSalesOrder } from "./sales-order.ts";

/**
 * Writes what was planned into kivitendo, on the caller's connection and inside the caller's transaction. Throws
 * RejectedError for a customer or a line that kivitendo cannot take; the transaction is then to be rolled back.
 */
export async function insertTarget(client: ClientBase, content: DraftContent): Promise<WrittenTarget> {
  if (content.lines.length === 0) throw new BugError(`a ${content.target} without lines`);
  const taxZoneId = usableTaxZone(content.customer, content.target);
  if (content.target === "invoice-draft") return insertDraft(client, content);
  if (content.target === "recurring-order") return insertRecurringLines(client, content);
  return insertSalesOrder(client, content, taxZoneId);
}

function usableTaxZone(customer: BillingCustomer, target: Target): number {
  const who = `Customer ${customer.customerNumber} (${customer.name})`;
  if (customer.obsolete) {
    throw new RejectedError(`${who} is marked as invalid in kivitendo.`, "Make the customer valid, or bill by hand.");
  }
  if (!customer.isDefaultCurrency) {
    throw new RejectedError(
      `${who} is billed in ${customer.currency}, which is not the client's currency.`,
      "Bill this customer by hand, or change its currency in kivitendo.",
    );
  }
  if (customer.orderLock && target !== "invoice-draft") {
    throw new RejectedError(
      `${who} has an order lock ("Auftragssperre") in kivitendo.`,
      "Take the lock away, or set the customer's target to invoice-draft.",
    );
  }
  if (customer.taxZoneId !== null) return customer.taxZoneId;
  throw new RejectedError(`${who} has no tax zone in kivitendo.`, "Set it in the customer's master data.");
}
