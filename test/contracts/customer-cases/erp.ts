/** What people type into kivitendo, in a company that has nobody else, for the releases 4.0.0 and 4.1.0. */
import { openErp, type Erp } from "../../support/erp.ts";
import type { KivitendoRelease, TestDatabase } from "../../support/database.ts";

export interface CustomerSheet {
  readonly number?: string | null;
  readonly name?: string;
  readonly street?: string;
  readonly zipcode?: string;
  readonly city?: string;
  /** As typed (4.0.0), or the ISO code (4.1.0). */
  readonly country?: string;
  readonly homepage?: string;
  readonly ustid?: string;
  readonly business?: string;
  readonly obsolete?: boolean;
}

export interface ContactSheet {
  readonly title?: string;
  readonly givenName?: string | null;
  readonly name?: string | null;
  readonly email: string;
  readonly phone?: string;
  readonly mobile?: string;
}

/** Typed by hand, column by column. */
export class CaseErp {
  readonly #erp: Erp;
  readonly #shared: boolean;

  private constructor(erp: Erp, shared: boolean) {
    this.#erp = erp;
    this.#shared = shared;
  }

  /** Takes the sample's customers and contacts away; its master data stay. */
  static async open(database: TestDatabase, release: KivitendoRelease): Promise<CaseErp> {
    const shared = release === "4.1.0";
    const erp = openErp(database.ownerUrl);
    if (shared) await erp.query("delete from customer_contacts");
    await erp.query("delete from contacts");
    await erp.query("delete from customer");
    return new CaseErp(erp, shared);
  }

  query: Erp["query"] = async (sql, values) => this.#erp.query(sql, values);

  async close(): Promise<void> {
    await this.#erp.close();
  }

  /** Answers the row id. */
  async customer(sheet: CustomerSheet): Promise<number> {
    const { number = null, name = "", street = null, zipcode = null, city = null, homepage = null } = sheet;
    const { country = "DE", ustid = null, business = null, obsolete = false } = sheet;
    const countrySql = this.#shared ? "(select id from countries where iso2 = $7)" : "$7";
    const rows = await this.#erp.query(
      `insert into customer (customernumber, name, street, zipcode, city, homepage, ${this.#shared ? "country_id" : "country"},
                             ustid, business_id, obsolete, taxzone_id, currency_id, language_id, payment_id)
       values ($1, $2, $3, $4, $5, $6, ${countrySql}, $8, (select id from business where description = $9), $10, 4, 1, 1101, 1126)
       returning id`,
      [number, name, street, zipcode, city, homepage, country, ustid, business, obsolete],
    );
    return Number(rows[0]?.["id"]);
  }

  /** Changes columns of a customer. */
  async editCustomer(id: number, columns: Readonly<Record<string, unknown>>): Promise<void> {
    await this.#edit("customer", "id", id, columns);
  }

  /** A contact of these customers, the first of them being the one for which it is the main contact; answers the row id. */
  async contact(customers: readonly number[], sheet: ContactSheet): Promise<number> {
    const { title = null, givenName = "Eva", name = "Müller", email, phone = null, mobile = null } = sheet;
    const [first = null] = customers;
    const relation = this.#shared ? "" : ", cp_cv_id";
    const rows = await this.#erp.query(
      `insert into contacts (cp_title, cp_givenname, cp_name, cp_email, cp_phone1, cp_mobile1${relation})
       values ($1, $2, $3, $4, $5, $6${this.#shared ? "" : ", $7"})
       returning cp_id as id`,
      [title, givenName, name, email, phone, mobile, ...(this.#shared ? [] : [first])],
    );
    const id = Number(rows[0]?.["id"]);
    if (this.#shared) for (const customer of customers) await this.relate(id, customer);
    return id;
  }

  async editContact(id: number, columns: Readonly<Record<string, unknown>>): Promise<void> {
    await this.#edit("contacts", "cp_id", id, columns);
  }

  async relate(contact: number, customer: number): Promise<void> {
    await this.#erp.query("insert into customer_contacts (customer_id, contact_id, main) values ($1, $2, false)", [
      customer,
      contact,
    ]);
  }

  async separate(contact: number, customer: number): Promise<void> {
    await this.#erp.query("delete from customer_contacts where customer_id = $1 and contact_id = $2", [
      customer,
      contact,
    ]);
  }

  /** The contact changes its one customer. */
  async moveContact(contact: number, to: number): Promise<void> {
    if (this.#shared) {
      await this.#erp.query("update customer_contacts set customer_id = $2 where contact_id = $1", [contact, to]);
    } else {
      await this.editContact(contact, { cp_cv_id: to });
    }
  }

  async deleteContact(id: number): Promise<void> {
    if (this.#shared) await this.#erp.query("delete from customer_contacts where contact_id = $1", [id]);
    await this.#erp.query("delete from contacts where cp_id = $1", [id]);
  }

  async deleteCustomer(id: number): Promise<void> {
    if (this.#shared) await this.#erp.query("delete from customer_contacts where customer_id = $1", [id]);
    await this.#erp.query("delete from customer where id = $1", [id]);
  }

  /** A custom variable of yes or no, which nobody has yet; module CT is for customers. */
  async flag(module: "CT" | "Contacts", name: string): Promise<void> {
    await this.#variable(module, name, "bool", "0");
  }

  async text(module: "CT" | "Contacts", name: string): Promise<void> {
    await this.#variable(module, name, "text", "");
  }

  async #variable(module: string, name: string, type: string, start: string): Promise<void> {
    await this.#erp.query(
      `insert into custom_variable_configs
         (name, description, type, module, default_value, searchable, includeable, included_by_default, sortkey)
       values ($1, $1, $2, $3, $4, false, false, false, 1)`,
      [name, type, module, start],
    );
  }

  /** Gives a row its value of a custom variable. */
  async setVariable(module: "CT" | "Contacts", name: string, row: number, value: boolean | string): Promise<void> {
    const column = typeof value === "boolean" ? "bool_value" : "text_value";
    const where =
      "config_id = (select id from custom_variable_configs where module = $1 and name = $2) and trans_id = $3";
    await this.#erp.query(`delete from custom_variables where ${where}`, [module, name, row]);
    await this.#erp.query(
      `insert into custom_variables (config_id, trans_id, sub_module, ${column})
       select id, $3, '', $4 from custom_variable_configs where module = $1 and name = $2`,
      [module, name, row, value],
    );
  }

  async #edit(table: string, key: string, id: number, columns: Readonly<Record<string, unknown>>): Promise<void> {
    const names = Object.keys(columns);
    const sets = names.map((name, index) => `${name} = $${index + 2}`).join(", ");
    await this.#erp.query(`update ${table} set ${sets} where ${key} = $1`, [id, ...Object.values(columns)]);
  }
}
