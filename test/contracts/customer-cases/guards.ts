import { expect } from "vitest";
import type { CaseGroup } from "./case.ts";
import type { CaseWorld } from "./world.ts";

/** Customers numbered from 1, each with a contact that has the same place; answers their row ids. */
async function many(world: CaseWorld, count: number): Promise<readonly number[]> {
  const ids: number[] = [];
  for (let place = 1; place <= count; place++) {
    const id = await world.customer(String(place));
    await world.contact([id], `k${place}`);
    ids.push(id);
  }
  return ids;
}

/** The token and the sentence of a refused run. */
async function refusal(world: CaseWorld): Promise<{ readonly text: string; readonly token: string }> {
  const error = await world.sync().catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({ name: "RefusedError" });
  const hint = error instanceof Error && "hint" in error ? String(error.hint) : "";
  return { text: String(error), token: /sync --allow ([0-9a-f]{12})/.exec(hint)?.[1] ?? "" };
}

async function invalid(world: CaseWorld, count: number): Promise<number> {
  const places = Array.from({ length: count }, (_, index) => world.number(String(index + 1)));
  const stored = await Promise.all(places.map(async (key) => (await world.company(key))?.["ValidID"]));
  return stored.filter((validity) => validity === "2").length;
}

/** Limits that a small world can reach. */
const few = { ignoreBelow: 0, maxDeactivationShare: 1, maxKeyChangeShare: 1, maxAdoptionShare: 1 };

