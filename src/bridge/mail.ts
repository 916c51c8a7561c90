import { readFileSync } from "node:fs";
import type { InboxItem, KivitendoBilling, StoredDraft } from "../billing/ports.ts";
import type { BillingConfig, Config } from "../config/index.ts";
import { createMailer, tell, waitingMail } from "../mail/index.ts";
import type { Mailer, Told, WaitingDraft } from "../mail/index.ts";
import { ConfigError } from "../model/index.ts";
import type { RunEnd } from "../model/index.ts";
import { countOpenQuestions, readNews, recordMail } from "../state/index.ts";
import type { News, State } from "../state/index.ts";
import type { Logger } from "./logger.ts";

export interface TellerParts {
  readonly config: Config;
  readonly pool: Parameters<typeof readNews>[0];
  readonly state: State;
  readonly kivitendo: Pick<KivitendoBilling, "readCustomers">;
  readonly log: Logger;
  readonly now: () => Temporal.Instant;
}

/** Notes with the end of a run whom its news are to be told, so that nothing of them is lost with what comes after. */
export function withNews(state: State["billing"], { billing }: Config): State["billing"] {
  const to = billing?.mail.to ?? [];
  if (to.length === 0) return state;
  const mail = { untold: to, attempt: null, problem: null };
  const noted = (end: RunEnd): RunEnd => ({ ...end, summary: { ...objectOf(end.summary), mail } });
  return { ...state, finishRun: (run, end) => state.finishRun(run, noted(end)) };
}

function objectOf(summary: unknown): object {
  return typeof summary === "object" && summary !== null ? summary : {};
}

/**
 * Tells people what runs brought, where billing.mail names somebody: this one, and earlier ones that could not be told.
 * Throws ConfigError at once for settings that cannot work; afterwards a relay that does not take the mail is an item of
 * the inbox, because what was written is written. To be called while no run works.
 */
export function newsTeller(parts: TellerParts): () => Promise<void> {
  const { billing } = parts.config;
  if (billing === undefined) return () => Promise.resolve();
  const mailer = billing.mail.to.length === 0 ? null : mailerOf(billing.mail);
  return async () => {
    try {
      await tellNews(parts, billing, mailer);
    } catch (error) {
      parts.log.warn(
        { err: String(error) },
        "what was written stands, but it is not known whether everybody was told by mail",
      );
    }
  };
}

/** Without a mailer nobody is to be told, and nothing is asked about mail. */
async function tellNews(parts: TellerParts, billing: BillingConfig, mailer: Mailer | null): Promise<void> {
  const { state, log, now } = parts;
  const problem = mailer === null ? null : await tellAll(parts, billing, mailer);
  if (problem !== null) log.warn({ problem }, "what was written stands, but not everybody was told by mail");
  const items = problem === null ? [] : [notTold(problem)];
  await state.billing.syncInbox(items, { run: null, now: now(), complete: ["mail-not-sent"], dryRun: false });
}

/** Oldest first, as far as the relay works; answers the first thing that was wrong, null when everybody was told. */
async function tellAll(parts: TellerParts, billing: BillingConfig, mailer: Mailer): Promise<string | null> {
  let first: string | null = null;
  for (const news of await readNews(parts.pool)) {
    const { problem, works } = await tellOne(parts, billing, mailer, news);
    first ??= problem;
    if (!works) break;
  }
  return first;
}

/** Answers what was wrong: nothing when everybody was told, or nothing is left to tell. */
async function tellOne(
  { config, pool, kivitendo }: TellerParts,
  { mail, draftOwner }: BillingConfig,
  mailer: Mailer,
  { runs, to: untold, attempt, drafts, newQuestions }: News,
): Promise<Omit<Told, "untold">> {
  const { instance } = config;
  const open = await countOpenQuestions(pool);
  const waiting = {
    instance,
    draftOwner,
    drafts: await waitingDrafts(kivitendo, drafts),
    newQuestions: Math.min(newQuestions, open),
    openQuestions: open,
  };
  const written = waitingMail(waiting, mail.language);
  // Somebody who is named no longer is told no more.
  const to = untold === null ? mail.to : untold.filter((address) => mail.to.includes(address));
  if (written === null || to.length === 0) {
    await recordMail(pool, runs, { untold: [], attempt, problem: null });
    return { problem: null, works: true };
  }
  const id = attempt ?? `kivi-otrs.${instance.replaceAll(/[^A-Za-z0-9-]/g, "-")}.run.${runs.join("-")}`.slice(0, 200);
  // Kept before: when the program ends meanwhile, the same mail is tried again under the same name.
  await recordMail(pool, runs, { untold: to, attempt: id, problem: null });
  const { works, ...told } = await tell(mailer, { ...written, id }, to);
  await recordMail(pool, runs, { ...told, attempt: id });
  return { problem: told.problem, works };
}

function notTold(problem: string): InboxItem {
  return {
    reason: "mail-not-sent",
    subject: "billing.mail",
    text: `Not everybody was told by mail what billing runs brought: ${problem}`,
    hint: "Mend the relay or billing.mail: the next run tries again, and the item goes away. `kivi-otrs billing drafts` and `kivi-otrs inbox` show what waits; `kivi-otrs runs` says who was not told.",
    about: {},
    choices: [],
  };
}

async function waitingDrafts(
  kivitendo: TellerParts["kivitendo"],
  drafts: readonly StoredDraft[],
): Promise<WaitingDraft[]> {
  if (drafts.length === 0) return [];
  const customers = await kivitendo.readCustomers([...new Set(drafts.map(({ customerId }) => customerId))]);
  const kinds = { "invoice-draft": "draft", "sales-order": "order", "recurring-order": "recurring-order" } as const;
  return drafts.map((draft) => {
    const { status, target, draftId, kivitendoNumber, customerId, customerNumber, period, netAmount, lines } = draft;
    const customer = customers.get(customerId);
    const proposed = status === "proposed";
    return {
      kind: proposed ? "proposal" : kinds[target],
      number: proposed ? String(draftId) : kivitendoNumber,
      customerNumber,
      customerName: customer?.name ?? "",
      period,
      lines: lines.length,
      netAmount,
      currency: customer?.currency ?? "",
    };
  });
}

function mailerOf({ host, port, encryption, user, password, caFile, from, to }: BillingConfig["mail"]): Mailer {
  if (host === undefined || from === undefined) {
    throw new ConfigError("billing.mail names somebody to tell, but no host or from.", "Set both.");
  }
  return createMailer({
    host,
    port,
    encryption,
    login: user === undefined || password === undefined ? null : { user, password },
    ...(caFile === undefined ? {} : { ca: readAuthority(caFile) }),
    from,
    to,
  });
}

function readAuthority(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    throw new ConfigError(
      `billing.mail.caFile cannot be read: ${error instanceof Error ? error.message : String(error)}.`,
      "Name a PEM file that the bridge may read.",
      { cause: error },
    );
  }
}
