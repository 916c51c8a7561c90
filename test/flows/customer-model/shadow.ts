/**
 * What agents did in the helpdesk, kept beside it: who is a stranger and how agents left them, what they wrote into fields
 * that are theirs, and under which customer each ticket belongs. Knows nothing of how the bridge works.
 */
import { expect } from "vitest";
import type { HelpdeskWorld } from "../../../src/demo/helpdesk/index.ts";

export type Kind = "company" | "user";
type Snapshot = ReturnType<HelpdeskWorld["snapshot"]>;
type Fields = Readonly<Record<string, string | number>>;

/** Everything of the helpdesk at one moment, found by key or by kivitendo's row. */
export class Seen {
  readonly state: Snapshot;
  constructor(helpdesk: HelpdeskWorld) {
    this.state = helpdesk.snapshot();
  }

  records(kind: Kind): ReadonlyMap<string, Fields> {
    return new Map(Object.entries(kind === "company" ? this.state.companies : this.state.users));
  }

  /** Row id whose mark this record carries; null for what is not this bridge's. */
  rowOf(kind: Kind, key: string): number | null {
    const mark = this.state.marks.find((each) => each.type === typeOf(kind) && each.key === key);
    return mark?.instance === "main" ? Number(mark.rowId) : null;
  }

  /** Keys of the records that carry the mark of this row; more than one would be a fault. */
  keysOf(kind: Kind, row: number): readonly string[] {
    return [...this.records(kind).keys()].filter((key) => this.rowOf(kind, key) === row);
  }

  /** Names a record so that it stays the same when its key changes. */
  nameOf(kind: Kind, key: string): string {
    const row = this.rowOf(kind, key);
    return row === null ? `key ${key}` : `row ${row}`;
  }

  members(login: string): readonly string[] {
    return (this.state.members[login] ?? []).toSorted();
  }
}

export interface ShadowTicket {
  readonly id: number;
  readonly user: string;
  readonly company: string;
}

export class Shadow {
  readonly #helpdesk: HelpdeskWorld;
  #strangers = new Map<string, readonly string[]>();
  /** `user 17` that people allowed to adopt a record. */
  readonly mayAdopt = new Set<string>();
  /** Contacts about whose customer somebody decided. */
  readonly mayMove = new Set<number>();
  /** Keys that people gave, by the helpdesk's screens or by decision. */
  readonly keysByHand = new Set<string>();
  /** `user 17 UserFax` → what agents wrote there last. */
  readonly ownFields = new Map<string, string>();
  /** `user 17` that agents made invalid-temporarily. */
  readonly temporarily = new Set<string>();
  /** Agents did so at all; kivitendo made something invalid at all. */
  some = { temporarily: false, left: false };
  /** Additional companies that agents have set or taken away, by contact. */
  readonly members = new Map<number, Set<string>>();
  readonly tickets: ShadowTicket[] = [];
  /** Login of each contact when it was last seen. */
  logins = new Map<number, string>();

  constructor(helpdesk: HelpdeskWorld) {
    this.#helpdesk = helpdesk;
  }

  /** What stands there now is as agents want it. */
  take(): void {
    const seen = new Seen(this.#helpdesk);
    this.#strangers = strangersOf(seen);
    this.logins = loginsOf(seen);
  }

  /** After the bridge has done something: strangers are as agents left them, but for those that were adopted rightly. */
  assertUntouched(adopt: string): void {
    const seen = new Seen(this.#helpdesk);
    const now = strangersOf(seen);
    for (const [name, left] of this.#strangers) {
      const [kind, key] = partsOf(name);
      const row = seen.rowOf(kind, key);
      const found = now.get(name) ?? [];
      // Its customer may have got another key, or another owner.
      const isSame = left.some((text, index) => text === found[index]);
      if (row === null) expect(isSame ? left : found, `stranger ${name}`).toEqual(left);
      else if (adopt !== "same-key") expect([...this.mayAdopt], `adopted ${name}`).toContain(`${kind} ${row}`);
    }
    expect([...now.keys()].filter((name) => !this.#strangers.has(name))).toEqual([]);
    for (const [row, login] of loginsOf(seen)) {
      const before = this.logins.get(row);
      if (before !== undefined && before !== login) expect([...this.keysByHand], `login of ${row}`).toContain(login);
    }
    this.take();
  }
}

export function typeOf(kind: Kind): "Company" | "User" {
  return kind === "company" ? "Company" : "User";
}

/** Records without a mark of this bridge, as text: as they are, and with the customers named by their rows. */
function strangersOf(seen: Seen): Map<string, readonly string[]> {
  const strangers = new Map<string, readonly string[]>();
  for (const kind of ["company", "user"] as const) {
    for (const [key, record] of seen.records(kind)) {
      if (seen.rowOf(kind, key) !== null) continue;
      const members = seen.members(key);
      const customer = String(record["UserCustomerID"] ?? "");
      const named = { ...record, UserCustomerID: seen.nameOf("company", customer) };
      strangers.set(`${kind} ${key}`, [
        JSON.stringify([named, members.map((member) => seen.nameOf("company", member)).toSorted()]),
        JSON.stringify([record, members]),
      ]);
    }
  }
  return strangers;
}

function partsOf(name: string): readonly [Kind, string] {
  return name.startsWith("company ") ? ["company", name.slice(8)] : ["user", name.slice(5)];
}

function loginsOf(seen: Seen): Map<number, string> {
  return new Map(
    [...seen.records("user").keys()].flatMap((login) => {
      const row = seen.rowOf("user", login);
      return row === null ? [] : [[row, login] as const];
    }),
  );
}
