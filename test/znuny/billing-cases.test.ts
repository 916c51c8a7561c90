/** The table of docs/billing-cases.md, against a real Znuny with the add-on, with both ways of reading time. */
import { type BillingBench, describeBillingCases } from "../contracts/billing-cases/index.ts";
import { connectZnuny } from "./real-znuny.ts";

const bench: BillingBench = {
  name: "Znuny",
  open: async () => ({ helpdesk: await connectZnuny(), close: () => Promise.resolve() }),
};

describeBillingCases(bench, "add-on");
describeBillingCases(bench, "stock");
