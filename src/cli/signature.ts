import { Option } from "commander";
import type { Command } from "commander";
import type { Signature } from "../bridge/index.ts";
import { ConfigError } from "../model/index.ts";
import { operatorName } from "./operator.ts";

export interface SignatureOptions {
  readonly by: string;
  readonly why?: string;
}

/** Adds who decides, and why. */
export function signed(command: Command): Command {
  return command
    .addOption(new Option("--by <name>", "who decides").default(operatorName()))
    .option("--why <reason>", "why; kept with the decision");
}

/** Throws ConfigError unless both are given: decisions are kept with them. */
export function signatureOf({ by, why = "" }: SignatureOptions): Signature {
  if (why.trim() === "") throw new ConfigError("A decision needs its reason.", 'Add --why "…".');
  if (by.trim() === "") throw new ConfigError("A decision needs who made it.", 'Add --by "…".');
  return { by: by.trim(), why: why.trim() };
}
