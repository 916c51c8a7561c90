/** What people type into kivitendo in a history. */
import type { CaseErp } from "../../contracts/customer-cases/erp.ts";
import type { ErpStep } from "./steps.ts";

/** Custom variable of contacts, where a history has one. */
export const flagName = "darf_tickets";

/** The element of a list at a place counted round; null of an empty list. */
export function pick<T>(all: readonly T[], place: number): T | null {
  return all[place % Math.max(all.length, 1)] ?? null;
}

/** Does a step; one that finds nobody to do it to changes nothing. */
export async function workInErp(erp: CaseErp, step: ErpStep): Promise<void> {
  const customers = await ids(erp, "select id from customer order by id");
  const contacts = await ids(erp, "select cp_id as id from contacts order by cp_id");
  if (step.do === "addCustomer") {
    await erp.customer({ number: step.number, name: step.name, street: "Ring 1", zipcode: "50667", city: "Köln" });
    return;
  }
  if (step.do === "addContact") {
    const under = [...new Set(step.customers.flatMap((place) => pick(customers, place) ?? []))];
    await erp.contact(under, { email: step.email, givenName: step.given, name: step.name });
    return;
  }
  if ("customer" in step) return relate(erp, step, pick(contacts, step.who), pick(customers, step.customer));
  await (isAboutContacts(step) ? editContact(erp, step, contacts) : editCustomer(erp, step, customers));
}

type RelationStep = Extract<ErpStep, { customer: number }>;
type ContactStep = Extract<
  ErpStep,
  { do: "email" | "swapEmails" | "contactName" | "phone" | "flag" | "deleteContact" }
>;
type CustomerStep = Exclude<ErpStep, RelationStep | ContactStep | { do: "addCustomer" | "addContact" }>;

function isAboutContacts(step: ContactStep | CustomerStep): step is ContactStep {
  return ["email", "swapEmails", "contactName", "phone", "flag", "deleteContact"].includes(step.do);
}

async function relate(
  erp: CaseErp,
  step: RelationStep,
  contact: number | null,
  customer: number | null,
): Promise<void> {
  if (contact === null || customer === null) return;
  await erp.separate(contact, customer);
  if (step.do === "move") await erp.query("delete from customer_contacts where contact_id = $1", [contact]);
  if (step.do !== "separate") await erp.relate(contact, customer);
}

async function editContact(erp: CaseErp, step: ContactStep, contacts: readonly number[]): Promise<void> {
  const id = pick(contacts, step.who);
  if (id === null) return;
  switch (step.do) {
    case "email":
      return erp.editContact(id, { cp_email: step.email });
    case "swapEmails":
      return swap(erp, { table: "contacts", key: "cp_id", column: "cp_email" }, id, pick(contacts, step.other));
    case "contactName":
      return erp.editContact(id, { [step.column]: step.name });
    case "phone":
      return erp.editContact(id, { cp_phone1: step.phone });
    case "flag":
      return erp.setVariable("Contacts", flagName, id, step.to);
    case "deleteContact":
      return erp.deleteContact(id);
    default: {
      const unreachable: never = step;
      throw new Error(`unhandled step ${JSON.stringify(unreachable)}`);
    }
  }
}

async function editCustomer(erp: CaseErp, step: CustomerStep, customers: readonly number[]): Promise<void> {
  const id = pick(customers, step.who);
  if (id === null) return;
  switch (step.do) {
    case "number":
      return erp.editCustomer(id, { customernumber: step.number });
    case "swapNumbers":
      return swap(erp, { table: "customer", key: "id", column: "customernumber" }, id, pick(customers, step.other));
    case "customerName":
      return erp.editCustomer(id, { name: step.name });
    case "swapNames":
      return swap(erp, { table: "customer", key: "id", column: "name" }, id, pick(customers, step.other));
    case "customerText":
      return erp.editCustomer(id, { [step.column]: step.text });
    case "obsolete":
      return erp.editCustomer(id, { obsolete: step.to });
    case "deleteCustomer":
      return erp.deleteCustomer(id);
    default: {
      const unreachable: never = step;
      throw new Error(`unhandled step ${JSON.stringify(unreachable)}`);
    }
  }
}

interface Place {
  readonly table: string;
  readonly key: string;
  readonly column: string;
}

async function swap(erp: CaseErp, { table, key, column }: Place, id: number, other: number | null): Promise<void> {
  await erp.query(
    `update ${table} t set ${column} = o.${column} from ${table} o
      where t.${key} in ($1, $2) and o.${key} in ($1, $2) and o.${key} <> t.${key}`,
    [id, other],
  );
}

async function ids(erp: CaseErp, sql: string): Promise<readonly number[]> {
  return (await erp.query(sql)).map(({ id }) => Number(id));
}
