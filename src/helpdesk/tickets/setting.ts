import { ConfigError } from "../../model/index.ts";
import type { HelpdeskInfo } from "../../model/index.ts";
import type { Client } from "../client.ts";
import type { InfoReader } from "../info.ts";
import { assertZone } from "../zone.ts";

/** What the helpdesk tells about itself, as far as searches need it. */
export interface Setting {
  /** Of every time stamp that goes in and out. */
  readonly timeZone: string;
  /** Null where only the zone is known, from the configuration. */
  readonly info: HelpdeskInfo | null;
}

/** Asks the add-on, once. Throws ConfigError when it is missing. */
export async function askedSetting(
  client: Client,
  info: InfoReader,
): Promise<{ timeZone: string; info: HelpdeskInfo }> {
  const reply = await info.known();
  if (!reply.ok) throw client.errorOf(reply.fault);
  return { timeZone: reply.value.timeZone, info: reply.value };
}

/** The same; where the add-on is missing, with the configured zone. Throws ConfigError when there is none. */
export async function assumedSetting(client: Client, info: InfoReader, timeZone: string | null): Promise<Setting> {
  const reply = await info.known();
  if (reply.ok) return { timeZone: reply.value.timeZone, info: reply.value };
  if (reply.fault.kind !== "addon-missing" && reply.fault.kind !== "route-missing") throw client.errorOf(reply.fault);
  // Without the zone every time would be a guess.
  if (timeZone === null) throw client.errorOf(reply.fault);
  return { timeZone: assertZone(timeZone), info: null };
}

/** A search for a name that does not exist finds nothing and says nothing, so nothing would be billed, silently. */
export function assertStates(
  { stateNames, stateTypes }: { readonly stateNames: readonly string[]; readonly stateTypes: readonly string[] },
  states: HelpdeskInfo["states"],
): void {
  const knownNames = states.map((state) => state.name);
  const knownTypes = [...new Set(states.map((state) => state.type))];
  const unknownName = stateNames.find((name) => !knownNames.includes(name));
  const unknownType = stateTypes.find((type) => !knownTypes.includes(type));
  if (unknownName !== undefined) {
    throw new ConfigError(
      `The helpdesk has no ticket state "${unknownName}".`,
      `Write one of its states, in its spelling: ${knownNames.join(", ")}.`,
    );
  }
  if (unknownType !== undefined) {
    throw new ConfigError(
      `The helpdesk has no state type "${unknownType}".`,
      `Write one of its types, in lower case: ${knownTypes.join(", ")}.`,
    );
  }
}

/** A rule about a field that does not exist would never hold, silently. */
export function assertDynamicFields(wanted: readonly string[], known: readonly string[]): void {
  const unknown = wanted.find((name) => !known.includes(name));
  if (unknown !== undefined) throw unknownField(unknown, known);
}

export function unknownField(name: string, known: readonly string[]): ConfigError {
  const others = known.length === 0 ? "" : ` It has: ${known.toSorted().join(", ")}.`;
  return new ConfigError(
    `The helpdesk has no valid dynamic field "${name}" of tickets.`,
    `Correct its name in the configuration, or create it (Admin → Dynamic Fields → Ticket).${others}`,
  );
}
