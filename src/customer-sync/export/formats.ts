import type { ExportFormat } from "./records.ts";
import type { RecordKind } from "../records.ts";

/** Where the value of a column comes from; `company-name` is the name that the user's company was exported with. */
export type ColumnSource =
  | { readonly kind: "key" | "row-id" | "valid" | "empty" | "password" | "company-name" }
  | { readonly kind: "field"; readonly field: string };

export interface Column {
  readonly header: string;
  readonly source: ColumnSource;
}

/** What a format demands of its records, and how its files look. */
export interface FormatRules {
  readonly columns: Readonly<Record<RecordKind, readonly Column[]>>;
  /** Ids that the helpdesk keeps for itself, in lower case. */
  readonly reservedKeys: readonly string[];
  /** Unique company names and e-mail addresses, and both names of a person. */
  readonly strict: boolean;
  /** Opened by people: byte order mark, and formulas made harmless. An importer takes what stands there. */
  readonly forPeople: boolean;
}

const key = (header: string): Column => ({ header, source: { kind: "key" } });
const field = (name: string, header = name): Column => ({ header, source: { kind: "field", field: name } });
const other = (header: string, kind: Exclude<ColumnSource["kind"], "field">): Column => ({ header, source: { kind } });

/**
 * Columns by format. `otobo`: the order of the template that OTOBO's package ImportExportCustomerCompany makes for itself
 * (columns count by position), and for users the order that docs/export.md tells to set. `opsi`: the fields of the screen
 * "Customer registration" (JP1 Cloud Service/Operations Integration, ITSM Operation Manual, 4.3.1).
 */
export const exportFormats: Readonly<Record<ExportFormat, FormatRules>> = {
  otobo: {
    columns: {
      company: [
        key("CustomerID"),
        field("CustomerCompanyName"),
        field("CustomerCompanyStreet"),
        field("CustomerCompanyZIP"),
        field("CustomerCompanyCity"),
        field("CustomerCompanyCountry"),
        field("CustomerCompanyURL"),
        other("CustomerCompanyComment", "empty"),
        other("Valid", "valid"),
      ],
      user: [
        key("UserLogin"),
        field("UserTitle"),
        field("UserFirstname"),
        field("UserLastname"),
        other("UserPassword", "password"),
        field("UserEmail"),
        field("UserCustomerID"),
        field("UserPhone"),
        field("UserMobile"),
        other("Valid", "valid"),
      ],
    },
    reservedKeys: [],
    strict: true,
    forPeople: false,
  },
  opsi: {
    columns: {
      company: [
        key("CustomerID"),
        field("CustomerCompanyName", "Customer"),
        field("CustomerCompanyStreet", "Street"),
        field("CustomerCompanyZIP", "Zip"),
        field("CustomerCompanyCity", "City"),
        field("CustomerCompanyCountry", "Country"),
        field("CustomerCompanyURL", "URL"),
        other("Comment", "empty"),
        other("Valid", "valid"),
      ],
      user: [
        key("Login"),
        field("UserTitle", "Title"),
        field("UserFirstname", "Firstname"),
        field("UserLastname", "Lastname"),
        field("UserEmail", "Email"),
        field("UserCustomerID", "CustomerID"),
        other("Customer", "company-name"),
        field("UserPhone", "Phone"),
        field("UserMobile", "Mobile"),
        other("Valid", "valid"),
      ],
    },
    reservedKeys: ["null", "all"],
    strict: true,
    forPeople: true,
  },
  plain: {
    columns: {
      company: [
        other("KivitendoId", "row-id"),
        field("CustomerNumber"),
        key("CustomerID"),
        field("CustomerCompanyName"),
        field("CustomerCompanyStreet"),
        field("CustomerCompanyZIP"),
        field("CustomerCompanyCity"),
        field("CustomerCompanyCountry"),
        field("CustomerCompanyURL"),
        other("Valid", "valid"),
      ],
      user: [
        other("KivitendoId", "row-id"),
        field("CustomerNumber"),
        key("UserLogin"),
        field("UserCustomerID"),
        other("CustomerCompanyName", "company-name"),
        field("UserTitle"),
        field("UserFirstname"),
        field("UserLastname"),
        field("UserEmail"),
        field("UserPhone"),
        field("UserMobile"),
        other("Valid", "valid"),
      ],
    },
    reservedKeys: [],
    strict: false,
    forPeople: true,
  },
};

/** Header of a field in a format's files; null when the format does not have it. */
export function headerOf(format: ExportFormat, record: RecordKind, name: string): string | null {
  const column = exportFormats[format].columns[record].find(
    ({ source }) => source.kind === "field" && source.field === name,
  );
  return column?.header ?? null;
}
