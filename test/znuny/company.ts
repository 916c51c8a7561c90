/** A company of 300 customers with 900 contacts in a kivitendo-shaped database, all names carrying a tag. */
import { withClient } from "../support/database.ts";
import type { TestDatabase } from "../support/database.ts";

export const customerCount = 300;
export const contactCount = 900;

/** Row ids of customers begin here, those of contacts at `firstContact`; both keep clear of the sample's. */
export const firstCustomer = 10_001;
export const firstContact = 20_001;

/** Customer `n` (from 1) has number `TAG-n`; customer 300 has no contact, the others share the 900. */
export async function fillCompany(database: TestDatabase, tag: string): Promise<void> {
  await withClient(database.url, async (client) => {
    await client.query("delete from customer_contacts; delete from contacts; delete from customer");
    await client.query(
      `insert into customer (id, customernumber, name, street, zipcode, city, country_id, homepage, taxzone_id, currency_id)
       select $2::int + n - 1, $1 || '-' || n, 'Straßenwerk Größe ' || n || ' ' || $1, 'Ährenweg ' || n, lpad(n::text, 5, '0'),
              'Köln', (select id from countries where iso2 = 'DE'), 'https://' || $1 || n || '.muster-test.de', 4, 1
         from generate_series(1, $3::int) n`,
      [tag, firstCustomer, customerCount],
    );
    await client.query(
      `insert into contacts (cp_id, cp_gender, cp_title, cp_givenname, cp_name, cp_email, cp_phone1, cp_mobile1)
       select $2::int + n - 1, 'f', case when n % 10 = 0 then 'Dr.' end, 'Änne ' || n, 'Müller-Lüdenscheidt',
              'aenne' || n || '.' || $1 || '@muster-test.de', '+49 221 ' || n, '+49 171 ' || n
         from generate_series(1, $3::int) n`,
      [tag, firstContact, contactCount],
    );
    await client.query(
      `insert into customer_contacts (customer_id, contact_id, main)
       select $1::int + (n - 1) % ($2::int - 1), $3::int + n - 1, n <= $2::int - 1
         from generate_series(1, $4::int) n`,
      [firstCustomer, customerCount, firstContact, contactCount],
    );
  });
}

/** Login of contact `n` (from 1). */
export function loginOf(tag: string, n: number): string {
  return `aenne${n}.${tag}@muster-test.de`;
}
