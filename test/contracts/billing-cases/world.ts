/**
 * One world for all cases: a kivitendo, the bridge in this process, a queue and agents of its own in a helpdesk, simulated
 * or real. Each case has customers of its own; so a run serves them all, and what stands afterwards is told by case.
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { stringify } from "yaml";
import type { BillingReport } from "../../../src/billing/index.ts";
import type { Choice } from "../../../src/billing/ports.ts";
import {
  allCustomers,
  type Bridge,
  createLogger,
  everythingDue,
  openBridge,
  setUp,
} from "../../../src/bridge/index.ts";
import { loadConfig } from "../../../src/config/index.ts";
import type { Step } from "../../../src/demo/helpdesk/index.ts";
import { quietContext } from "../../support/bridge.ts";
import { createKivitendoDatabase, type TestDatabase } from "../../support/database.ts";
import { type Erp, openErp } from "../../support/erp.ts";
import { freshTag, type HelpdeskUnderTest } from "../helpdesk-under-test.ts";
import type { Collect } from "./collect.ts";
import { Hands } from "./hands.ts";

/** Where a question or a draft belongs. */
export interface KnownTicket {
  readonly caseId: string;
  readonly name: string;
}

const signature = { by: "Anna", why: "so it is" };
const password = "case-agent-pw";
/** `billing.startDate` lies so many days ago. */
export const startDaysAgo = 60;

export type CustomerSettings = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

export class BillingCaseWorld {
  readonly tag: string;
  readonly queue: string;
  readonly #helpdesk: HelpdeskUnderTest;
  readonly #hands: Hands;
  readonly #collect: Collect;
  readonly #database: TestDatabase;
  readonly #admin: Erp;
  readonly #directory: string;
  readonly #today: Temporal.PlainDate;
  readonly #known = new Map<string, KnownTicket>();
  readonly #customerSettings: Record<string, Readonly<Record<string, unknown>>> = {};
  #timeZone = "UTC";
  #bridge: Bridge;
  #writing: Promise<unknown> = Promise.resolve();

  private constructor(
    given: { readonly helpdesk: HelpdeskUnderTest; readonly collect: Collect },
    database: TestDatabase,
    tag: string,
  ) {
    this.tag = tag;
    this.#helpdesk = given.helpdesk;
    this.#hands = new Hands(given.helpdesk);
    this.queue = `Cases ${tag}`;
    this.#collect = given.collect;
    this.#database = database;
    this.#admin = openErp(database.url);
    this.#directory = mkdtempSync(join(tmpdir(), "kivi-otrs-billing-cases-"));
    this.#today = Temporal.Now.plainDateISO("Europe/Berlin");
    this.#bridge = this.#open().bridge;
  }

  /** `customers` are customer letters by case. */
  static async create(given: {
    readonly helpdesk: HelpdeskUnderTest;
    readonly collect: Collect;
    readonly customers: ReadonlyMap<string, readonly string[]>;
  }): Promise<BillingCaseWorld> {
    const database = await createKivitendoDatabase("4.1.0");
    const world = new BillingCaseWorld(given, database, freshTag());
    await world.#begin(given.customers);
    return world;
  }

