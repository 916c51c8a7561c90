import { ConfigError } from "../model/index.ts";
import type { Decimal } from "../model/index.ts";

/** A number as people type it, with point or comma; throws ConfigError, naming the option. */
export function decimalOption(option: string, text: string): Decimal {
  const plain = text.trim().replace(",", ".");
  if (/^-?\d{1,12}(\.\d{1,5})?$/.test(plain)) return plain as Decimal;
  throw new ConfigError(`${option} ${text} is not a number.`, "Write it with up to five decimals, such as 1.25.");
}

/** The number of a draft or line; throws ConfigError. */
export function numberArgument(what: string, text: string): number {
  if (/^[1-9]\d{0,8}$/.test(text)) return Number(text);
  throw new ConfigError(
    `${text} is not the number of a ${what}.`,
    "`kivi-otrs billing drafts` lists drafts and their lines with their numbers.",
  );
}

/** Two decimals, more only when the number has them. */
export function moneyText(value: string): string {
  if (!/^-?\d+(\.\d+)?$/.test(value)) return value;
  const [whole = "", places = ""] = value.split(".");
  return `${whole}.${places.replace(/0+$/, "").padEnd(2, "0")}`;
}

export function plural(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}
