import { describe, expect, test } from "vitest";
import { changedSince, clockWentBack, collectOpening, rereadSince } from "../../src/billing/collect.ts";
import type { CollectRules } from "../../src/billing/collect.ts";
import type { Cursor, HelpdeskTickets, TicketSnapshot } from "../../src/billing/ports.ts";
import type { ProgressEvent } from "../../src/model/index.ts";
import { ticket, ticketId } from "../support/tickets.ts";
import { at, changedAt, cursor, idsOf, play, rules } from "./collect-scene.ts";
import type { Scene } from "./collect-scene.ts";

describe("what is read", () => {
  test.each<[string, Scene, string]>([
    ["everything since the start at first", {}, "10-01T00:00:00"],
    ["what changed since the cursor, with the overlap", { cursor }, "11-20T09:00:00"],
    ["nothing before the start", { cursor: { ...cursor, changedSince: at("10-01T00:30:00") } }, "10-01T00:00:00"],
    ["everything when the scope is another one", { cursor, rules: { scope: "other" } }, "10-01T00:00:00"],
  ])("%s", async (_, scene, since) => {
    const { searches } = await play(scene);
    expect(searches).toEqual([{ stateNames: [], stateTypes: ["closed"], changedSince: at(since) }]);
  });

  test("and those with an open difference, unless they were read already, with those that cannot be read", async () => {
    const { collected, readIds, events } = await play({
      cursor,
      changed: [[changedAt(1, "11-20T11:00:00")], [changedAt(2, "11-20T11:00:00")]],
      open: [2, 3, 4],
      unreadable: [4],
    });
    expect(readIds).toEqual([3, 4]);
    expect(idsOf(collected)).toEqual([1, 2, 3, 4]);
    expect(collected.batches.at(-1)?.unreadable).toEqual([4]);
    expect(events.map(({ step, done, total }) => [step, done, total])).toEqual([
      ["searching closed tickets", undefined, undefined],
      ["closed tickets read", 1, undefined],
      ["closed tickets read", 2, undefined],
      ["tickets read again", 2, 2],
    ]);
  });

  test.each<[string, Cursor | null, Partial<CollectRules>, string | null]>([
    ["never before", null, {}, "08-24T08:00:00"],
    ["an hour ago", cursor, {}, null],
    ["a day ago", { ...cursor, rereadAt: at("11-21T08:00:00") }, {}, "08-24T08:00:00"],
    ["just now, but each time is wanted", cursor, { reread: { days: 30, everyHours: 0 } }, "10-23T08:00:00"],
    ["in the future, by a clock that was ahead", { ...cursor, rereadAt: at("12-24T08:00:00") }, {}, "08-24T08:00:00"],
    ["never before, and never shall be", null, { reread: { days: 0, everyHours: 24 } }, null],
  ])("billed tickets were read again %s", async (_, before, changes, since) => {
    const billedSince = since === null ? null : at(since);
    expect(rereadSince(before, { ...rules, ...changes })).toEqual(billedSince);
    const { askedOpen, collected } = await play({ cursor: before, rules: changes });
    expect(askedOpen).toEqual([{ billedSince, ticketNumbers: [], unbilledStates: ["canceled"] }]);
    expect(collected.cursor?.rereadAt).toEqual(since === null ? (before?.rereadAt ?? null) : rules.now);
  });

  describe("settled articles of a merged ticket", () => {
    const others = [changedAt(8, "11-21T00:00:00"), ticket(9, { 3: 10, 9: 5 }, { stateType: "open", closedAt: null })];
    const daily = { ...cursor, rereadAt: null };

    test("are looked for on open tickets that changed since; those that have none are not kept", async () => {
      const { collected, searches } = await play({ cursor, open: [3], merged: [3], others });
      expect(searches.slice(1)).toEqual([
        { stateNames: ["new", "open"], stateTypes: [], changedSince: at("11-20T23:59:00") },
      ]);
      expect(idsOf(collected)).toEqual([3, 9]);
      expect(collected.cursor).toMatchObject({ changedSince: cursor.changedSince });
    });

    test.each<[string, Scene, boolean]>([
      ["not when a ticket that was read has them", { cursor, changed: [[others[1] as TicketSnapshot]] }, false],
      ["not again and again", { cursor: { ...cursor, changedSince: at("11-21T08:00:00") } }, false],
      ["but when billed tickets are read again", { cursor: { ...daily, changedSince: at("11-21T08:00:00") } }, true],
    ])("%s", async (_, scene, isLookedFor) => {
      const { searches } = await play({ open: [3], merged: [3], others, ...scene });
      expect(searches.length).toBe(isLookedFor ? 2 : 1);
    });
  });

  test("chosen tickets are read in any case", async () => {
    const { askedOpen } = await play({ cursor, rules: { ticketNumbers: ["2026102210000011"] } });
    expect(askedOpen).toMatchObject([{ billedSince: null, ticketNumbers: ["2026102210000011"] }]);
  });

  test("nothing more after an abort", async () => {
    const stopped = new AbortController();
    const reason = new Error("Ctrl-C");
    stopped.abort(reason);
    await expect(play({ changed: [[changedAt(1, "11-20T11:00:00")]] }, stopped.signal)).rejects.toBe(reason);
  });
});

