import { expect } from "vitest";
import type { CaseGroup, CustomerCase } from "./case.ts";
import type { CaseWorld } from "./world.ts";

/** A contact of customer 1 with a ticket, moved to customer 2. */
async function moved(world: CaseWorld) {
  const [one, two] = [await world.customer("1"), await world.customer("2")];
  const contact = await world.contact([one], "eva", { phone: "1" });
  await world.syncOnce();
  const login = world.email("eva");
  const ticket = await world.ticket(world.number("1"), login);
  await world.erp.moveContact(contact, two);
  await world.erp.editContact(contact, { cp_name: "Neu" });
  const under = async (): Promise<unknown> => [
    (await world.user(login))?.["UserCustomerID"],
    (await world.carriedBy(ticket))[0],
  ];
  return { one, two, contact, login, under, id: `user-${contact}` };
}

const several: readonly CustomerCase[] = [
  {
    id: "several-customers",
    when: "A contact belongs to several customers (n:m since kivitendo 4.1.0)",
    result:
      "It is filed under one of them (the only one for which it is the main contact, else the lowest row id); the others are additional CustomerIDs.",
    run: async (world) => {
      const [one, two, three] = [await world.customer("1"), await world.customer("2"), await world.customer("3")];
      const contact = await world.contact([one, two, three], "eva");
      await world.syncOnce();
      const login = world.email("eva");
      expect((await world.user(login))?.["UserCustomerID"]).toBe(world.number("1"));
      expect(await world.companiesOf(login)).toEqual(expect.arrayContaining([world.number("2"), world.number("3")]));
      await world.erp.query("update customer_contacts set main = true where contact_id = $1 and customer_id = $2", [
        contact,
        two,
      ]);
      await world.syncOnce();
      expect((await world.user(login))?.["UserCustomerID"], "stays where it is").toBe(world.number("1"));
    },
  },
  {
    id: "several-customers-one-less",
    when: "One of those relations is removed; agents have added companies of their own",
    result: "Only the additional company that the bridge added goes; those of agents stay.",
    run: async (world) => {
      const [one, two, three] = [await world.customer("1"), await world.customer("2"), await world.customer("3")];
      const contact = await world.contact([one, two, three], "eva");
      await world.syncOnce();
      const login = world.email("eva");
      await world.byHand({ Do: "MemberSet", UserLogin: login, CustomerID: world.number("agents"), Active: 1 });
      await world.erp.separate(contact, two);
      await world.syncOnce();
      const companies = await world.companiesOf(login);
      expect(companies).toEqual(expect.arrayContaining([world.number("3"), world.number("agents")]));
      expect(companies).not.toContain(world.number("2"));
    },
  },
  {
    id: "several-customers-other-one-gone",
    when: "The relation to the customer under which such a contact is filed is removed",
    result: "That is a move to the next one: inbox `move-waits`; with `move` the tickets go along.",
    run: async (world) => {
      const [one, two] = [await world.customer("1"), await world.customer("2")];
      const contact = await world.contact([one, two], "eva");
      await world.syncOnce();
      await world.erp.separate(contact, one);
      await world.syncOnce();
      expect((await world.user(world.email("eva")))?.["UserCustomerID"]).toBe(world.number("1"));
      expect(await world.waiting()).toEqual({ [`user-${contact}`]: "move-waits" });
      await world.decide(`user-${contact}`, "move");
      await world.syncOnce();
      expect((await world.user(world.email("eva")))?.["UserCustomerID"]).toBe(world.number("2"));
      expect(await world.inbox()).toEqual([]);
    },
  },
  {
    id: "several-customers-obsolete",
    when: "The customer under which such a contact is filed becomes obsolete",
    result: "The company becomes invalid; the contact stays valid, because it has another customer.",
    run: async (world) => {
      const [one, two] = [await world.customer("1"), await world.customer("2")];
      await world.contact([one, two], "eva");
      await world.syncOnce();
      await world.erp.editCustomer(one, { obsolete: true });
      await world.syncOnce();
      expect((await world.company(world.number("1")))?.["ValidID"]).toBe("2");
      expect(await world.user(world.email("eva"))).toMatchObject({ ValidID: "1", UserCustomerID: world.number("1") });
      expect(await world.companiesOf(world.email("eva"))).toContain(world.number("2"));
      expect(await world.inbox()).toEqual([]);
    },
  },
  {
    id: "several-customers-new-one",
    when: "An additional customer arrives in the helpdesk later than the contact",
    result: "The run that brings it adds it to the contact.",
    run: async (world) => {
      const one = await world.customer("1");
      const two = await world.erp.customer({ number: null, name: world.name("Später") });
      await world.contact([one, two], "eva");
      await world.syncOnce();
      expect(await world.companiesOf(world.email("eva"))).not.toContain(world.number("2"));
      await world.erp.editCustomer(two, { customernumber: world.number("2") });
      await world.syncOnce();
      expect(await world.companiesOf(world.email("eva"))).toContain(world.number("2"));
    },
  },
];

