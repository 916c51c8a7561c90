import { beforeEach, describe, expect, test } from "vitest";
import { AddonKit, Info } from "./addon-kit.ts";
import { Caller, operationError, type Contract } from "./helpdesk-under-test.ts";

/** The add-on's Info operation, and who may call what, as docs/addon-protocol.md tells. */
export function describeAddon(contract: Contract): void {
  let kit: AddonKit;
  beforeEach(() => {
    kit = new AddonKit(contract);
  });

  describe("KivitendoBridge/Info", () => {
    test("tells what the bridge must know", async () => {
      const answer = await infoOf(contract);
      expect(Math.abs(answer.Now - Date.now() / 1000)).toBeLessThan(60);
      expect(answer.Agent).toBe(contract.helpdesk.bridge.UserLogin);
      expect(answer.States).toContainEqual({ Name: "closed successful", Type: "closed", Valid: 1 });
      expect(answer.Queues).toContainEqual({ Name: "Support", Valid: 1, Readable: 1 });
      expect((await infoOf(contract)).HelpdeskId).toBe(answer.HelpdeskId);
    });

    test("keeps the highest sequence of each instance", async () => {
      const sequence = async () => (await infoOf(contract, { Instance: kit.instance })).Sequence;
      expect(await sequence()).toBe(0);
      await kit.upsert([], { Sequence: 7 });
      expect(await sequence()).toBe(7);
      await kit.upsert([], { Sequence: 5 });
      await kit.upsert([], { Sequence: 9, DryRun: 1 });
      expect(await sequence()).toBe(7);
      expect((await infoOf(contract)).Sequence).toBe(0);
    });
  });

  describe("who may call", () => {
    const malformed = { Instance: "Groß" };
    test.each(["Info", "Upsert", "Records"])(
      "%s: agents in the group only, and a well-formed instance",
      async (operation) => {
        const route = `/KivitendoBridge/${operation}`;
        const name = `KivitendoBridge${operation}`;
        const login = { CustomerUserLogin: `${contract.tag}-eva`, Password: "evapw" };
        const customer = await new Caller(contract.helpdesk).logIn(login);
        const stranger = await new Caller(contract.helpdesk).logIn(contract.helpdesk.stranger);
        expect(await contract.caller.post(route, { SessionID: "dead" })).toMatchObject(
          operationError(`${name}.AuthFail`),
        );
        expect(await customer.post(route)).toMatchObject(operationError(`${name}.AuthFail`));
        const denied = await stranger.post(route);
        expect(denied).toMatchObject(operationError(`${name}.AccessDenied`));
        expect(JSON.stringify(denied)).toContain(contract.helpdesk.stranger.UserLogin);
        expect(JSON.stringify(denied)).toContain("kivitendo_bridge");
        expect(await contract.caller.post(route, malformed)).toMatchObject(operationError(`${name}.InvalidParameter`));
      },
    );

    test.each<{ name: string; body: () => object }>([
      { name: "no instance", body: () => ({ Instance: undefined, Records: [] }) },
      { name: "no records", body: () => ({}) },
      { name: "records that are no list", body: () => ({ Records: { a: 1 } }) },
      { name: "1001 records", body: () => ({ Records: Array.from({ length: 1001 }, () => kit.company()) }) },
      { name: "a sequence of 0", body: () => ({ Records: [], Sequence: 0 }) },
      { name: "a dry run of 2", body: () => ({ Records: [], DryRun: 2 }) },
      { name: "an unknown type", body: () => ({ Records: [kit.company(), { ...kit.company(), Type: "Queue" }] }) },
      {
        name: "an unknown expectation",
        body: () => ({ Records: [kit.company(), { ...kit.company(), Expect: "any" }] }),
      },
      { name: "a row id that is none", body: () => ({ Records: [kit.company({ RowId: "x1" })] }) },
      { name: "an empty key", body: () => ({ Records: [kit.company({ Key: "" })] }) },
      { name: "no fields", body: () => ({ Records: [{ ...kit.company(), Fields: undefined }] }) },
    ])("$name is refused as a whole", async ({ body }) => {
      const reply = await contract.caller.post("/KivitendoBridge/Upsert", { Instance: kit.instance, ...body() });
      expect(reply).toMatchObject(operationError("KivitendoBridgeUpsert.InvalidParameter"));
      expect(await kit.stored("Company", `${kit.tag}-c`)).toBeNull();
    });
  });
}

async function infoOf(contract: Contract, body: object = {}) {
  return Info.parse(await contract.caller.post("/KivitendoBridge/Info", body)).KivitendoBridge;
}
