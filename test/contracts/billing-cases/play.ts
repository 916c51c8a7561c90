/** What people do in one case: in the helpdesk's own screens, in kivitendo, and at the bridge's inbox. */
import { z } from "zod";
import type { Choice, QuestionReason } from "../../../src/billing/ports.ts";
import type { Step } from "../../../src/demo/helpdesk/index.ts";
import type { BillingCaseWorld } from "./world.ts";

const Made = z.object({
  TicketID: z.coerce.number(),
  TicketNumber: z.coerce.string(),
  ArticleIDs: z.array(z.coerce.number()),
});
const Booked = z.object({ ArticleID: z.coerce.number().nullable() });

export interface PlayedTicket {
  readonly id: number;
  readonly number: string;
  readonly articles: number[];
}

/** Minutes; or with who worked, and how many days ago. */
export type Work = number | { readonly minutes: number; readonly by?: "Ada" | "Ben"; readonly daysAgo?: number };

/** The helpdesk's side of a customer letter that kivitendo does not have: another company, or none. */
const strangers: Readonly<Record<string, string>> = { "?": "fremd", "": "" };

export class Play {
  readonly #world: BillingCaseWorld;
  readonly #case: string;
  readonly tickets = new Map<string, PlayedTicket>();

  constructor(world: BillingCaseWorld, caseId: string) {
    this.#world = world;
    this.#case = caseId;
  }

  // ---- tickets

