import { z } from "zod";
import { passwordHashOf } from "./fresh-world.ts";
import { findTicket, stateById, type Simulation } from "./simulation.ts";
import * as setUp from "./by-hand-set-up.ts";
import { CustomerBook, emptyCompany, emptyUser, storeCompany, storeUser, type Refusal } from "./customers.ts";
import * as core from "./ticket-core.ts";
import type { Company, Ticket, User } from "./world-state.ts";

const Value = z.union([z.string(), z.number()]);
const Id = z.coerce.number().int();
/** `YYYY-MM-DD hh:mm:ss` in the helpdesk's zone. */
const Stamp = z.string();

const actions = {
  CompanyGet: z.object({ CustomerID: z.string() }),
  CompanyAdd: z.object({ CustomerID: z.string() }).catchall(Value),
  CompanyUpdate: z.object({ CustomerID: z.string() }).catchall(Value),
  UserGet: z.object({ UserLogin: z.string() }),
  UserAdd: z.object({ UserLogin: z.string() }).catchall(Value),
  UserUpdate: z.object({ UserLogin: z.string() }).catchall(Value),
  TicketCreate: z.object({
    Title: z.string(),
    Queue: z.string().default("Support"),
    State: z.string().default("closed successful"),
    CustomerUser: z.string().default(""),
    CustomerID: z.string().optional(),
    Agent: z.string().default("root@localhost"),
    Created: Stamp.optional(),
    Closed: Stamp.optional(),
    Articles: z
      .array(z.object({ Subject: z.string(), TimeUnit: Value.optional(), Created: Stamp.optional() }))
      .default([]),
  }),
  BookTime: z.object({
    TicketID: Id,
    TimeUnit: Value,
    Subject: z.string().default("Arbeit"),
    ArticleID: Id.optional(),
    WithoutArticle: Id.default(0),
    Agent: z.string().default("root@localhost"),
    Created: Stamp.optional(),
  }),
  Close: z.object({ TicketID: Id, State: z.string().default("closed successful"), At: Stamp.optional() }),
  Reopen: z.object({ TicketID: Id, At: Stamp.optional() }),
  Merge: z.object({ MainTicketID: Id, MergeTicketID: Id }),
  ArticleDelete: z.object({ ArticleID: Id }),
  Archive: z.object({ TicketID: Id }),
  Counts: z.object({}),
};
type Given<Action extends keyof typeof actions> = z.input<(typeof actions)[Action]>;

/** What people do in the helpdesk's own screens, and what tests want to see of it. Every method throws when it cannot be done. */
export interface HelpdeskWorld extends setUp.SetUp {
  companyGet(given: Given<"CompanyGet">): Company | null;
  companyAdd(given: Given<"CompanyAdd">): Company;
  companyUpdate(given: Given<"CompanyUpdate">): Company;
  userGet(given: Given<"UserGet">): User | null;
  userAdd(given: Given<"UserAdd">): User;
  userUpdate(given: Given<"UserUpdate">): User;
  ticketCreate(given: Given<"TicketCreate">): { TicketID: string; TicketNumber: string; ArticleIDs: number[] };
  /** Time may be negative here, unlike over the web service, and may be booked without an article. */
  bookTime(given: Given<"BookTime">): { ArticleID: number | null };
  close(given: Given<"Close">): void;
  reopen(given: Given<"Reopen">): void;
  merge(given: Given<"Merge">): void;
  /** Removes the article with its time and its history; the ticket's `Changed` stays. */
  articleDelete(given: Given<"ArticleDelete">): void;
  archive(given: Given<"Archive">): void;
  counts(
    given?: Given<"Counts">,
  ): Record<"Companies" | "Users" | "Marks" | "Tickets" | "Articles" | "TimeRows", number>;
}

