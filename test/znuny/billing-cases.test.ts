/**
 * The table of docs/billing-cases.md, against a real Znuny with the add-on; through the stock operations, which take long,
 * what comes to something else there.
 */
import { type BillingBench, describeBillingCases, isOtherWithStock } from "../contracts/billing-cases/index.ts";
import { connectZnuny } from "./real-znuny.ts";

const bench: BillingBench = {
  name: "Znuny",
  open: async () => ({ helpdesk: await connectZnuny(), close: () => Promise.resolve() }),
};

describeBillingCases(bench, "add-on");
describeBillingCases(bench, "stock", isOtherWithStock);
