import { ConfigError } from "../model/index.ts";
import type { HelpdeskFields } from "./ports.ts";
import type { ExtraField, MappingRules } from "./rules.ts";

const kinds = {
  company: { plural: "companies", objectType: "CustomerCompany", map: "CustomerCompany" },
  user: { plural: "customer users", objectType: "CustomerUser", map: "CustomerUser" },
} as const;

/** Throws one ConfigError that names every configured extra field that the helpdesk does not have. */
export function assertFieldsExist({ extra }: MappingRules, helpdesk: HelpdeskFields): void {
  const problems = extra.flatMap((each) => problemOf(each, helpdesk) ?? []);
  if (problems.length === 0) return;
  throw new ConfigError(
    problems.join("\n"),
    "Correct customers.extraFields, or add what is missing in the helpdesk: dynamic fields under Admin → Dynamic Fields, mapped fields in Kernel/Config.pm.",
  );
}

function problemOf({ record, column, target }: ExtraField, helpdesk: HelpdeskFields): string | null {
  const { plural, objectType, map } = kinds[record];
  if ("field" in target) {
    const { field } = target;
    if (helpdesk.fields[record].includes(field)) return null;
    return `customers.extraFields: ${column} goes to the field ${field}, which the helpdesk does not map for ${plural} (${listed(helpdesk.fields[record], `its ${map} map has`)}).`;
  }
  const { dynamicField } = target;
  const names = helpdesk.dynamicFields[record].map(({ name }) => name);
  if (names.includes(dynamicField)) return null;
  return `customers.extraFields: ${column} goes to the dynamic field ${dynamicField}, which the helpdesk does not have (or not as valid) for ${plural} (${listed(names, `object type ${objectType} has`)}).`;
}

function listed(names: readonly string[], has: string): string {
  return `${has} ${names.length === 0 ? "none" : names.join(", ")}`;
}