/** The by-hand actions on a simulation. */
export function createWorld(sim: Simulation): HelpdeskWorld {
  return {
    ...setUp.createSetUp(sim),
    companyGet: ({ CustomerID }) => sim.state.companies[CustomerID] ?? null,
    companyAdd: (given) => putCompany(sim, emptyCompany(sim, given.CustomerID, 1), given),
    companyUpdate: (given) => putCompany(sim, known(sim.state.companies[given.CustomerID], given.CustomerID), given),
    userGet: ({ UserLogin }) => sim.state.users[UserLogin] ?? null,
    userAdd: (given) => putUser(sim, emptyUser(sim, given.UserLogin, 1), given),
    userUpdate: (given) => putUser(sim, known(sim.state.users[given.UserLogin], given.UserLogin), given),
    ticketCreate: (given) => ticketCreate(sim, actions.TicketCreate.parse(given)),
    bookTime: (given) => bookTime(sim, actions.BookTime.parse(given)),
    close: (given) => {
      const { TicketID, State, At } = actions.Close.parse(given);
      changeState(sim, ticketOf(sim, TicketID), State, epochOf(sim, At));
    },
    reopen: ({ TicketID, At }) => changeState(sim, ticketOf(sim, TicketID), "open", epochOf(sim, At)),
    merge: ({ MainTicketID, MergeTicketID }) => {
      core.mergeTickets(sim, ticketOf(sim, MainTicketID), ticketOf(sim, MergeTicketID), { userId: 1 });
      sim.save();
    },
    articleDelete: (given) => articleDelete(sim, actions.ArticleDelete.parse(given).ArticleID),
    archive: ({ TicketID }) => {
      const ticket = ticketOf(sim, TicketID);
      ticket.archived = true;
      core.addHistory(sim, ticket, "ArchiveFlagUpdate", "%%y", { userId: 1 });
      sim.save();
    },
    counts: () => ({
      Companies: Object.keys(sim.state.companies).length,
      Users: Object.keys(sim.state.users).length,
      Marks: sim.state.marks.length,
      Tickets: Object.keys(sim.state.tickets).length,
      Articles: sim.state.articles.length,
      TimeRows: sim.state.timeRows.length,
    }),
  };
}

function known<T>(record: T | undefined, key: string): T {
  if (record === undefined) throw new Error(`the helpdesk has no record ${key}`);
  return record;
}

function ticketOf(sim: Simulation, id: unknown): Ticket {
  const ticket = findTicket(sim, id);
  if (ticket === undefined) throw new Error(`the helpdesk has no ticket ${String(id)}`);
  return ticket;
}

function epochOf(sim: Simulation, stamp: string | undefined): number | undefined {
  if (stamp === undefined) return undefined;
  const epoch = sim.clock.epochOf(stamp);
  if (epoch === undefined) throw new Error(`${stamp} is no time stamp of the form YYYY-MM-DD hh:mm:ss`);
  return epoch;
}

function actorOf(sim: Simulation, login: string, stamp: string | undefined): core.Actor {
  const agent = sim.state.agents.find((candidate) => candidate.login === login);
  if (agent === undefined) throw new Error(`the helpdesk has no agent ${login}`);
  const at = epochOf(sim, stamp);
  return at === undefined ? { userId: agent.id } : { userId: agent.id, at };
}

function overlaid<T extends Company | User>(record: T, given: Record<string, string | number>): T {
  const values: Record<string, string | number> = { ...record, ...given };
  values["ValidID"] = Number(given["ValidID"] ?? (record.ValidID || 1));
  return values as T;
}

function accept(refusal: Refusal | undefined): void {
  if (refusal !== undefined) throw new Error(refusal.reason);
}

function putCompany(sim: Simulation, stored: Company, given: Record<string, string | number>): Company {
  const company = { ...overlaid(stored, given), ChangeTime: sim.clock.stamp(), ChangeBy: 1 };
  accept(new CustomerBook(sim).companyRefusal(company));
  storeCompany(sim, company);
  sim.save();
  return company;
}

function putUser(sim: Simulation, stored: User, given: Record<string, string | number>): User {
  const { UserPassword, ...fields } = given;
  const user = { ...overlaid(stored, fields), ChangeTime: sim.clock.stamp(), ChangeBy: 1 };
  if (UserPassword !== undefined) user.passwordHash = passwordHashOf(String(UserPassword));
  accept(new CustomerBook(sim).userRefusal(user));
  storeUser(sim, user, { userId: 1 });
  sim.save();
  return user;
}

