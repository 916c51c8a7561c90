import { ConfigError } from "../model/index.ts";

/** Products whose Kernel/Config.pm takes the same part; they differ in names of programs only. */
export const backendProducts = {
  znuny: { title: "Znuny", console: "bin/otrs.Console.pl (Znuny 7: bin/znuny.Console.pl)" },
  otobo: { title: "OTOBO", console: "bin/otobo.Console.pl" },
  otrs: { title: "OTRS 6", console: "bin/otrs.Console.pl" },
} as const;
export type BackendProduct = keyof typeof backendProducts;

export interface BackendConfigOptions {
  readonly product: BackendProduct;
  /** 2 makes CustomerUser2 and CustomerCompany2; the helpdesk asks its sources in the order '', 1 to 10. */
  readonly number: number;
  /** As the helpdesk reaches it. */
  readonly database: { readonly host: string; readonly port: number; readonly name: string; readonly sslMode?: string };
  readonly user: string;
  /** Null leaves a place to fill in. */
  readonly password: string | null;
  /** How long the helpdesk may remember an answer, also "there is no such user"; 0 asks each time. */
  readonly cacheSeconds: number;
  /** Shown where agents choose a source. */
  readonly name: string;
}

/** Stands in the text where no password is given. */
export const passwordPlace = "FILL-IN-THE-PASSWORD";

type MapLine = readonly [
  variable: string,
  label: string,
  column: string,
  shown: 0 | 1,
  required: 0 | 1,
  type: "var" | "int",
  link?: string,
];

/** No UserPassword: the ERP has none, so nobody can log in through this source. */
const userMap: readonly MapLine[] = [
  ["UserTitle", "Title or salutation", "title", 1, 0, "var"],
  ["UserFirstname", "Firstname", "first_name", 1, 1, "var"],
  ["UserLastname", "Lastname", "last_name", 1, 1, "var"],
  ["UserLogin", "Username", "login", 1, 1, "var"],
  ["UserEmail", "Email", "email", 1, 1, "var"],
  ["UserCustomerID", "CustomerID", "customer_id", 0, 1, "var"],
  ["UserPhone", "Phone", "phone", 1, 0, "var"],
  ["UserMobile", "Mobile", "mobile", 1, 0, "var"],
  ["ValidID", "Valid", "valid_id", 0, 1, "int"],
];

const companyMap: readonly MapLine[] = [
  ["CustomerID", "CustomerID", "customer_id", 0, 1, "var"],
  ["CustomerCompanyName", "Customer", "name", 1, 1, "var"],
  ["CustomerCompanyStreet", "Street", "street", 1, 0, "var"],
  ["CustomerCompanyZIP", "Zip", "zip", 1, 0, "var"],
  ["CustomerCompanyCity", "City", "city", 1, 0, "var"],
  ["CustomerCompanyCountry", "Country", "country", 1, 0, "var"],
  ["CustomerCompanyURL", "URL", "url", 1, 0, "var", "[% Data.CustomerCompanyURL | html %]"],
  ["ValidID", "Valid", "valid_id", 0, 1, "int"],
];

/**
 * The part of Kernel/Config.pm with which the helpdesk reads otrs_bridge.helpdesk_users and helpdesk_companies as a
 * second, read-only source of customers (docs/read-only-source.md). Throws ConfigError for what Perl, DBD::Pg or the
 * helpdesk would take for something else.
 */
