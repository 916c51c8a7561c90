-- A small company's data for the tables of schema-<release>.sql, valid for all four releases: what differs between
-- them (country, relation of contacts and customers, company defaults) is decided by the columns at hand.
-- Run as the owner of the tables. All row ids are fixed; sequence "id" goes on at 2000.
begin;

-- Chart of accounts: the part of SKR03 that sales of services and goods need.
insert into chart (id, accno, description, charttype, category, link, taxkey_id) values
  (10, '1000', 'Kasse', 'A', 'A', 'AR_paid:AP_paid', 0),
  (12, '1200', 'Bank', 'A', 'A', 'AR_paid:AP_paid', 0),
  (14, '1400', 'Ford. a.Lieferungen und Leistungen', 'A', 'A', 'AR', 0),
  (15, '1571', 'Abziehbare Vorsteuer 7%', 'A', 'A', 'AP_tax:IC_taxpart:IC_taxservice', 0),
  (16, '1576', 'Abziehbare Vorsteuer 19 %', 'A', 'A', 'AP_tax:IC_taxpart:IC_taxservice', 0),
  (17, '1600', 'Verbindlichkeiten aus Lief.u.Leist.', 'A', 'L', 'AP', 0),
  (18, '1767', 'Umsatzsteuer aus innergemeinschaftl. Lieferung', 'A', 'L', 'AR_tax', 0),
  (19, '1771', 'Umsatzsteuer 7%', 'A', 'L', 'AR_tax:IC_taxpart:IC_taxservice', 0),
  (20, '1772', 'Umsatzsteuer 7% innergem.Erwerb', 'A', 'L', 'AR_tax', 0),
  (21, '1773', 'Umsatzsteuer 5%', 'A', 'L', 'AR_tax:IC_taxpart:IC_taxservice', 0),
  (22, '1775', 'Umsatzsteuer 16%', 'A', 'L', 'AR_tax:IC_taxpart:IC_taxservice', 0),
  (23, '1776', 'Umsatzsteuer 19 %', 'A', 'L', 'AR_tax:IC_taxpart:IC_taxservice', 0),
  (30, '3300', 'Wareneingang 7% Vorsteuer', 'A', 'E', 'AP_amount:IC_cogs', 8),
  (31, '3400', 'Wareneingang 16%/19% Vorsteuer', 'A', 'E', 'AP_amount:IC_cogs', 9),
  (32, '3980', 'Bestand Waren', 'A', 'A', 'IC', 0),
  (40, '8120', 'Steuerfreie Umsätze §4Nr.1a UstG', 'A', 'I', 'AR_amount:IC_sale:IC_income', 0),
  (41, '8125', 'Steuerfrei innergem. Lieferungen §4,1b', 'A', 'I', 'AR_amount:IC_sale:IC_income', 0),
  (42, '8300', 'Erlöse 7%USt', 'A', 'I', 'AR_amount:IC_sale:IC_income', 2),
  (43, '8310', 'Erlöse aus im Inland steuerpflichtigen EG-Lieferungen 7%', 'A', 'I', 'AR_amount:IC_sale:IC_income', 12),
  (44, '8315', 'Erlöse aus im Inland steuerpflichtigen EG-Lieferungen 16%', 'A', 'I', 'AR_amount:IC_sale:IC_income', 13),
  (45, '8320', 'Erlöse aus im anderen EU-Land steuerpflichtigen Lieferungen', 'A', 'I', 'AR_amount:IC_sale:IC_income', 10),
  (46, '8400', 'Erlöse 16%/19% USt.', 'A', 'I', 'AR_amount:IC_sale:IC_income', 3);

-- Taxes and from when they hold for which account. Tax 13 has a rate and no account, as a fresh SKR03 has it.
insert into tax (id, chart_id, rate, taxkey, taxdescription, chart_categories) values
  (100, null, 0, 0, 'Keine Steuer', 'ALQCIE'),
  (101, 19, 0.07, 2, 'Umsatzsteuer', 'I'),
  (102, 23, 0.19, 3, 'Umsatzsteuer', 'I'),
  (103, 15, 0.07, 8, 'Vorsteuer', 'E'),
  (104, 16, 0.19, 9, 'Vorsteuer', 'E'),
  (105, 18, 0, 10, 'Im anderen EU-Staat steuerpflichtige Lieferung', 'I'),
  (106, 20, 0.07, 12, 'Steuerpflichtige EG-Lieferung zum ermäßigten Steuersatz', 'I'),
  (107, null, 0.16, 13, 'Steuerpflichtige EG-Lieferung zum vollen Steuersatz', 'I'),
  (108, 22, 0.16, 3, 'Umsatzsteuer', 'I'),
  (109, 21, 0.05, 2, 'Umsatzsteuer', 'I');

