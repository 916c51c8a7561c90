/** What can go wrong on the way. `lost-answer`: the request was carried out, its answer never arrives. */
export type Fault =
  | { kind: "reset" }
  | { kind: "lost-answer" }
  | { kind: "server-error"; text?: string }
  | { kind: "delay"; milliseconds: number }
  | { kind: "auth-fail" }
  | { kind: "oversized"; bytes: number }
  | { kind: "redirect"; location: string }
  | { kind: "truncated" }
  | { kind: "not-json" }
  /** An upsert whose process dies after so many records: these are written, no answer arrives. */
  | { kind: "die-after-records"; records: number };

interface Planned {
  fault: Fault;
  remaining: number;
  route: string | undefined;
}

/** Faults that wait for their requests, in the order in which they were planned. */
export class Faults {
  private readonly planned: Planned[] = [];

  /** The next `times` requests (to `route`, for instance "/TicketGet", or to any) meet this fault. */
  next(fault: Fault, times = 1, route?: string): void {
    this.planned.push({ fault, remaining: times, route });
  }

  /** Forgets the faults that nobody has met yet. */
  clear(): void {
    this.planned.length = 0;
  }

  /** The fault for a request to this route, if one waits for it. */
  take(route: string): Fault | undefined {
    const index = this.planned.findIndex((planned) => planned.route === undefined || planned.route === route);
    const planned = this.planned[index];
    if (planned === undefined) return undefined;
    planned.remaining -= 1;
    if (planned.remaining <= 0) this.planned.splice(index, 1);
    return planned.fault;
  }
}