function ticketCreate(sim: Simulation, given: z.output<typeof actions.TicketCreate>) {
  const actor = actorOf(sim, given.Agent, given.Created);
  const queue = known(
    sim.state.queues.find((candidate) => candidate.name === given.Queue),
    given.Queue,
  );
  const final = stateNamed(sim, given.State);
  const first = given.Closed === undefined ? final : stateNamed(sim, "new");
  const customerId = given.CustomerID ?? sim.state.users[given.CustomerUser]?.UserCustomerID ?? "";
  const ticket = core.createTicket(sim, {
    title: given.Title,
    queueId: queue.id,
    stateId: first.id,
    priorityId: 3,
    customerId,
    customerUserId: given.CustomerUser,
    ...actor,
  });
  const articles = given.Articles.map((article) => {
    const by = actorOf(sim, given.Agent, article.Created ?? given.Created);
    const id = writeNote(sim, ticket, article.Subject, by);
    if (article.TimeUnit !== undefined) core.accountTime(sim, ticket, id, hundredthsByHand(article.TimeUnit), by);
    return id;
  });
  core.setOwner(sim, ticket, actor.userId, actor);
  if (given.Closed !== undefined) core.setState(sim, ticket, final.id, actorOf(sim, given.Agent, given.Closed));
  sim.save();
  return { TicketID: String(ticket.id), TicketNumber: ticket.number, ArticleIDs: articles };
}

function stateNamed(sim: Simulation, name: string) {
  return known(
    sim.state.states.find((state) => state.name === name),
    name,
  );
}

function writeNote(sim: Simulation, ticket: Ticket, subject: string, actor: core.Actor): number {
  const agent = sim.state.agents.find((candidate) => candidate.id === actor.userId);
  const note: core.NewArticle = {
    senderTypeId: 1,
    channelId: 3,
    visible: false,
    from: agent === undefined ? "" : `${agent.firstName} ${agent.lastName}`,
    to: "",
    subject,
    body: subject,
    contentType: "text/plain; charset=utf-8",
    historyType: "AddNote",
    historyComment: "%%Note",
  };
  return core.addArticle(sim, ticket, note, actor).id;
}

function bookTime(sim: Simulation, given: z.output<typeof actions.BookTime>): { ArticleID: number | null } {
  const ticket = ticketOf(sim, given.TicketID);
  const actor = actorOf(sim, given.Agent, given.Created);
  const articleId =
    given.WithoutArticle === 1 ? null : (given.ArticleID ?? writeNote(sim, ticket, given.Subject, actor));
  core.accountTime(sim, ticket, articleId, hundredthsByHand(given.TimeUnit), actor);
  sim.save();
  return { ArticleID: articleId };
}

// The agent's screen takes a sign, the web service does not.
function hundredthsByHand(value: string | number): number {
  const parts = /^(-?)(\d+)(?:[.,](\d{1,2})\d*)?$/.exec(String(value));
  if (parts === null) throw new Error(`${value} is no time`);
  const [, sign, whole = "0", decimals = ""] = parts;
  const hundredths = Number(whole) * 100 + Number(decimals.padEnd(2, "0"));
  return sign === "-" ? -hundredths : hundredths;
}

function changeState(sim: Simulation, ticket: Ticket, name: string, at: number | undefined): void {
  const actor = at === undefined ? { userId: 1 } : { userId: 1, at };
  const state = stateById(sim, stateNamed(sim, name).id);
  if (state.type === "closed") core.setLock(sim, ticket, 1, actor);
  core.setState(sim, ticket, state.id, actor);
  sim.save();
}

function articleDelete(sim: Simulation, articleId: number): void {
  const { state } = sim;
  if (!state.articles.some((article) => article.id === articleId)) throw new Error(`no article ${articleId}`);
  state.articles = state.articles.filter((article) => article.id !== articleId);
  state.timeRows = state.timeRows.filter((row) => row.articleId !== articleId);
  state.history = state.history.filter((row) => row.articleId !== articleId);
  sim.save();
}
