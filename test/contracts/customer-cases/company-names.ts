import { expect } from "vitest";
import type { CaseGroup } from "./case.ts";

/** Company names are unique in the helpdesk, in kivitendo they are not. */
export const companyNames: CaseGroup = {
  title: "Names of companies",
  cases: [
    {
      id: "same-name",
      when: "Two customers have the same name",
      result:
        "The one with the lower row id keeps the plain name, the other's gets its customer number: “Name (10002)”.",
      run: async (world) => {
        const name = world.name("Zwilling GmbH");
        await world.customer("1", { name });
        await world.customer("2", { name });
        await world.syncOnce();
        expect((await world.company(world.number("1")))?.["CustomerCompanyName"]).toBe(name);
        expect((await world.company(world.number("2")))?.["CustomerCompanyName"]).toBe(
          `${name} (${world.number("2")})`,
        );
        expect(await world.inbox()).toEqual([]);
      },
    },
    {
      id: "same-name-folded",
      when: "Two names differ only in case, umlauts, ß/ss, trailing blanks or in which emoji it is",
      result: "As with equal names, whatever the helpdesk's database: on MariaDB they are equal.",
      run: async (world) => {
        await world.customer("1", { name: world.name("Größe & Müller") });
        await world.customer("2", { name: `${world.name("GROSSE & MULLER")}  ` });
        await world.customer("3", { name: world.name("Grösse & Muller").toUpperCase() });
        await world.customer("4", { name: world.name("Café 😀") });
        await world.customer("5", { name: world.name("Cafe 🎉") });
        await world.syncOnce();
        const names = await Promise.all(
          ["1", "2", "3", "4", "5"].map(async (n) => (await world.company(world.number(n)))?.["CustomerCompanyName"]),
        );
        expect(names).toEqual([
          world.name("Größe & Müller"),
          `${world.name("GROSSE & MULLER")} (${world.number("2")})`,
          `${world.name("Grösse & Muller").toUpperCase()} (${world.number("3")})`,
          world.name("Café 😀"),
          `${world.name("Cafe 🎉")} (${world.number("5")})`,
        ]);
        expect(await world.inbox()).toEqual([]);
      },
    },
    {
      id: "name-is-strangers",
      when: "A company that agents made has the name",
      result: "Inbox `name-taken`; with `append-number` the customer number goes behind the name, and stays there.",
      run: async (world) => {
        const name = world.name("Hafen AG");
        await world.byHand({ Do: "CompanyAdd", CustomerID: world.number("agents"), CustomerCompanyName: name });
        const id = await world.customer("1", { name });
        const contact = await world.contact([id], "eva");
        await world.syncOnce();
        expect(await world.company(world.number("1"))).toBeNull();
        expect(await world.waiting()).toEqual({
          [`company-${id}`]: "name-taken",
          [`user-${contact}`]: "waits-for-customer",
        });
        await world.decide(`company-${id}`, "append-number");
        await world.syncOnce();
        await world.erp.editCustomer(id, { street: "Ring 2" });
        await world.syncOnce();
        expect(await world.company(world.number("1"))).toMatchObject({
          CustomerCompanyName: `${name} (${world.number("1")})`,
          CustomerCompanyStreet: "Ring 2",
        });
        expect((await world.user(world.email("eva")))?.["UserCustomerID"]).toBe(world.number("1"));
        expect(await world.inbox()).toEqual([]);
      },
    },
    {
      id: "name-is-strangers-folded",
      when: "The same, the names differing as MariaDB does not see it",
      result: "Inbox `name-taken`: the operation refuses, nothing of the other company is overwritten.",
      simulated: { databaseKind: "mysql" },
      run: async (world) => {
        const agents = world.number("agents");
        await world.byHand({
          Do: "CompanyAdd",
          CustomerID: agents,
          CustomerCompanyName: world.name("Strasse Mull"),
          CustomerCompanyCity: "Bonn",
        });
        const id = await world.customer("1", { name: world.name("STRAßE Müll"), city: "Köln" });
        await world.syncOnce();
        expect(await world.waiting()).toEqual({ [`company-${id}`]: "name-taken" });
        expect(await world.company(agents)).toMatchObject({
          CustomerCompanyName: world.name("Strasse Mull"),
          CustomerCompanyCity: "Bonn",
        });
      },
    },
    {
      id: "names-swapped",
      when: "Two companies swap their names",
      result: "Both have them after the same run.",
      run: async (world) => {
        const [a, b] = [world.name("Alpha"), world.name("Beta")];
        const first = await world.customer("1", { name: a });
        const second = await world.customer("2", { name: b });
        await world.syncOnce();
        await world.erp.editCustomer(first, { name: b });
        await world.erp.editCustomer(second, { name: a });
        const planned = await world.plan();
        expect(planned.customers).toMatchObject({ updated: 2, rejected: 0 });
        const report = await world.syncOnce();
        expect(report.customers).toMatchObject({ updated: 2, rejected: 0 });
        expect((await world.company(world.number("1")))?.["CustomerCompanyName"]).toBe(b);
        expect((await world.company(world.number("2")))?.["CustomerCompanyName"]).toBe(a);
        expect(await world.inbox()).toEqual([]);
      },
    },
    {
      id: "name-passed-on",
      when: "A customer takes the name that another one gives up",
      result: "Both change in the same run, whichever comes first.",
      run: async (world) => {
        const [a, b, c] = [world.name("Alpha"), world.name("Beta"), world.name("Gamma")];
        const first = await world.customer("1", { name: a });
        const second = await world.customer("2", { name: b });
        await world.syncOnce();
        await world.erp.editCustomer(first, { name: b });
        await world.erp.editCustomer(second, { name: c });
        expect((await world.syncOnce()).customers).toMatchObject({ updated: 2, rejected: 0 });
        expect((await world.company(world.number("1")))?.["CustomerCompanyName"]).toBe(b);
        expect((await world.company(world.number("2")))?.["CustomerCompanyName"]).toBe(c);
      },
    },
  ],
};
