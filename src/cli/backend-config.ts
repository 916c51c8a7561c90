import { readFileSync } from "node:fs";
import { Option, type Command } from "commander";
import type { Config } from "../config/index.ts";
import { backendConfig, backendProducts } from "../helpdesk/index.ts";
import type { BackendProduct } from "../helpdesk/index.ts";
import { ConfigError } from "../model/index.ts";
import { action, exitCodes } from "./command.ts";

interface Options {
  readonly product: BackendProduct;
  readonly number: string;
  readonly databaseHost?: string;
  readonly databasePort?: string;
  readonly databaseUser?: string;
  readonly passwordFile?: string;
  readonly cacheSeconds: string;
}

/** `helpdesk backend-config`: the part of Kernel/Config.pm for customers.way read-only. */
export function addBackendConfig(helpdesk: Command): void {
  const command = helpdesk
    .command("backend-config")
    .description("print the part of Kernel/Config.pm with which the helpdesk reads the customers itself")
    .addOption(new Option("--product <name>", "the helpdesk").choices(Object.keys(backendProducts)).default("znuny"))
    .option("--number <n>", "which of the helpdesk's sources this is to be: 1 to 10", "2")
    .option("--database-host <host>", "the database server as the helpdesk reaches it (default: kivitendo.databaseUrl)")
    .option("--database-port <port>", "its port (default: kivitendo.databaseUrl)")
    .option("--database-user <role>", "role that the helpdesk logs in with (default: customers.readerRole)")
    .option("--password-file <file>", "file with its password (default: a place to fill in)")
    .option("--cache-seconds <n>", "how long the helpdesk may remember what it read", "60");
  action<Options>(command, async ({ options, terminal, load }) => {
    const perl = backendConfig(optionsFor(load().config, options));
    terminal.answer(() => perl, { perl });
    return Promise.resolve(exitCodes.done);
  });
}

function optionsFor(config: Config, options: Options): Parameters<typeof backendConfig>[0] {
  const url = new URL(config.kivitendo.databaseUrl);
  const user = options.databaseUser ?? config.customers.readerRole;
  if (user === undefined) {
    throw new ConfigError(
      "The role that the helpdesk is to read with is not known.",
      "Set customers.readerRole to an existing role that may log in and nothing else, run `kivi-otrs setup`, which gives it its rights, then try again.",
    );
  }
  const sslMode = url.searchParams.get("sslmode");
  return {
    product: options.product,
    number: wholeNumber("--number", options.number, 1, 10),
    database: {
      host: options.databaseHost ?? url.hostname.replace(/^\[|\]$/g, ""),
      port: wholeNumber("--database-port", options.databasePort ?? (url.port === "" ? "5432" : url.port), 1, 65_535),
      name: decodeURIComponent(url.pathname.slice(1)),
      ...(sslMode === null ? {} : { sslMode }),
    },
    user,
    password: options.passwordFile === undefined ? null : readPassword(options.passwordFile),
    cacheSeconds: wholeNumber("--cache-seconds", options.cacheSeconds, 0, 86_400),
    name: `kivitendo (${config.instance})`,
  };
}

function wholeNumber(option: string, text: string, least: number, most: number): number {
  const value = Number(text);
  if (/^\d+$/.test(text) && value >= least && value <= most) return value;
  throw new ConfigError(
    `${option} ${text} is not a whole number from ${least} to ${most}.`,
    `Write for example ${option} ${Math.max(least, 2)}.`,
  );
}

function readPassword(file: string): string {
  let password: string;
  try {
    password = readFileSync(file, "utf8").replace(/\r?\n$/, "");
  } catch (error) {
    throw new ConfigError(`The password file ${file} cannot be read.`, "Name a file that this user may read.", {
      cause: error,
    });
  }
  if (password !== "") return password;
  throw new ConfigError(`The password file ${file} is empty.`, "Write the role's password into it.");
}
