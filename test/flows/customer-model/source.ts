/** Kivitendo's tables and the bridge's links, as the model reads them: without the bridge's views and queries. */
import type { World } from "../../support/bridge.ts";
import { flagName } from "./erp-side.ts";

export interface Customer {
  readonly id: number;
  readonly number: string;
  readonly name: string;
  readonly street: string;
  readonly zipcode: string;
  readonly city: string;
  readonly homepage: string;
  readonly live: boolean;
}

export interface Contact {
  readonly id: number;
  readonly given: string;
  readonly name: string;
  readonly email: string;
  readonly phone: string;
  /** Row ids, ascending. */
  readonly customers: readonly number[];
  readonly flagged: boolean;
}

export interface ModelLink {
  readonly kind: "company" | "user";
  readonly row: number;
  readonly key: string;
  readonly status: string;
  readonly confirmed: boolean;
  readonly adopted: boolean;
  readonly code: string | null;
  readonly decision: string | null;
  readonly decisionValue: string | null;
  readonly customer: number | null;
  readonly label: string | null;
}

export interface Source {
  readonly customers: ReadonlyMap<number, Customer>;
  /** Those with an address and a customer: nobody else can be in a helpdesk. */
  readonly contacts: ReadonlyMap<number, Contact>;
  readonly links: readonly ModelLink[];
}

export async function readSource(world: World, hasFlag: boolean): Promise<Source> {
  const customers = await world.admin.query(
    `select id, btrim(coalesce(customernumber, '')) as number, coalesce(name, '') as name, coalesce(street, '') as street,
            coalesce(zipcode, '') as zipcode, coalesce(city, '') as city, coalesce(homepage, '') as homepage, not obsolete as live
       from customer
      order by id`,
  );
  const contacts = await world.admin.query(
    `select k.cp_id as id, coalesce(cp_givenname, '') as given, coalesce(cp_name, '') as name, cp_email as email,
            coalesce(cp_phone1, '') as phone,
            array(select customer_id from customer_contacts r where r.contact_id = k.cp_id order by 1) as customers,
            not $1 or coalesce((select bool_value
                                  from custom_variables v
                                  join custom_variable_configs f on f.id = v.config_id
                                 where v.trans_id = k.cp_id and f.name = $2), false) as flagged
       from contacts k
      where btrim(cp_email) <> '' and exists (select from customer_contacts r where r.contact_id = k.cp_id)
      order by id`,
    [hasFlag, flagName],
  );
  const links = await world.admin.query(
    `select kind, row_id as row, helpdesk_key as key, status, confirmed, adopted, rejection_code as code, decision,
            decision_value as "decisionValue",
            customer_id as customer, label
       from otrs_bridge.links
      order by kind, row_id`,
  );
  return {
    customers: byId(customers as unknown as Customer[]),
    contacts: byId(contacts as unknown as Contact[]),
    links: links as unknown as ModelLink[],
  };
}

function byId<T extends { readonly id: number }>(rows: readonly T[]): ReadonlyMap<number, T> {
  return new Map(rows.map((row) => [row.id, row]));
}
