/** The table of docs/customer-sync.md, against a real Znuny with the add-on. */
import { describeCustomerCases } from "../contracts/customer-cases/index.ts";
import { connectZnuny } from "./real-znuny.ts";

const helpdesk = await connectZnuny();

describeCustomerCases({
  name: "Znuny",
  simulated: false,
  open: () => Promise.resolve({ helpdesk, close: () => Promise.resolve() }),
});
