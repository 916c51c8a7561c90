import { z } from "zod";
import { createSetUp, type SetUp } from "./by-hand-set-up.ts";
import * as people from "./by-hand-customers.ts";
import { valuePerformers, valueSteps, type ValueResults } from "./by-hand-values.ts";
import { findTicket, type Simulation } from "./simulation.ts";
import * as core from "./ticket-core.ts";
import { closedStateIds } from "./ticket-get.ts";
import type { Company, Ticket, User, WorldState } from "./world-state.ts";

const Id = z.coerce.number().int();
const TimeUnit = z.union([z.string(), z.number()]);
/** `YYYY-MM-DD hh:mm:ss` in the helpdesk's zone. */
const Stamp = z.string();

const steps = {
  CompanyGet: z.object({ CustomerID: z.string() }),
  CompanyAdd: people.CompanyStep,
  CompanyUpdate: people.CompanyStep.extend({ NewCustomerID: z.string().optional() }),
  CompanyCount: z.object({ Prefix: z.string().default("") }),
  UserGet: z.object({ UserLogin: z.string() }),
  UserAdd: people.UserStep,
  UserUpdate: people.UserStep.extend({ NewUserLogin: z.string().optional() }),
  UserCount: z.object({ Prefix: z.string().default("") }),
  MarkGet: z.object({ Kind: z.enum(["Company", "User"]), Key: z.string() }),
  RecordRemove: z.object({ Kind: z.enum(["Company", "User"]), Key: z.string() }),
  ...valueSteps,
  TicketCreate: z.object({
    Title: z.string(),
    CustomerID: z.string().default(""),
    CustomerUser: z.string().default(""),
    Queue: z.string().default("Support"),
    State: z.string().default("open"),
    Articles: z
      .array(z.object({ Subject: z.string().optional(), Body: z.string().optional(), TimeUnit: TimeUnit.optional() }))
      .default([]),
  }),
  TicketBook: z.object({
    TicketID: Id,
    TimeUnit,
    Subject: z.string().optional(),
    WithoutArticle: Id.default(0),
  }),
  TicketState: z.object({ TicketID: Id, State: z.string() }),
  TicketTimes: z.object({
    TicketID: Id,
    CreatedAt: Stamp.optional(),
    ClosedAt: Stamp.optional(),
    ChangedAt: Stamp.optional(),
  }),
  TicketCustomer: z.object({ TicketID: Id, CustomerID: z.string(), CustomerUser: z.string() }),
  TicketQueue: z.object({ TicketID: Id, Queue: z.string() }),
  TicketMerge: z.object({ MainTicketID: Id, MergeTicketID: Id }),
  TicketArchive: z.object({ TicketID: Id }),
  ArticleDelete: z.object({ TicketID: Id, ArticleID: Id }),
};
type Steps = typeof steps;
type Given<Do extends keyof Steps> = z.input<Steps[Do]>;
/** One thing somebody does by hand. */
export type Step = { [Do in keyof Steps]: { Do: Do } & Given<Do> }[keyof Steps];

interface Results extends ValueResults {
  CompanyGet: Company | null;
  CompanyAdd: { CustomerID: string };
  CompanyUpdate: { CustomerID: string };
  CompanyCount: { Count: number };
  UserGet: User | null;
  UserAdd: { UserLogin: string };
  UserUpdate: { UserLogin: string };
  UserCount: { Count: number };
  MarkGet: { Instance: string; RowId: string } | null;
  RecordRemove: object;
  TicketCreate: { TicketID: number; TicketNumber: string; ArticleIDs: number[] };
  TicketBook: { ArticleID: number | null };
  TicketState: object;
  TicketTimes: object;
  TicketCustomer: object;
  TicketQueue: object;
  TicketMerge: object;
  TicketArchive: object;
  ArticleDelete: object;
}

/** What people do in the helpdesk's own screens, and what tests want to see of it. Everything throws when it cannot be done. */
export interface HelpdeskWorld extends SetUp {
  /** Does one step, as the agent bridge unless `agent` names another. */
  do<Do extends keyof Steps>(name: Do, given: Given<Do>, agent?: string): Results[Do];
  /** Does steps one after the other and gives their results, as the operation for tests of a real helpdesk does. */
  steps(list: Step[]): unknown[];
  counts(): Record<"companies" | "users" | "marks" | "tickets" | "articles" | "timeRows", number>;
  /** A deep copy of everything the helpdesk knows. */
  snapshot(): WorldState;
  /** Everything as it was when the copy was made. */
  restore(copy: WorldState): void;
}