describe("the cursor", () => {
  test.each<[string, Scene, string, string | null]>([
    [
      "is the last change seen, in whatever order",
      { cursor, changed: [[changedAt(1, "11-21T11:00:00")], [changedAt(2, "11-21T09:00:00")]] },
      "11-21T11:00:00",
      "11-22T08:00:00",
    ],
    ["stays when nothing changed", { cursor }, "11-20T10:00:00", "11-22T08:00:00"],
    [
      "stays when the overlap found older ones only",
      { cursor, changed: [[changedAt(1, "11-20T09:30:00")]] },
      "11-20T10:00:00",
      "11-22T08:00:00",
    ],
    ["is the start when nothing was ever found", {}, "10-01T00:00:00", "11-22T08:00:00"],
    ["does not come from tickets with an open difference", { open: [7] }, "10-01T00:00:00", "11-22T08:00:00"],
    [
      "is not after the beginning of the reading: what was read may have changed since",
      {
        cursor,
        clock: ["11-22T08:00:00", "11-22T10:00:00"],
        changed: [[changedAt(1, "11-21T11:00:00")], [changedAt(2, "11-22T09:59:00")]],
      },
      "11-22T08:00:00",
      "11-22T08:00:00",
    ],
    [
      "is not after our own clock where the helpdesk does not tell its",
      { cursor, clock: [null], changed: [[changedAt(1, "12-24T00:00:00")]] },
      "11-22T08:00:00",
      null,
    ],
  ])("%s", async (_, scene, since, helpdeskNow) => {
    const { collected } = await play(scene);
    expect(collected.cursor?.changedSince).toEqual(at(since));
    expect(collected.cursor?.helpdeskNow ?? null).toEqual(helpdeskNow === null ? null : at(helpdeskNow));
  });

  test.each<[string, Cursor, string, boolean]>([
    ["the clock goes on", cursor, "11-22T08:00:00", false],
    ["the clock was set back a little", cursor, "11-21T07:56:00", false],
    ["the clock was set back", cursor, "11-21T07:54:00", true],
    ["a change is from the future", { ...cursor, changedSince: at("12-24T00:00:00") }, "11-22T08:00:00", true],
    ["no clock was told", { ...cursor, helpdeskNow: null }, "11-20T09:56:00", false],
  ])("when %s", async (_, before, now, isBack) => {
    expect(clockWentBack(before, at(now))).toBe(isBack);
    const { searches, collected } = await play({
      cursor: before,
      clock: [now],
      changed: [[changedAt(1, "11-20T10:30:00")]],
    });
    const first = changedSince(before, rules);
    expect(searches.map((search) => search.changedSince)).toEqual(isBack ? [first, rules.start] : [first]);
    expect(idsOf(collected)).toEqual([1]);
    if (isBack)
      expect(
        Temporal.Instant.compare(collected.cursor?.changedSince ?? before.changedSince, at(now)),
      ).toBeLessThanOrEqual(0);
  });

  test("a clock that went back shows in an empty answer, too", async () => {
    const { searches } = await play({ cursor, clock: ["10-15T00:00:00"] });
    expect(searches.length).toBe(2);
  });
});

describe("closed before the start", () => {
  const early = changedAt(1, "11-21T11:00:00", {
    firstClosedAt: at("09-30T23:59:59"),
    closedAt: at("11-21T11:00:00"),
  });
  const inTime = changedAt(2, "11-21T11:00:00", { firstClosedAt: at("10-01T00:00:00") });

  test("the add-on tells the first close of each ticket", async () => {
    const { collected, earlySearches } = await play({ cursor, changed: [[early, inTime]] });
    expect([...collected.closedBeforeStart]).toEqual([1]);
    expect(earlySearches).toEqual([]);
  });

  test("the stock operations are asked for them, or tell a last close before", async () => {
    const untold = { firstClosedAt: null };
    const { collected, earlySearches } = await play({
      cursor,
      detail: "articles",
      changed: [
        [
          { ...early, ...untold },
          { ...inTime, ...untold },
          changedAt(3, "11-21T11:00:00", { ...untold, closedAt: at("09-01T00:00:00") }),
        ],
      ],
      early: [{ ...early, ...untold }],
    });
    expect([...collected.closedBeforeStart]).toEqual([1, 3]);
    expect(earlySearches).toEqual(["2026-11-20T09:00:00Z"]);
  });

  test("for an opening, all of them are read, and the cursor stays", async () => {
    const events: ProgressEvent[] = [];
    const asked: unknown[] = [];
    const helpdesk: Pick<HelpdeskTickets, "closedBefore"> = {
      async *closedBefore(moment, since) {
        asked.push([moment, since]);
        yield await Promise.resolve({ tickets: [early], unreadable: [ticketId(9)] });
      },
    };
    const collected = await collectOpening({ helpdesk: helpdesk as HelpdeskTickets }, rules, {
      report: (event) => events.push(event),
      signal: new AbortController().signal,
    });
    expect(asked).toEqual([[rules.start, null]]);
    expect(collected).toEqual({
      batches: [{ tickets: [early], unreadable: [9] }],
      closedBeforeStart: new Set([1, 9]),
      cursor: null,
    });
    expect(events).toEqual([{ flow: "billing", step: "tickets closed before the start", done: 2 }]);
  });
});
