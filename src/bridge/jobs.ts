import type { Config } from "../config/index.ts";
import type { DaemonLog, Job } from "../daemon/index.ts";
import { UnavailableError } from "../model/index.ts";
import { everythingDue } from "./billing-rules.ts";
import type { Bridge } from "./bridge.ts";
import type { Logger } from "./logger.ts";
import { allCustomers } from "./customer-rules.ts";

/** Both flows, and looking after drafts, as jobs of the daemon. */
export function bridgeJobs(bridge: Bridge, config: Config, log: Logger): readonly Job[] {
  const { changes } = bridge;
  return [
    {
      name: "customers",
      schedule: config.schedule.customers,
      atStart: true,
      ...(changes === null ? {} : { watch: (changed) => changes.start(changed) }),
      run: async (signal) => {
        await changes?.check();
        if (bridge.readOnlySource !== null) {
          const refreshed = await bridge.readOnlySource("sync", allCustomers, { report: ignoreProgress, signal });
          return { customers: refreshed.customers, contacts: refreshed.contacts };
        }
        const { customers, contacts, situations, newlyRejected } = await bridge.customers("sync", allCustomers, {
          report: ignoreProgress,
          signal,
        });
        return { customers, contacts, situations, newlyRejected };
      },
    },
    {
      name: "followUp",
      schedule: bridge.bills ? config.schedule.followUp : "off",
      atStart: false,
      run: async (signal) => {
        const { changes: changed, untold, inbox } = await bridge.office().follow({ report: ignoreProgress, signal });
        return { changed: changed.length, untold: untold.length, inboxAdded: inbox.added };
      },
    },
    {
      name: "billing",
      schedule: bridge.bills ? config.schedule.billing : "off",
      // Drafts are made when the accountant expects them, not whenever the service happens to be started; what would stop
      // them is told before.
      atStart: false,
      look: () => lookAtBilling(bridge, log),
      run: async (signal) => {
        const { ticketsBilled, minutesBilled, drafts, inbox } = await bridge.billing("draft", everythingDue, {
          report: ignoreProgress,
          signal,
        });
        return { ticketsBilled, minutesBilled, drafts: drafts.length, inboxAdded: inbox.added };
      },
    },
  ];
}

/** Tells what is wrong with billing's settings; throws UnavailableError, after the rest was told, for a side that is away. */
export async function lookAtBilling(
  bridge: Pick<Bridge, "checkBilling">,
  log: Pick<DaemonLog, "warn">,
): Promise<{ readonly problems: number }> {
  const findings = await bridge.checkBilling();
  const away = findings.find((finding) => finding instanceof UnavailableError);
  const wrong = findings.filter((finding) => !(finding instanceof UnavailableError));
  for (const { message, hint } of wrong) log.warn({ problem: message, hint }, "a setting of billing is wrong");
  if (away !== undefined) throw away;
  return { problems: wrong.length };
}

/** The service has no terminal: what a pass did is in its log line. */
function ignoreProgress(): void {}
