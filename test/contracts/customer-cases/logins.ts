import { expect } from "vitest";
import type { CaseGroup } from "./case.ts";

/** The login is the first e-mail address in lower case, and stays; addresses are unique in the helpdesk. */
export const logins: CaseGroup = {
  title: "E-mail addresses and logins",
  cases: [
    {
      id: "email-shared",
      when: "Several contacts have the same e-mail address",
      result:
        "The one with the lowest row id gets it, the others wait in the inbox (`email-taken`) until theirs is corrected.",
      run: async (world) => {
        const customer = await world.customer("1");
        const first = await world.contact([customer], "info", { givenName: "Eva" });
        const second = await world.contact([customer], "INFO", { givenName: "Ada" });
        const third = await world.contact([customer], "info", { givenName: "Bob" });
        await world.syncOnce();
        expect(await world.waiting()).toEqual({ [`user-${second}`]: "email-taken", [`user-${third}`]: "email-taken" });
        expect(await world.mark("User", world.email("info"))).toBe(`${world.instance} ${first}`);
        await world.erp.editContact(second, { cp_email: world.email("ada") });
        await world.syncOnce();
        expect(await world.user(world.email("ada"))).toMatchObject({ UserFirstname: "Ada" });
        expect(await world.waiting()).toEqual({ [`user-${third}`]: "email-taken" });
      },
    },
    {
      id: "email-shared-later",
      when: "A contact takes the address of another one who keeps it",
      result:
        "Who has it in the helpdesk keeps it; the other one keeps the address from before and waits (`email-taken`).",
      run: async (world) => {
        const customer = await world.customer("1");
        const first = await world.contact([customer], "eva");
        await world.contact([customer], "ada");
        await world.syncOnce();
        await world.erp.editContact(first, { cp_email: world.email("ada") });
        await world.syncOnce();
        expect(await world.waiting()).toEqual({ [`user-${first}`]: "email-taken" });
        expect((await world.user(world.email("eva")))?.["UserEmail"]).toBe(world.email("eva"));
        expect((await world.user(world.email("ada")))?.["UserEmail"]).toBe(world.email("ada"));
      },
    },
    {
      id: "email-is-strangers",
      when: "A customer user that agents made has the address",
      result: "Inbox `email-taken`, nothing of that user is touched; it heals when the address is free.",
      run: async (world) => {
        const customer = await world.customer("1");
        const stranger = { UserLogin: `${world.tag}-stranger`, UserFirstname: "Von", UserLastname: "Hand" };
        const place = { UserEmail: world.email("eva"), UserCustomerID: "x" };
        await world.byHand({ Do: "UserAdd", ...stranger, ...place });
        const contact = await world.contact([customer], "eva");
        await world.syncOnce();
        expect(await world.waiting()).toEqual({ [`user-${contact}`]: "email-taken" });
        await world.byHand({ Do: "UserUpdate", UserLogin: stranger.UserLogin, UserEmail: world.email("hand") });
        await world.settled();
        await world.pauseIsOver();
        await world.syncOnce();
        expect(await world.mark("User", world.email("eva"))).toBe(`${world.instance} ${contact}`);
        expect(await world.inbox()).toEqual([]);
      },
    },
    {
      id: "email-changed",
      when: "A contact gets another address",
      result:
        "UserEmail changes, the login stays: tickets, preferences and the customer's password stay where they are.",
      run: async (world) => {
        const contact = await world.contact([await world.customer("1")], "Eva.Alt");
        await world.syncOnce();
        const login = world.email("eva.alt");
        const ticket = await world.ticket(world.number("1"), login);
        await world.erp.editContact(contact, { cp_email: world.email("eva.neu") });
        await world.syncOnce();
        expect((await world.user(login))?.["UserEmail"]).toBe(world.email("eva.neu"));
        expect(await world.user(world.email("eva.neu"))).toBeNull();
        expect(await world.carriedBy(ticket)).toEqual([world.number("1"), login]);
      },
    },
    {
      id: "login-renamed",
      when: "Somebody decides `rename` for a contact",
      result:
        "The next run changes the login in one call with tickets, preferences, additional companies, dynamic fields and mark.",
      run: async (world) => {
        const [one, two] = [await world.customer("1"), await world.customer("2")];
        const contact = await world.contact([one, two], "eva");
        await world.byHand({
          Do: "DynamicFieldEnsure",
          ObjectType: "CustomerUser",
          Name: "KiviUserText",
          FieldType: "Text",
        });
        await world.syncOnce();
        const [old, now] = [world.email("eva"), world.email("neu")];
        const ticket = await world.ticket(world.number("1"), old);
        await world.byHand(
          { Do: "PreferenceSet", UserLogin: old, Name: "UserLanguage", Value: "de" },
          { Do: "DynamicFieldSet", ObjectType: "CustomerUser", Key: old, Name: "KiviUserText", Value: "bleibt" },
        );
        await world.decide(`user-${contact}`, "rename", now);
        await world.syncOnce();
        expect(await world.user(old)).toBeNull();
        expect(await world.user(now)).toMatchObject({ UserCustomerID: world.number("1") });
        expect(await world.mark("User", now)).toBe(`${world.instance} ${contact}`);
        expect(await world.carriedBy(ticket)).toEqual([world.number("1"), now]);
        expect(await world.companiesOf(now)).toContain(world.number("2"));
        expect(
          await world.byHand(
            { Do: "PreferenceGet", UserLogin: now, Name: "UserLanguage" },
            { Do: "DynamicFieldGet", ObjectType: "CustomerUser", Key: now, Name: "KiviUserText" },
          ),
        ).toEqual(["de", "bleibt"]);
      },
    },
    {
      id: "emails-swapped",
      when: "Two contacts swap their addresses",
      result: "Both have them after the same run (one gets a makeshift address for a moment); the logins stay.",
      run: async (world) => {
        const customer = await world.customer("1");
        const first = await world.contact([customer], "eva");
        const second = await world.contact([customer], "ada");
        await world.syncOnce();
        await world.erp.editContact(first, { cp_email: world.email("ada") });
        await world.erp.editContact(second, { cp_email: world.email("eva") });
        expect((await world.plan()).contacts).toMatchObject({ updated: 2, rejected: 0 });
        expect((await world.syncOnce()).contacts).toMatchObject({ updated: 2, rejected: 0 });
        expect((await world.user(world.email("eva")))?.["UserEmail"]).toBe(world.email("ada"));
        expect((await world.user(world.email("ada")))?.["UserEmail"]).toBe(world.email("eva"));
        expect(await world.inbox()).toEqual([]);
      },
    },
    {
      id: "emails-in-a-chain",
      when: "Addresses move on from contact to contact, in a chain or in a circle of three",
      result: "All are right after the same run.",
      run: async (world) => {
        const customer = await world.customer("1");
        const names = ["a", "b", "c", "x", "y", "z"];
        const ids = new Map<string, number>();
        for (const name of names) ids.set(name, await world.contact([customer], name));
        await world.syncOnce();
        const wanted = { a: "b", b: "c", c: "d", x: "y", y: "z", z: "x" };
        for (const [name, to] of Object.entries(wanted))
          await world.erp.editContact(ids.get(name) ?? 0, { cp_email: world.email(to) });
        expect((await world.syncOnce()).contacts).toMatchObject({ updated: 6, rejected: 0 });
        const emails = await Promise.all(
          names.map(async (name) => (await world.user(world.email(name)))?.["UserEmail"]),
        );
        expect(emails).toEqual(["b", "c", "d", "y", "z", "x"].map((local) => world.email(local)));
      },
    },
    {
      id: "email-of-one-who-left",
      when: "A new contact has the address of one whose address was changed in the same moment",
      result:
        "The login is still the older contact's: the new one waits (`not-ours`) until somebody decides `rename` for the older one.",
      run: async (world) => {
        const customer = await world.customer("1");
        const first = await world.contact([customer], "info");
        await world.syncOnce();
        await world.erp.editContact(first, { cp_email: world.email("eva") });
        const second = await world.contact([customer], "info", { givenName: "Ada" });
        await world.syncOnce();
        expect(await world.waiting()).toEqual({ [`user-${second}`]: "not-ours" });
        await world.decide(`user-${first}`, "rename", world.email("eva"));
        await world.pauseIsOver();
        await world.syncOnce();
        expect(await world.mark("User", world.email("eva"))).toBe(`${world.instance} ${first}`);
        expect(await world.mark("User", world.email("info"))).toBe(`${world.instance} ${second}`);
        expect(await world.inbox()).toEqual([]);
      },
    },
    {
      id: "email-invalid",
      when: "An address is impossible, or the helpdesk refuses it",
      result:
        "Inbox `invalid` with the helpdesk's words; everybody else is written. It heals when the address is corrected.",
      run: async (world) => {
        const customer = await world.customer("1");
        const contact = await world.contact([customer], "kaputt@");
        await world.contact([customer], "eva");
        await world.syncOnce();
        expect(await world.waiting()).toEqual({ [`user-${contact}`]: "invalid" });
        expect(await world.user(world.email("eva"))).not.toBeNull();
        await world.erp.editContact(contact, { cp_email: world.email("heil") });
        await world.syncOnce();
        expect(await world.mark("User", world.email("heil"))).toBe(`${world.instance} ${contact}`);
        expect(await world.inbox()).toEqual([]);
      },
    },
    {
      id: "email-invalid-later",
      when: "The address of a contact that is there becomes an impossible one",
      result: "The user stays as it is, the old address included, until it is corrected.",
      run: async (world) => {
        const contact = await world.contact([await world.customer("1")], "eva");
        await world.syncOnce();
        await world.erp.editContact(contact, { cp_email: "eva", cp_name: "Neu" });
        await world.syncOnce();
        expect(await world.waiting()).toEqual({ [`user-${contact}`]: "invalid" });
        expect(await world.user(world.email("eva"))).toMatchObject({
          UserEmail: world.email("eva"),
          UserLastname: "Müller",
        });
      },
    },
    {
      id: "email-removed",
      when: "A contact loses its e-mail address, and gets it back",
      result: "The user becomes invalid (it could not be answered), and valid again.",
      run: async (world) => {
        const customer = await world.customer("1");
        const contact = await world.contact([customer], "eva");
        await world.contact([customer], "ada");
        await world.syncOnce();
        await world.erp.editContact(contact, { cp_email: "" });
        await world.syncOnce();
        expect((await world.user(world.email("eva")))?.["ValidID"]).toBe("2");
        await world.erp.editContact(contact, { cp_email: world.email("eva") });
        await world.syncOnce();
        expect((await world.user(world.email("eva")))?.["ValidID"]).toBe("1");
      },
    },
  ],
};