export function backendConfig(options: BackendConfigOptions): string {
  const { number, cacheSeconds, name } = options;
  const { title, console } = backendProducts[options.product];
  const head = [
    `# ${"-".repeat(68)} #`,
    `# Customers of kivitendo, read by ${title} itself; printed by`,
    "#   kivi-otrs helpdesk backend-config",
    `# Belongs into sub Load of Kernel/Config.pm, before its "return 1;".`,
    "# Afterwards restart the web server and the daemon, and run",
    `#   ${console} Maint::Cache::Delete`,
    `# ${"-".repeat(68)} #`,
  ];
  const users = [
    `$Self->{CustomerUser${number}} = {`,
    ...setting("Name", quoted(name)),
    ...setting("Module", quoted("Kernel::System::CustomerUser::DB")),
    ...params(options, "otrs_bridge.helpdesk_users"),
    ...setting("CustomerKey", quoted("login")),
    ...setting("CustomerID", quoted("customer_id")),
    ...setting("CustomerValid", quoted("valid_id")),
    "    # The last one must be the address.",
    ...setting("CustomerUserListFields", list(["first_name", "last_name", "email"])),
    ...setting("CustomerUserSearchFields", list(["login", "first_name", "last_name", "customer_id"])),
    ...setting("CustomerUserSearchPrefix", quoted("*")),
    ...setting("CustomerUserSearchSuffix", quoted("*")),
    ...setting("CustomerUserSearchListLimit", "250"),
    ...setting("CustomerUserPostMasterSearchFields", list(["email"])),
    ...setting("CustomerUserNameFields", list(["title", "first_name", "last_name"])),
    ...setting("CustomerUserEmailUniqCheck", "1"),
    ...setting("CustomerUserExcludePrimaryCustomerID", "0"),
    ...setting("AdminSetPreferences", "0"),
    ...setting("CustomerCompanySupport", "1"),
    ...setting("CacheTTL", String(cacheSeconds)),
    ...setting("ReadOnly", "1"),
    "    # variable, label, column, shown, required, type, link, read-only, target of the link, class of the link",
    ...map(userMap, ", undef, undef"),
    "};",
  ];
  const companies = [
    `$Self->{CustomerCompany${number}} = {`,
    ...setting("Name", quoted(name)),
    ...setting("Module", quoted("Kernel::System::CustomerCompany::DB")),
    ...params(options, "otrs_bridge.helpdesk_companies"),
    ...setting("CustomerCompanyKey", quoted("customer_id")),
    ...setting("CustomerCompanyValid", quoted("valid_id")),
    ...setting("CustomerCompanyListFields", list(["customer_id", "name"])),
    ...setting("CustomerCompanySearchFields", list(["customer_id", "name"])),
    ...setting("CustomerCompanySearchPrefix", quoted("*")),
    ...setting("CustomerCompanySearchSuffix", quoted("*")),
    ...setting("CustomerCompanySearchListLimit", "250"),
    ...setting("CacheTTL", String(cacheSeconds)),
    ...setting("ReadOnly", "1"),
    ...map(companyMap, ""),
    "};",
  ];
  return [...head, ...users, "", ...companies].map((line) => (line === "" ? "\n" : `    ${line}\n`)).join("");
}

function setting(key: string, value: string): readonly string[] {
  return [`    ${key} => ${value},`];
}

/** No CaseSensitive: given to the database class, it would switch off LOWER in searches. */
function params(options: BackendConfigOptions, table: string): readonly string[] {
  return [
    "    Params => {",
    `        DSN                 => ${quoted(dsn(options.database))},`,
    `        User                => ${quoted(options.user)},`,
    `        Password            => ${quoted(passwordOf(options.password))},`,
    "        Type                => 'postgresql',",
    `        Table               => ${quoted(table)},`,
    "        ForeignDB           => 1,",
    "        SearchCaseSensitive => 0,",
    "    },",
  ];
}

function map(lines: readonly MapLine[], rest: string): readonly string[] {
  return [
    "    Map => [",
    ...lines.map(([variable, label, column, shown, required, type, link = ""]) => {
      const words = [variable, label, column].map(quoted).join(", ");
      return `        [ ${words}, ${shown}, ${required}, '${type}', ${quoted(link)}, 1${rest} ],`;
    }),
    "    ],",
  ];
}

function list(words: readonly string[]): string {
  return `[ ${words.map(quoted).join(", ")} ]`;
}

/** A Perl string in single quotes: only the quote and the backslash mean something in it. */
function quoted(text: string): string {
  if (/\p{Cc}/u.test(text)) {
    throw new ConfigError(
      `${JSON.stringify(text)} has control characters, which Kernel/Config.pm cannot take.`,
      "Give a value of one line without them.",
    );
  }
  return `'${text.replace(/['\\]/g, "\\$&")}'`;
}

/** An outage must not hold up each page of the helpdesk: three seconds, then the source counts as empty. */
function dsn({ host, port, name, sslMode }: BackendConfigOptions["database"]): string {
  const parts = { dbname: name, host, port: String(port), ...(sslMode === undefined ? {} : { sslmode: sslMode }) };
  for (const [part, value] of Object.entries(parts)) {
    if (value !== "" && !/[\s;'"\\=]/.test(value)) continue;
    throw new ConfigError(
      `"${value}" cannot be the ${part} in the helpdesk's configuration of the database.`,
      "Choose one without blanks, quotes, semicolons, backslashes and equals signs; --database-host and --database-port say how the helpdesk reaches the database.",
    );
  }
  const words = Object.entries({ ...parts, connect_timeout: "3" }).map(([part, value]) => `${part}=${value}`);
  return `DBI:Pg:${words.join(";")}`;
}

function passwordOf(password: string | null): string {
  if (password === null) return passwordPlace;
  if (!/^\{.*\}$/.test(password)) return password;
  throw new ConfigError(
    "A password in curly brackets would be taken for an encrypted one by the helpdesk.",
    "Give the role another password.",
  );
}