  async #begin(customers: ReadonlyMap<string, readonly string[]>): Promise<void> {
    const { config, bridge } = this.#open();
    await setUp(config, () => undefined);
    const group = `cases-${this.tag}`;
    const agents = (["Ada", "Ben"] as const).map((FirstName) => ({
      Do: "AgentEnsure" as const,
      UserLogin: this.agent(FirstName),
      Password: password,
      FirstName,
      LastName: this.tag,
    }));
    const own = { Do: "AgentEnsure" as const, UserLogin: this.#login(), Password: password };
    await this.#helpdesk.byHand([
      { Do: "QueueEnsure", Name: this.queue, Group: group },
      // What others do in a helpdesk that is shared is in queues that this agent cannot see.
      { ...own, Groups: { [group]: "ro", kivitendo_bridge: "rw" } },
      ...agents,
    ]);
    await this.#admin.query("delete from customer_contacts");
    await this.#admin.query("delete from contacts");
    await this.#admin.query("delete from customer");
    const numbers = [...customers].flatMap(([id, letters]) => letters.map((letter) => this.customerNumber(id, letter)));
    await this.#admin.query(
      `insert into customer (customernumber, name, street, zipcode, city, country_id, taxzone_id, currency_id,
                             language_id, payment_id)
       select number, 'Firma ' || number, 'Ring 1', '50667', 'Köln', c.id, 4, 1, 1101, 1126
         from unnest($1::text[]) as number, countries c
        where c.iso2 = 'DE'`,
      [numbers],
    );
    await bridge.close();
    this.#timeZone = (await this.#bridge.helpdeskInfo()).timeZone;
    await this.#bridge.customers("sync", allCustomers, quietContext());
  }

  async end(): Promise<void> {
    await this.#bridge.close();
    await this.#admin.close();
    await this.#database.drop();
    rmSync(this.#directory, { recursive: true, force: true });
  }

  // ---- names

  customerNumber(caseId: string, letter: string): string {
    return `${this.tag}-${caseId}-${letter}`;
  }

  agent(name: "Ada" | "Ben"): string {
    return `${this.tag}-${name.toLowerCase()}`;
  }

  #login(): string {
    return `${this.tag}-bridge`;
  }

  /** Noon of a day, as the helpdesk writes it. */
  stampDaysAgo(days: number): string {
    return `${this.#today.subtract({ days }).toString()} 12:00:00`;
  }

  stampNow(): string {
    const now = Temporal.Now.plainDateTimeISO(this.#timeZone);
    return now.toString({ smallestUnit: "second" }).replace("T", " ");
  }

  daysAgo(day: string): number {
    return Temporal.PlainDate.from(day).until(this.#today, { largestUnit: "day" }).days;
  }

  /** Everything since the start, up to so many days ago, as `billing.period` takes it. */
  periodUntil(daysAgo: number): string {
    const day = (ago: number): string => this.#today.subtract({ days: ago }).toString();
    return `${day(startDaysAgo)}..${day(daysAgo)}`;
  }

  /** From now on a ticket with this id or number is that of the case. */
  know(caseId: string, name: string, { id, number }: { readonly id: number; readonly number: string }): void {
    this.#known.set(`id ${id}`, { caseId, name });
    this.#known.set(`number ${number}`, { caseId, name });
  }

  known(by: "id" | "number", value: string | number): KnownTicket | undefined {
    return this.#known.get(`${by} ${value}`);
  }

  // ---- the bridge

  /** Laid over `billing.customers`, by number. */
  async configure(settings: CustomerSettings): Promise<void> {
    Object.assign(this.#customerSettings, settings);
    await this.#bridge.close();
    this.#bridge = this.#open().bridge;
  }

  async run(): Promise<BillingReport> {
    return this.#bridge.billing("draft", everythingDue, quietContext());
  }

  async hold(ticketNumber: string, held: boolean): Promise<void> {
    await this.#oneAtATime(async (office) => office.hold([ticketNumber], held, signature, quietContext()));
  }

  async confirmOpening(): Promise<void> {
    await this.#oneAtATime(async (office) => office.confirmOpening(null, signature, quietContext()));
  }

  /** Answers the open question `reason ticket` of a case. */
  async decide(caseId: string, question: string, choice: Choice): Promise<void> {
    await this.#oneAtATime(async (office) => {
      const found = (await this.questions()).find((each) => each.caseId === caseId && each.question === question);
      if (found === undefined) throw new Error(`${caseId} has no open question ${question}`);
      await office.decide(found.id, choice, signature);
    });
  }

  /** Cases are played side by side, and the bridge lets nobody write while somebody else does. */
  async #oneAtATime(act: (office: ReturnType<Bridge["office"]>) => Promise<unknown>): Promise<void> {
    const done = this.#writing.then(() => act(this.#bridge.office()));
    this.#writing = done.catch(() => undefined);
    await done;
  }

  /** What is open in the inbox, by case. */
  async questions(): Promise<
    readonly { readonly id: string; readonly caseId: string | null; readonly question: string }[]
  > {
    const rows = await this.query(
      `select 'billing-' || i.id as id, i.reason, i.subject, i.about ->> 'ticketId' as "ticketId",
              coalesce(c.customernumber, d.customer_number) as customer
         from otrs_bridge.inbox i
         left join public.customer c on c.id = (i.about ->> 'customerId')::integer
         left join otrs_bridge.drafts d on d.id = (i.about ->> 'draftId')::integer
        where i.flow = 'billing' and i.closed_at is null
        order by i.reason, i.subject`,
    );
    return rows.map((row) => {
      const ticket =
        this.known("number", String(row["subject"]).replace(/^ticket /, "")) ??
        this.known("id", String(row["ticketId"]));
      const [, ofCustomer = null] = /^t[0-9a-f]{8}-(.+)-[A-Z]$/.exec(String(row["customer"])) ?? [];
      return {
        id: String(row["id"]),
        caseId: ticket?.caseId ?? ofCustomer,
        question: `${String(row["reason"])} ${ticket?.name ?? "draft"}`,
      };
    });
  }

  /** As superuser. */
  async query(sql: string, values: readonly unknown[] = []): Promise<Record<string, unknown>[]> {
    return this.#admin.query(sql, values);
  }

  /** In the helpdesk's own screens, in this order; what other cases do at the same time may come in between. */
  async byHand(...steps: readonly Step[]): Promise<unknown[]> {
    return this.#hands.do(steps);
  }

  #open(): { config: ReturnType<typeof loadConfig>["config"]; bridge: Bridge } {
    const file = join(this.#directory, "bridge.yaml");
    const settings = {
      instance: this.tag,
      kivitendo: {
        databaseUrl: this.#database.bridgeUrl.replace(/:[^:@/]*@/, "@"),
        password: this.#database.bridgePassword,
        adminUrl: this.#database.url,
      },
      helpdesk: { url: this.#helpdesk.url, userLogin: this.#login(), password },
      billing: {
        startDate: this.#today.subtract({ days: startDaysAgo }).toString(),
        timeUnit: "minutes",
        partNumber: "ST-STD",
        draftOwner: "buchhaltung",
        collect: this.#collect,
        period: this.periodUntil(-2),
        // Each run reads the billed tickets again, as the first of a day does.
        reread: { everyHours: 0 },
        customers: this.#customerSettings,
      },
    };
    writeFileSync(file, stringify(settings), { mode: 0o600 });
    const { config } = loadConfig({ file, environment: {}, directory: this.#directory });
    return { config, bridge: openBridge(config, "cases", createLogger("silent")) };
  }
}
