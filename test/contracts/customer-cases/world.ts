/**
 * The world of one case: a kivitendo of its own, the bridge in this process, and a helpdesk, simulated or real. Everything
 * carries a tag of its own, which is the name of the instance as well, so that a real helpdesk can be used again.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "vitest";
import { z } from "zod";
import { allCustomers } from "../../../src/bridge/index.ts";
import type { Bridge, CustomerOptions } from "../../../src/bridge/index.ts";
import type { CustomersReport, RecordKind } from "../../../src/customer-sync/index.ts";
import type { Step } from "../../../src/demo/helpdesk/index.ts";
import { quietContext } from "../../support/bridge.ts";
import { type KivitendoRelease, type TestDatabase, withClient } from "../../support/database.ts";
import { createConfiguredDatabase } from "../../support/set-up-database.ts";
import { Caller, freshTag, type HelpdeskUnderTest } from "../helpdesk-under-test.ts";
import { CaseErp } from "./erp.ts";
import { type CustomerSettings, load, open } from "./open.ts";

const Stored = z.record(z.string(), z.union([z.string(), z.number(), z.null()])).nullable();
const Ticket = z.tuple([z.object({ TicketID: z.coerce.number() })]);
const Tickets = z.object({
  Ticket: z.array(z.object({ CustomerID: z.string().nullable(), CustomerUserID: z.string().nullable() })),
});
const Mark = z.object({ Instance: z.string(), RowId: z.coerce.string() }).nullable();

/** What `inbox` shows of a record. */
export interface Waiting {
  readonly id: string;
  readonly reason: string;
  readonly choices: readonly string[];
}

export interface CaseWorldOptions {
  readonly helpdesk: HelpdeskUnderTest;
  readonly release?: KivitendoRelease;
  readonly settings?: CustomerSettings;
  /** Of another world, to share its names; default a fresh one. */
  readonly tag?: string;
  /** Name of the instance; default the tag. */
  readonly instance?: string;
}

export class CaseWorld {
  readonly tag: string;
  readonly instance: string;
  readonly helpdesk: HelpdeskUnderTest;
  readonly erp: CaseErp;
  readonly #database: TestDatabase;
  readonly #directory: string;
  #settings: CustomerSettings;
  #bridge: Bridge;
  readonly #others: CaseWorld[] = [];

  private constructor(
    options: CaseWorldOptions,
    parts: { tag: string; database: TestDatabase; erp: CaseErp; directory: string; bridge: Bridge },
  ) {
    this.tag = parts.tag;
    this.instance = options.instance ?? parts.tag;
    this.helpdesk = options.helpdesk;
    this.#settings = options.settings ?? {};
    this.#database = parts.database;
    this.erp = parts.erp;
    this.#directory = parts.directory;
    this.#bridge = parts.bridge;
  }

  /** Takes about 100 ms, the first of a kind some more. */
  static async create(options: CaseWorldOptions): Promise<CaseWorld> {
    const { release = "4.1.0", tag = freshTag(), helpdesk, settings = {} } = options;
    const directory = mkdtempSync(join(tmpdir(), "kivi-otrs-case-"));
    const place = { directory, helpdesk, instance: options.instance ?? tag };
    const database = await createConfiguredDatabase({ release, sample: true }, (its) =>
      load({ ...place, database: its }, settings),
    );
    const erp = await CaseErp.open(database, release);
    const bridge = open({ ...place, database }, settings);
    return new CaseWorld(options, { tag, database, erp, directory, bridge });
  }

  /** A second bridge, with a kivitendo of its own, on the same helpdesk; ends with this world. */
  async another(): Promise<CaseWorld> {
    const other = await CaseWorld.create({
      helpdesk: this.helpdesk,
      settings: this.#settings,
      tag: this.tag,
      instance: `${this.instance}-b`,
    });
    this.#others.push(other);
    return other;
  }

