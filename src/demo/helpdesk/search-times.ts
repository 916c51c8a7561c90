import { filledText, type Fields } from "./loose-values.ts";
import type { Simulation } from "./simulation.ts";

/** Bounds of one kind of time, both inclusive, as stamps of the helpdesk's zone. */
export interface TimeWindow {
  newer?: string;
  older?: string;
}

const datePattern = /^\d{4}-\d{1,2}-\d{1,2} \d{1,2}:\d{1,2}:\d{1,2}$/;

/**
 * The window that `<prefix>{NewerDate,OlderDate,NewerMinutes,OlderMinutes}` describe. `undefined` when none of them is
 * given, "nothing" when the helpdesk finds nothing whatever the tickets: a bad date, one in the future, a reversed window.
 */
export function timeWindow(sim: Simulation, data: Fields, prefix: string): TimeWindow | "nothing" | undefined {
  const newer = bound(sim, data, `${prefix}Newer`);
  const older = bound(sim, data, `${prefix}Older`);
  if (newer === "nothing" || older === "nothing") return "nothing";
  if (newer === undefined && older === undefined) return undefined;
  if (newer !== undefined && newer > sim.clock.epoch()) return "nothing";
  if (newer !== undefined && older !== undefined && newer > older) return "nothing";
  return {
    ...(newer === undefined ? {} : { newer: sim.clock.stamp(newer) }),
    ...(older === undefined ? {} : { older: sim.clock.stamp(older) }),
  };
}

// Minutes win over a date. The result is an epoch second.
function bound(sim: Simulation, data: Fields, name: string): number | "nothing" | undefined {
  const minutes = filledText(data[`${name}Minutes`])?.trim();
  if (minutes !== undefined) {
    const count = Number(minutes);
    return Number.isFinite(count) ? sim.clock.epoch() - Math.trunc(count) * 60 : sim.clock.epoch();
  }
  const date = filledText(data[`${name}Date`])?.trim();
  if (date === undefined) return undefined;
  if (!datePattern.test(date)) return "nothing";
  return sim.clock.epochOf(date) ?? "nothing";
}

/** Whether one of the stamps lies in the window. */
export function hitsWindow(window: TimeWindow, stamps: string[]): boolean {
  return stamps.some(
    (stamp) =>
      (window.newer === undefined || stamp >= window.newer) && (window.older === undefined || stamp <= window.older),
  );
}
