import { oneLine } from "./text.ts";

/**
 * What the helpdesk's lists (ISO 3166, Perl's Locale::Codes in its versions) call a country whose everyday English name
 * is another one.
 */
const officialNames: Readonly<Record<string, readonly string[]>> = {
  BN: ["Brunei Darussalam"],
  BQ: ["Bonaire, Sint Eustatius and Saba"],
  CD: ["Congo (The Democratic Republic of the)", "Congo, The Democratic Republic of the"],
  CG: ["Congo", "Republic of the Congo"],
  CV: ["Cabo Verde"],
  CZ: ["Czech Republic"],
  GB: ["United Kingdom of Great Britain and Northern Ireland", "Great Britain"],
  HK: ["Hong Kong"],
  HM: ["Heard Island and McDonald Islands"],
  KP: ["Korea, The Democratic People's Republic of", "Korea (the Democratic People's Republic of)"],
  KR: ["Korea, The Republic of", "Korea, Republic of", "Korea (the Republic of)"],
  LA: ["Lao People's Democratic Republic"],
  MK: ["Macedonia, The Former Yugoslav Republic of", "Macedonia"],
  MO: ["Macao"],
  PN: ["Pitcairn"],
  PS: ["Palestine, State of"],
  RU: ["Russian Federation"],
  SY: ["Syrian Arab Republic"],
  SZ: ["Swaziland"],
  TR: ["Turkey"],
  UM: ["United States Minor Outlying Islands"],
  US: ["United States of America"],
  VA: ["Holy See", "Holy See (Vatican City State)"],
  VG: ["Virgin Islands (British)", "Virgin Islands, British"],
  VI: ["Virgin Islands (U.S.)", "Virgin Islands, U.S."],
};

/** What people type. */
const everydayNames: Readonly<Record<string, readonly string[]>> = {
  AT: ["A"],
  DE: ["D", "BRD"],
  GB: ["UK", "England", "Großbritannien"],
  NL: ["Holland"],
  US: ["USA", "U.S.A."],
};

const regionNames = new Map<string, Intl.DisplayNames>();

/** Reading a language's names takes longer than a hundred modules of ours: only where a country is looked for. */
function nameIn(language: "en" | "de", code: string): string | undefined {
  const names = regionNames.get(language) ?? new Intl.DisplayNames([language], { type: "region", fallback: "none" });
  regionNames.set(language, names);
  return names.of(code);
}

/**
 * The name under which the helpdesk offers the country: found by its ISO code, else by a German or English name or a
 * code in its place. A text that is no country stays as it was typed.
 */
export function countryName(row: Country, offered: readonly string[]): string {
  const known = answers.get(offered) ?? new Map<string, string>();
  answers.set(offered, known);
  const asked = `${row.countryCode} ${row.country}`;
  const name = known.get(asked) ?? findName(row, offered);
  known.set(asked, name);
  return name;
}

interface Country {
  readonly country: string;
  readonly countryCode: string;
}

/** By list of names: thousands of customers live in a few countries. */
const answers = new WeakMap<readonly string[], Map<string, string>>();

function findName(row: Country, offered: readonly string[]): string {
  const typed = oneLine(row.country);
  if (offered.includes(typed)) return typed;
  const given = row.countryCode.toUpperCase();
  const code = isCountry(given) ? given : codeOf(typed);
  if (code === undefined) return typed;
  return offeredName(code, offered) ?? nameIn("en", code) ?? typed;
}

function offeredName(code: string, offered: readonly string[]): string | undefined {
  const exact = [...(officialNames[code] ?? []), nameIn("en", code) ?? ""];
  const found = offered.find((name) => exact.some((wanted) => plain(wanted) === plain(name)));
  if (found !== undefined || code in officialNames) return found;
  // "Iran (Islamic Republic of)", "Moldova, The Republic of": what goes before names the country.
  return offered.find((name) => heart(name) === heart(nameIn("en", code) ?? ""));
}

let codes: ReadonlyMap<string, string> | undefined;

function codeOf(typed: string): string | undefined {
  codes ??= new Map(
    allCodes().flatMap((code) =>
      [
        code,
        nameIn("en", code) ?? "",
        nameIn("de", code) ?? "",
        ...(officialNames[code] ?? []),
        ...(everydayNames[code] ?? []),
      ].map((name) => [plain(name), code]),
    ),
  );
  return typed === "" ? undefined : codes.get(plain(typed));
}

/** Groups and stand-ins that have a name as regions and are no countries. */
const noCountries: ReadonlySet<string> = new Set(["EU", "EZ", "UN", "ZZ", "QO", "XA", "XB"]);

/** Former codes (SU, ZR) are none either. */
function isCountry(code: string): boolean {
  if (!/^[A-Z]{2}$/.test(code) || noCountries.has(code) || nameIn("en", code) === undefined) return false;
  return new Intl.Locale(`und-${code}`).region === code;
}

function allCodes(): readonly string[] {
  const letters = Array.from("ABCDEFGHIJKLMNOPQRSTUVWXYZ");
  return letters.flatMap((first) => letters.map((second) => first + second)).filter(isCountry);
}

function plain(name: string): string {
  return name
    .normalize("NFKD")
    .replace(/\p{M}/gu, "")
    .toLowerCase()
    .replace(/ß/g, "ss")
    .replace(/&/g, " and ")
    .replace(/\bst\./g, "saint")
    .replace(/\bthe\b/g, "")
    .replace(/[^\p{L}]+/gu, "");
}

function heart(name: string): string {
  return plain(name.replace(/\(.*?\)|\[.*?\]|,.*$/g, " "));
}