insert into taxkeys (id, chart_id, tax_id, taxkey_id, pos_ustva, startdate) values
  (200, 14, 100, 0, null, '1970-01-01'),
  (201, 30, 103, 8, 66, '1970-01-01'),
  (202, 31, 104, 9, 66, '1970-01-01'),
  (203, 40, 100, 0, 43, '1970-01-01'),
  (204, 41, 100, 0, 41, '1970-01-01'),
  (205, 42, 101, 2, 86, '1970-01-01'),
  (206, 42, 109, 2, 35, '2020-07-01'),
  (207, 42, 101, 2, 86, '2021-01-01'),
  (208, 43, 106, 12, 86, '1970-01-01'),
  (209, 44, 107, 13, 81, '1970-01-01'),
  (210, 45, 105, 10, 45, '1970-01-01'),
  (211, 46, 108, 3, 51, '1970-01-01'),
  (212, 46, 102, 3, 81, '2007-01-01'),
  (213, 46, 108, 3, 35, '2020-07-01'),
  (214, 46, 102, 3, 81, '2021-01-01');

insert into tax_zones (id, description, sortkey) values
  (4, 'Inland', 1),
  (1, 'EU mit USt-ID Nummer', 2),
  (2, 'EU ohne USt-ID Nummer', 3),
  (3, 'Außerhalb EU', 4);

insert into buchungsgruppen (id, description, inventory_accno_id, sortkey) values
  (300, 'Standard 19%', 32, 1),
  (301, 'Standard 7%', 32, 2);

insert into taxzone_charts (id, taxzone_id, buchungsgruppen_id, income_accno_id, expense_accno_id) values
  (1, 4, 300, 46, 31),
  (2, 1, 300, 45, 31),
  (3, 2, 300, 44, 31),
  (4, 3, 300, 40, 31),
  (5, 4, 301, 42, 30),
  (6, 1, 301, 41, 30),
  (7, 2, 301, 43, 30),
  (8, 3, 301, 40, 30);

insert into currencies (id, name) values (1, 'EUR'), (2, 'CHF'), (3, 'USD');

-- A unit without base unit is the base of its own dimension, whatever its factor says.
insert into units (id, name, base_unit, factor, type, sortkey) values
  (1, 'Stck', null, null, 'dimension', 1),
  (2, 'psch', null, 0, 'service', 2),
  (3, 'min', null, 0, 'service', 5),
  (4, 'Std', 'min', 60, 'service', 4),
  (5, 'Tag', 'Std', 8, 'service', 3),
  (6, 'mg', null, null, 'dimension', 9),
  (7, 'g', 'mg', 1000, 'dimension', 8),
  (8, 'kg', 'g', 1000, 'dimension', 7),
  (9, 't', 'kg', 1000, 'dimension', 6),
  (10, 'ml', null, null, 'dimension', 11),
  (11, 'L', 'ml', 1000, 'dimension', 10);

insert into payment_terms
  (id, description, description_long, terms_netto, terms_skonto, percent_skonto, sortkey, auto_calculation) values
  (1126, '14 Tage netto', 'Zahlbar innerhalb von 14 Tagen bis zum <%netto_date%>.', 14, 0, 0, 1, true),
  (1125, '30 Tage netto', 'Zahlbar innerhalb von 30 Tagen bis zum <%netto_date%>.', 30, 0, 0, 2, true);

insert into delivery_terms (id, description, description_long, sortkey) values
  (1124, 'Frei Haus', 'Lieferung frei Haus', 1);

insert into language (id, description, template_code, article_code) values
  (1101, 'Deutsch', 'de', 'DE'),
  (1102, 'English', 'en', 'EN');

insert into department (id, description) values (1110, 'Technik');

insert into employee (id, login, name, startdate, sales) values
  (1119, 'buchhaltung', 'Bettina Buchhalter', '2024-01-01', true),
  (1120, 'admin', 'Adam Verwalter', '2024-01-01', true),
  (1121, 'technik', 'Jörg Techniker', '2024-01-01', false);

