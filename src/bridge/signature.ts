import { ConfigError } from "../model/index.ts";

/** Who decides something, and why. */
export interface Signature {
  readonly by: string;
  readonly why: string;
}

/** Number of a question of billing, from its id in the inbox; throws ConfigError for another id. */
export function inboxItemOf(id: string): number {
  const [, number] = /^billing-([1-9]\d{0,8})$/.exec(id) ?? [];
  if (number !== undefined) return Number(number);
  throw new ConfigError(
    `${id} is not the id of a question of billing.`,
    "`kivi-otrs inbox` lists what waits, with ids such as billing-12 and the choices that each has.",
  );
}

/** Throws ConfigError unless somebody says who it is, and why. */
export function assertSigned({ by, why }: Signature): Signature {
  const signature = { by: by.trim(), why: why.trim() };
  if (signature.why === "") throw new ConfigError("A decision needs its reason.", 'Add --why "…".');
  if (signature.by === "") throw new ConfigError("A decision needs who made it.", 'Add --by "…".');
  return signature;
}
