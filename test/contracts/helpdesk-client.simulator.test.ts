import { afterAll } from "vitest";
import { startSimulatedHelpdesk } from "../../src/demo/helpdesk/index.ts";
import { describeHelpdeskClient } from "./helpdesk-client.ts";

const helpdesk = await startSimulatedHelpdesk({ siteFields: true });
afterAll(async () => helpdesk.stop());

describeHelpdeskClient("the simulated helpdesk", async () => ({
  url: helpdesk.baseUrl,
  bridge: { UserLogin: "bridge", Password: "bridgepw" },
  stranger: { UserLogin: "root@localhost", Password: "rootpw" },
  byHand: async (steps) => helpdesk.world.steps(steps),
}));
