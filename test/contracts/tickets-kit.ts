import { z } from "zod";
import type { Step } from "../../src/demo/helpdesk/index.ts";
import { freshTag, type Contract } from "./helpdesk-under-test.ts";

const Stamp = z.string().regex(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/);
const Place = z.strictObject({ Changed: Stamp, TicketID: z.number() });
const TimeRow = z.strictObject({
  RowID: z.number(),
  ArticleID: z.number().nullable(),
  ArticleCreated: Stamp.nullable(),
  Subject: z.string().nullable(),
  Units: z.string().regex(/^-?\d+\.\d\d$/),
  AgentID: z.number(),
  Booked: Stamp,
});
/** Nothing but this: no body, no address, no name of a customer. */
export const Page = z.strictObject({
  Tickets: z.array(
    z.strictObject({
      TicketID: z.number(),
      TicketNumber: z.string(),
      Title: z.string(),
      Queue: z.string(),
      Service: z.string(),
      SLA: z.string(),
      Type: z.string(),
      Priority: z.string(),
      State: z.string(),
      StateType: z.string(),
      CustomerID: z.string(),
      CustomerUserID: z.string(),
      Archived: z.union([z.literal(0), z.literal(1)]),
      Created: Stamp,
      Changed: Stamp,
      Closed: Stamp.or(z.literal("")),
      FirstClosed: Stamp.or(z.literal("")),
      DynamicFields: z.record(z.string(), z.string()),
      Times: z.array(TimeRow),
    }),
  ),
  Agents: z.record(z.string(), z.strictObject({ Login: z.string(), Name: z.string() })),
  Unreadable: z.array(z.number()),
  Next: Place.nullable(),
  TimeZone: z.string(),
  Now: z.number(),
});
export type Page = z.output<typeof Page>;
export type Told = Page["Tickets"][number];
export const Made = z.object({ TicketID: z.number(), TicketNumber: z.string(), ArticleIDs: z.array(z.number()) });

/** The add-on's route. */
export const route = "/KivitendoBridge/Tickets";
export const closed = "closed successful";

/** Short ways to make tickets and to ask for them; every kit has a queue, an agent and a time of its own. */
export class TicketsKit {
  private readonly contract: Contract;
  readonly tag = freshTag();
  /** A queue that the bridge's agent may not read, for the group of the same name. */
  readonly hidden = `hidden-${this.tag}`;
  /** An agent who books time and is not in the bridge's group. */
  readonly helper = { UserLogin: `${this.tag}-eva`, Password: "evapw" };

  constructor(contract: Contract) {
    this.contract = contract;
  }

  /** Makes queue and agent. */
  async setUp(): Promise<void> {
    await this.byHand(
      { Do: "QueueEnsure", Name: this.hidden, Group: this.hidden },
      { Do: "AgentEnsure", ...this.helper, FirstName: "Eva", LastName: "Müller", Groups: { users: "rw" } },
    );
  }

  /** A stamp of a day long ago on which no other kit has changed anything. */
  at(hour: number, second = 0): string {
    const minutes = Number.parseInt(this.tag.slice(1), 16) % (15 * 365 * 24 * 60);
    const moment = Temporal.PlainDateTime.from("2001-01-01T00:00:00").add({ minutes, hours: hour, seconds: second });
    return moment.toString({ smallestUnit: "second" }).replace("T", " ");
  }

  async byHand(...steps: Step[]): Promise<unknown[]> {
    return this.contract.helpdesk.byHand(steps);
  }

  /** A new ticket of the customer that is named after the kit. */
  async make(ticket: Partial<Extract<Step, { Do: "TicketCreate" }>> = {}): Promise<z.output<typeof Made>> {
    const { tag } = this;
    const step: Step = { Do: "TicketCreate", Title: `Zeit ${tag}`, CustomerID: tag, CustomerUser: "", ...ticket };
    return Made.parse((await this.byHand(step))[0]);
  }

  async ask(body: object): Promise<Page> {
    return Page.parse(await this.contract.caller.post(route, body));
  }

  async read(...TicketIDs: number[]): Promise<Page> {
    return this.ask({ TicketIDs });
  }

  /** One ticket, which must be told. */
  async one(id: number): Promise<Told> {
    const [ticket] = (await this.read(id)).Tickets;
    if (ticket === undefined) throw new Error(`ticket ${id} is not told`);
    return ticket;
  }

  /** Article and units of each row of a ticket. */
  async unitsOf(id: number): Promise<[number | null, string][]> {
    return (await this.one(id)).Times.map(({ ArticleID, Units }) => [ArticleID, Units]);
  }

  /** Ids page by page, to the end. */
  async pages(body: object): Promise<number[][]> {
    const seen: number[][] = [];
    let After: Page["Next"] = null;
    do {
      const page = await this.ask({ ...body, After });
      seen.push(page.Tickets.map(({ TicketID }) => TicketID));
      After = page.Next;
    } while (After !== null);
    return seen;
  }
}