insert into business (id, description, discount) values (1130, 'Endkunde', 0), (1131, 'Wiederverkäufer', 0.1);
insert into pricegroup (id, pricegroup, sortkey) values (1135, 'Standardkunden', 1);
insert into partsgroup (id, partsgroup, sortkey) values (1136, 'Dienstleistungen', 1), (1137, 'Zubehör', 2);
insert into greetings (description) values ('Firma'), ('Frau'), ('Herr');
insert into contact_titles (description) values ('Dr.'), ('Prof.');
insert into part_classifications (id, description, abbreviation, used_for_purchase, used_for_sale) values
  (0, '-------', 'None (typeabbreviation)', true, true),
  (1, 'Purchase', 'Purchase (typeabbreviation)', true, false),
  (2, 'Sales', 'Sales (typeabbreviation)', false, true);

insert into parts
  (id, partnumber, description, unit, sellprice, lastcost, listprice, part_type, buchungsgruppen_id, partsgroup_id) values
  (1140, 'ST-STD', 'Systemtechnik Stundensatz', 'Std', 95.00, 0, 0, 'service', 300, 1136),
  (1141, 'FW-MIN', 'Fernwartung je Minute', 'min', 1.60, 0, 0, 'service', 300, 1136),
  (1142, 'ANFAHRT', 'Anfahrtspauschale', 'psch', 45.00, 0, 0, 'service', 300, 1136),
  (1143, 'PK-2M', 'Patchkabel 2 m, geschirmt', 'Stck', 4.90, 1.85, 5.90, 'part', 300, 1137);

-- Customers and contacts, before they are brought into the release's own shape.
create temporary table sample_customer (
  id integer, customernumber text, name text, department_1 text, street text, zipcode text, city text, country text,
  iso2 text, phone text, fax text, email text, homepage text, notes text, gln text, ustid text, greeting text,
  language_id integer, taxzone_id integer, payment_id integer, obsolete boolean, natural_person boolean,
  itime timestamp
) on commit drop;

insert into sample_customer values
  (1150, 'K10001', 'Müller & Söhne GmbH', 'Einkauf', 'Königsallee 7', '50667', 'Köln', 'Deutschland', 'DE',
   '+49 221 555010', '+49 221 555019', 'info@mueller-test.de', 'https://www.mueller-test.de',
   'Wartungsvertrag seit 2021', '4012345000016', 'DE123456788', 'Firma', 1101, 4, 1126, false, false, '2026-01-05 09:00:00'),
  (1151, 'K10002', 'Straßenbau Größe KG', null, 'Ährenweg 12 a', '40210', 'Düsseldorf', 'Deutschland', 'DE',
   '+49 211 555020', null, 'post@groesse-test.de', 'https://groesse-test.de', null, null, 'DE234567899', 'Firma',
   1101, 4, 1125, false, false, '2026-01-06 10:15:00'),
  (1152, 'K10003', 'Café Ölmühle Bäckerei OHG', null, 'Am Mühlgraben 3', '80331', 'München', 'Deutschland', 'DE',
   '+49 89 555030', null, 'backstube@oelmuehle-test.de', null, 'Nur vormittags erreichbar', null, null, 'Firma',
   1101, 4, 1126, false, false, '2026-01-07 08:30:00'),
  (1153, 'K10004', 'Alte Werft Rügen GmbH', null, 'Hafenstraße 1', '18546', 'Sassnitz', 'Deutschland', 'DE',
   '+49 38392 55040', null, 'kontakt@altewerft-test.de', null, 'Betrieb zum 31.03.2026 aufgegeben', null, null,
   'Firma', 1101, 4, 1126, true, false, '2026-01-08 11:45:00'),
  (1154, 'K10005', 'Schäfer Bürobedarf e.K.', null, 'Gänsemarkt 22', '20354', 'Hamburg', 'Deutschland', 'DE',
   '+49 40 555050', null, null, null, null, null, null, 'Firma', 1101, 4, 1126, false, false, '2026-01-09 14:00:00'),
  (1155, 'K10006', 'Northwind Trading Ltd.', 'Accounts Payable', '12 King''s Road', 'SW3 4RP', 'London',
   'Großbritannien', 'GB', '+44 20 55550060', null, 'accounts@northwind-test.com', 'https://northwind-test.com',
   'Invoices in English', null, null, null, 1102, 3, 1125, false, false, '2026-01-12 16:20:00'),
  (1156, 'K10007', 'Zürcher Präzision AG', null, 'Bahnhofstrasse 5', '8001', 'Zürich', 'Schweiz', 'CH',
   '+41 44 5550070', null, 'info@zuercher-test.ch', null, null, null, null, 'Firma', 1101, 3, 1125, false, false,
   '2026-01-13 09:05:00'),
  (1157, 'K10008', 'Praxis Dr. Åsa Lindström', null, 'Süderstraße 9', '24937', 'Flensburg', 'Deutschland', 'DE',
   '+49 461 555080', null, 'praxis@lindstroem-test.de', null, null, null, null, 'Frau', 1101, 4, 1126, false, true,
   '2026-01-14 13:10:00');

