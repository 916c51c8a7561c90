import { expect } from "vitest";
import type { CaseGroup } from "./case.ts";

/** The CustomerID is the customer number, and follows it. */
export const customerNumbers: CaseGroup = {
  title: "Customer numbers",
  cases: [
    {
      id: "number-changed",
      when: "A customer gets another number",
      result: "The company is renamed: its users, tickets, additional companies and the owner mark follow in one call.",
      run: async (world) => {
        const [old, now] = [world.number("1"), world.number("9")];
        const first = await world.customer("1");
        const second = await world.customer("2");
        await world.contact([first], "eva");
        await world.contact([second, first], "ada");
        // Filed under the lower row id; the other one is additional.
        await world.contact([second], "bob");
        await world.syncOnce();
        await world.byHand({ Do: "MemberSet", UserLogin: world.email("bob"), CustomerID: old, Active: 1 });
        const ticket = await world.ticket(old, world.email("eva"));
        await world.erp.editCustomer(first, { customernumber: now, city: "Bonn" });
        expect((await world.syncOnce()).customers).toMatchObject({ updated: 1, rejected: 0 });
        expect(await world.company(old)).toBeNull();
        expect(await world.company(now)).toMatchObject({ CustomerCompanyCity: "Bonn", ValidID: "1" });
        expect(await world.mark("Company", now)).toBe(`${world.instance} ${first}`);
        expect((await world.user(world.email("eva")))?.["UserCustomerID"]).toBe(now);
        expect(await world.companiesOf(world.email("bob"))).toContain(now);
        expect(await world.companiesOf(world.email("bob"))).not.toContain(old);
        expect(await world.carriedBy(ticket)).toEqual([now, world.email("eva")]);
        expect(await world.link("company", first)).toMatchObject({ key: now, status: "linked" });
      },
    },
    {
      id: "number-changed-alone",
      when: "The same with `followCustomerNumber: false`",
      result: "The CustomerID stays as it was; the other fields follow.",
      settings: { followCustomerNumber: false },
      run: async (world) => {
        const id = await world.customer("1");
        await world.syncOnce();
        await world.erp.editCustomer(id, { customernumber: world.number("9"), city: "Bonn" });
        await world.syncOnce();
        expect(await world.company(world.number("9"))).toBeNull();
        expect(await world.company(world.number("1"))).toMatchObject({ CustomerCompanyCity: "Bonn" });
      },
    },
    {
      id: "number-changed-back",
      when: "A number is changed and changed back, one run in between",
      result: "The company is renamed twice and ends as it began.",
      run: async (world) => {
        const id = await world.customer("1");
        await world.contact([id], "eva");
        await world.syncOnce();
        await world.erp.editCustomer(id, { customernumber: world.number("9") });
        await world.syncOnce();
        await world.erp.editCustomer(id, { customernumber: world.number("1") });
        await world.syncOnce();
        expect(await world.company(world.number("9"))).toBeNull();
        expect((await world.user(world.email("eva")))?.["UserCustomerID"]).toBe(world.number("1"));
      },
    },
    {
      id: "numbers-swapped",
      when: "Two customers swap their numbers",
      result: "Both have them after the same run, each with its own users and tickets.",
      run: async (world) => {
        const [one, two] = [world.number("1"), world.number("2")];
        const first = await world.customer("1");
        const second = await world.customer("2");
        await world.contact([first], "eva");
        await world.contact([second], "ada");
        await world.syncOnce();
        const ticket = await world.ticket(one, world.email("eva"));
        await world.erp.editCustomer(first, { customernumber: two });
        await world.erp.editCustomer(second, { customernumber: one });
        expect((await world.syncOnce()).customers).toMatchObject({ updated: 2, rejected: 0 });
        expect(await world.mark("Company", two)).toBe(`${world.instance} ${first}`);
        expect(await world.mark("Company", one)).toBe(`${world.instance} ${second}`);
        expect((await world.company(two))?.["CustomerCompanyName"]).toBe(world.name("Firma 1"));
        expect((await world.user(world.email("eva")))?.["UserCustomerID"]).toBe(two);
        expect((await world.user(world.email("ada")))?.["UserCustomerID"]).toBe(one);
        expect(await world.carriedBy(ticket)).toEqual([two, world.email("eva")]);
      },
    },
    {
      id: "company-renamed",
      when: "Somebody decides `rename` for a company",
      result:
        "The next run gives it that CustomerID, with everything that hangs on it; it stays until the customer number changes.",
      run: async (world) => {
        const id = await world.customer("1");
        await world.contact([id], "eva");
        await world.syncOnce();
        await world.decide(`company-${id}`, "rename", world.number("wunsch"));
        await world.syncOnce();
        await world.erp.editCustomer(id, { city: "Bonn" });
        await world.syncOnce();
        expect(await world.company(world.number("wunsch"))).toMatchObject({ CustomerCompanyCity: "Bonn" });
        expect((await world.user(world.email("eva")))?.["UserCustomerID"]).toBe(world.number("wunsch"));
        await world.erp.editCustomer(id, { customernumber: world.number("2") });
        await world.syncOnce();
        expect(await world.company(world.number("wunsch"))).toBeNull();
        expect((await world.user(world.email("eva")))?.["UserCustomerID"]).toBe(world.number("2"));
      },
    },
    {
      id: "number-taken",
      when: "The new number is the CustomerID of a company that agents made",
      result: "Inbox `key-taken`; the company keeps its old CustomerID until the other one is out of the way.",
      run: async (world) => {
        const [old, now] = [world.number("1"), world.number("9")];
        const id = await world.customer("1");
        await world.syncOnce();
        await world.byHand({ Do: "CompanyAdd", CustomerID: now, CustomerCompanyName: world.name("Von Hand") });
        await world.erp.editCustomer(id, { customernumber: now });
        await world.syncOnce();
        expect(await world.waiting()).toEqual({ [`company-${id}`]: "key-taken" });
        expect(await world.company(old)).toMatchObject({ CustomerCompanyName: world.name("Firma 1") });
        expect(await world.company(now)).toMatchObject({ CustomerCompanyName: world.name("Von Hand") });
        await world.byHand({ Do: "CompanyUpdate", CustomerID: now, NewCustomerID: world.number("8") });
        await world.pauseIsOver();
        await world.syncOnce();
        expect(await world.mark("Company", now)).toBe(`${world.instance} ${id}`);
        expect(await world.inbox()).toEqual([]);
      },
    },
    {
      id: "numbers-folded",
      when: "Two customer numbers differ only in case (PostgreSQL) or in case, umlauts, ß/ss or trailing blanks (MariaDB)",
      result:
        "The plan sees it before anything is sent: the newer customer waits in the inbox (`ambiguous`) with its contacts, until its number is changed.",
      run: async (world) => {
        const first = await world.customer("a1");
        const second = await world.customer("A1");
        const third = await world.customer("mü");
        const fourth = await world.customer("mu");
        const contact = await world.contact([second], "eva");
        const planned = await world.plan();
        expect(planned.customers).toMatchObject({ created: 2, rejected: 2 });
        await world.syncOnce();
        expect(await world.waiting()).toEqual({
          [`company-${second}`]: "ambiguous",
          [`company-${fourth}`]: "ambiguous",
          [`user-${contact}`]: "waits-for-customer",
        });
        expect(await world.mark("Company", world.number("a1"))).toBe(`${world.instance} ${first}`);
        expect(await world.mark("Company", world.number("mü"))).toBe(`${world.instance} ${third}`);
        await world.erp.editCustomer(second, { customernumber: world.number("b1") });
        await world.erp.editCustomer(fourth, { customernumber: world.number("mo") });
        expect((await world.syncOnce()).contacts).toMatchObject({ created: 1 });
        expect(await world.inbox()).toEqual([]);
      },
    },
    {
      id: "number-is-strangers-folded",
      when: "A company that agents made has a CustomerID that differs only in case",
      result: "Inbox `key-differs`: the operation refuses, because writing would overwrite that company.",
      run: async (world) => {
        await world.byHand({
          Do: "CompanyAdd",
          CustomerID: world.number("AB"),
          CustomerCompanyName: world.name("Von Hand"),
          CustomerCompanyCity: "Bonn",
        });
        const id = await world.customer("ab", { city: "Köln" });
        await world.syncOnce();
        expect(await world.waiting()).toEqual({ [`company-${id}`]: "key-differs" });
        expect(await world.company(world.number("AB"))).toMatchObject({ CustomerCompanyCity: "Bonn" });
        expect(await world.mark("Company", world.number("AB"))).toBeNull();
      },
    },
    {
      id: "number-is-strangers-folded-mariadb",
      when: "The same with an umlaut or a trailing blank",
      result: "The same on MariaDB; on PostgreSQL these are two companies.",
      simulated: { databaseKind: "mysql" },
      run: async (world) => {
        const stranger = { CustomerID: world.number("Stra\u00dfe"), CustomerCompanyName: world.name("Von Hand") };
        await world.byHand({ Do: "CompanyAdd", ...stranger, CustomerCompanyCity: "Bonn" });
        const id = await world.customer("strasse", { city: "Köln" });
        await world.syncOnce();
        expect(await world.waiting()).toEqual({ [`company-${id}`]: "key-differs" });
        expect(await world.company(stranger.CustomerID)).toMatchObject({ CustomerCompanyCity: "Bonn" });
      },
    },
    {
      id: "number-missing",
      when: "A customer has no number",
      result: "Inbox `incomplete`, its contacts wait; all of them arrive with the run after it got one.",
      run: async (world) => {
        const id = await world.erp.customer({ number: null, name: world.name("Ohne") });
        const contact = await world.contact([id], "eva");
        await world.syncOnce();
        expect(await world.waiting()).toEqual({
          [`company-${id}`]: "incomplete",
          [`user-${contact}`]: "waits-for-customer",
        });
        await world.erp.editCustomer(id, { customernumber: world.number("1") });
        await world.syncOnce();
        expect((await world.user(world.email("eva")))?.["UserCustomerID"]).toBe(world.number("1"));
        expect(await world.inbox()).toEqual([]);
      },
    },
  ],
};
