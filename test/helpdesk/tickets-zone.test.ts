/** A helpdesk that keeps local time, around both changes of its clock: nothing is skipped by a search from any moment. */
import { describe, expect, onTestFinished, test } from "vitest";
import type { TicketBatch } from "../../src/billing/ports.ts";
import { startSimulatedHelpdesk } from "../../src/demo/helpdesk/index.ts";
import type { Helpdesk } from "../../src/helpdesk/index.ts";
import { client } from "./scripted-server.ts";

const never = new AbortController().signal;
const closed = { stateNames: [], stateTypes: ["closed"] };

interface Closed {
  readonly id: number;
  readonly at: Temporal.Instant;
}

describe.each([
  { name: "the hour that comes twice", from: "2026-10-24T23:30:00Z" },
  { name: "the hour that does not come", from: "2026-03-28T23:30:00Z" },
])("$name", ({ from }) => {
  test.each(["add-on", "stock"] as const)("%s: whatever changed since a moment is found", async (collect) => {
    const { helpdesk, made } = await closedEveryTwentyMinutes(from, collect);
    for (const { at } of made) {
      const found = idsOf(await Array.fromAsync(helpdesk.tickets.changed({ ...closed, changedSince: at }, never)));
      const due = made.filter((one) => Temporal.Instant.compare(one.at, at) >= 0);
      expect(found).toEqual(expect.arrayContaining(due.map(({ id }) => id)));
    }
  });

  test.each(["add-on", "stock"] as const)("%s: whatever was closed before a moment is found", async (collect) => {
    const { helpdesk, made } = await closedEveryTwentyMinutes(from, collect);
    for (const { at } of made) {
      const found = idsOf(await Array.fromAsync(helpdesk.tickets.closedBefore(at, null, never)));
      const before = made.filter((one) => Temporal.Instant.compare(one.at, at) < 0);
      expect(found).toEqual(expect.arrayContaining(before.map(({ id }) => id)));
    }
  });

  test.each(["add-on", "stock"] as const)("%s: no change is told later than it was", async (collect) => {
    const { helpdesk, made } = await closedEveryTwentyMinutes(from, collect);
    const batches = await Array.fromAsync(helpdesk.tickets.changed({ ...closed, changedSince: null }, never));
    const told = new Map(batches.flatMap(({ tickets }) => tickets.map((one) => [Number(one.ticketId), one])));
    for (const { id, at } of made) {
      const late = told.get(id)?.changedAt.since(at).total("minutes");
      // A stamp of the hour that comes twice means the first one, so a cursor made of it lies before the change.
      expect([0, -60]).toContain(late);
    }
  });

  test("both ways know an article by the same moment", async () => {
    const { helpdesk, other, made } = await closedEveryTwentyMinutes(from, "add-on");
    const keys = async ({ tickets }: Helpdesk): Promise<unknown> => {
      const batches = await Array.fromAsync(tickets.changed({ ...closed, changedSince: null }, never));
      const found = batches.flatMap((batch) => batch.tickets.flatMap(({ entries }) => entries.map(({ key }) => key)));
      return found.map((key) => `${key.kind} ${key.sourceId} ${String(key.createdAt)}`).toSorted();
    };
    expect(await keys(helpdesk)).toHaveLength(made.length);
    expect(await keys(helpdesk)).toEqual(await keys(other));
  });
});

/** Tickets with an article, closed at the moment they are made, over four hours. */
async function closedEveryTwentyMinutes(
  from: string,
  collect: "add-on" | "stock",
): Promise<{ readonly helpdesk: Helpdesk; readonly other: Helpdesk; readonly made: readonly Closed[] }> {
  let now = Temporal.Instant.from(from);
  const simulated = await startSimulatedHelpdesk({ timeZone: "Europe/Berlin", now: () => now });
  onTestFinished(() => simulated.stop());
  const made: Closed[] = [];
  for (let index = 0; index < 12; index += 1) {
    const given = { Title: `Ticket ${index}`, State: "closed successful", Articles: [{ TimeUnit: "1" }] };
    made.push({ id: simulated.world.do("TicketCreate", given).TicketID, at: now });
    now = now.add({ minutes: 20 });
  }
  const connect = (way: typeof collect): Helpdesk =>
    client(simulated.baseUrl, { password: "bridgepw", collect: way, ticketPage: 5, ticketChunk: 20 });
  return { helpdesk: connect(collect), other: connect("stock"), made };
}

function idsOf(batches: readonly TicketBatch[]): number[] {
  return batches.flatMap((batch) => batch.tickets.map((ticket) => ticket.ticketId));
}
