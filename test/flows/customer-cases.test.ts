/** The table of docs/customer-sync.md, against the simulated helpdesk. */
import { startSimulatedHelpdesk } from "../../src/demo/helpdesk/index.ts";
import { describeCustomerCases } from "../contracts/customer-cases/index.ts";

describeCustomerCases({
  name: "simulated",
  simulated: true,
  open: async (settings) => {
    const helpdesk = await startSimulatedHelpdesk({ siteFields: true, ...settings });
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
});
