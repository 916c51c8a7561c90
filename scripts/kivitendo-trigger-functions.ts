/**
 * Bodies for the trigger functions that the catalogs name: written for the fixture databases, with the effect that
 * kivitendo's own have on the tables at hand. What they do to tables outside the catalogs (follow-ups, translations,
 * shipping addresses, warehouses) is left out.
 */

interface TriggerCatalog {
  tables: Record<string, { columns: { name: string }[] }>;
}

const onlyElsewhere = "Works on tables outside this file only.";

const linkedRecordTables = ["ar", "invoice", "oe", "orderitems"] as const;

/** `create function` for one trigger function; throws for a name nobody has written a body for. */
export function triggerFunctionSql(name: string, catalog: TriggerCatalog): string {
  const body = bodies(catalog)[name];
  if (body === undefined) {
    throw new Error(`No body for trigger function ${name}: write one in scripts/kivitendo-trigger-functions.ts`);
  }
  const { declare = "", statements, comment } = body;
  return [
    ...(comment === undefined ? [] : [`-- ${comment}`]),
    `create function public.${name}() returns trigger language plpgsql as $$`,
    ...(declare === "" ? [] : [`declare\n  ${declare}`]),
    "begin",
    ...statements.map((line) => `  ${line}`),
    "end;",
    "$$;",
  ].join("\n");
}

interface Body {
  statements: string[];
  declare?: string;
  comment?: string;
}

function bodies(catalog: TriggerCatalog): Record<string, Body> {
  return {
    ...linkCleanUps(),
    ...rowDefaults(),
    clean_up_acc_trans_after_ar_ap_gl_delete: {
      statements: ["delete from acc_trans where trans_id = old.id;", "return old;"],
    },
    oe_before_delete_trigger: { statements: ["delete from status where trans_id = old.id;", "return old;"] },
    clean_up_after_customer_vendor_delete: customerCleanUp(catalog),
    delete_custom_variables_trigger: customVariablesCleanUp(),
    follow_up_delete_when_customer_vendor_is_deleted_trigger: nothingOnDelete(),
    follow_up_delete_when_oe_is_deleted_trigger: nothingOnDelete(),
    follow_up_close_when_oe_closed_trigger: nothingOnChange(),
    generic_translations_delete_on_delivery_terms_delete_trigger: nothingOnDelete(),
    generic_translations_delete_on_payment_terms_delete_trigger: nothingOnDelete(),
    generic_translations_delete_on_tax_delete_trigger: nothingOnDelete(),
    add_parts_price_history_entry: nothingOnChange(),
    check_bin_belongs_to_wh: nothingOnChange(),
  };
}

function linkCleanUps(): Record<string, Body> {
  return Object.fromEntries(
    linkedRecordTables.map((table) => [
      `clean_up_record_links_before_${table}_delete`,
      {
        statements: [
          "delete from record_links",
          ` where (from_table = '${table}' and from_id = old.id)`,
          `    or (to_table = '${table}' and to_id = old.id);`,
          "return old;",
        ],
      },
    ]),
  );
}

function rowDefaults(): Record<string, Body> {
  return {
    set_mtime: {
      comment: "The literal is kept as kivitendo has it: its value freezes per connection and table.",
      statements: ["new.mtime := 'now';", "return new;"],
    },
    set_priceupdate_parts: {
      comment: "Fires after the update, where the row can no longer be changed.",
      statements: ["return new;"],
    },
    time_recordings_set_date_trigger: {
      statements: [
        "if new.start_time is not null then",
        "  new.date := new.start_time::date;",
        "end if;",
        "return new;",
      ],
    },
    time_recordings_set_duration_trigger: {
      statements: [
        "if new.start_time is not null and new.end_time is not null then",
        "  new.duration := extract(epoch from new.end_time - new.start_time) / 60;",
        "end if;",
        "return new;",
      ],
    },
  };
}

/** Up to 4.0.0 a customer's contacts go with it; since contacts can be shared they stay. */
function customerCleanUp(catalog: TriggerCatalog): Body {
  const ownsContacts = catalog.tables["contacts"]?.columns.some(({ name }) => name === "cp_cv_id") ?? false;
  return {
    statements: [...(ownsContacts ? ["delete from contacts where cp_cv_id = old.id;"] : []), "return old;"],
  };
}

function customVariablesCleanUp(): Body {
  return {
    comment: "Custom variables have no foreign key to the row they belong to; module and sub-module say its table.",
    declare: "row_id integer; wanted_module text; wanted_sub_module text := '';",
    statements: [
      "if tg_table_name = 'contacts' then",
      "  row_id := old.cp_id;",
      "else",
      "  row_id := old.id;",
      "end if;",
      "wanted_module := case tg_table_name",
      "  when 'contacts' then 'Contacts'",
      "  when 'customer' then 'CT'",
      "  when 'project' then 'Projects'",
      "  else 'IC'",
      "end;",
      "if tg_table_name in ('orderitems', 'invoice') then",
      "  wanted_sub_module := tg_table_name;",
      "end if;",
      "delete from custom_variables",
      " where trans_id = row_id",
      "   and sub_module = wanted_sub_module",
      "   and config_id in (select id from custom_variable_configs where module = wanted_module);",
      "return old;",
    ],
  };
}

function nothingOnDelete(): Body {
  return { comment: onlyElsewhere, statements: ["return old;"] };
}

function nothingOnChange(): Body {
  return { comment: onlyElsewhere, statements: ["return new;"] };
}
