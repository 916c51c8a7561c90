import { readFileSync } from "node:fs";
import type { BillingReport, DraftReport } from "../billing/index.ts";
import type { Config } from "../config/index.ts";
import { createMailer, tellWaiting } from "../mail/index.ts";
import type { Mailer, WaitingDraft } from "../mail/index.ts";
import { ConfigError } from "../model/index.ts";
import type { Logger } from "./logger.ts";

/** What a run left for people. */
export type News = Pick<BillingReport, "drafts" | "inbox">;

/**
 * Tells people what a run brought, where billing.mail names somebody. Throws ConfigError at once for settings that cannot
 * work; afterwards a relay that does not take the mail is a line in the log, because what was written is written.
 */
export function newsTeller(config: Config, log: Logger): (news: News) => Promise<void> {
  const { billing, instance } = config;
  if (billing === undefined || billing.mail.to.length === 0) return () => Promise.resolve();
  const { mail, draftOwner } = billing;
  const mailer = mailerOf(mail);
  return async ({ drafts, inbox }) => {
    const waiting = {
      instance,
      draftOwner,
      drafts: drafts.map(waitingDraft),
      newQuestions: inbox.added,
      openQuestions: inbox.open,
    };
    const { problem } = await tellWaiting(mailer, waiting, mail.language);
    if (problem !== null) log.warn({ problem }, "what was written stands, but not everybody was told by mail");
  };
}

function waitingDraft(draft: DraftReport): WaitingDraft {
  const { customerNumber, customerName, period, netAmount, currency, proposed, draftId, kivitendoNumber } = draft;
  const kinds = { "invoice-draft": "draft", "sales-order": "order", "recurring-order": "recurring-order" } as const;
  return {
    kind: proposed ? "proposal" : kinds[draft.target],
    number: proposed && draftId !== null ? String(draftId) : kivitendoNumber,
    customerNumber,
    customerName,
    period,
    lines: draft.lines.length,
    netAmount,
    currency,
  };
}

function mailerOf({
  host,
  port,
  encryption,
  user,
  password,
  caFile,
  from,
  to,
}: NonNullable<Config["billing"]>["mail"]): Mailer {
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
