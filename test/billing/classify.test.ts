import { describe, expect, test } from "vitest";
import { matchesQueue, matchesTime, ruleFor } from "../../src/billing/plan/classify.ts";
import type { RuleCondition } from "../../src/billing/rules.ts";
import { at, rule, ticket } from "./samples.ts";

const hours = (from: string, to: string) => ({ from: Temporal.PlainTime.from(from), to: Temporal.PlainTime.from(to) });
const berlin = (stamp: string) => Temporal.PlainDateTime.from(stamp).toZonedDateTime("Europe/Berlin");

test.each([
  { pattern: "Support", queue: "Support", matches: true },
  { pattern: "Support", queue: "Support::L2", matches: false },
  { pattern: "Support::*", queue: "Support", matches: true },
  { pattern: "Support::*", queue: "Support::L2::Netz", matches: true },
  { pattern: "Support::*", queue: "Supporters", matches: false },
  { pattern: "Support*", queue: "Supporters", matches: true },
  { pattern: "*", queue: "Raw", matches: true },
])("queue $queue under $pattern: $matches", ({ pattern, queue, matches }) => {
  expect(matchesQueue(pattern, queue)).toBe(matches);
});

// 2026-10-09 is a Friday.
describe("weekday and hour of the work", () => {
  test.each<{ name: string; when: RuleCondition; booked: string; matches: boolean }>([
    { name: "on its day", when: { weekdays: [5] }, booked: "2026-10-09T00:00", matches: true },
    { name: "on another day", when: { weekdays: [6, 7] }, booked: "2026-10-09T23:59", matches: false },
    { name: "from is inclusive", when: { hours: hours("08:00", "18:00") }, booked: "2026-10-09T08:00", matches: true },
    { name: "to is exclusive", when: { hours: hours("08:00", "18:00") }, booked: "2026-10-09T18:00", matches: false },
    { name: "night, evening", when: { hours: hours("18:00", "06:00") }, booked: "2026-10-09T18:00", matches: true },
    { name: "night, morning", when: { hours: hours("18:00", "06:00") }, booked: "2026-10-09T05:59", matches: true },
    { name: "night, over", when: { hours: hours("18:00", "06:00") }, booked: "2026-10-09T06:00", matches: false },
    {
      name: "Saturday morning belongs to Friday's night",
      when: { weekdays: [5], hours: hours("18:00", "06:00") },
      booked: "2026-10-10T02:00",
      matches: true,
    },
    {
      name: "Friday morning belongs to Thursday's night",
      when: { weekdays: [5], hours: hours("18:00", "06:00") },
      booked: "2026-10-09T02:00",
      matches: false,
    },
    {
      name: "Monday morning belongs to Sunday's night",
      when: { weekdays: [7], hours: hours("18:00", "06:00") },
      booked: "2026-10-12T02:00",
      matches: true,
    },
  ])("$name: $matches", ({ when, booked, matches }) => {
    expect(matchesTime(when, berlin(booked))).toBe(matches);
  });

  test("hours are those of the clock on the wall, whatever the change to or from summer time", () => {
    const night = rule("night", { when: { hours: hours("22:00", "06:00") } });
    const of = (stamp: string) =>
      ruleFor(
        [night],
        ticket(1, []),
        { bookedAt: at(stamp), agentLogin: null, agentName: null },
        null,
        "Europe/Berlin",
      );
    // Summer time ends on 2026-10-25: 06:00 is 04:00 UTC the day before, 05:00 UTC on that day.
    expect(of("2026-10-24T04:00:00Z")).toBeNull();
    expect(of("2026-10-25T04:59:59Z")).toBe(night);
    expect(of("2026-10-25T05:00:00Z")).toBeNull();
    // It begins on 2026-03-29.
    expect(of("2026-03-28T05:00:00Z")).toBeNull();
    expect(of("2026-03-29T03:59:59Z")).toBe(night);
    expect(of("2026-03-29T04:00:00Z")).toBeNull();
  });
});

describe("the first rule that matches", () => {
  const piece = { bookedAt: at("2026-10-09T10:00:00Z"), agentLogin: "eva", agentName: "Eva Müller" };
  const some = ticket(1, [], {
    queue: "Support::L2",
    service: "Backup",
    sla: "Gold",
    type: "Incident",
    priority: "5 very high",
    dynamicFields: { Contract: "Gold, Silver" },
  });

  test.each<{ name: string; when: RuleCondition; matches: boolean }>([
    { name: "no condition", when: {}, matches: true },
    { name: "customer", when: { customers: ["K1", "K10001"] }, matches: true },
    { name: "other customer", when: { customers: ["K1"] }, matches: false },
    { name: "queue", when: { queues: ["Raw", "Support::*"] }, matches: true },
    { name: "service", when: { services: ["Backup"] }, matches: true },
    { name: "other service", when: { services: ["Netz"] }, matches: false },
    { name: "SLA", when: { slas: ["Gold"] }, matches: true },
    { name: "other SLA", when: { slas: ["gold"] }, matches: false },
    { name: "type", when: { types: ["Incident"] }, matches: true },
    { name: "priority", when: { priorities: ["3 normal"] }, matches: false },
    { name: "agent by login", when: { agents: ["eva"] }, matches: true },
    { name: "agent by name", when: { agents: ["Eva Müller"] }, matches: true },
    { name: "other agent", when: { agents: ["jo"] }, matches: false },
    { name: "one value of a dynamic field", when: { dynamicFields: { Contract: ["Silver"] } }, matches: true },
    { name: "all values of a dynamic field", when: { dynamicFields: { Contract: ["Gold, Silver"] } }, matches: true },
    { name: "a field that is not set", when: { dynamicFields: { Site: ["x"] } }, matches: false },
    { name: "all must hold", when: { types: ["Incident"], slas: ["Silver"] }, matches: false },
  ])("$name: $matches", ({ when, matches }) => {
    const candidate = rule("candidate", { when });
    expect(ruleFor([candidate], some, piece, "K10001", "Europe/Berlin")).toBe(matches ? candidate : null);
  });

  test("wins over those behind it", () => {
    const all = [rule("no", { when: { types: ["Problem"] } }), rule("first"), rule("second")];
    expect(ruleFor(all, some, piece, "K10001", "Europe/Berlin")?.name).toBe("first");
  });
});
