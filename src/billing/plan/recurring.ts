import { Big } from "big.js";
import { round } from "../../model/index.ts";
import type { BillingCustomer, DraftContent, RecurringOrder } from "../ports.ts";
import type { CustomerSettings } from "../rules.ts";

export interface Refusal {
  readonly message: string;
  readonly hint: string;
}

/** The order that carries the customer's recurring invoice, or why none can be used. */
export function chooseOrder(
  orders: readonly RecurringOrder[],
  customer: BillingCustomer,
  settings: CustomerSettings,
): NonNullable<DraftContent["recurring"]> | Refusal {
  const who = `Customer ${customer.customerNumber} (${customer.name})`;
  const open = orders.filter(({ closed }) => !closed);
  const [order, other] = open;
  if (order === undefined) {
    return {
      message: `${who} has no open order with a recurring invoice, which billing.target recurring-order needs.`,
      hint: "Make one in kivitendo, or choose another target for this customer under billing.customers.",
    };
  }
  if (other !== undefined) {
    return {
      message: `${who} has several open orders with a recurring invoice: ${open.map(({ orderNumber }) => orderNumber).join(", ")}.`,
      hint: "End the recurring invoices that are over in kivitendo, or choose another target for this customer under billing.customers.",
    };
  }
  return (
    refusalOf(order, settings) ?? {
      orderId: order.orderId,
      orderNumber: order.orderNumber,
      priceFactor: round(factorOf(order), 10),
    }
  );
}

/** kivitendo scales all prices of the order, also those of lines that are billed once. */
function factorOf({ billingMonths, valueMonths }: RecurringOrder): Big {
  return billingMonths === null || valueMonths === null ? new Big(1) : new Big(valueMonths).div(billingMonths);
}

function refusalOf(order: RecurringOrder, settings: CustomerSettings): Refusal | null {
  const { orderNumber, billingMonths, valueMonths, active } = order;
  if (billingMonths === null || valueMonths === null) {
    return {
      message: `The recurring invoice of order ${orderNumber} is made in a rhythm that the bridge does not know.`,
      hint: "Choose another target for this customer under billing.customers.",
    };
  }
  if (billingMonths !== valueMonths && !settings.prescale) {
    return {
      message: `Order ${orderNumber} is invoiced every ${billingMonths} months, but its prices are for ${valueMonths}: kivitendo would scale the price of every line.`,
      hint: "Make the two periods the same in kivitendo, or allow scaling beforehand with prescale under billing.customers.",
    };
  }
  if (active && !settings.allowUnseen) {
    return {
      message: `kivitendo posts the recurring invoice of order ${orderNumber} without anybody looking.`,
      hint: "Allow that with allowUnseen under billing.customers, make the recurring invoice inactive in kivitendo, or choose another target.",
    };
  }
  return null;
}
