import { ConfigError } from "../../model/index.ts";
import type { HelpdeskInfo, TicketState } from "../../model/index.ts";
import type { InfoReader } from "../info.ts";
import { assertZone } from "../zone.ts";

export interface AssumedOptions {
  readonly helpdeskId: string;
  readonly agent: string;
  /** Zone of the helpdesk's time stamps, as configured; null when it is not. */
  readonly timeZone: string | null;
}

const stockStates: readonly (readonly [name: string, type: string])[] = [
  ["new", "new"],
  ["open", "open"],
  ["closed successful", "closed"],
  ["closed unsuccessful", "closed"],
  ["pending reminder", "pending reminder"],
  ["pending auto close+", "pending auto"],
  ["pending auto close-", "pending auto"],
  ["removed", "removed"],
  ["merged", "merged"],
];

/**
 * Stands for the add-on that is not there. The zone comes from the configuration, because every time would be a guess
 * without it; states are those that every helpdesk of the family is delivered with.
 */
export function createAssumedInfo(options: AssumedOptions): InfoReader {
  const ask: InfoReader["ask"] = () => Promise.resolve({ ok: true, value: assumed(options) });
  return { ask, known: ask };
}

function assumed({ helpdeskId, agent, timeZone }: AssumedOptions): HelpdeskInfo {
  if (timeZone === null) {
    throw new ConfigError(
      "Nobody tells in which time zone this helpdesk keeps its times: GIExtension cannot be asked.",
      "Set helpdesk.timeZone to what the helpdesk has as OTRSTimeZone (Admin → System Configuration), such as UTC or Europe/Berlin.",
    );
  }
  const states = stockStates.map(([name, type]): TicketState => ({ name, type, valid: true }));
  return {
    addonVersion: "none",
    product: "unknown",
    productVersion: "unknown",
    helpdeskId,
    timeZone: assertZone(timeZone),
    timeUnitLabel: "",
    agent,
    states,
    queues: [],
    ticketDynamicFields: [],
    services: [],
    slas: [],
    types: [],
    priorities: [],
    databaseKind: "unknown",
    fields: { company: [], user: [] },
    dynamicFields: { company: [], user: [] },
    countries: [],
    sequence: null,
  };
}
