import { expect } from "vitest";
import type { CaseGroup } from "./case.ts";
import type { CaseWorld } from "./world.ts";

async function validity(world: CaseWorld): Promise<readonly unknown[]> {
  return [(await world.company(world.number("1")))?.["ValidID"], (await world.user(world.email("eva")))?.["ValidID"]];
}

/** Nothing is deleted in the helpdesk: what leaves becomes invalid, and valid again when it comes back. */
export const leaving: CaseGroup = {
  title: "Leaving and coming back",
  cases: [
    {
      id: "last-contact-gone",
      when: "The last contact of a customer is deleted",
      result: "The contact becomes invalid, the company stays valid.",
      run: async (world) => {
        const customer = await world.customer("1");
        const contact = await world.contact([customer], "eva");
        await world.contact([await world.customer("2")], "ada");
        await world.syncOnce();
        await world.erp.deleteContact(contact);
        await world.syncOnce();
        expect(await validity(world)).toEqual(["1", "2"]);
        expect(await world.user(world.email("eva"))).toMatchObject({
          UserEmail: world.email("eva"),
          UserLastname: "Müller",
        });
      },
    },
    {
      id: "customer-obsolete",
      when: "A customer becomes obsolete (“ungültig”), and is used again",
      result: "The company becomes invalid and its contacts with it; later all of them become valid again.",
      release: "4.0.0",
      run: async (world) => {
        const customer = await world.customer("1");
        await world.contact([customer], "eva");
        await world.syncOnce();
        const ticket = await world.ticket(world.number("1"), world.email("eva"));
        await world.erp.editCustomer(customer, { obsolete: true });
        const report = await world.syncOnce();
        expect([report.customers.invalidated, report.contacts.invalidated]).toEqual([1, 1]);
        expect(await validity(world)).toEqual(["2", "2"]);
        expect(await world.carriedBy(ticket)).toEqual([world.number("1"), world.email("eva")]);
        await world.erp.editCustomer(customer, { obsolete: false });
        await world.syncOnce();
        expect(await validity(world)).toEqual(["1", "1"]);
      },
    },
    {
      id: "obsolete-never-there",
      when: "A customer is obsolete when the bridge meets it",
      result: "Neither it nor its contacts are created.",
      run: async (world) => {
        await world.contact([await world.customer("1", { obsolete: true })], "eva");
        await world.syncOnce();
        expect(await world.company(world.number("1"))).toBeNull();
        expect(await world.user(world.email("eva"))).toBeNull();
      },
    },
    {
      id: "customer-deleted",
      when: "A customer is deleted with its contacts",
      result: "Company and users become invalid; their other fields and their tickets stay.",
      run: async (world) => {
        const customer = await world.customer("1", { city: "Köln" });
        const contact = await world.contact([customer], "eva");
        await world.contact([await world.customer("2")], "ada");
        await world.syncOnce();
        await world.erp.deleteContact(contact);
        await world.erp.deleteCustomer(customer);
        await world.syncOnce();
        expect(await validity(world)).toEqual(["2", "2"]);
        expect((await world.company(world.number("1")))?.["CustomerCompanyCity"]).toBe("Köln");
      },
    },
    {
      id: "customer-merged",
      when: "Two customers are merged: the contacts of one are given to the other, and it is deleted",
      result:
        "The deleted one becomes invalid, its contacts stay valid where they are and wait in the inbox; with `move` they go with their tickets.",
      release: "4.0.0",
      run: async (world) => {
        const [one, two] = [await world.customer("1"), await world.customer("2")];
        const contact = await world.contact([one], "eva");
        await world.syncOnce();
        const ticket = await world.ticket(world.number("1"), world.email("eva"));
        await world.erp.moveContact(contact, two);
        await world.erp.deleteCustomer(one);
        await world.syncOnce();
        expect(await validity(world)).toEqual(["2", "1"]);
        expect(await world.waiting()).toEqual({ [`user-${contact}`]: "move-waits" });
        await world.decide(`user-${contact}`, "move");
        await world.syncOnce();
        expect(await world.carriedBy(ticket)).toEqual([world.number("2"), world.email("eva")]);
        expect(await world.inbox()).toEqual([]);
      },
    },
    {
      id: "contact-flag",
      when: "A contact may no longer report tickets (`contactFlag`), and may again",
      result: "The user becomes invalid, not deleted, and valid again. Who never had the flag is not created.",
      settings: { contactFlag: "darf_tickets_melden" },
      run: async (world) => {
        await world.erp.flag("Contacts", "darf_tickets_melden");
        const customer = await world.customer("1");
        const eva = await world.contact([customer], "eva");
        await world.contact([customer], "ada");
        await world.erp.setVariable("Contacts", "darf_tickets_melden", eva, true);
        await world.syncOnce();
        expect(await world.user(world.email("ada"))).toBeNull();
        await world.erp.setVariable("Contacts", "darf_tickets_melden", eva, false);
        await world.syncOnce();
        expect(await validity(world)).toEqual(["1", "2"]);
        await world.erp.setVariable("Contacts", "darf_tickets_melden", eva, true);
        await world.syncOnce();
        expect(await validity(world)).toEqual(["1", "1"]);
      },
    },
    {
      id: "invalid-temporarily",
      when: "An agent has set a record to invalid-temporarily",
      result: "It stays so, while its fields go on being written; obsolete in kivitendo makes it invalid.",
      run: async (world) => {
        const customer = await world.customer("1");
        const contact = await world.contact([customer], "eva");
        await world.syncOnce();
        await world.byHand(
          { Do: "CompanyUpdate", CustomerID: world.number("1"), ValidID: 3 },
          { Do: "UserUpdate", UserLogin: world.email("eva"), ValidID: 3 },
        );
        await world.settled();
        await world.erp.editCustomer(customer, { city: "Bonn" });
        await world.erp.editContact(contact, { cp_name: "Neu" });
        await world.syncOnce();
        expect(await validity(world)).toEqual(["3", "3"]);
        expect((await world.company(world.number("1")))?.["CustomerCompanyCity"]).toBe("Bonn");
        expect((await world.user(world.email("eva")))?.["UserLastname"]).toBe("Neu");
        await world.erp.editCustomer(customer, { obsolete: true });
        await world.syncOnce();
        expect(await validity(world)).toEqual(["2", "2"]);
      },
    },
    {
      id: "removed-from-the-helpdesk",
      when: "Somebody removed a record from the helpdesk's database",
      result:
        "Inbox `gone` at the next change of the row: nothing is created again by itself; with `recreate` it is, under its old key.",
      run: async (world) => {
        const customer = await world.customer("1");
        await world.contact([customer], "eva");
        await world.syncOnce();
        await world.byHand({ Do: "RecordRemove", Kind: "Company", Key: world.number("1") });
        await world.settled();
        await world.erp.editCustomer(customer, { city: "Bonn" });
        await world.syncOnce();
        expect(await world.company(world.number("1"))).toBeNull();
        expect(await world.waiting()).toEqual({ [`company-${customer}`]: "gone" });
        await world.decide(`company-${customer}`, "recreate");
        await world.syncOnce();
        expect(await world.company(world.number("1"))).toMatchObject({ CustomerCompanyCity: "Bonn", ValidID: "1" });
        expect(await world.inbox()).toEqual([]);
      },
    },
    {
      id: "typed-again",
      when: "A contact is deleted and typed again with the same address, under the same customer",
      result:
        "Recognised as the same person: its user goes on, with login, tickets and what agents wrote. It counts as an adoption for the guard.",
      run: async (world) => {
        const customer = await world.customer("1");
        const old = await world.contact([customer], "eva");
        await world.contact([customer], "ada");
        await world.syncOnce();
        const login = world.email("eva");
        await world.byHand({ Do: "UserUpdate", UserLogin: login, UserComment: "by hand" });
        const ticket = await world.ticket(world.number("1"), login);
        await world.settled();
        await world.erp.deleteContact(old);
        await world.syncOnce();
        expect(await world.user(login)).toMatchObject({ UserFirstname: "Eva", ValidID: "2" });
        const again = await world.contact([customer], "eva", { givenName: "Evi" });
        const report = await world.syncOnce();
        expect([report.contacts.adopted, report.contacts.created]).toEqual([1, 0]);
        expect(await world.user(login)).toMatchObject({ UserFirstname: "Evi", UserComment: "by hand", ValidID: "1" });
        expect(await world.mark("User", login)).toBe(`${world.instance} ${again}`);
        expect(await world.carriedBy(ticket)).toEqual([world.number("1"), login]);
        expect(await world.inbox()).toEqual([]);
      },
    },
    {
      id: "typed-again-at-once",
      when: "A customer and its contact are deleted and typed again, with the same number and address, between two runs",
      result: "Company and user stay valid and go on; nothing else of them is touched.",
      run: async (world) => {
        const customer = await world.customer("1");
        const contact = await world.contact([customer], "eva");
        await world.syncOnce();
        await world.erp.deleteContact(contact);
        await world.erp.deleteCustomer(customer);
        const again = await world.customer("1");
        const eva = await world.contact([again], "eva");
        const { customers, contacts } = await world.syncOnce();
        expect([customers.adopted, customers.invalidated, contacts.adopted, contacts.invalidated]).toEqual([
          1, 0, 1, 0,
        ]);
        expect(await validity(world)).toEqual(["1", "1"]);
        expect(await world.mark("Company", world.number("1"))).toBe(`${world.instance} ${again}`);
        expect(await world.mark("User", world.email("eva"))).toBe(`${world.instance} ${eva}`);
        expect(await world.inbox()).toEqual([]);
      },
    },
    {
      id: "typed-again-elsewhere",
      when: "A contact is deleted and typed again with the same address, under another customer",
      result:
        "The old user becomes invalid; the new contact waits (`found`), because the tickets would go along. With `adopt` the user goes to the new customer with all its tickets.",
      run: async (world) => {
        const [one, two] = [await world.customer("1"), await world.customer("2")];
        const old = await world.contact([one], "eva");
        await world.syncOnce();
        const login = world.email("eva");
        const ticket = await world.ticket(world.number("1"), login);
        await world.erp.deleteContact(old);
        const again = await world.contact([two], "eva");
        await world.syncOnce();
        expect(await world.user(login)).toMatchObject({ UserCustomerID: world.number("1"), ValidID: "2" });
        expect(await world.waiting()).toEqual({ [`user-${again}`]: "found" });
        await world.decide(`user-${again}`, "adopt");
        await world.syncOnce();
        expect(await world.user(login)).toMatchObject({ UserCustomerID: world.number("2"), ValidID: "1" });
        expect(await world.carriedBy(ticket)).toEqual([world.number("2"), login]);
        expect(await world.inbox()).toEqual([]);
      },
    },
    {
      id: "number-used-again",
      when: "A customer is deleted, and its number is given to another company",
      result:
        "The old company becomes invalid; the new customer waits (`found`), because users and tickets would go along. With `adopt` the old company becomes the new customer's, with its users and tickets.",
      run: async (world) => {
        const [old] = [await world.customer("1"), await world.customer("2")];
        await world.syncOnce();
        const number = world.number("1");
        await world.erp.deleteCustomer(old);
        const other = await world.customer("1", { name: world.name("Kern") });
        await world.syncOnce();
        expect(await world.company(number)).toMatchObject({ CustomerCompanyName: world.name("Firma 1"), ValidID: "2" });
        expect(await world.waiting()).toEqual({ [`company-${other}`]: "found" });
        await world.decide(`company-${other}`, "adopt");
        await world.syncOnce();
        expect(await world.company(number)).toMatchObject({ CustomerCompanyName: world.name("Kern"), ValidID: "1" });
        expect(await world.mark("Company", number)).toBe(`${world.instance} ${other}`);
        expect(await world.inbox()).toEqual([]);
      },
    },
    {
      id: "invalid-by-hand",
      when: "An agent has set a record to invalid that kivitendo has as valid",
      result:
        "`customers verify` shows it at once; the next change of the row makes it valid again, because validity is always kivitendo's.",
      run: async (world) => {
        const customer = await world.customer("1");
        await world.contact([customer], "eva");
        await world.syncOnce();
        await world.byHand({ Do: "CompanyUpdate", CustomerID: world.number("1"), ValidID: 2 });
        await world.settled();
        expect(await world.drifts("look", ["1"])).toEqual({ ValidID: "2" });
        await world.erp.editCustomer(customer, { city: "Bonn" });
        await world.syncOnce();
        expect(await validity(world)).toEqual(["1", "1"]);
      },
    },
  ],
};