  /** A ticket with an article for each piece of work, closed unless `state` says otherwise. Customer `?` is unknown, `""` none. */
  async ticket(
    name: string,
    customer: string,
    work: readonly Work[],
    { state = "closed successful", contact = "" }: { state?: string; contact?: string } = {},
  ): Promise<void> {
    const [made] = await this.#by({
      Do: "TicketCreate",
      Title: `${this.#case} ${name}`,
      CustomerID: this.#company(customer),
      CustomerUser: contact === "" ? "" : this.contact(contact),
      Queue: this.#world.queue,
    });
    const { TicketID, TicketNumber } = Made.parse(made);
    this.#know(name, { id: TicketID, number: TicketNumber, articles: [] });
    if (work.length > 0) await this.book(name, ...work);
    if (state !== "open") await this.close(name, state);
  }

  /** Time on new articles. */
  async book(name: string, ...work: readonly Work[]): Promise<void> {
    const ticket = this.#ticket(name);
    const booked = await this.#by(
      ...work.map((each) => ({ Do: "TicketBook" as const, TicketID: ticket.id, ...this.#booking(each) })),
    );
    ticket.articles.push(...booked.map((each) => Number(Booked.parse(each).ArticleID)));
  }

  /** Another row of time on an article that is there, counted from 1. */
  async bookOn(name: string, article: number, work: Work): Promise<void> {
    await this.#by({ Do: "TicketBook", ...this.#article(name, article), ...this.#booking(work) });
  }

  async bookWithoutArticle(name: string, work: Work): Promise<void> {
    await this.#by({ Do: "TicketBook", TicketID: this.#ticket(name).id, WithoutArticle: 1, ...this.#booking(work) });
  }

  async close(name: string, State = "closed successful"): Promise<void> {
    await this.#by({ Do: "TicketState", TicketID: this.#ticket(name).id, State });
  }

  async open(name: string): Promise<void> {
    await this.close(name, "open");
  }

  /** As if all its closes had been then; the change is one of now. */
  async closedDaysAgo(name: string, daysAgo: number): Promise<void> {
    const { id: TicketID } = this.#ticket(name);
    const ClosedAt = this.#world.stampDaysAgo(daysAgo);
    await this.#by({ Do: "TicketTimes", TicketID, ClosedAt, ChangedAt: this.#world.stampNow() });
  }

  /** Nobody has touched it for three days, so no search for changes finds it. */
  async quiet(name: string): Promise<void> {
    await this.quietDaysAgo(name, 3);
  }

  /** Its last change was then. */
  async quietDaysAgo(name: string, daysAgo: number): Promise<void> {
    await this.#by({
      Do: "TicketTimes",
      TicketID: this.#ticket(name).id,
      ChangedAt: this.#world.stampDaysAgo(daysAgo),
    });
  }

  async merge(from: string, into: string): Promise<void> {
    await this.#by({
      Do: "TicketMerge",
      MainTicketID: this.#ticket(into).id,
      MergeTicketID: this.#ticket(from).id,
    });
  }

  async split(name: string, article: number, into: string): Promise<void> {
    const [made] = await this.#by({ Do: "TicketSplit", ...this.#article(name, article) });
    const { TicketID, TicketNumber, ArticleIDs } = Made.parse(made);
    this.#know(into, { id: TicketID, number: TicketNumber, articles: ArticleIDs });
  }

  async move(name: string, customer: string): Promise<void> {
    const { id: TicketID } = this.#ticket(name);
    await this.#by({ Do: "TicketCustomer", TicketID, CustomerID: this.#company(customer), CustomerUser: "" });
  }

  async archive(name: string): Promise<void> {
    await this.#by({ Do: "TicketArchive", TicketID: this.#ticket(name).id });
  }

  async delete(name: string): Promise<void> {
    await this.#by({ Do: "TicketDelete", TicketID: this.#ticket(name).id });
  }

  /** Subject only, or with another row of time as OTOBO 11 books it. */
  async editArticle(name: string, article: number, minutes?: number): Promise<void> {
    const time = minutes === undefined ? {} : { TimeUnit: minutes };
    await this.#by({ Do: "ArticleEdit", ...this.#article(name, article), Subject: "Edited", ...time });
  }

  async deleteArticle(name: string, article: number): Promise<void> {
    await this.#by({ Do: "ArticleDelete", ...this.#article(name, article) });
  }

  /** One that a merge has brought to another ticket. */
  async deleteArticleOf(name: string, article: number, now: string): Promise<void> {
    const { ArticleID } = this.#article(name, article);
    await this.#by({ Do: "ArticleDelete", TicketID: this.#ticket(now).id, ArticleID });
  }

  async restoreArticle(name: string, article: number): Promise<void> {
    await this.#by({ Do: "ArticleRestore", ...this.#article(name, article) });
  }

  /** The helpdesk was restored: the id belongs to another ticket, created so many days ago, that has no articles yet. */
  async replaceTicket(name: string, daysAgo: number): Promise<void> {
    const { id, number: before } = this.#ticket(name);
    const number = `9${before}`;
    const CreatedAt = this.#world.stampDaysAgo(daysAgo);
    await this.#by({ Do: "TicketReplace", TicketID: id, TicketNumber: number, CreatedAt });
    this.#know(name, { id, number, articles: [] });
  }

  /** The helpdesk was restored: the id belongs to another article, of that ticket, written so many days ago. */
  async replaceArticle(name: string, article: number, into: string, daysAgo: number): Promise<void> {
    const { ArticleID } = this.#article(name, article);
    const CreatedAt = this.#world.stampDaysAgo(daysAgo);
    await this.#by({ Do: "ArticleReplace", ArticleID, TicketID: this.#ticket(into).id, CreatedAt });
  }

  // ---- states and contacts

  /** A state of type closed of this case. */
  async stateOfItsOwn(): Promise<string> {
    const Name = this.#ownState();
    await this.#by({ Do: "StateEnsure", Name, Type: "closed" });
    return Name;
  }

  async renameState(): Promise<void> {
    await this.#by({ Do: "StateRename", State: this.#ownState(), Name: `${this.#ownState()} (renamed)` });
  }

  contact(name: string): string {
    return `${name}@${this.#world.tag}-${this.#case}.de`;
  }

  async addContact(name: string, customer: string): Promise<void> {
    await this.#by({
      Do: "UserAdd",
      UserLogin: this.contact(name),
      UserEmail: this.contact(name),
      UserFirstname: "Eva",
      UserLastname: name,
      UserCustomerID: this.#company(customer),
    });
  }

  async moveContact(name: string, customer: string): Promise<void> {
    await this.#by({ Do: "UserUpdate", UserLogin: this.contact(name), UserCustomerID: this.#company(customer) });
  }

  // ---- the bridge and kivitendo

  /** Answers the open question about a ticket, or `draft`. */
  async decide(question: `${QuestionReason} ${string}`, choice: Choice): Promise<void> {
    await this.#world.decide(this.#case, question, choice);
  }

  async hold(name: string, held = true): Promise<void> {
    await this.#world.hold(this.#ticket(name).number, held);
  }

  /** `billing opening --confirm`. */
  async confirmOpening(): Promise<void> {
    await this.#world.confirmOpening();
  }

  /** Somebody throws a customer's drafts away in kivitendo. */
  async throwAwayDrafts(customer: string): Promise<void> {
    await this.#world.query(
      `delete from public.drafts
        where id in (select b.kivitendo_id
                       from otrs_bridge.drafts b
                       join public.customer c on c.id = b.customer_id
                      where c.customernumber = $1)`,
      [this.#company(customer)],
    );
  }

  // ---- inside

  async #by(...steps: readonly Step[]): Promise<unknown[]> {
    return this.#world.byHand(...steps);
  }

  #know(name: string, ticket: PlayedTicket): void {
    this.tickets.set(name, ticket);
    this.#world.know(this.#case, name, ticket);
  }

  #company(customer: string): string {
    const stranger = strangers[customer];
    if (stranger !== undefined) return stranger === "" ? "" : `${this.#world.tag}-${stranger}`;
    return this.#world.customerNumber(this.#case, customer);
  }

  #ownState(): string {
    return `${this.#world.tag} done`;
  }

  #ticket(name: string): PlayedTicket {
    const ticket = this.tickets.get(name);
    if (ticket === undefined) throw new Error(`${this.#case} has no ticket ${name}`);
    return ticket;
  }

  #article(name: string, place: number): { TicketID: number; ArticleID: number } {
    const { id, articles } = this.#ticket(name);
    const ArticleID = articles[place - 1];
    if (ArticleID === undefined) throw new Error(`ticket ${name} of ${this.#case} has no article ${place}`);
    return { TicketID: id, ArticleID };
  }

  #booking(work: Work): { TimeUnit: number; At?: string; Agent?: string } {
    if (typeof work === "number") return { TimeUnit: work };
    const { minutes, by, daysAgo } = work;
    return {
      TimeUnit: minutes,
      ...(by === undefined ? {} : { Agent: this.#world.agent(by) }),
      ...(daysAgo === undefined ? {} : { At: this.#world.stampDaysAgo(daysAgo) }),
    };
  }
}
