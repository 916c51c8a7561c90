import type { BillingCustomer } from "../../billing/ports.ts";
import type { CustomerId, MinutesPerUnit } from "../../model/index.ts";
import type { InsertTarget } from "../drafts.ts";

export interface DeskOptions {
  /** Refuses, by name, a customer that cannot be billed any more. */
  readonly insertTarget: InsertTarget;
  /** The customer as kivitendo has it now; null when it is gone or has no number any more. */
  readonly readCustomer: (customerId: CustomerId) => Promise<BillingCustomer | null>;
  /** Business zone (IANA name): dates of the work, and the day of a release. */
  readonly timeZone: string;
  /** What one unit of time is; frozen by the first booking. */
  readonly minutesPerUnit: MinutesPerUnit;
}
