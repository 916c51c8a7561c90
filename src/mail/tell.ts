import type { Mailer } from "./mailer.ts";
import { type MailLanguage, type Waiting, waitingMail } from "./waiting-mail.ts";

/** `problem` is a full sentence for log and report; null when everybody was told, or there was nothing new to tell. */
export interface Told {
  readonly sent: boolean;
  readonly problem: string | null;
}

/** Mails what waits. Never throws: drafts are written whether or not anybody hears of them. */
export async function tellWaiting(mailer: Mailer, waiting: Waiting, language: MailLanguage): Promise<Told> {
  const mail = waitingMail(waiting, language);
  if (mail === null) return { sent: false, problem: null };
  try {
    const { refused } = await mailer.send(mail);
    const problem = refused.length === 0 ? null : `The mail relay did not take the mail for ${refused.join(", ")}.`;
    return { sent: true, problem };
  } catch (error) {
    return { sent: false, problem: error instanceof Error ? error.message : String(error) };
  }
}
