/** A model of what billing owes. It knows nothing of how that is done: tickets as the helpdesk has them, and the rules. */
import { type Rounding, sum } from "./rounding.ts";

export type Kind = "billed" | "goodwill" | "included" | "excluded" | "waived" | "opening" | "transfer";

/** A ticket as the helpdesk has it; entries are hundredths of minutes by `article 8 2026-10-01 08:00:00`. */
export interface Told {
  readonly id: number;
  readonly number: string;
  readonly isClosed: boolean;
  readonly isMerged: boolean;
  readonly changed: string;
  readonly closed: string;
  readonly firstClosed: string;
  readonly customer: string;
  readonly queue: string;
  readonly entries: ReadonlyMap<string, number>;
}

/** What a rule makes of time: price in cents. */
export interface Effect {
  readonly kind: "billed" | "goodwill" | "excluded";
  readonly price: number;
}

export interface Setting {
  /** By queue; what is not named is billed. */
  readonly effects: Readonly<Record<string, Effect>>;
  readonly rounding: Rounding;
  readonly included: { readonly customer: string; readonly monthly: number } | null;
  readonly review: boolean;
}

export interface Line {
  /** Row id, once written. */
  id: number;
  draft: Draft | null;
  position: number;
  readonly ticket: number;
  readonly number: string;
  readonly customer: string | null;
  kind: Kind;
  price: number;
  /** Hundred-thousandths of an hour. */
  quantity: number;
  readonly parts: ReadonlyMap<string, number>;
  isActive: boolean;
  isEdited: boolean;
  /** Went into kivitendo with its draft. */
  isWritten: boolean;
}

export interface Draft {
  readonly id: number;
  readonly kivitendoId: string | null;
  readonly customer: string;
  status: "proposed" | "waiting" | "changed" | "posted" | "gone" | "superseded" | "dropped";
  stands: boolean;
  isTouched: boolean;
  /** Invoice: quantity by ticket number. */
  posted: ReadonlyMap<string, number> | null;
  invoice: number;
  isAsked: boolean;
}

/** Everything that the bridge should remember. */
export class Books {
  readonly tickets = new Map<number, Told>();
  readonly units = new Map<string, number>();
  readonly home = new Map<string, number>();
  readonly held = new Set<number>();
  readonly opening = new Map<number, "booked" | "bill">();
  readonly accepted = new Map<number, string>();
  readonly elsewhere = new Set<number>();
  /** Gone from the helpdesk after they were read. */
  readonly unreadable = new Set<number>();
  readonly obsolete = new Set<string>();
  readonly answered = new Set<string>();
  lines: Line[] = [];
  drafts: Draft[] = [];
  readonly customers: ReadonlySet<string>;
  readonly setting: Setting;
  readonly start: string;

  constructor(given: { customers: ReadonlySet<string>; setting: Setting; start: string }) {
    this.customers = given.customers;
    this.setting = given.setting;
    this.start = given.start;
  }

  linesOf(ticket: number): readonly Line[] {
    return this.lines.filter((line) => line.isActive && this.concerns(line, ticket));
  }

  /** Made for the ticket, or about time that stands on it now. */
  concerns(line: Line, ticket: number): boolean {
    return line.ticket === ticket || [...line.parts.keys()].some((entry) => this.home.get(entry) === ticket);
  }

  settled(entry: string, without: readonly Line[] = []): number {
    const lines = this.lines.filter((line) => line.isActive && !without.includes(line));
    return sum(lines.map(({ parts }) => parts.get(entry) ?? 0));
  }

  private charges(line: Line, covered: Line): boolean {
    const homes = (of: Line): readonly unknown[] => [...of.parts.keys()].map((entry) => this.home.get(entry));
    return (
      (line.kind === "billed" || line.kind === "goodwill") &&
      line.customer === covered.customer &&
      line.price === covered.price &&
      homes(line).some((home) => homes(covered).includes(home))
    );
  }

  /** What is due on each entry of a ticket. */
  due(ticket: number, without: readonly Line[] = []): readonly (readonly [entry: string, units: number])[] {
    return [...this.home]
      .filter(([, home]) => home === ticket)
      .map(([entry]) => [entry, (this.units.get(entry) ?? 0) - this.settled(entry, without)] as const)
      .filter(([, units]) => units !== 0);
  }

  open(ticket: number): number {
    return sum(this.due(ticket).map(([, units]) => units));
  }

  customerOf(ticket: Told): string | null {
    return this.customers.has(ticket.customer) ? ticket.customer : null;
  }

