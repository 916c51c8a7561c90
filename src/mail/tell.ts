import { RejectedError } from "../model/index.ts";
import type { Mail, Mailer } from "./mailer.ts";

/** Who was not told, and why: a full sentence for log and inbox; null when everybody was. */
export interface Told {
  readonly untold: readonly string[];
  readonly problem: string | null;
  /** Whether the relay takes mail at all: else every other mail would wait as long, for nothing. */
  readonly works: boolean;
}

/** Mails these people. Never throws: what was written stands whether or not anybody hears of it. */
export async function tell(mailer: Mailer, mail: Mail, to: readonly string[]): Promise<Told> {
  try {
    const { refused } = await mailer.send(mail, to);
    const problem = refused.length === 0 ? null : `The mail relay did not take the mail for ${refused.join(", ")}.`;
    return { untold: refused, problem, works: true };
  } catch (error) {
    const problem = error instanceof Error ? error.message : String(error);
    return { untold: to, problem, works: error instanceof RejectedError };
  }
}