-- "also" is a second customer of the contact: possible since 4.1.0 only, left out before.
create temporary table sample_contact (
  id integer, customer_id integer, main boolean, also integer, gender char(1), title text, givenname text, name text,
  email text, phone text, mobile text, department text, position text, itime timestamp
) on commit drop;

insert into sample_contact values
  (1200, 1150, true, null, 'm', null, 'Jürgen', 'Müller', 'juergen.mueller@mueller-test.de', '+49 221 555011',
   '+49 171 5550011', 'Geschäftsführung', 'Geschäftsführer', '2026-01-05 09:10:00'),
  (1201, 1150, false, null, 'f', 'Dr.', 'Käthe', 'Söhnlein', 'k.soehnlein@mueller-test.de', '+49 221 555012', null,
   'Einkauf', 'Einkaufsleiterin', '2026-01-05 09:20:00'),
  (1202, 1150, false, null, 'm', null, 'Björn', 'Groß', 'Bjoern.Gross@mueller-test.de', '+49 221 555013',
   '+49 171 5550013', 'EDV', 'Administrator', '2026-01-05 09:30:00'),
  (1203, 1151, true, null, 'f', null, 'Änne', 'Größe', 'aenne@groesse-test.de', '+49 211 555021', null, null,
   'Inhaberin', '2026-01-06 10:20:00'),
  (1204, 1151, false, null, 'm', null, 'Maximilian', 'Weiß', 'm.weiss@groesse-test.de', null, '+49 172 5550022',
   'Bauleitung', null, '2026-01-06 10:25:00'),
  (1205, 1152, true, null, 'f', null, 'Özlem', 'Yıldız', 'oezlem@oelmuehle-test.de', '+49 89 555031', null, null,
   'Inhaberin', '2026-01-07 08:35:00'),
  (1206, 1152, false, null, 'm', null, 'Ulf', 'Köhler', null, '+49 89 555032', null, 'Backstube', 'Bäckermeister',
   '2026-01-07 08:40:00'),
  (1207, 1153, true, null, 'm', null, 'Hauke', 'Petersen', 'hauke@altewerft-test.de', '+49 38392 55041', null, null,
   null, '2026-01-08 11:50:00'),
  (1208, 1155, true, null, 'f', null, 'Emily', 'O''Brien', 'emily.obrien@northwind-test.com', '+44 20 55550061', null,
   'Accounts', 'Head of Accounts', '2026-01-12 16:25:00'),
  (1209, 1155, false, null, 'm', null, 'James', 'Smith', 'james.smith@northwind-test.com', null, '+44 7700 900062',
   'IT', null, '2026-01-12 16:30:00'),
  (1210, 1156, true, null, 'm', null, 'Beat', 'Zürcher', 'beat@zuercher-test.ch', '+41 44 5550071', null, null,
   'Inhaber', '2026-01-13 09:10:00'),
  (1211, 1156, false, null, 'm', null, 'René', 'Lüthi', 'rene.luethi@zuercher-test.ch', '+41 44 5550072', null,
   'Werkstatt', null, '2026-01-13 09:15:00'),
  (1212, 1157, true, null, 'f', 'Dr.', 'Åsa', 'Lindström', 'asa@lindstroem-test.de', '+49 461 555081', null, null,
   'Ärztin', '2026-01-14 13:15:00'),
  (1213, 1150, false, 1151, 'f', null, 'Greta', 'Weißhaupt', 'greta@weisshaupt-test.de', '+49 221 555090', null,
   'Steuerkanzlei', 'Steuerberaterin', '2026-01-15 10:00:00'),
  (1214, null, false, null, 'm', null, 'Theo', 'Lieferer', 'theo@lieferer-test.de', '+49 30 555100', null, null, null,
   '2026-01-16 10:00:00');