const moves: readonly CustomerCase[] = [
  {
    id: "moved-waits",
    when: "A contact moves to another customer",
    result:
      "Inbox `move-waits`: all its tickets would move along, so the customer stays; every other change of the contact is written.",
    run: async (world) => {
      const { id, login, under } = await moved(world);
      await world.syncOnce();
      expect(await under()).toEqual([world.number("1"), world.number("1")]);
      expect((await world.user(login))?.["UserLastname"]).toBe("Neu");
      expect(await world.inbox()).toEqual([{ id, reason: "move-waits", choices: ["move", "stay"] }]);
    },
  },
  {
    id: "moved-decided-move",
    when: "… and somebody decides `move`",
    result: "The next run moves the user and all its tickets.",
    release: "4.0.0",
    run: async (world) => {
      const { id, under } = await moved(world);
      await world.syncOnce();
      await world.decide(id, "move");
      await world.syncOnce();
      expect(await under()).toEqual([world.number("2"), world.number("2")]);
      expect(await world.inbox()).toEqual([]);
    },
  },
  {
    id: "moved-decided-stay",
    when: "… and somebody decides `stay`",
    result: "The user stays, also at later changes of the contact, until it moves to yet another customer.",
    run: async (world) => {
      const { id, contact, login, two, under } = await moved(world);
      await world.syncOnce();
      await world.decide(id, "stay");
      await world.syncOnce();
      await world.erp.editContact(contact, { cp_name: "Nochmals" });
      await world.syncOnce();
      expect(await under()).toEqual([world.number("1"), world.number("1")]);
      expect((await world.user(login))?.["UserLastname"]).toBe("Nochmals");
      expect(await world.inbox()).toEqual([]);
      const three = await world.customer("3");
      await world.erp.query(
        "update customer_contacts set customer_id = $3 where contact_id = $1 and customer_id = $2",
        [contact, two, three],
      );
      await world.syncOnce();
      expect(await world.waiting()).toEqual({ [id]: "move-waits" });
    },
  },
  {
    id: "moved-back",
    when: "… and the contact moves back before anybody decided",
    result: "The question goes away by itself.",
    run: async (world) => {
      const { contact, one, under } = await moved(world);
      await world.syncOnce();
      await world.erp.moveContact(contact, one);
      await world.syncOnce();
      expect(await under()).toEqual([world.number("1"), world.number("1")]);
      expect(await world.inbox()).toEqual([]);
    },
  },
  {
    id: "moved-allowed",
    when: "A contact moves, with `moves: allow`",
    result: "User and tickets move with the next run.",
    settings: { moves: "allow" },
    run: async (world) => {
      const { under } = await moved(world);
      await world.syncOnce();
      expect(await under()).toEqual([world.number("2"), world.number("2")]);
      expect(await world.inbox()).toEqual([]);
    },
  },
  {
    id: "moved-and-left",
    when: "A contact moves to a customer that is obsolete",
    result: "It becomes invalid where it is; nobody needs to decide.",
    run: async (world) => {
      const { two, under, login } = await moved(world);
      await world.erp.editCustomer(two, { obsolete: true });
      await world.syncOnce();
      expect(await under()).toEqual([world.number("1"), world.number("1")]);
      expect((await world.user(login))?.["ValidID"]).toBe("2");
      expect(await world.inbox()).toEqual([]);
    },
  },
];

export const contactCustomers: CaseGroup = { title: "Contacts and their customers", cases: [...several, ...moves] };
