import { expect } from "vitest";
import type { CaseGroup } from "./case.ts";
import type { CaseWorld } from "./world.ts";

async function present(world: CaseWorld, ...numbers: readonly string[]): Promise<readonly unknown[]> {
  return Promise.all(numbers.map(async (number) => (await world.company(world.number(number)))?.["ValidID"] ?? null));
}

/** Which customers belong into the helpdesk. */
export const scope: CaseGroup = {
  title: "Which customers",
  cases: [
    {
      id: "scope-business-type",
      when: "Only customers of some business types (`businessTypes`)",
      result: "The others are not created; who gets another type later becomes invalid, with its contacts.",
      settings: { businessTypes: ["Endkunde"] },
      run: async (world) => {
        const one = await world.customer("1", { business: "Endkunde" });
        await world.customer("2", { business: "Wiederverkäufer" });
        await world.customer("3");
        await world.contact([one], "eva");
        await world.syncOnce();
        expect(await present(world, "1", "2", "3")).toEqual(["1", null, null]);
        await world.erp.query("update customer set business_id = 1131 where id = $1", [one]);
        await world.syncOnce();
        expect(await present(world, "1")).toEqual(["2"]);
        expect((await world.user(world.email("eva")))?.["ValidID"]).toBe("2");
      },
    },
    {
      id: "scope-number",
      when: "Only customers whose number matches a pattern (`customerNumbers`)",
      result: "The others are not created; widening the pattern brings them with the next run.",
      settings: { customerNumbers: "-1" },
      run: async (world) => {
        await world.customer("1");
        await world.customer("2");
        await world.syncOnce();
        expect(await present(world, "1", "2")).toEqual(["1", null]);
        await world.configure({ customerNumbers: "-[12]" });
        await world.syncOnce();
        expect(await present(world, "1", "2")).toEqual(["1", "1"]);
      },
    },
    {
      id: "scope-customer-flag",
      when: "Only customers with a flag (`customerFlag`), granted and withdrawn",
      result: "Created with the flag, invalid without it, valid again with it.",
      settings: { customerFlag: "im_helpdesk" },
      run: async (world) => {
        await world.erp.flag("CT", "im_helpdesk");
        const one = await world.customer("1");
        await world.contact([one], "eva");
        await world.syncOnce();
        expect(await present(world, "1")).toEqual([null]);
        await world.erp.setVariable("CT", "im_helpdesk", one, true);
        await world.syncOnce();
        expect(await present(world, "1")).toEqual(["1"]);
        expect((await world.user(world.email("eva")))?.["ValidID"]).toBe("1");
        await world.erp.setVariable("CT", "im_helpdesk", one, false);
        await world.syncOnce();
        expect(await present(world, "1")).toEqual(["2"]);
      },
    },
    {
      id: "scope-unknown-flag",
      when: "The configuration names a custom variable that kivitendo does not have",
      result: "A configuration error that names it; nothing is written.",
      settings: { contactFlag: "gibt_es_nicht" },
      run: async (world) => {
        await world.customer("1");
        const error = { name: "ConfigError", message: expect.stringContaining("gibt_es_nicht") as unknown };
        await expect(world.plan()).rejects.toMatchObject(error);
        await expect(world.sync()).rejects.toMatchObject(error);
        expect(await present(world, "1")).toEqual([null]);
      },
    },
  ],
};
