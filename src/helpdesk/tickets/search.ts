import { RefusedError } from "../../model/index.ts";
import type { TicketId } from "../../model/index.ts";
import type { Client } from "../client.ts";
import { SearchAnswer } from "./schemas.ts";
import { lowerStamp, upperStampBefore } from "../zone.ts";

export interface Wanted {
  /** `States` or `StateType`, or nothing. */
  readonly filter: Readonly<Record<string, readonly string[]>>;
  /** Some close before this moment. */
  readonly closedBefore?: Temporal.Instant;
  readonly changedSince: Temporal.Instant | null;
  readonly timeZone: string;
}

/** Where a search begins that has to be cut into pieces: before the first release of OTRS. */
const beginning = Temporal.Instant.from("2000-01-01T00:00:00Z");

/**
 * TicketSearch has no pages and cuts at `Limit` without a word. An answer of that length is asked again in two windows of
 * the last change, and so on. A ticket that changes meanwhile moves to a later window, so it is found twice at most.
 */
export function createSearch(
  client: Client,
  { route, limit }: { readonly route: string; readonly limit: number },
): (wanted: Wanted, signal: AbortSignal) => Promise<readonly TicketId[]> {
  async function ask(
    wanted: Wanted,
    from: Temporal.Instant | null,
    before: Temporal.Instant | null,
    signal: AbortSignal,
  ): Promise<readonly TicketId[]> {
    signal.throwIfAborted();
    const { filter, closedBefore, timeZone } = wanted;
    const reply = await client.call({
      route,
      payload: {
        ...filter,
        ...(closedBefore ? { TicketCloseTimeOlderDate: upperStampBefore(closedBefore, timeZone) } : {}),
        ...(from ? { TicketLastChangeTimeNewerDate: lowerStamp(from, timeZone) } : {}),
        ...(before ? { TicketLastChangeTimeOlderDate: upperStampBefore(before, timeZone) } : {}),
        SearchInArchive: "AllTickets",
        SortBy: "Changed",
        OrderBy: "Up",
        Limit: limit,
      },
      schema: SearchAnswer,
      signal,
    });
    if (!reply.ok) throw client.errorOf(reply.fault);
    return reply.value.TicketID;
  }

  async function window(
    wanted: Wanted,
    from: Temporal.Instant | null,
    before: Temporal.Instant | null,
    signal: AbortSignal,
  ): Promise<readonly TicketId[]> {
    const ids = await ask(wanted, from, before, signal);
    if (ids.length < limit) return ids;
    const middle = middleOf(from ?? beginning, before ?? Temporal.Now.instant().add({ seconds: 2 }));
    if (middle === null) {
      throw new RefusedError(
        `At ${String(from)} more than ${limit} tickets were changed within a second; the helpdesk does not tell them all.`,
        "Choose fewer ticket states, so that a search finds fewer tickets.",
      );
    }
    const earlier = await window(wanted, from, middle, signal);
    const later = await window(wanted, middle, before, signal);
    return [...earlier, ...later];
  }

  return async (wanted, signal) => [...new Set(await window(wanted, wanted.changedSince, null, signal))];
}

/** A whole second between two moments; null when there is none. */
function middleOf(from: Temporal.Instant, before: Temporal.Instant): Temporal.Instant | null {
  const first = Math.floor(from.epochMilliseconds / 1000);
  const last = Math.ceil(before.epochMilliseconds / 1000);
  if (last - first < 2) return null;
  return Temporal.Instant.fromEpochMilliseconds(Math.floor((first + last) / 2) * 1000);
}
