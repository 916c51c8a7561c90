/** What people do in kivitendo, as the role that owns its tables; shaped for release 4.1.0. */
import { Client } from "pg";

export interface NewCustomer {
  readonly number: string | null;
  readonly name: string;
  readonly city?: string;
  readonly obsolete?: boolean;
}

export interface NewContact {
  readonly customerId: number;
  readonly givenName?: string;
  readonly name: string;
  readonly email: string;
  readonly main?: boolean;
}

export interface Erp {
  query(sql: string, values?: readonly unknown[]): Promise<Record<string, unknown>[]>;
  /** Answers the row id. */
  addCustomer(given: NewCustomer): Promise<number>;
  /** Answers the row id. */
  addContact(given: NewContact): Promise<number>;
  renameContact(contactId: number, name: string): Promise<void>;
  setObsolete(customerId: number, obsolete: boolean): Promise<void>;
  deleteContact(contactId: number): Promise<void>;
  close(): Promise<void>;
}

/** One connection to the address of kivitendo's own role, made at the first use. */
export function openErp(url: string): Erp {
  let client: Promise<Client> | undefined;
  const connected = (): Promise<Client> => (client ??= connect(url));
  const query: Erp["query"] = async (sql, values = []) => {
    const { rows } = await (await connected()).query<Record<string, unknown>>(sql, [...values]);
    return rows;
  };
  return {
    query,
    addCustomer: async ({ number, name, city = "Köln", obsolete = false }) =>
      idOf(
        await query(
          `insert into customer (customernumber, name, street, zipcode, city, taxzone_id, currency_id, country_id,
                                 language_id, payment_id, obsolete)
           select $1, $2, 'Ring 1', '50667', $3, 4, 1, id, 1101, 1126, $4
             from countries
            where iso2 = 'DE'
           returning id`,
          [number, name, city, obsolete],
        ),
      ),
    addContact: async ({ customerId, givenName = "Eva", name, email, main = false }) => {
      const id = idOf(
        await query(
          `insert into contacts (cp_givenname, cp_name, cp_email) values ($1, $2, $3) returning cp_id as id`,
          [givenName, name, email],
        ),
      );
      await query("insert into customer_contacts (customer_id, contact_id, main) values ($1, $2, $3)", [
        customerId,
        id,
        main,
      ]);
      return id;
    },
    renameContact: async (contactId, name) => {
      await query("update contacts set cp_name = $2 where cp_id = $1", [contactId, name]);
    },
    setObsolete: async (customerId, obsolete) => {
      await query("update customer set obsolete = $2 where id = $1", [customerId, obsolete]);
    },
    deleteContact: async (contactId) => {
      await query("delete from contacts where cp_id = $1", [contactId]);
    },
    close: async () => {
      if (client !== undefined) await (await client).end();
    },
  };
}

function idOf(rows: readonly Record<string, unknown>[]): number {
  return Number(rows[0]?.["id"]);
}

async function connect(url: string): Promise<Client> {
  const client = new Client({ connectionString: url });
  await client.connect();
  return client;
}
