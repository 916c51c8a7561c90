import { readFileSync } from "node:fs";
import { Option } from "commander";
import type { Command } from "commander";
import type { LineChange } from "../bridge/index.ts";
import { ConfigError } from "../model/index.ts";
import { decimalOption, numberArgument } from "./amounts.ts";
import { storedDraftText } from "./billing-drafts.ts";
import { action, exitCodes, withBridge } from "./command.ts";
import { draftsJson } from "./json-billing-desk.ts";
import { signatureOf, signed } from "./signature.ts";
import type { SignatureOptions } from "./signature.ts";

interface Options extends SignatureOptions {
  readonly leaveOut?: "waive" | "hold";
  readonly goodwill: boolean;
  readonly part?: string;
  readonly price?: string;
  readonly quantity?: string;
  readonly minutes?: string;
  readonly text?: string;
  readonly longTextFile?: string;
}

/** `billing edit`: changes one line of a proposal; the original is kept. */
export function addEdit(billing: Command): void {
  const command = billing
    .command("edit")
    .argument("<line>", "number of the line, as `billing drafts` shows it")
    .description("change one line of a proposal; the original and the reason are kept")
    .addOption(
      new Option(
        "--leave-out <time>",
        "take it out: waive its time for good, or hold its ticket until it is released",
      ).choices(["waive", "hold"]),
    )
    .option("--goodwill", "show it with price 0", false)
    .option("--part <number>", "bill it as another part")
    .option("--price <amount>", "with --part: unit price; else the customer's for that part, or the part's own")
    .option("--quantity <number>", "quantity in the part's unit, alone or with --part")
    .option("--minutes <number>", "charged minutes")
    .option("--text <line>", "description")
    .option("--long-text-file <file>", "file with the long description (HTML), alone or with --text");
  action<Options>(signed(command), async ({ words: [line = ""], options, terminal, load }) => {
    const lineId = numberArgument("line", line);
    const change = changeOf(options);
    const signature = signatureOf(options);
    return withBridge(load().config, "billing edit", async (bridge) => {
      const office = bridge.office();
      const draft = await office.edit(lineId, change, signature);
      terminal.answer(() => `${storedDraftText(draft)}\n`, draftsJson([draft], office.minutesPerUnit));
      return exitCodes.done;
    });
  });
}

const ways = "--leave-out, --goodwill, --part, --quantity, --minutes, or --text";

/** The one change that was asked for; throws ConfigError for none, or several that do not go together. */
export function changeOf(options: Omit<Options, keyof SignatureOptions>): LineChange {
  const { leaveOut, goodwill, part, price, quantity, minutes, text, longTextFile } = options;
  const changes: LineChange[] = [
    ...(leaveOut === undefined ? [] : [{ kind: "leave-out" as const, time: leaveOut }]),
    ...(goodwill ? [{ kind: "goodwill" as const }] : []),
    ...(part === undefined
      ? []
      : [
          {
            kind: "part" as const,
            partNumber: part,
            unitPrice: price === undefined ? null : decimalOption("--price", price),
            quantity: quantity === undefined ? null : decimalOption("--quantity", quantity),
          },
        ]),
    ...(quantity === undefined || part !== undefined
      ? []
      : [{ kind: "quantity" as const, quantity: decimalOption("--quantity", quantity) }]),
    ...(minutes === undefined ? [] : [{ kind: "minutes" as const, minutes: decimalOption("--minutes", minutes) }]),
    ...(text === undefined && longTextFile === undefined ? [] : [textChange(text ?? null, longTextFile ?? null)]),
  ];
  if (price !== undefined && part === undefined) {
    throw new ConfigError("--price goes with --part only.", "Name the part as well; it may be the same one.");
  }
  const [change, other] = changes;
  if (change !== undefined && other === undefined) return change;
  throw new ConfigError(
    change === undefined ? "Nothing is to be changed." : "One change at a time: each is kept with its reason.",
    `Give one of ${ways}.`,
  );
}

function textChange(description: string | null, file: string | null): LineChange {
  if (file === null) return { kind: "text", description, longDescription: null };
  try {
    return { kind: "text", description, longDescription: readFileSync(file, "utf8") };
  } catch (error) {
    throw new ConfigError(
      `${file} cannot be read: ${error instanceof Error ? error.message : String(error)}.`,
      "Name a file with the long description.",
      { cause: error },
    );
  }
}
