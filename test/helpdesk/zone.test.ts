import { describe, expect, test } from "vitest";
import { assertZone, instantOf, lowerStamp, stampAfterAllBefore, upperStampBefore } from "../../src/helpdesk/zone.ts";

const zones = ["UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata"];

/** What the helpdesk writes at a moment: local time without offset, whole seconds. */
function written(moment: Temporal.Instant, zone: string): string {
  const local = moment.toZonedDateTimeISO(zone).toPlainDateTime();
  return local
    .round({ smallestUnit: "second", roundingMode: "trunc" })
    .toString({ smallestUnit: "second" })
    .replace("T", " ");
}

/** In order, every eleven minutes around both changes of the clock of 2026, with fractions of a second. */
function moments(): Temporal.Instant[] {
  const days = ["2026-03-08", "2026-03-29", "2026-04-05", "2026-07-01", "2026-10-04", "2026-10-25", "2026-11-01"];
  return days.flatMap((day) => {
    const start = Temporal.Instant.from(`${day}T00:00:00Z`).subtract({ hours: 24 });
    return Array.from({ length: 240 }, (_, index) => start.add({ minutes: index * 11, milliseconds: index * 37 }));
  });
}

describe.each(zones)("%s", (zone) => {
  const all = moments();
  const stamps = all.map((moment) => written(moment, zone));

  test("a lower bound skips nothing that is written at that moment or later", () => {
    let lowestFromHere = "9999";
    for (const [index, moment] of [...all.entries()].toReversed()) {
      const stamp = stamps[index] ?? "";
      if (stamp < lowestFromHere) lowestFromHere = stamp;
      expect(lowerStamp(moment, zone) <= lowestFromHere).toBe(true);
    }
  });

  test("an upper bound skips nothing that was written before", () => {
    let highestBefore = "0000";
    for (const [index, moment] of all.entries()) {
      expect(upperStampBefore(moment, zone) >= highestBefore).toBe(true);
      const stamp = stamps[index] ?? "";
      if (stamp > highestBefore) highestBefore = stamp;
    }
  });

  test("a bound that is not included lies one second above the included one", () => {
    for (const moment of all.filter((_, index) => index % 7 === 0)) {
      const [included, excluded] = [upperStampBefore(moment, zone), stampAfterAllBefore(moment, zone)];
      const seconds = (stamp: string): number => Date.parse(`${stamp.replace(" ", "T")}Z`) / 1000;
      expect(seconds(excluded) - seconds(included)).toBe(1);
    }
  });

  test("a stamp means what its zone says at that very moment", () => {
    for (const stamp of stamps) {
      const local = Temporal.PlainDateTime.from(stamp.replace(" ", "T"));
      const moment = local.toZonedDateTime(zone, { disambiguation: "compatible" }).toInstant();
      expect(instantOf(stamp, zone).toString()).toBe(moment.toString());
    }
  });

  test("bounds are exact where stamps run forward", () => {
    const noon = Temporal.Instant.from("2026-07-01T12:00:00Z");
    expect(lowerStamp(noon, zone)).toBe(written(noon, zone));
    expect(upperStampBefore(noon, zone)).toBe(written(noon.subtract({ seconds: 1 }), zone));
  });
});

test("whole seconds: down for the lower bound, one less for the upper one", () => {
  expect(lowerStamp(Temporal.Instant.from("2026-07-01T12:00:00.900Z"), "UTC")).toBe("2026-07-01 12:00:00");
  expect(upperStampBefore(Temporal.Instant.from("2026-07-01T12:00:00Z"), "UTC")).toBe("2026-07-01 11:59:59");
  // Closed at 12:00:00.2 is stored as 12:00:00, and was before 12:00:00.5.
  expect(upperStampBefore(Temporal.Instant.from("2026-07-01T12:00:00.500Z"), "UTC")).toBe("2026-07-01 12:00:00");
});

test.each([
  { at: "2026-10-25T00:30:00Z", lower: "2026-10-25 02:00:00", what: "02:30 for the first time" },
  { at: "2026-10-25T01:30:00Z", lower: "2026-10-25 02:30:00", what: "02:30 for the second time" },
  { at: "2026-10-24T23:30:00Z", lower: "2026-10-25 01:30:00", what: "before the hour that comes twice" },
])("lower bound in Berlin, $what", ({ at, lower }) => {
  expect(lowerStamp(Temporal.Instant.from(at), "Europe/Berlin")).toBe(lower);
});

test("upper bound in Berlin within the second 02:00–03:00 takes the whole first one", () => {
  const moment = Temporal.Instant.from("2026-10-25T01:10:00Z");
  expect(upperStampBefore(moment, "Europe/Berlin")).toBe("2026-10-25 02:59:59");
});

test.each([
  { stamp: "2026-10-25 02:30:00", zone: "Europe/Berlin", is: "2026-10-25T00:30:00Z" },
  { stamp: "2026-03-29 02:30:00", zone: "Europe/Berlin", is: "2026-03-29T01:30:00Z" },
  { stamp: "2026-11-22 01:52:44", zone: "Europe/Berlin", is: "2026-11-22T00:52:44Z" },
  { stamp: "2026-11-22 00:39:30", zone: "UTC", is: "2026-11-22T00:39:30Z" },
])("$stamp in $zone is $is", ({ stamp, zone, is }) => {
  expect(instantOf(stamp, zone).toString()).toBe(is);
});

test("an unknown zone", () => {
  expect(() => assertZone("Mitteleuropa")).toThrow(/Mitteleuropa is unknown/);
});
