/** What the views give for the sample company, and how the tests read them. */
import type { Client } from "pg";
import { expect } from "vitest";

/** Contact, customer, main contact, e-mail, customer number, city, country, validity of the customer. */
export const sampleRows = [
  "1200 1150 true juergen.mueller@mueller-test.de K10001 Köln Deutschland 1",
  "1201 1150 false k.soehnlein@mueller-test.de K10001 Köln Deutschland 1",
  "1202 1150 false Bjoern.Gross@mueller-test.de K10001 Köln Deutschland 1",
  "1203 1151 true aenne@groesse-test.de K10002 Düsseldorf Deutschland 1",
  "1204 1151 false m.weiss@groesse-test.de K10002 Düsseldorf Deutschland 1",
  "1205 1152 true oezlem@oelmuehle-test.de K10003 München Deutschland 1",
  "1207 1153 true hauke@altewerft-test.de K10004 Sassnitz Deutschland 2",
  "1208 1155 true emily.obrien@northwind-test.com K10006 London Großbritannien 1",
  "1209 1155 false james.smith@northwind-test.com K10006 London Großbritannien 1",
  "1210 1156 true beat@zuercher-test.ch K10007 Zürich Schweiz 1",
  "1211 1156 false rene.luethi@zuercher-test.ch K10007 Zürich Schweiz 1",
  "1212 1157 true asa@lindstroem-test.de K10008 Flensburg Deutschland 1",
  "1213 1150 false greta@weisshaupt-test.de K10001 Köln Deutschland 1",
];
/** Since 4.1.0 a contact may belong to several customers. */
export const sharedRow = "1213 1151 false greta@weisshaupt-test.de K10002 Düsseldorf Deutschland 1";

/** The sample's Käthe Söhnlein, whole; the code of the country exists since 4.1.0. */
export const kaethe = {
  cp_title: "Dr.",
  cp_givenname: "Käthe",
  cp_name: "Söhnlein",
  cp_email: "k.soehnlein@mueller-test.de",
  cp_phone1: "+49 221 555012",
  cp_mobile1: null,
  cp_password: null,
  cp_valid_id: 1,
  customernumber: "K10001",
  name: "Müller & Söhne GmbH",
  street: "Königsallee 7",
  zipcode: "50667",
  city: "Köln",
  country: "Deutschland",
  phone: "+49 221 555010",
  fax: "+49 221 555019",
  homepage: "https://www.mueller-test.de",
  notes: "Wartungsvertrag seit 2021",
  customer_valid_id: 1,
  create_time: "2026-01-05 09:20:00",
  change_time: "2026-01-05 09:20:00",
  contact_id: 1201,
  customer_id: 1150,
  cp_main: false,
  cp_abteilung: "Einkauf",
  cp_position: "Einkaufsleiterin",
  cp_gender: "f",
  customer_greeting: "Firma",
  gln: "4012345000016",
  ustid: "DE123456788",
  language: "de",
  contact_create_time: "2026-01-05 09:20:00",
  contact_change_time: "2026-01-05 09:20:00",
  customer_create_time: "2026-01-05 09:00:00",
  customer_change_time: "2026-01-05 09:00:00",
  customer_email: "info@mueller-test.de",
  department_1: "Einkauf",
  department_2: null,
};

export async function readRelations(client: Client): Promise<string[]> {
  const { rows } = await client.query<{ line: string }>(`
    select concat_ws(' ', contact_id, customer_id, case when cp_main then 'true' else 'false' end, cp_email,
                     customernumber, city, country, customer_valid_id) as line
      from public.otrs_customer_contacts
     order by contact_id, customer_id`);
  return rows.map(({ line }) => line);
}

export async function readRow(client: Client, view: string, condition: string): Promise<Record<string, unknown>> {
  const { rows } = await client.query<{ row: Record<string, unknown> }>(
    `select to_jsonb(v) as row from ${view} v where ${condition}`,
  );
  expect(rows).toHaveLength(1);
  return withPlainTimes(rows[0]?.row ?? {});
}

function withPlainTimes(row: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(row).map(([name, value]) => [
      name,
      name.endsWith("_time") && typeof value === "string" ? value.replace("T", " ") : value,
    ]),
  );
}
