import { expect } from "vitest";
import { quietContext as quiet } from "../../support/bridge.ts";
import type { CaseGroup } from "./case.ts";
import type { CaseWorld } from "./world.ts";

/** A company that agents made, with a user; answers their keys. */
async function byAgents(
  world: CaseWorld,
  key: string,
  local: string,
): Promise<{ readonly key: string; readonly login: string }> {
  const company = world.number(key);
  const login = world.email(local);
  await world.byHand(
    {
      Do: "CompanyAdd",
      CustomerID: company,
      CustomerCompanyName: world.name("Von Hand"),
      CustomerCompanyComment: "VIP",
    },
    {
      Do: "UserAdd",
      UserLogin: login,
      UserFirstname: "E.",
      UserLastname: "M.",
      UserEmail: login,
      UserCustomerID: company,
    },
  );
  return { key: company, login };
}

/** Records that stand in the helpdesk before the bridge comes. */
export const found: CaseGroup = {
  title: "Records that are there already",
  cases: [
    {
      id: "found",
      when: "The helpdesk has the customer number or the login already, without anybody's mark (`adopt: matched`, the default)",
      result:
        "Inbox `found`, nothing is touched; with `adopt` the next run takes it over, and its CustomerID or login stays for ever.",
      run: async (world) => {
        const { key, login } = await byAgents(world, "1", "eva");
        const id = await world.customer("1");
        const contact = await world.contact([id], "eva");
        await world.syncOnce();
        expect(await world.waiting()).toEqual({
          [`company-${id}`]: "found",
          [`user-${contact}`]: "waits-for-customer",
        });
        expect((await world.company(key))?.["CustomerCompanyName"]).toBe(world.name("Von Hand"));
        await world.decide(`company-${id}`, "adopt");
        const report = await world.syncOnce();
        expect(report.customers.adopted).toBe(1);
        expect(await world.waiting()).toEqual({ [`user-${contact}`]: "found" });
        await world.decide(`user-${contact}`, "adopt");
        expect((await world.syncOnce()).contacts.adopted).toBe(1);
        expect(await world.company(key)).toMatchObject({
          CustomerCompanyName: world.name("Firma 1"),
          CustomerCompanyComment: "VIP",
        });
        expect(await world.user(login)).toMatchObject({ UserFirstname: "Eva" });
        await world.erp.editCustomer(id, { customernumber: world.number("9") });
        await world.syncOnce();
        expect(await world.mark("Company", key)).toBe(`${world.instance} ${id}`);
        expect(await world.company(world.number("9"))).toBeNull();
      },
    },
    {
      id: "found-never",
      when: "The same with `adopt: never`",
      result: "Inbox `found`, also for pairs that somebody confirmed; a decision `adopt` is carried out all the same.",
      settings: { adopt: "never" },
      run: async (world) => {
        const { key } = await byAgents(world, "alt", "eva");
        const id = await world.customer("1");
        await world.desk.confirmMatches([{ line: 2, record: "company", rowId: id, key }], "Test", quiet());
        await world.syncOnce();
        expect(await world.waiting()).toEqual({ [`company-${id}`]: "found" });
        expect(await world.mark("Company", key)).toBeNull();
        await world.decide(`company-${id}`, "adopt");
        await world.syncOnce();
        expect(await world.mark("Company", key)).toBe(`${world.instance} ${id}`);
      },
    },
    {
      id: "found-same-key",
      when: "The same with `adopt: same-key`",
      result:
        "Taken over by itself; a user that stands under another company waits (`found`), because its tickets would move.",
      settings: { adopt: "same-key" },
      run: async (world) => {
        const { key, login } = await byAgents(world, "1", "eva");
        const elsewhere = world.email("ada");
        await world.byHand({
          Do: "UserAdd",
          UserLogin: elsewhere,
          UserFirstname: "A.",
          UserLastname: "D.",
          UserEmail: elsewhere,
          UserCustomerID: world.number("fremd"),
        });
        const id = await world.customer("1");
        const eva = await world.contact([id], "eva");
        const ada = await world.contact([id], "ada");
        const planned = await world.plan();
        expect([planned.customers.adopted, planned.contacts.adopted]).toEqual([1, 1]);
        await world.syncOnce();
        expect(await world.mark("Company", key)).toBe(`${world.instance} ${id}`);
        expect(await world.mark("User", login)).toBe(`${world.instance} ${eva}`);
        expect(await world.waiting()).toEqual({ [`user-${ada}`]: "found" });
        expect((await world.user(elsewhere))?.["UserCustomerID"]).toBe(world.number("fremd"));
      },
    },
    {
      id: "matched",
      when: "Somebody confirmed a pair of `customers match`: a customer and a company with another CustomerID",
      result:
        "The next run takes it over and keeps its CustomerID or login, also when the customer number changes later; new contacts are filed under it.",
      run: async (world) => {
        const { key, login } = await byAgents(world, "alt-77", "e.mueller");
        const ticket = await world.ticket(key, login);
        const id = await world.customer("1");
        const eva = await world.contact([id], "eva");
        await world.contact([id], "neu");
        const pairs = [
          { line: 2, record: "company", rowId: id, key },
          { line: 3, record: "user", rowId: eva, key: login },
        ] as const;
        await world.desk.confirmMatches(pairs, "Test", quiet());
        const report = await world.syncOnce();
        expect([report.customers.adopted, report.contacts.adopted, report.contacts.created]).toEqual([1, 1, 1]);
        await world.erp.editCustomer(id, { customernumber: world.number("9"), city: "Bonn" });
        await world.syncOnce();
        expect(await world.company(key)).toMatchObject({
          CustomerCompanyName: world.name("Firma 1"),
          CustomerCompanyCity: "Bonn",
        });
        expect(await world.company(world.number("9"))).toBeNull();
        expect(await world.user(login)).toMatchObject({ UserCustomerID: key, UserEmail: world.email("eva") });
        expect(await world.user(world.email("neu"))).toMatchObject({ UserCustomerID: key });
        expect(await world.carriedBy(ticket)).toEqual([key, login]);
        expect(await world.link("company", id)).toMatchObject({ key, adopted: true });
      },
    },
    {
      id: "two-instances",
      when: "Two bridges (two kivitendo databases) work on one helpdesk and meet each other's customer number, login, name or address",
      result:
        "Neither touches the other's records, whatever is configured: inbox `not-ours`, `name-taken` or `email-taken`.",
      settings: { adopt: "same-key" },
      run: async (world) => {
        const id = await world.customer("1");
        await world.contact([id], "eva");
        await world.syncOnce();
        const other = await world.another();
        const theirs = await other.customer("1", { name: other.name("Fremd"), city: "Bonn" });
        const sameName = await other.customer("2", { name: world.name("Firma 1") });
        const free = await other.customer("3");
        const sameLogin = await other.contact([free], "eva", { givenName: "Fremd" });
        await other.syncOnce();
        expect(await other.waiting()).toEqual({
          [`company-${theirs}`]: "not-ours",
          [`company-${sameName}`]: "name-taken",
          [`user-${sameLogin}`]: "not-ours",
        });
        expect(await world.mark("Company", world.number("1"))).toBe(`${world.instance} ${id}`);
        expect(await world.company(world.number("1"))).toMatchObject({
          CustomerCompanyName: world.name("Firma 1"),
          ValidID: "1",
        });
        expect(await world.user(world.email("eva"))).toMatchObject({ UserFirstname: "Eva" });
        await world.settled();
      },
    },
  ],
};