/** The by-hand actions on a simulation. */
export function createWorld(sim: Simulation): HelpdeskWorld {
  const run = (name: keyof Steps, given: unknown, agent = "bridge"): unknown => {
    const userId = sim.state.agents.find((candidate) => candidate.login === agent)?.id;
    if (userId === undefined) throw new Error(`the helpdesk has no agent ${agent}`);
    const result = perform(sim, name, given, { userId });
    sim.save();
    return structuredClone(result);
  };
  return {
    ...createSetUp(sim),
    do: <Do extends keyof Steps>(name: Do, given: Given<Do>, agent?: string) => run(name, given, agent) as Results[Do],
    steps: (list) => list.map(({ Do, ...given }) => run(Do, given)),
    counts: () => ({
      companies: Object.keys(sim.state.companies).length,
      users: Object.keys(sim.state.users).length,
      marks: sim.state.marks.length,
      tickets: Object.keys(sim.state.tickets).length,
      articles: sim.state.articles.length,
      timeRows: sim.state.timeRows.length,
    }),
    snapshot: () => structuredClone(sim.state),
    restore: (copy) => {
      sim.state = structuredClone(copy);
      sim.save();
    },
  };
}

type Performers = {
  [Do in keyof Steps]: (sim: Simulation, step: z.output<Steps[Do]>, actor: core.Actor) => Results[Do];
};

const performers: Performers = {
  CompanyGet: (sim, { CustomerID }) => sim.state.companies[CustomerID] ?? null,
  CompanyAdd: people.companyAdd,
  CompanyUpdate: people.companyUpdate,
  CompanyCount: (sim, { Prefix }) => ({ Count: countOf(Object.keys(sim.state.companies), Prefix) }),
  UserGet: (sim, { UserLogin }) => sim.state.users[UserLogin] ?? null,
  UserAdd: people.userAdd,
  UserUpdate: people.userUpdate,
  UserCount: (sim, { Prefix }) => ({ Count: countOf(Object.keys(sim.state.users), Prefix) }),
  MarkGet: (sim, { Kind, Key }) => {
    const mark = sim.state.marks.find((candidate) => candidate.type === Kind && candidate.key === Key);
    return mark === undefined ? null : { Instance: mark.instance, RowId: mark.rowId };
  },
  RecordRemove: people.recordRemove,
  ...valuePerformers,
  TicketCreate: ticketCreate,
  TicketBook: ticketBook,
  TicketState: (sim, { TicketID, State }, actor) => {
    core.setState(sim, ticketOf(sim, TicketID), named(sim.state.states, State).id, actor);
    return {};
  },
  TicketTimes: ticketTimes,
  TicketCustomer: (sim, { TicketID, CustomerID, CustomerUser }, actor) => {
    core.setTicketCustomer(
      sim,
      ticketOf(sim, TicketID),
      { customerId: CustomerID, customerUserId: CustomerUser },
      actor,
    );
    return {};
  },
  TicketQueue: (sim, { TicketID, Queue }, actor) => {
    core.setQueue(sim, ticketOf(sim, TicketID), named(sim.state.queues, Queue).id, actor);
    return {};
  },
  TicketMerge: (sim, { MainTicketID, MergeTicketID }, actor) => {
    core.mergeTickets(sim, ticketOf(sim, MainTicketID), ticketOf(sim, MergeTicketID), actor);
    return {};
  },
  TicketArchive: (sim, { TicketID }, actor) => {
    const ticket = ticketOf(sim, TicketID);
    ticket.archived = true;
    core.touch(sim, ticket, actor);
    core.addHistory(sim, ticket, "ArchiveFlagUpdate", "%%y", actor);
    return {};
  },
  ArticleDelete: articleDelete,
};

function perform<Do extends keyof Steps>(sim: Simulation, name: Do, given: unknown, actor: core.Actor): Results[Do] {
  if (!Object.hasOwn(steps, name)) throw new Error(`no such step: ${name}`);
  return performers[name](sim, steps[name].parse(given) as z.output<Steps[Do]>, actor);
}

function countOf(keys: string[], prefix: string): number {
  return keys.filter((key) => key.startsWith(prefix)).length;
}