  async end(): Promise<void> {
    for (const other of this.#others) await other.end();
    await this.#bridge.close();
    await this.erp.close();
    await this.#database.drop();
    rmSync(this.#directory, { recursive: true, force: true });
  }

  /** Another version of the configuration. */
  async configure(settings: CustomerSettings): Promise<void> {
    await this.#bridge.close();
    this.#settings = { ...this.#settings, ...settings };
    const { helpdesk, instance } = this;
    this.#bridge = open({ database: this.#database, directory: this.#directory, helpdesk, instance }, this.#settings);
  }

  /** A customer number of this world. */
  number(text: string): string {
    return `${this.tag}-${text}`;
  }

  /** A company name of this world. */
  name(text: string): string {
    return `${text} ${this.tag}`;
  }

  /** An e-mail address of this world. */
  email(local: string): string {
    return `${local}@${this.tag}-test.de`;
  }

  /** A customer with number and name of this world; answers its row id. */
  async customer(number: string, sheet: Parameters<CaseErp["customer"]>[0] = {}): Promise<number> {
    return this.erp.customer({ number: this.number(number), name: this.name(`Firma ${number}`), ...sheet });
  }

  /** A contact with an address of this world; answers its row id. */
  async contact(
    customers: readonly number[],
    local: string,
    sheet: Partial<Parameters<CaseErp["contact"]>[1]> = {},
  ): Promise<number> {
    return this.erp.contact(customers, { email: this.email(local), ...sheet });
  }

  /** A run, which does what a plan has shown before. */
  async sync(options: Partial<CustomerOptions> = {}): Promise<CustomersReport> {
    const planned = await this.plan(options);
    const report = await this.#bridge.customers("sync", { ...allCustomers, ...options }, quietContext());
    expect(planned.outcomes).toEqual(report.outcomes);
    return report;
  }

  async plan(options: Partial<CustomerOptions> = {}): Promise<CustomersReport> {
    return this.#bridge.customers("plan", { ...allCustomers, ...options }, quietContext());
  }

  get desk(): Bridge["desk"] {
    return this.#bridge.desk;
  }

  /** Runs `customers verify` for these customers; answers the differing fields with what the helpdesk has. */
  async drifts(mode: "look" | "repair", numbers: readonly string[]): Promise<Readonly<Record<string, string>>> {
    const choice = { customerNumbers: numbers.map((number) => this.number(number)), contacts: [] };
    const { companies, users } = await this.#bridge.desk.verify(mode, choice, quietContext());
    return Object.fromEntries([...companies.drifts, ...users.drifts].map(({ field, found }) => [field, found]));
  }

  /** Nothing is left to do: the next run would write nothing, and does write nothing. */
  async settled(): Promise<void> {
    const plan = await this.plan();
    expect(plan.outcomes.map(({ change, result }) => [change.kind, change.key, change.situation, result])).toEqual([]);
  }

  /** A run, after which nothing is left to do. */
  async syncOnce(options: Partial<CustomerOptions> = {}): Promise<CustomersReport> {
    const report = await this.sync(options);
    await this.settled();
    return report;
  }

  /** What waits for people, by id. */
  async inbox(): Promise<readonly Waiting[]> {
    const entries = await this.#bridge.inbox();
    return entries.map(({ id, reason, choices }) => ({ id, reason, choices })).sort((a, b) => a.id.localeCompare(b.id));
  }

  /** The inbox as `reason` by id. */
  async waiting(): Promise<Readonly<Record<string, string>>> {
    return Object.fromEntries((await this.inbox()).map(({ id, reason }) => [id, reason]));
  }

  async decide(
    id: string,
    choice: Parameters<Bridge["desk"]["decide"]>[1]["choice"],
    value: string | null = null,
  ): Promise<void> {
    await this.#bridge.desk.decide(id, { choice, value, by: "Test", why: "so it is" });
  }

  /** The pause before the next try of what was refused is over. */
  async pauseIsOver(): Promise<void> {
    await this.query(
      "update otrs_bridge.links set next_attempt_at = now() where status = 'rejected' and next_attempt_at <> 'infinity'",
    );
  }

  /** As superuser. */
  async query(sql: string, values: readonly unknown[] = []): Promise<Record<string, unknown>[]> {
    return withClient(this.#database.url, async (client) => {
      const { rows } = await client.query<Record<string, unknown>>(sql, [...values]);
      return rows;
    });
  }

  /** What the bridge remembers about a row, or null. */
  async link(record: RecordKind, rowId: number): Promise<Record<string, unknown> | null> {
    const rows = await this.query(
      `select helpdesk_key as key, status, confirmed, valid, adopted, customer_id as customer
         from otrs_bridge.links
        where kind = $1 and row_id = $2`,
      [record, rowId],
    );
    return rows[0] ?? null;
  }

  async byHand(...steps: Step[]): Promise<unknown[]> {
    return this.helpdesk.byHand(steps);
  }

  /** A company of the helpdesk, all values as text; null when there is none. */
  async company(CustomerID: string): Promise<Readonly<Record<string, string>> | null> {
    const [found] = await this.byHand({ Do: "CompanyGet", CustomerID });
    return asText(found);
  }

  /** A customer user of the helpdesk, all values as text; null when there is none. */
  async user(UserLogin: string): Promise<Readonly<Record<string, string>> | null> {
    const [found] = await this.byHand({ Do: "UserGet", UserLogin });
    return asText(found);
  }

  /** Whose mark a record carries: `instance row`, or null. */
  async mark(Kind: "Company" | "User", Key: string): Promise<string | null> {
    const mark = Mark.parse((await this.byHand({ Do: "MarkGet", Kind, Key }))[0]);
    return mark === null ? null : `${mark.Instance} ${mark.RowId}`;
  }

  /** Additional companies of a user, whoever added them. */
  async companiesOf(UserLogin: string): Promise<readonly string[]> {
    return z
      .array(z.string())
      .parse((await this.byHand({ Do: "MemberList", UserLogin }))[0])
      .toSorted();
  }

  /** An open ticket; answers its id. */
  async ticket(CustomerID: string, CustomerUser: string): Promise<number> {
    const made = await this.byHand({ Do: "TicketCreate", Title: `Fall ${this.tag}`, CustomerID, CustomerUser });
    return Ticket.parse(made)[0].TicketID;
  }

  /** Company and user that a ticket carries. */
  async carriedBy(TicketID: number): Promise<readonly [string | null, string | null]> {
    const caller = await new Caller(this.helpdesk).logIn();
    const { Ticket: found } = Tickets.parse(await caller.post("/TicketGet", { TicketID }));
    return [found[0]?.CustomerID ?? null, found[0]?.CustomerUserID ?? null];
  }
}

function asText(found: unknown): Readonly<Record<string, string>> | null {
  const stored = Stored.parse(found);
  if (stored === null) return null;
  return Object.fromEntries(Object.entries(stored).map(([name, value]) => [name, value === null ? "" : String(value)]));
}
