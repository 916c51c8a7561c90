import { expect } from "vitest";
import type { CaseGroup } from "./case.ts";

/** What agents change by hand, and what of it stays theirs. */
export const agents: CaseGroup = {
  title: "Agents edit",
  cases: [
    {
      id: "key-renamed-by-agents",
      when: "An agent renames our company or user in the helpdesk",
      result:
        "The owner mark follows. The next change of the row is written under the new key, which is remembered from then on.",
      run: async (world) => {
        const id = await world.customer("1");
        const contact = await world.contact([id], "eva");
        await world.syncOnce();
        await world.byHand(
          { Do: "CompanyUpdate", CustomerID: world.number("1"), NewCustomerID: world.number("neu") },
          { Do: "UserUpdate", UserLogin: world.email("eva"), NewUserLogin: world.email("neu") },
        );
        await world.settled();
        await world.erp.editCustomer(id, { city: "Bonn" });
        await world.erp.editContact(contact, { cp_name: "Neu" });
        await world.syncOnce();
        expect(await world.company(world.number("neu"))).toMatchObject({ CustomerCompanyCity: "Bonn" });
        expect(await world.company(world.number("1"))).toBeNull();
        const user = { UserLastname: "Neu", UserCustomerID: world.number("neu") };
        expect(await world.user(world.email("neu"))).toMatchObject(user);
        expect(await world.link("company", id)).toMatchObject({ key: world.number("neu") });
        expect(await world.link("user", contact)).toMatchObject({ key: world.email("neu") });
        expect(await world.inbox()).toEqual([]);
      },
    },
    {
      id: "owned-edited",
      when: "An agent edits a field that is `owned` (names, street, ZIP code, town, country, e-mail)",
      result:
        "It stays until the row changes in kivitendo, then kivitendo's value comes back; `customers verify` shows and repairs it at once.",
      run: async (world) => {
        const id = await world.customer("1", { city: "Köln", street: "Ring 1" });
        await world.syncOnce();
        await world.byHand({ Do: "CompanyUpdate", CustomerID: world.number("1"), CustomerCompanyCity: "Aachen" });
        await world.settled();
        expect((await world.company(world.number("1")))?.["CustomerCompanyCity"]).toBe("Aachen");
        expect(await world.drifts("look", ["1"])).toEqual({ CustomerCompanyCity: "Aachen" });
        await world.drifts("repair", ["1"]);
        expect((await world.company(world.number("1")))?.["CustomerCompanyCity"]).toBe("Köln");
        await world.byHand({ Do: "CompanyUpdate", CustomerID: world.number("1"), CustomerCompanyCity: "Aachen" });
        await world.erp.editCustomer(id, { street: "Ring 2" });
        await world.syncOnce();
        expect(await world.company(world.number("1"))).toMatchObject({
          CustomerCompanyCity: "Köln",
          CustomerCompanyStreet: "Ring 2",
        });
      },
    },
    {
      id: "fill-if-empty-edited",
      when: "An agent edits a field that is `fill-if-empty` (phone, mobile, title, home page)",
      result: "The agent's value stays; an empty field is filled.",
      run: async (world) => {
        const contact = await world.contact([await world.customer("1")], "eva", { phone: "1" });
        await world.syncOnce();
        await world.byHand({ Do: "UserUpdate", UserLogin: world.email("eva"), UserPhone: "agents" });
        await world.erp.editContact(contact, { cp_phone1: "2", cp_mobile1: "3", cp_name: "Neu" });
        await world.syncOnce();
        expect(await world.user(world.email("eva"))).toMatchObject({
          UserPhone: "agents",
          UserMobile: "3",
          UserLastname: "Neu",
        });
      },
    },
    {
      id: "create-only-edited",
      when: "An agent edits a field that is configured as `create-only`",
      result: "It is set once, when the record is created (or adopted); later changes in kivitendo do not touch it.",
      settings: { fields: { company: { CustomerCompanyStreet: "create-only" } } },
      run: async (world) => {
        const id = await world.customer("1", { street: "Ring 1", city: "Köln" });
        await world.syncOnce();
        expect((await world.company(world.number("1")))?.["CustomerCompanyStreet"]).toBe("Ring 1");
        await world.byHand({ Do: "CompanyUpdate", CustomerID: world.number("1"), CustomerCompanyStreet: "" });
        await world.erp.editCustomer(id, { street: "Ring 2", city: "Bonn" });
        await world.syncOnce();
        expect(await world.company(world.number("1"))).toMatchObject({
          CustomerCompanyStreet: "",
          CustomerCompanyCity: "Bonn",
        });
      },
    },
    {
      id: "others-fields",
      when: "An agent fills fields that the bridge does not know: comment, fax, the contact's own address, password",
      result: "They stay, whatever is written.",
      run: async (world) => {
        const contact = await world.contact([await world.customer("1")], "eva");
        await world.syncOnce();
        const login = world.email("eva");
        await world.byHand({
          Do: "UserUpdate",
          UserLogin: login,
          UserComment: "VIP",
          UserFax: "9",
          UserCity: "Bonn",
          UserPassword: "geheim",
        });
        const before = await world.user(login);
        await world.erp.editContact(contact, { cp_name: "Neu" });
        await world.syncOnce();
        const { ChangeTime: _time, ChangeBy: _by, UserLastname: name, ...after } = (await world.user(login)) ?? {};
        expect(name).toBe("Neu");
        expect(before).toMatchObject(after);
      },
    },
    {
      id: "extra-fields",
      when: "Extra columns or custom variables are mapped to dynamic fields or to fields of the site's own map",
      result: "They are written like any other field, each with the ownership that is configured.",
      settings: {
        extraFields: [
          { record: "company", column: "ustid", dynamicField: "KiviFirmText" },
          { record: "company", column: "variable:branche", field: "CustomerCompanyIndustry" },
          { record: "user", column: "cp_position", field: "UserRoom", ownership: "create-only" },
        ],
      },
      run: async (world) => {
        await world.byHand({
          Do: "DynamicFieldEnsure",
          ObjectType: "CustomerCompany",
          Name: "KiviFirmText",
          FieldType: "Text",
        });
        await world.erp.text("CT", "branche");
        const id = await world.customer("1", { ustid: "DE123456788" });
        await world.erp.setVariable("CT", "branche", id, "Hafenbau");
        const contact = await world.contact([id], "eva");
        await world.erp.editContact(contact, { cp_position: "Leitung" });
        await world.syncOnce();
        const vat = {
          Do: "DynamicFieldGet",
          ObjectType: "CustomerCompany",
          Key: world.number("1"),
          Name: "KiviFirmText",
        } as const;
        expect(await world.byHand(vat)).toEqual(["DE123456788"]);
        expect(await world.company(world.number("1"))).toMatchObject({ CustomerCompanyIndustry: "Hafenbau" });
        expect(await world.user(world.email("eva"))).toMatchObject({ UserRoom: "Leitung" });
        await world.erp.editCustomer(id, { ustid: "" });
        await world.erp.setVariable("CT", "branche", id, "Schiffbau");
        await world.erp.editContact(contact, { cp_position: "Vertretung" });
        await world.syncOnce();
        expect(["", null]).toContain((await world.byHand(vat))[0]);
        expect(await world.company(world.number("1"))).toMatchObject({ CustomerCompanyIndustry: "Schiffbau" });
        expect(await world.user(world.email("eva"))).toMatchObject({ UserRoom: "Leitung" });
      },
    },
    {
      id: "extra-field-missing",
      when: "A mapping names a field or dynamic field that the helpdesk does not have",
      result: "A configuration error at start that names it; nothing is written.",
      settings: {
        extraFields: [
          { record: "company", column: "ustid", dynamicField: "GibtEsNicht" },
          { record: "user", column: "cp_position", field: "UserGibtEsNicht" },
        ],
      },
      run: async (world) => {
        await world.customer("1");
        const error = await world.sync().catch((thrown: unknown) => thrown);
        expect(error).toMatchObject({ name: "ConfigError" });
        expect(String(error)).toMatch(/GibtEsNicht[^]*UserGibtEsNicht/);
        expect(await world.company(world.number("1"))).toBeNull();
      },
    },
  ],
};