export const guards: CaseGroup = {
  title: "Guards and quarantine",
  cases: [
    {
      id: "guard-deactivations",
      when: "A run would make more customers (or contacts) invalid than allowed",
      result:
        "Refused with the figures, the first records and the command that allows this one plan; nothing is written. Contacts that follow their customer do not count.",
      settings: { ...few, maxDeactivations: 1 },
      run: async (world) => {
        const ids = await many(world, 3);
        await world.syncOnce();
        for (const id of ids.slice(0, 2)) await world.erp.editCustomer(id, { obsolete: true });
        const { text, token } = await refusal(world);
        expect(text).toContain("2 of 3 customers");
        expect(text).not.toContain("contacts");
        expect(await invalid(world, 3)).toBe(0);
        await world.erp.editCustomer(ids[2] ?? 0, { obsolete: true });
        await expect(world.sync({ allow: token }), "another plan").rejects.toMatchObject({ name: "RefusedError" });
        await world.erp.editCustomer(ids[2] ?? 0, { obsolete: false });
        await world.syncOnce({ allow: token });
        expect(await invalid(world, 3)).toBe(2);
        expect((await world.user(world.email("k1")))?.["ValidID"]).toBe("2");
      },
    },
    {
      id: "guard-a-day",
      when: "Many small runs add up within 24 hours",
      result: "They count as one; what was allowed by hand does not count.",
      settings: { ...few, maxDeactivations: 1 },
      run: async (world) => {
        const ids = await many(world, 3);
        await world.syncOnce();
        await world.erp.editCustomer(ids[0] ?? 0, { obsolete: true });
        await world.syncOnce();
        await world.erp.editCustomer(ids[1] ?? 0, { obsolete: true });
        const { text, token } = await refusal(world);
        expect(text).toContain("after 1 in the last 24 hours");
        await world.syncOnce({ allow: token });
        expect(await invalid(world, 3)).toBe(2);
      },
    },
    {
      id: "guard-keys",
      when: "A run would change more CustomerIDs or logins than allowed",
      result: "Refused in the same way.",
      settings: { ...few, maxKeyChanges: 1 },
      run: async (world) => {
        const ids = await many(world, 2);
        await world.syncOnce();
        for (const [place, id] of ids.entries())
          await world.erp.editCustomer(id, { customernumber: world.number(`n${place + 1}`) });
        const { text, token } = await refusal(world);
        expect(text).toContain("change the CustomerID of 2 of 2 customers");
        expect(await world.company(world.number("1"))).not.toBeNull();
        await world.syncOnce({ allow: token });
        expect(await world.company(world.number("n2"))).not.toBeNull();
      },
    },
    {
      id: "guard-adoptions",
      when: "A run would take over more records of the helpdesk than allowed",
      result: "Refused in the same way.",
      settings: { ...few, maxAdoptions: 1, adopt: "same-key" },
      run: async (world) => {
        await many(world, 2);
        for (const place of ["1", "2"])
          await world.byHand({
            Do: "CompanyAdd",
            CustomerID: world.number(place),
            CustomerCompanyName: world.name(`Von Hand ${place}`),
          });
        const { text, token } = await refusal(world);
        expect(text).toContain("adopt records of the helpdesk for 2");
        expect(await world.mark("Company", world.number("1"))).toBeNull();
        await world.syncOnce({ allow: token });
        expect(await world.mark("Company", world.number("2"))).not.toBeNull();
      },
    },
    {
      id: "guard-source",
      when: "kivitendo shows nothing, far fewer rows than last time, or lacks the sentinel customer",
      result: "Refused in the same way: the source is not believed.",
      settings: { ...few, sentinel: "K-ANKER" },
      run: async (world) => {
        const ids = await many(world, 4);
        const { text, token } = await refusal(world);
        expect(text).toContain("K-ANKER");
        expect(await world.company(world.number("1"))).toBeNull();
        await world.sync({ allow: token });
        await world.configure({ sentinel: world.number("1") });
        await world.syncOnce();
        await world.erp.query("delete from customer_contacts where customer_id = $1", [ids[3]]);
        expect((await refusal(world)).text).toContain("kivitendo shows 3 contacts, 25.0 % fewer than the 4");
        await world.erp.query("delete from customer_contacts");
        expect((await refusal(world)).text).toContain("no contacts at all, but 4 are known");
        expect((await world.user(world.email("k4")))?.["ValidID"]).toBe("1");
      },
    },
    {
      id: "quarantine",
      when: "A refused record, and nothing changes",
      result:
        "It is tried again after 5 minutes, then after pauses that double up to a day; it heals by itself when the cause is gone.",
      run: async (world) => {
        const name = world.name("Hafen AG");
        await world.byHand({ Do: "CompanyAdd", CustomerID: world.number("agents"), CustomerCompanyName: name });
        const id = await world.customer("1", { name });
        await world.contact([id], "eva");
        expect((await world.sync()).newlyRejected).toBe(2);
        expect((await world.syncOnce()).newlyRejected).toBe(0);
        await world.pauseIsOver();
        expect((await world.sync()).newlyRejected, "the same again is no news").toBe(0);
        await world.settled();
        await world.byHand({
          Do: "CompanyUpdate",
          CustomerID: world.number("agents"),
          CustomerCompanyName: world.name("Anders"),
        });
        await world.pauseIsOver();
        await world.syncOnce();
        expect((await world.user(world.email("eva")))?.["UserCustomerID"]).toBe(world.number("1"));
        expect(await world.inbox()).toEqual([]);
      },
    },
    {
      id: "quarantine-decided",
      when: "Somebody decides `retry` or `ignore`",
      result:
        "`retry`: with the next run instead of after the pause. `ignore`: not before the row changes in kivitendo, and not listed until then.",
      run: async (world) => {
        const name = world.name("Hafen AG");
        await world.byHand({ Do: "CompanyAdd", CustomerID: world.number("agents"), CustomerCompanyName: name });
        const id = await world.customer("1", { name });
        await world.syncOnce();
        await world.decide(`company-${id}`, "ignore");
        expect(await world.inbox()).toEqual([]);
        await world.byHand({
          Do: "CompanyUpdate",
          CustomerID: world.number("agents"),
          CustomerCompanyName: world.name("Anders"),
        });
        await world.pauseIsOver();
        await world.settled();
        await world.decide(`company-${id}`, "retry");
        await world.syncOnce();
        expect(await world.company(world.number("1"))).not.toBeNull();
      },
    },
  ],
};
