import { expect } from "vitest";
import type { CaseGroup } from "./case.ts";

/** What kivitendo has and the helpdesk cannot take as it is. */
export const values: CaseGroup = {
  title: "Values",
  cases: [
    {
      id: "name-missing",
      when: "A contact has no given or no family name, which the helpdesk demands",
      result: "Inbox `incomplete`; it heals when the name is typed.",
      run: async (world) => {
        const customer = await world.customer("1");
        const first = await world.contact([customer], "eva", { givenName: null });
        const second = await world.contact([customer], "ada", { name: " " });
        await world.syncOnce();
        expect(await world.waiting()).toEqual({ [`user-${first}`]: "incomplete", [`user-${second}`]: "incomplete" });
        await world.erp.editContact(first, { cp_givenname: "Eva" });
        await world.syncOnce();
        expect(await world.user(world.email("eva"))).toMatchObject({ UserFirstname: "Eva" });
        expect(await world.waiting()).toEqual({ [`user-${second}`]: "incomplete" });
      },
    },
    {
      id: "name-placeholder",
      when: 'The same with `placeholderName: "-"`',
      result: "The placeholder stands for the missing name until there is one.",
      settings: { placeholderName: "-" },
      run: async (world) => {
        const contact = await world.contact([await world.customer("1")], "eva", { givenName: null });
        await world.syncOnce();
        expect(await world.user(world.email("eva"))).toMatchObject({ UserFirstname: "-", UserLastname: "Müller" });
        await world.erp.editContact(contact, { cp_givenname: "Eva" });
        await world.syncOnce();
        expect(await world.user(world.email("eva"))).toMatchObject({ UserFirstname: "Eva" });
      },
    },
    {
      id: "too-long-text",
      when: "A name, street, town or title is longer than the helpdesk's column",
      result: "Cut with “…”; a number behind an equal name stays whole. The report says what was cut.",
      run: async (world) => {
        const long = (start: string) => `${world.name(start)} ${"ä😀".repeat(150)}`;
        const customer = await world.customer("1", {
          name: long("Firma"),
          street: long("Straße"),
          city: long("Stadt"),
        });
        await world.customer("2", { name: long("Firma") });
        const sheet = { title: "T".repeat(60), givenName: "E".repeat(120), name: "M".repeat(120) };
        await world.contact([customer], "eva", sheet);
        const report = await world.syncOnce();
        const company = await world.company(world.number("1"));
        const lengths = ["Name", "Street", "City"].map(
          (field) => Array.from(company?.[`CustomerCompany${field}`] ?? "").length,
        );
        expect(lengths).toEqual([191, 200, 200]);
        expect(company?.["CustomerCompanyStreet"]).toMatch(/…$/);
        const other = (await world.company(world.number("2")))?.["CustomerCompanyName"] ?? "";
        expect(Array.from(other).length).toBeLessThanOrEqual(191);
        expect(other.endsWith(`… (${world.number("2")})`)).toBe(true);
        const user = await world.user(world.email("eva"));
        expect(user).toMatchObject({ UserTitle: `${"T".repeat(49)}…`, UserFirstname: `${"E".repeat(99)}…` });
        expect(report.outcomes.flatMap(({ change }) => change.notices).join("; ")).toContain(
          "UserTitle cut to 50 characters",
        );
        expect(await world.inbox()).toEqual([]);
      },
    },
    {
      id: "too-long-number",
      when: "A phone number, mobile number, ZIP code or home page is longer than the column",
      result: "Left out, because a part of it would be worse than nothing. The report says so.",
      run: async (world) => {
        const homepage = `https://${"a".repeat(200)}.de`;
        const customer = await world.customer("1", { zipcode: "5".repeat(201), homepage });
        await world.contact([customer], "eva", { phone: "1".repeat(151), mobile: "2".repeat(151) });
        const report = await world.syncOnce();
        expect(await world.company(world.number("1"))).toMatchObject({
          CustomerCompanyZIP: "",
          CustomerCompanyURL: "",
        });
        expect(await world.user(world.email("eva"))).toMatchObject({ UserPhone: "", UserMobile: "" });
        expect(report.outcomes.flatMap(({ change }) => change.notices)).toHaveLength(4);
      },
    },
    {
      id: "too-long-key",
      when: "A customer number or an e-mail address is too long",
      result: "Inbox `incomplete`: neither can be cut.",
      run: async (world) => {
        const first = await world.customer("1".repeat(150));
        const second = await world.customer("2");
        const contact = await world.contact([second], "e".repeat(150));
        await world.syncOnce();
        expect(await world.waiting()).toEqual({
          [`company-${first}`]: "incomplete",
          [`user-${contact}`]: "incomplete",
        });
        await world.erp.editContact(contact, { cp_email: world.email("eva") });
        await world.syncOnce();
        expect(await world.user(world.email("eva"))).not.toBeNull();
      },
    },
    {
      id: "control-characters",
      when: "A value has line breaks, tabs or other control characters",
      result: "They become one blank.",
      run: async (world) => {
        const customer = await world.customer("1", {
          name: `${world.name("Zwei")}\r\n\tZeilen\u0001`,
          city: " Köln\n",
        });
        await world.contact([customer], "eva", { name: "Müller\u0085Lüdenscheidt", email: ` ${world.email("eva")}\n` });
        await world.syncOnce();
        expect(await world.company(world.number("1"))).toMatchObject({
          CustomerCompanyName: `${world.name("Zwei")} Zeilen`,
          CustomerCompanyCity: "Köln",
        });
        expect(await world.user(world.email("eva"))).toMatchObject({ UserLastname: "Müller Lüdenscheidt" });
      },
    },
    {
      id: "emoji",
      when: "A value has emoji or letters of other scripts",
      result: "It arrives as it is.",
      run: async (world) => {
        const name = world.name("Bäckerei 🥐 Ωμέγα 東京");
        await world.contact([await world.customer("1", { name })], "eva", { givenName: "👩‍🔧 Zoë" });
        await world.syncOnce();
        expect((await world.company(world.number("1")))?.["CustomerCompanyName"]).toBe(name);
        expect(await world.user(world.email("eva"))).toMatchObject({ UserFirstname: "👩‍🔧 Zoë" });
      },
    },
    {
      id: "country",
      when: "Countries from kivitendo's list (4.1.0)",
      result: "The name that the helpdesk's own forms offer: “Germany”, “Switzerland”, “United Kingdom …”.",
      run: async (world) => {
        const codes = ["DE", "CH", "US"];
        for (const code of codes) await world.customer(code, { country: code });
        await world.syncOnce();
        const [de, ch, us] = await Promise.all(
          codes.map(async (code) => (await world.company(world.number(code)))?.["CustomerCompanyCountry"]),
        );
        expect([de, ch]).toEqual(["Germany", "Switzerland"]);
        expect(us).toMatch(/^United States/);
      },
    },
    {
      id: "country-typed",
      when: "Countries as people type them (up to 4.0.0): German or English names, ISO codes, anything else",
      result: "The same name where it is a country, else as typed.",
      release: "4.0.0",
      run: async (world) => {
        const typed = ["Deutschland", "CH", "d", "Austria", "Atlantis"];
        for (const country of typed) await world.customer(country, { country });
        await world.syncOnce();
        const stored = await Promise.all(
          typed.map(async (country) => (await world.company(world.number(country)))?.["CustomerCompanyCountry"]),
        );
        expect(stored).toEqual(["Germany", "Switzerland", "Germany", "Austria", "Atlantis"]);
      },
    },
    {
      id: "country-as-typed",
      when: "The same with `countries: as-typed`",
      result: "As kivitendo has it.",
      release: "4.0.0",
      settings: { countries: "as-typed" },
      run: async (world) => {
        await world.customer("1", { country: "Deutschland" });
        await world.syncOnce();
        expect((await world.company(world.number("1")))?.["CustomerCompanyCountry"]).toBe("Deutschland");
      },
    },
  ],
};
