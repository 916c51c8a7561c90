import { afterAll, beforeAll, expect, test } from "vitest";
import { createCustomerState } from "../../src/state/customers.ts";
import { plainSource } from "../support/customer-run.ts";
import { type BridgeDatabase, createBridgeDatabase } from "../support/bridge-database.ts";

/** `SCALE_CONTACTS=100000 npx vitest run test/state/scale.test.ts` measures a large company. */
const contacts = Number(process.env["SCALE_CONTACTS"] ?? 20_000);
const customers = Math.ceil(contacts / 5);
const options = {
  mapping: "1",
  selection: { customerNumbers: [], contacts: [] },
  source: plainSource,
  everything: false,
  now: Temporal.Instant.from("2026-11-22T08:00:00Z"),
};

let bridge: BridgeDatabase;
beforeAll(async () => {
  bridge = await createBridgeDatabase("4.1.0", { sample: false });
  await bridge.admin(`
    set session_replication_role = replica;
    insert into currencies (id, name) values (1, 'EUR');
    insert into countries (id, iso2, description_en, description_de, sortorder) values (1, 'DE', 'Germany', 'Deutschland', 1);
    insert into customer (id, customernumber, name, street, zipcode, city, country_id, taxzone_id, currency_id, notes)
    select n, 'K' || n, 'Firma Größe ' || n, 'Ährenweg ' || n, '50667', 'Köln', 1, 4, 1, repeat('Notiz ', 50)
      from generate_series(1, ${customers}) n;
    insert into contacts (cp_id, cp_gender, cp_givenname, cp_name, cp_email, cp_phone1, cp_mobile1)
    select ${customers} + n, 'f', 'Änne', 'Müller ' || n, 'kontakt' || n || '@firma-test.de', '+49 221 ' || n, '+49 171 ' || n
      from generate_series(1, ${contacts}) n;
    insert into customer_contacts (customer_id, contact_id, main)
    select 1 + n % ${customers}, ${customers} + n, n <= ${customers}
      from generate_series(1, ${contacts}) n;
    analyze customer, contacts, customer_contacts`);
});
afterAll(() => bridge.drop());

test(`${contacts} unchanged contacts are compared in the database, and the changed one is found`, async () => {
  const state = createCustomerState(bridge.pool);
  const run = await state.startRun("customers", options.now);
  const first = await state.readDifferences(options);
  expect([first.companies.length, first.contacts.length]).toEqual([customers, contacts]);
  await bridge.admin(
    `insert into otrs_bridge.links (kind, row_id, helpdesk_key, customer_id, status, confirmed, source_hash, run_id)
     select kind, row_id, key, customer_id, 'linked', true, hash, ${run}
       from jsonb_to_recordset($1) as l (kind text, row_id integer, key text, customer_id integer, hash text)`,
    [
      JSON.stringify([
        ...first.companies.map((row) => ({
          kind: "company",
          row_id: row.customerId,
          key: row.customerNumber,
          hash: row.sourceHash,
        })),
        ...first.contacts.map((row) => ({
          kind: "user",
          row_id: row.contactId,
          key: row.email,
          customer_id: row.customerId,
          hash: row.sourceHash,
        })),
      ]),
    ],
  );
  await bridge.admin("analyze otrs_bridge.links");
  await bridge.admin(`update contacts set cp_name = 'Schmidt' where cp_id = ${customers + 77}`);

  const heapBefore = process.memoryUsage().heapUsed;
  const began = performance.now();
  const second = await state.readDifferences(options);
  const milliseconds = Math.round(performance.now() - began);
  const grown = (process.memoryUsage().heapUsed - heapBefore) / 2 ** 20;
  console.log(
    `${contacts} contacts and ${customers} customers compared in ${milliseconds} ms, heap ${grown.toFixed(1)} MiB`,
  );

  expect(second).toMatchObject({
    companies: [],
    contacts: [{ contactId: customers + 77, name: "Schmidt" }],
    unchanged: { companies: customers, contacts: contacts - 1 },
    sourceRows: { companies: customers, contacts },
  });
  // Generous, because the machine that runs the tests is shared; a plan that is quadratic takes minutes.
  expect(milliseconds).toBeLessThan(5_000 + contacts / 10);
  expect(grown).toBeLessThan(16);
}, 180_000);
