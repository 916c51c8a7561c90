import { readFile } from "node:fs/promises";
import type { Client } from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { readKivitendoCatalog, schemaFile, schemaSql } from "../../scripts/build-kivitendo-schema.ts";
import { kivitendoReleases } from "../../src/demo/kivitendo/index.ts";
import { createKivitendoDatabase, type TestDatabase, withClient } from "../support/database.ts";
import { catalogShape, databaseShape, shapeDifferences } from "../support/kivitendo-catalog.ts";

const upgradeFile = new URL("../fixtures/upgrade-4.0-to-4.1.sql", import.meta.url);

describe.each(kivitendoReleases)("kivitendo %s", (release) => {
  let database: TestDatabase;

  beforeAll(async () => {
    database = await createKivitendoDatabase(release);
  });
  afterAll(async () => {
    await database.drop();
  });

  test("the committed schema is what the generator writes", async () => {
    const written = schemaSql(await readKivitendoCatalog(release));
    expect(await readFile(schemaFile(release), "utf8")).toBe(written);
  });

  test("the database equals the catalog", async () => {
    const wanted = catalogShape(await readKivitendoCatalog(release));
    const found = await withClient(database.ownerUrl, databaseShape);
    expect(wanted.size).toBeGreaterThan(800);
    expect(shapeDifferences(wanted, found)).toEqual([]);
  });

  test("everything belongs to an owner without special rights", async () => {
    await withClient(database.ownerUrl, async (owner) => {
      const role = await owner.query("select rolsuper, rolcreaterole from pg_roles where rolname = current_user");
      expect(role.rows).toEqual([{ rolsuper: false, rolcreaterole: false }]);
      const strangers = await owner.query(
        `select relname
           from pg_class
          where relnamespace = 'public'::regnamespace
            and relowner <> (select oid from pg_roles where rolname = current_user)`,
      );
      expect(strangers.rows).toEqual([]);
    });
  });

  test("an update sets mtime, an insert does not", async () => {
    await withClient(database.ownerUrl, async (owner) => {
      await owner.query("insert into department (description) values ('Werkstatt')");
      const before = await owner.query("select mtime from department where description = 'Werkstatt'");
      expect(before.rows).toEqual([{ mtime: null }]);
      const after = await owner.query(
        "update department set description = 'Labor' where description = 'Werkstatt' returning mtime is not null as set",
      );
      expect(after.rows).toEqual([{ set: true }]);
    });
  });

  test("custom variables and record links go with their rows, and only they", async () => {
    await withClient(database.ownerUrl, async (owner) => {
      await insertOrderWithExtras(owner, release);
      await owner.query("delete from contacts where cp_id = 1214");
      await owner.query("delete from orderitems where id = 9001");
      await owner.query("delete from oe where id = 9000");
      const variables = await owner.query("select text_value from custom_variables order by text_value");
      expect(variables.rows).toEqual([{ text_value: "other contact" }, { text_value: "same id, other table" }]);
      const links = await owner.query("select from_table, to_id from record_links");
      expect(links.rows).toEqual([{ from_table: "delivery_orders", to_id: 9002 }]);
    });
  });

  test("deleting a customer takes its contacts along only where contacts are not shared", async () => {
    await withClient(database.ownerUrl, async (owner) => {
      await owner.query("begin");
      await owner.query("delete from customer where id = 1157");
      const left = await owner.query("select from contacts where cp_id = 1212");
      await owner.query("rollback");
      expect(left.rowCount).toBe(release === "4.1.0" ? 1 : 0);
    });
  });
});

describe("the upgrade from 4.0.0 to 4.1.0", () => {
  let database: TestDatabase;

  beforeAll(async () => {
    database = await createKivitendoDatabase("4.0.0");
  });
  afterAll(async () => {
    await database.drop();
  });

  test("stops at a plain view, and after its removal gives the tables of 4.1.0 with the same relations", async () => {
    const upgrade = await readFile(upgradeFile, "utf8");
    await withClient(database.ownerUrl, async (owner) => {
      await owner.query(
        "create view blocking as select cp_cv_id, country from contacts join customer on id = cp_cv_id",
      );
      await expect(owner.query(upgrade)).rejects.toThrow(/cannot drop column country/);
    });
    await database.drop();
    database = await createKivitendoDatabase("4.0.0");

    await withClient(database.ownerUrl, async (owner) => {
      const before = await owner.query(
        `select k.customernumber, k.country, c.cp_id, c.cp_main
           from contacts c
           join customer k on k.id = c.cp_cv_id
          order by c.cp_id`,
      );
      await owner.query(upgrade);
      const after = await owner.query(
        `select k.customernumber, co.description_de as country, cc.contact_id as cp_id, cc.main as cp_main
           from customer_contacts cc
           join customer k on k.id = cc.customer_id
           join countries co on co.id = k.country_id
          order by cc.contact_id`,
      );
      expect(before.rows).toHaveLength(14);
      expect(after.rows).toEqual(before.rows);

      const wanted = catalogShape(await readKivitendoCatalog("4.1.0"));
      const differences = shapeDifferences(wanted, await databaseShape(owner));
      // These sequences belong to tables that the catalogs leave out.
      expect(differences).toEqual([
        "sequence search_profile_settings_id_seq is missing: ",
        "sequence search_profiles_id_seq is missing: ",
        "sequence vendor_contacts_id_seq is missing: ",
      ]);
      const fresh = await createKivitendoDatabase("4.1.0");
      const tags = "select tag from schema_info order by tag";
      const freshTags = await withClient(fresh.ownerUrl, (client) => client.query(tags));
      await fresh.drop();
      expect((await owner.query(tags)).rows).toEqual(freshTags.rows);
    });
  });
});

/** A contact and an order line with custom variables, and links on both, beside look-alikes that must stay. */
async function insertOrderWithExtras(owner: Client, release: string): Promise<void> {
  const isTyped = release !== "3.5.8";
  await owner.query(
    `insert into oe (id, ordnumber, customer_id, taxzone_id, currency_id${isTyped ? ", record_type" : ""})
     values (9000, 'AU1', 1150, 4, 1${isTyped ? ", 'sales_order'" : ""})`,
  );
  await owner.query("insert into orderitems (id, trans_id, parts_id, position) values (9001, 9000, 1140, 1)");
  await owner.query(
    `insert into custom_variable_configs
       (id, name, description, type, module, searchable, includeable, included_by_default, sortkey)
     values (1, 'room', 'Raum', 'text', 'Contacts', true, true, false, 1),
            (2, 'ticket', 'Ticket', 'text', 'IC', true, true, false, 1)`,
  );
  await owner.query(
    `insert into custom_variables (config_id, trans_id, text_value, sub_module)
     values (1, 1214, 'contact', ''),
            (1, 1213, 'other contact', ''),
            (2, 9001, 'order line', 'orderitems'),
            (2, 9001, 'same id, other table', 'invoice')`,
  );
  await owner.query(
    `insert into record_links (from_table, from_id, to_table, to_id)
     values ('oe', 9000, 'ar', 9002),
            ('orderitems', 9001, 'invoice', 9003),
            ('delivery_orders', 9000, 'ar', 9002)`,
  );
}
