/** The table of docs/billing-cases.md, against the simulated helpdesk, with both ways of reading time. */
import { startSimulatedHelpdesk } from "../../src/demo/helpdesk/index.ts";
import { type BillingBench, describeBillingCases } from "../contracts/billing-cases/index.ts";

const bench: BillingBench = {
  name: "simulated",
  open: async () => {
    const helpdesk = await startSimulatedHelpdesk({});
    return {
      helpdesk: {
        url: helpdesk.baseUrl,
        bridge: { UserLogin: "bridge", Password: "bridgepw" },
        stranger: { UserLogin: "root@localhost", Password: "rootpw" },
        byHand: async (steps) => helpdesk.world.steps(steps),
      },
      close: async () => helpdesk.stop(),
    };
  },
};

describeBillingCases(bench, "add-on");
describeBillingCases(bench, "stock");
