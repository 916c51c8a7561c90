import { ConfigError } from "../model/index.ts";

/** A helpdesk of the OTRS family that the bridge knows, and where it differs from the others. */
export interface Product {
  readonly name: "Znuny" | "OTOBO" | "OTRS";
  /** Releases that are supported: of a major version all minor ones in these bounds, both included. */
  readonly releases: readonly { readonly major: number; readonly from: number; readonly to: number }[];
  /** The same for people. */
  readonly releaseText: string;
  /** Where the agents' address ends as installed. */
  readonly addressEnds: readonly string[];
  /** The SysConfig setting of the zone in which time stamps are stored. */
  readonly timeZoneSetting: string;
}

const anyMinor = { from: 0, to: Number.POSITIVE_INFINITY };

/**
 * Everything in which the client tells products from each other. What differs on the wire (no SessionRemove on OTOBO and OTRS 6, no login in
 * headers on OTOBO, an empty HTTP 500 of OTOBO for a web service that it does not know) is met by using only what all have.
 */
const products: readonly Product[] = [
  {
    name: "Znuny",
    releases: [
      { major: 6, from: 5, to: 5 },
      { major: 7, ...anyMinor },
    ],
    releaseText: "Znuny 6.5 and 7",
    addressEnds: ["/otrs", "/znuny"],
    timeZoneSetting: "OTRSTimeZone",
  },
  {
    name: "OTOBO",
    releases: [
      { major: 10, from: 1, to: Number.POSITIVE_INFINITY },
      { major: 11, ...anyMinor },
    ],
    releaseText: "OTOBO 10.1 to 11",
    addressEnds: ["/otobo"],
    timeZoneSetting: "OTOBOTimeZone",
  },
  {
    name: "OTRS",
    releases: [{ major: 6, ...anyMinor }],
    releaseText: "OTRS 6",
    addressEnds: ["/otrs"],
    timeZoneSetting: "OTRSTimeZone",
  },
];

/** "/otrs, /znuny or /otobo" */
export const addressEnds = listed(new Set(products.flatMap((product) => product.addressEnds)), "or");

export const timeZoneSettings: readonly string[] = [...new Set(products.map((product) => product.timeZoneSetting))];

const supported = listed(new Set(products.map((product) => product.releaseText)), "and");

/**
 * The product behind what a helpdesk calls itself and its version, such as `6.5.x` or `11.0.4`. Throws ConfigError when the
 * bridge does not support it.
 */
export function supportedProduct(name: string, version: string): Product {
  const product = products.find((known) => known.name.toLowerCase() === plainName(name));
  if (!product) throw refusal(name, version, otherHint(name));
  const [, major, minor] = /^(\d+)\.(\d+|x)\b/.exec(version.trim()) ?? [];
  if (major === undefined || minor === undefined) {
    throw refusal(name, version, "Its file RELEASE names no version that can be read; restore it from the release.");
  }
  const release = product.releases.find((known) => known.major === Number(major));
  // Packages of distributions leave a part open: 6.5.x, and 7.x where it does not matter.
  if (release && isWithin(minor, release)) return product;
  const lowest = product.releases[0];
  const isOld = lowest !== undefined && isBefore(Number(major), Number(minor), lowest);
  throw refusal(name, version, isOld ? `Update the helpdesk to ${product.releaseText}.` : newerHint(product));
}

function isWithin(minor: string, { from, to }: Product["releases"][number]): boolean {
  if (minor === "x") return from === 0 && to === Number.POSITIVE_INFINITY;
  return Number(minor) >= from && Number(minor) <= to;
}

function isBefore(major: number, minor: number, lowest: Product["releases"][number]): boolean {
  return major < lowest.major || (major === lowest.major && minor < lowest.from);
}

/** OTRS 6 calls itself `((OTRS)) Community Edition` in its later releases, Znuny's early ones `Znuny LTS`. */
function plainName(name: string): string {
  return name
    .replace(/[()]/g, "")
    .replace(/\s+(community edition|lts)\s*$/i, "")
    .trim()
    .toLowerCase();
}

const files = "kivi-otrs customers export writes the customers as files, for helpdesks that take those.";

function refusal(name: string, version: string, hint: string): ConfigError {
  const told = name.trim() === "" ? "A product without a name" : `${name.trim()} ${version.trim()}`.trim();
  return new ConfigError(`${told} is not supported: the bridge works with ${supported}.`, hint);
}

function newerHint(product: Product): string {
  if (product.name === "OTRS") {
    return `From version 7 on OTRS is another, closed product that takes no add-on of this kind. ${files}`;
  }
  return `Look for a newer release of the bridge that names it, or use ${product.releaseText}.`;
}

function otherHint(name: string): string {
  if (/^kix\b/i.test(plainName(name))) {
    return `KIX has customers and an interface of its own, which the bridge does not speak. ${files}`;
  }
  return "Does helpdesk.url lead to the right helpdesk? Its name comes from the file RELEASE of its installation.";
}

function listed(words: ReadonlySet<string>, last: "and" | "or"): string {
  const all = [...words];
  return `${all.slice(0, -1).join(", ")} ${last} ${all.at(-1) ?? ""}`;
}