function ticketOf(sim: Simulation, id: number): Ticket {
  const ticket = findTicket(sim, id);
  if (ticket === undefined) throw new Error(`the helpdesk has no ticket ${id}`);
  return ticket;
}

function named<T extends { name: string }>(rows: T[], name: string): T {
  const found = rows.find((row) => row.name === name);
  if (found === undefined) throw new Error(`the helpdesk knows no ${name}`);
  return found;
}

function ticketCreate(sim: Simulation, step: z.output<Steps["TicketCreate"]>, actor: core.Actor) {
  const ticket = core.createTicket(sim, {
    title: step.Title,
    queueId: named(sim.state.queues, step.Queue).id,
    stateId: named(sim.state.states, "open").id,
    priorityId: 3,
    customerId: step.CustomerID,
    customerUserId: step.CustomerUser,
    ownerId: actor.userId,
    ...actor,
  });
  const articleIds = step.Articles.map((article) => book(sim, ticket, article, actor));
  core.setState(sim, ticket, named(sim.state.states, step.State).id, actor);
  return { TicketID: ticket.id, TicketNumber: ticket.number, ArticleIDs: articleIds };
}

function ticketBook(sim: Simulation, step: z.output<Steps["TicketBook"]>, actor: core.Actor) {
  const ticket = ticketOf(sim, step.TicketID);
  if (step.WithoutArticle === 0) return { ArticleID: book(sim, ticket, step, actor) };
  core.accountTime(sim, ticket, null, hundredthsByHand(step.TimeUnit), actor);
  return { ArticleID: null };
}

interface Note {
  Subject?: string | undefined;
  Body?: string | undefined;
  TimeUnit?: string | number | undefined;
}

function book(sim: Simulation, ticket: Ticket, note: Note, actor: core.Actor): number {
  const article = core.addArticle(
    sim,
    ticket,
    {
      senderTypeId: 1,
      channelId: 3,
      visible: false,
      from: "Test Agent <agent@kivi-test.de>",
      to: "",
      subject: note.Subject ?? "Work",
      body: note.Body ?? "done",
      contentType: "text/plain; charset=utf-8",
      historyType: "AddNote",
      historyComment: "test",
    },
    actor,
  );
  const hundredths = hundredthsByHand(note.TimeUnit ?? 0);
  if (hundredths !== 0) core.accountTime(sim, ticket, article.id, hundredths, actor);
  return article.id;
}

// The agent's screen takes a sign, the web service does not.
function hundredthsByHand(value: string | number): number {
  const parts = /^(-?)(\d+)(?:[.,](\d{1,2})\d*)?$/.exec(String(value));
  if (parts === null) throw new Error(`${value} is no time`);
  const [, sign, whole = "0", decimals = ""] = parts;
  const hundredths = Number(whole) * 100 + Number(decimals.padEnd(2, "0"));
  return sign === "-" ? -hundredths : hundredths;
}

// Nobody closes a ticket last month through the API: this writes the times themselves.
function ticketTimes(sim: Simulation, step: z.output<Steps["TicketTimes"]>): object {
  const ticket = ticketOf(sim, step.TicketID);
  const changedAt = step.ChangedAt ?? step.ClosedAt;
  for (const stamp of [step.CreatedAt, step.ClosedAt, changedAt])
    if (stamp !== undefined && sim.clock.epochOf(stamp) === undefined)
      throw new Error(`${stamp} is no time stamp of the form YYYY-MM-DD hh:mm:ss`);
  if (step.CreatedAt !== undefined) ticket.created = step.CreatedAt;
  if (step.ClosedAt !== undefined) {
    const closed = closedStateIds(sim);
    for (const row of sim.state.history) {
      const closes = (row.type === "NewTicket" || row.type === "StateUpdate") && closed.has(row.stateId);
      if (row.ticketId === ticket.id && closes) row.created = step.ClosedAt;
    }
  }
  if (changedAt !== undefined) ticket.changed = changedAt;
  return {};
}

// The ticket's `Changed` stays.
function articleDelete(sim: Simulation, { ArticleID }: z.output<Steps["ArticleDelete"]>): object {
  const { state } = sim;
  if (!state.articles.some((article) => article.id === ArticleID)) throw new Error(`no article ${ArticleID}`);
  state.articles = state.articles.filter((article) => article.id !== ArticleID);
  state.timeRows = state.timeRows.filter((row) => row.articleId !== ArticleID);
  state.history = state.history.filter((row) => row.articleId !== ArticleID);
  return {};
}