-- plpgsql looks at a statement only when it is reached, so each branch may use columns of its releases.
do $shape$
declare
  contacts_are_shared boolean := to_regclass('public.customer_contacts') is not null;
begin
  if contacts_are_shared then
    insert into countries (iso2, description_en, description_de, sortorder) values
      ('DE', 'Germany', 'Deutschland', 1), ('AT', 'Austria', 'Österreich', 2), ('CH', 'Switzerland', 'Schweiz', 3),
      ('BE', 'Belgium', 'Belgien', null), ('DK', 'Denmark', 'Dänemark', null), ('ES', 'Spain', 'Spanien', null),
      ('FR', 'France', 'Frankreich', null), ('GB', 'United Kingdom', 'Großbritannien', null),
      ('IT', 'Italy', 'Italien', null), ('LU', 'Luxembourg', 'Luxemburg', null),
      ('NL', 'Netherlands', 'Niederlande', null), ('PL', 'Poland', 'Polen', null),
      ('US', 'United States', 'Vereinigte Staaten', null);

    insert into customer (id, customernumber, name, department_1, street, zipcode, city, country_id, phone, fax, email,
                          homepage, notes, gln, ustid, greeting, language_id, taxzone_id, payment_id, obsolete,
                          natural_person, itime, currency_id, business_id, salesman_id)
    select s.id, s.customernumber, s.name, s.department_1, s.street, s.zipcode, s.city, c.id, s.phone, s.fax, s.email,
           s.homepage, s.notes, s.gln, s.ustid, s.greeting, s.language_id, s.taxzone_id, s.payment_id, s.obsolete,
           s.natural_person, s.itime, 1, 1130, 1119
      from sample_customer s
      join countries c on c.iso2 = s.iso2
     order by s.id;

    insert into contacts (cp_id, cp_number, cp_gender, cp_title, cp_givenname, cp_name, cp_email, cp_phone1,
                          cp_mobile1, cp_abteilung, cp_position, itime)
    select id, (10000 + row_number() over (order by id))::text, gender, title, givenname, name, email, phone, mobile,
           department, position, itime
      from sample_contact
     order by id;

    insert into customer_contacts (customer_id, contact_id, main)
    select customer_id, id, main
      from sample_contact
     where customer_id is not null
     order by id;
    insert into customer_contacts (customer_id, contact_id, main)
    select also, id, false
      from sample_contact
     where also is not null
     order by id;

    insert into defaults (company, currency_id, ar_chart_id, address_country_id, contactnumber)
    select 'Systemhaus Brückner GmbH', 1, 14, id, '10015'
      from countries
     where iso2 = 'DE';
  else
    insert into customer (id, customernumber, name, department_1, street, zipcode, city, country, phone, fax, email,
                          homepage, notes, gln, ustid, greeting, language_id, taxzone_id, payment_id, obsolete,
                          natural_person, itime, currency_id, business_id, salesman_id)
    select id, customernumber, name, department_1, street, zipcode, city, country, phone, fax, email, homepage, notes,
           gln, ustid, greeting, language_id, taxzone_id, payment_id, obsolete, natural_person, itime, 1, 1130, 1119
      from sample_customer
     order by id;

    insert into contacts (cp_id, cp_cv_id, cp_main, cp_gender, cp_title, cp_givenname, cp_name, cp_email, cp_phone1,
                          cp_mobile1, cp_abteilung, cp_position, itime)
    select id, customer_id, main, gender, title, givenname, name, email, phone, mobile, department, position, itime
      from sample_contact
     order by id;

    insert into defaults (company, currency_id, ar_chart_id) values ('Systemhaus Brückner GmbH', 1, 14);
  end if;
end
$shape$;

-- Number ranges hold the last number given.
update defaults
   set precision = 0.01,
       language_id = 1101,
       taxnumber = '123/456/7890',
       customer_hourly_rate = 95,
       sonumber = 'AU20260007',
       sqnumber = 'AN20260003',
       sdonumber = 'LS20260002',
       invnumber = 'RE20260012',
       cnnumber = 'GU20260001',
       customernumber = 'K10008';

select setval('id', 2000, false), setval('currencies_id_seq', 3), setval('units_id_seq', 11),
       setval('taxzone_charts_id_seq', 8), setval('part_classifications_id_seq', 2);

commit;
