/** A part, a customer and rules that tests of billing start from. */
import type { BillingCustomer, BillingPart } from "../../src/billing/ports.ts";
import type { BillingRules } from "../../src/billing/rules.ts";
import { parsePeriod } from "../../src/model/index.ts";
import type { CustomerId, CustomerNumber, Decimal, MinutesPerUnit, PartNumber } from "../../src/model/index.ts";

export const part: BillingPart & { readonly minutesPerUnit: Decimal } = {
  partId: 1140,
  partNumber: "ST-STD" as PartNumber,
  description: "Systemtechnik Stundensatz",
  unit: "Std",
  unitPrice: "95.00000" as Decimal,
  obsolete: false,
  minutesPerUnit: "60" as Decimal,
};

export const customer: BillingCustomer = {
  customerId: 1150 as CustomerId,
  customerNumber: "K10001" as CustomerNumber,
  name: "Müller & Söhne GmbH",
  obsolete: false,
  taxZoneId: 4,
  currency: "EUR",
  isDefaultCurrency: true,
  paymentId: null,
  languageId: null,
  languageCode: null,
  deliveryTermId: null,
  salesmanId: null,
  taxIncluded: false,
};

export const rules: BillingRules = {
  startDate: Temporal.PlainDate.from("2026-01-01"),
  timeZone: "Europe/Berlin",
  minutesPerUnit: "1" as MinutesPerUnit,
  stateNames: [],
  stateTypes: ["closed"],
  period: parsePeriod("2026-10", Temporal.PlainDate.from("2026-11-22")),
  partNumber: part.partNumber,
  draftOwner: "buchhaltung",
  customerNumbers: [],
  ticketNumbers: [],
  complete: true,
};
