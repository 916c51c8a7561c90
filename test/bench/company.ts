/** A large company in a kivitendo-shaped database: one customer for three contacts, with German names and long notes. */
import { Client } from "pg";
import { type CustomerRules, mappingOf } from "../../src/customer-sync/rules.ts";
import { contactsQuery } from "../../src/state/contacts-sql.ts";
import { companiesQuery } from "../../src/state/companies-sql.ts";
import type { Comparison } from "../../src/state/differences-sql.ts";

/** Contacts a customer has. */
export const contactsPerCustomer = 3;

/** Row ids of contacts begin here; customers are numbered from 1. */
const firstContact = 1_000_001;

export function customersOf(contacts: number): number {
  return Math.ceil(contacts / contactsPerCustomer);
}

/**
 * Fills tables that hold `before` contacts already up to `contacts`. Customer n (from 1) has the number `TAG-n`, contact n
 * the address `TAG-n@kontakt-test.de`. The tables' own triggers stay out of it: they cost ten times the inserts.
 */
export async function growCompany(adminUrl: string, tag: string, before: number, contacts: number): Promise<void> {
  await withClient(adminUrl, async (client) => {
    await client.query("set session_replication_role = replica");
    const customers = customersOf(contacts);
    await client.query(
      `insert into customer (id, customernumber, name, street, zipcode, city, country_id, homepage, phone, email, notes,
                             taxzone_id, currency_id)
       select n, $1 || '-' || n, 'Straßenwerk Größe ' || n || ' ' || $1 || ' GmbH & Co. KG', 'Ährenweg ' || n,
              lpad((n % 100000)::text, 5, '0'), 'Köln', (select id from countries where iso2 = 'DE'),
              'https://www.werk' || n || '-test.de', '+49 221 ' || n, 'info@werk' || n || '-test.de',
              repeat('Notiz zum Kunden. ', 20), 4, (select min(id) from currencies)
         from generate_series($2::int + 1, $3::int) n`,
      [tag, before === 0 ? 0 : customersOf(before), customers],
    );
    await client.query(
      `insert into contacts (cp_id, cp_gender, cp_title, cp_givenname, cp_name, cp_email, cp_phone1, cp_mobile1)
       select $2::int + n - 1, 'f', case when n % 10 = 0 then 'Dr.' end, 'Änne ' || n, 'Müller-Lüdenscheidt',
              $1 || '-' || n || '@kontakt-test.de', '+49 221 ' || n, '+49 171 ' || n
         from generate_series($3::int + 1, $4::int) n`,
      [tag, firstContact, before, contacts],
    );
    await client.query(
      `insert into customer_contacts (customer_id, contact_id, main)
       select 1 + (n - 1) / $1::int, $2::int + n - 1, n % $1::int = 1
         from generate_series($3::int + 1, $4::int) n`,
      [contactsPerCustomer, firstContact, before, contacts],
    );
    await client.query("set session_replication_role = origin");
    await client.query("vacuum analyze customer, contacts, customer_contacts");
  });
}

/** Changes the given name of `count` contacts, evenly spread over all `contacts`. */
export async function changeContacts(adminUrl: string, contacts: number, count: number, name: string): Promise<void> {
  await withClient(adminUrl, (client) =>
    client.query(`update contacts set cp_givenname = $1 where cp_id = any ($2)`, [name, spread(contacts, count)]),
  );
}

/** Makes the bridge forget the contacts that `changeContacts` takes, and their customers: the next run creates them. */
export async function forgetContacts(adminUrl: string, contacts: number, count: number): Promise<void> {
  await withClient(adminUrl, (client) =>
    client.query(
      `with forgotten as (
         delete from otrs_bridge.links where kind = 'user' and row_id = any ($1) returning customer_id
       )
       delete from otrs_bridge.links where kind = 'company' and row_id in (select customer_id from forgotten)`,
      [spread(contacts, count)],
    ),
  );
}

function spread(contacts: number, count: number): number[] {
  const distance = Math.floor(contacts / count);
  return Array.from({ length: count }, (_, n) => firstContact + n * distance);
}

/**
 * Makes the bridge believe that everything is in the helpdesk as it stands in kivitendo: what the comparison says about a
 * row is what is recorded. The database does it, in seconds for a million; a first run would take hours.
 */
export async function recordAsWritten(adminUrl: string, bridgeUrl: string, rules: CustomerRules): Promise<void> {
  const comparison: Comparison = {
    mapping: await mappingOf(rules),
    now: Temporal.Now.instant(),
    customerNumbers: [],
    contacts: [],
    source: rules.source,
    everything: false,
    catalog: null,
  };
  await withClient(bridgeUrl, async (client) => {
    await client.query("set work_mem = '256MB'");
    const companies = companiesQuery(comparison);
    await client.query(
      `insert into otrs_bridge.links
              (kind, row_id, helpdesk_key, status, confirmed, source_hash, source_key, label)
       select 'company', q."row", q."customerNumber", 'linked', true, q."sourceHash", q."customerNumber", q.name
         from (${companies.text}) q where q."row" is not null`,
      [...companies.values],
    );
    const contacts = contactsQuery(comparison);
    await client.query(
      `insert into otrs_bridge.links
              (kind, row_id, helpdesk_key, customer_id, status, confirmed, source_hash, source_key, label, companies)
       select 'user', q."row", lower(q.email), q."customerId", 'linked', true, q."sourceHash", lower(q.email), q.name, 0
         from (${contacts.text}) q where q."row" is not null`,
      [...contacts.values],
    );
  });
  await withClient(adminUrl, (client) => client.query("vacuum analyze otrs_bridge.links"));
}

async function withClient<T>(url: string, use: (client: Client) => Promise<T>): Promise<T> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    return await use(client);
  } finally {
    await client.end();
  }
}
