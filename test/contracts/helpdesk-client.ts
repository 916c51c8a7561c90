/** What both flows rely on behind their ports; run with the bridge's own client against the simulated helpdesk and a real one. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createHelpdesk } from "../../src/helpdesk/index.ts";
import type { Helpdesk, HelpdeskOptions } from "../../src/helpdesk/index.ts";
import { describeCustomers } from "./helpdesk-client-customers.ts";
import { describeRecordsPort } from "./helpdesk-client-records.ts";
import { describeTicketsPort } from "./helpdesk-client-tickets.ts";
import type { ClientContract } from "./helpdesk-client-contract.ts";
import { freshTag, type HelpdeskUnderTest } from "./helpdesk-under-test.ts";

/** Registers the whole suite for the helpdesk that `connect` gives. */
export function describeHelpdeskClient(name: string, connect: () => Promise<HelpdeskUnderTest>): void {
  describe(`${name}, through the bridge's client`, () => {
    const opened: Helpdesk[] = [];
    const contract = {
      connect(options = {}) {
        const helpdesk = clientOf(contract.under, options);
        opened.push(helpdesk);
        return helpdesk;
      },
    } as { -readonly [Part in keyof ClientContract]: ClientContract[Part] };
    beforeAll(async () => {
      contract.under = await connect();
      contract.helpdesk = contract.connect();
    });
    afterAll(async () => {
      await Promise.all(opened.map((helpdesk) => helpdesk.close()));
    });
    describeIdentity(contract);
    describeCustomers(contract);
    describeRecordsPort(contract);
    describeTicketsPort(contract);
  });
}

function clientOf(under: HelpdeskUnderTest, options: Partial<HelpdeskOptions>): Helpdesk {
  return createHelpdesk({
    url: under.url,
    webservice: "KivitendoBridge",
    instance: freshTag(),
    userLogin: under.bridge.UserLogin,
    password: under.bridge.Password,
    timeoutSeconds: 60,
    maxResponseBytes: 10_000_000,
    ...options,
  });
}

function describeIdentity(contract: ClientContract): void {
  test("tells who it is, the same each time", async () => {
    const info = await contract.helpdesk.info();
    expect(info).toMatchObject({
      addonVersion: expect.stringMatching(/^\d+\.\d+\.\d+$/),
      helpdeskId: expect.stringMatching(/^[0-9a-f]{32}$/),
      agent: contract.under.bridge.UserLogin,
      sequence: 0,
    });
    expect(info.states).toContainEqual({ name: "closed successful", type: "closed", valid: true });
    expect(info.queues).toContainEqual({ name: "Support", valid: true, readable: true });
    expect(Temporal.Now.zonedDateTimeISO(info.timeZone).timeZoneId).toBe(info.timeZone);
    expect(await contract.helpdesk.customers.identify()).toEqual({ helpdeskId: info.helpdeskId, sequence: 0 });
  });

  test.each([
    {
      name: "a wrong password",
      options: { password: "wrong" },
      says: /does not accept the agent/,
      hint: /helpdesk\.password/,
    },
    {
      name: "no such web service",
      options: { webservice: "NobodyMadeThis" },
      says: /NobodyMadeThis/,
      hint: /Web Services/,
    },
    {
      name: "no such operation",
      options: { routes: { info: "/Nobody/Info" } },
      says: /POST \/Nobody\/Info/,
      hint: /Import/,
    },
  ])("$name: the operator is told what to do", async ({ options, says, hint }) => {
    const helpdesk = contract.connect({ ...options, retry: { attempts: 2, firstDelayMs: 10 } });
    await expect(helpdesk.info()).rejects.toMatchObject({
      name: "ConfigError",
      message: expect.stringMatching(says),
      hint: expect.stringMatching(hint),
    });
  });

  test("an agent without the bridge's group", async () => {
    const { UserLogin, Password } = contract.under.stranger;
    await expect(contract.connect({ userLogin: UserLogin, password: Password }).info()).rejects.toMatchObject({
      name: "ConfigError",
      hint: expect.stringContaining(`give ${UserLogin} rw in the group kivitendo_bridge`),
    });
  });
}
