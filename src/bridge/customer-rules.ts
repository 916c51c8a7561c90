import type { Config } from "../config/index.ts";
import type { CustomerRules, ExtraField, MappingRules } from "../customer-sync/index.ts";
import { ConfigError, defaultOwnership } from "../model/index.ts";

/** What an operator chose for one run of flow 1. */
export interface CustomerOptions {
  readonly customerNumbers: readonly string[];
  readonly contacts: readonly string[];
  /** The token of a refused plan that is right; null allows none. */
  readonly allow: string | null;
}

export const allCustomers: CustomerOptions = { customerNumbers: [], contacts: [], allow: null };

/** The configuration and the operator's choice as flow 1 takes them. */
export function customerRules(config: Config, options: CustomerOptions): CustomerRules {
  const { customers } = config;
  const mapping = mappingRules(customers);
  const columns = (record: "company" | "user"): readonly string[] => [
    ...new Set(mapping.extra.filter((each) => each.record === record).map(({ column }) => column)),
  ];
  return {
    instance: config.instance,
    selection: { customerNumbers: options.customerNumbers, contacts: options.contacts },
    source: {
      companyColumns: columns("company"),
      contactColumns: columns("user"),
      scope: {
        contactFlag: customers.contactFlag ?? null,
        customerFlag: customers.customerFlag ?? null,
        businessTypes: customers.businessTypes,
        numberPattern: customers.customerNumbers ?? null,
      },
      sentinel: customers.sentinel ?? null,
    },
    mapping,
    adopt: customers.adopt,
    followCustomerNumber: customers.followCustomerNumber,
    moves: customers.moves,
    limits: customers,
    allow: options.allow,
  };
}

/** The same for what needs the records in the helpdesk to be the bridge's own. Throws ConfigError on the read-only way. */
export function pushRules(config: Config, options: CustomerOptions): CustomerRules {
  if (config.customers.way === "push") return customerRules(config, options);
  throw new ConfigError(
    "customers.way is read-only: the helpdesk reads kivitendo's customers itself, so there are no records of the bridge in it.",
    "`kivi-otrs customers plan` shows what the helpdesk gets to see. This command belongs to customers.way push.",
  );
}

function mappingRules(customers: Config["customers"]): MappingRules {
  return {
    placeholderName: customers.placeholderName ?? null,
    countries: customers.countries,
    ownership: {
      company: { ...defaultOwnership.company, ...customers.fields.company },
      user: { ...defaultOwnership.user, ...customers.fields.user },
    },
    extra: customers.extraFields.map(({ record, column, field, dynamicField, ownership }): ExtraField => ({
      record,
      column,
      // The schema takes one of the two.
      target: field === undefined ? { dynamicField: dynamicField ?? "" } : { field },
      ownership,
    })),
  };
}