  isUndecided(ticket: Told): boolean {
    return ticket.firstClosed !== "" && ticket.firstClosed < this.start && !this.opening.has(ticket.id);
  }

  /** True for tickets that are read whether they changed or not. */
  isReread(id: number): boolean {
    const ticket = this.tickets.get(id);
    if (ticket === undefined) return false;
    const wasSettled = this.lines.some(({ parts }) => [...parts.keys()].some((entry) => this.home.get(entry) === id));
    const isOpen = this.due(id).length > 0 && !this.isUndecided(ticket) && !this.held.has(id);
    return wasSettled || this.elsewhere.has(id) || isOpen;
  }

  /** A run reads what is closed, and again what it billed or owes. */
  read(told: ReadonlyMap<number, Told>): void {
    const known = [...this.tickets.keys()].filter((id) => this.isReread(id));
    const read = [...told.values()].filter(
      (ticket) => (ticket.isClosed && ticket.changed >= this.start) || known.includes(ticket.id),
    );
    for (const id of known) if (!told.has(id)) this.unreadable.add(id);
    this.takeAll([...read, ...this.mergedInto(read, told)]);
  }

  /** Open tickets that got settled time of merged ones, which would be missing otherwise. */
  private mergedInto(read: readonly Told[], told: ReadonlyMap<number, Told>): readonly Told[] {
    const seen = new Set(read.flatMap(({ entries }) => [...entries.keys()]));
    const lost = [...this.home].filter(([entry]) => !seen.has(entry) && this.settled(entry) !== 0);
    const merged = read.filter(({ id, isMerged }) => isMerged && lost.some(([, home]) => home === id));
    const since = merged.map(({ changed }) => changed).toSorted()[0];
    if (since === undefined) return [];
    const names = lost.filter(([, home]) => merged.some(({ id }) => id === home)).map(([entry]) => entry);
    return [...told.values()].filter(
      ({ isClosed, isMerged, changed, entries }) =>
        !isClosed && !isMerged && changed >= since && names.some((name) => entries.has(name)),
    );
  }

  /** What a ticket does not have any more carries no time. */
  takeAll(read: readonly Told[]): void {
    for (const ticket of read) {
      this.tickets.set(ticket.id, ticket);
      for (const [entry, units] of ticket.entries) {
        this.units.set(entry, units);
        this.home.set(entry, ticket.id);
      }
    }
    const told = new Map(read.map((ticket) => [ticket.id, ticket]));
    for (const [entry, home] of this.home) if (told.get(home)?.entries.has(entry) === false) this.units.set(entry, 0);
    for (const id of new Set([...told.keys(), ...this.elsewhere])) this.mark(id);
  }

  /** Time that was written for another customer, and nobody has said that it may stay so. */
  private mark(id: number): void {
    const ticket = this.tickets.get(id);
    if (ticket === undefined) return;
    const customer = this.customerOf(ticket);
    const written = this.linesOf(id).filter(
      ({ kind, draft, customer: of }) =>
        (kind === "billed" || kind === "goodwill") && draft?.status !== "proposed" && of !== customer,
    );
    const isElsewhere = [...this.home].some(
      ([entry, home]) =>
        home === id &&
        this.units.get(entry) !== 0 &&
        [...Map.groupBy(written, (line) => line.customer).values()].some(
          (lines) => sum(lines.map(({ parts }) => parts.get(entry) ?? 0)) !== 0,
        ),
    );
    if (isElsewhere && (customer === null || this.accepted.get(id) !== customer)) this.elsewhere.add(id);
    else this.elsewhere.delete(id);
  }

  /** What cost nothing because these lines had charged for it goes along; answers all of them. */
  takeBack(given: readonly Line[]): readonly Line[] {
    const covered = this.lines.filter((line) => isCovered(line) && given.some((each) => this.charges(each, line)));
    const lines = [...new Set([...given, ...covered])];
    for (const line of lines) line.isActive = false;
    for (const draft of new Set(lines.map((line) => line.draft))) {
      if (draft === null || draft.status === "posted") continue;
      if (this.lines.some((line) => line.isActive && line.draft === draft)) continue;
      draft.status = draft.status === "proposed" ? "dropped" : "superseded";
    }
    return lines;
  }
}

/** Time within what was charged. */
export function isCovered({ kind, parts, isActive }: Line): boolean {
  return kind === "transfer" && isActive && sum([...parts.values()]) > 0;
}
