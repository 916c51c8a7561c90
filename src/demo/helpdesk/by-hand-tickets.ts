import { z } from "zod";
import { book, Booking } from "./by-hand-time.ts";
import { findTicket, namedRow, ticketOf, type Simulation } from "./simulation.ts";
import * as core from "./ticket-core.ts";
import { closedStateIds } from "./ticket-get.ts";
import { priorities, type Ticket } from "./world-state.ts";

const TicketID = z.coerce.number().int();
/** `YYYY-MM-DD hh:mm:ss` in the helpdesk's zone. */
const Stamp = z.string();

/** What people do by hand to tickets. */
export const ticketSteps = {
  TicketCreate: z.object({
    Title: z.string(),
    CustomerID: z.string().default(""),
    CustomerUser: z.string().default(""),
    Queue: z.string().default("Support"),
    State: z.string().default("open"),
    Articles: z.array(Booking.partial({ TimeUnit: true })).default([]),
  }),
  TicketState: z.object({ TicketID, State: z.string() }),
  TicketTimes: z.object({
    TicketID,
    CreatedAt: Stamp.optional(),
    ClosedAt: Stamp.optional(),
    ChangedAt: Stamp.optional(),
  }),
  TicketCustomer: z.object({ TicketID, CustomerID: z.string(), CustomerUser: z.string() }),
  TicketQueue: z.object({ TicketID, Queue: z.string() }),
  TicketSet: z.object({
    TicketID,
    Title: z.string().optional(),
    Type: z.string().optional(),
    Service: z.string().optional(),
    SLA: z.string().optional(),
    Priority: z.string().optional(),
  }),
  TicketMerge: z.object({ MainTicketID: TicketID, MergeTicketID: TicketID }),
  TicketSplit: z.object({ TicketID, ArticleID: z.coerce.number().int() }),
  TicketArchive: z.object({ TicketID }),
  TicketDelete: z.object({ TicketID }),
  /** As after a restore that has lost it: the id belongs to another ticket, whose articles are still to come. */
  TicketReplace: z.object({ TicketID, TicketNumber: z.string(), CreatedAt: Stamp }),
};
type Steps = typeof ticketSteps;

interface Made {
  TicketID: number;
  TicketNumber: string;
  ArticleIDs: number[];
}

export interface TicketResults {
  TicketCreate: Made;
  TicketState: object;
  TicketTimes: object;
  TicketCustomer: object;
  TicketQueue: object;
  TicketSet: object;
  TicketMerge: object;
  TicketSplit: Made;
  TicketArchive: object;
  TicketDelete: object;
  TicketReplace: object;
}

export const ticketPerformers: {
  [Do in keyof Steps]: (sim: Simulation, step: z.output<Steps[Do]>, actor: core.Actor) => TicketResults[Do];
} = {
  TicketCreate: ticketCreate,
  TicketState: (sim, step, actor) => {
    core.setState(sim, ticketOf(sim, step.TicketID), namedRow(sim.state.states, step.State).id, actor);
    return {};
  },
  TicketTimes: ticketTimes,
  TicketCustomer: (sim, { TicketID: id, CustomerID, CustomerUser }, actor) => {
    core.setTicketCustomer(sim, ticketOf(sim, id), { customerId: CustomerID, customerUserId: CustomerUser }, actor);
    return {};
  },
  TicketQueue: (sim, step, actor) => {
    core.setQueue(sim, ticketOf(sim, step.TicketID), namedRow(sim.state.queues, step.Queue).id, actor);
    return {};
  },
  TicketSet: ticketSet,
  TicketMerge: (sim, { MainTicketID, MergeTicketID }, actor) => {
    core.mergeTickets(sim, ticketOf(sim, MainTicketID), ticketOf(sim, MergeTicketID), actor);
    return {};
  },
  TicketSplit: ticketSplit,
  TicketArchive: (sim, step, actor) => {
    const ticket = ticketOf(sim, step.TicketID);
    ticket.archived = true;
    core.touch(sim, ticket, actor);
    core.addHistory(sim, ticket, "ArchiveFlagUpdate", "%%y", actor);
    return {};
  },
  TicketDelete: (sim, { TicketID: id }) => {
    if (findTicket(sim, id) === undefined) throw new Error(`the helpdesk has no ticket ${id}`);
    delete sim.state.tickets[id];
    dropArticles(sim, id);
    sim.state.history = sim.state.history.filter((row) => row.ticketId !== id);
    return {};
  },
  TicketReplace: (sim, { TicketID: id, TicketNumber, CreatedAt }, actor) => {
    const ticket = ticketOf(sim, id);
    dropArticles(sim, id);
    Object.assign(ticket, { number: TicketNumber, created: CreatedAt });
    core.touch(sim, ticket, actor);
    return {};
  },
};

function dropArticles({ state }: Simulation, ticketId: number): void {
  state.articles = state.articles.filter((article) => article.ticketId !== ticketId);
  state.timeRows = state.timeRows.filter((row) => row.ticketId !== ticketId);
}

function ticketCreate(sim: Simulation, step: z.output<Steps["TicketCreate"]>, actor: core.Actor): Made {
  const ticket = core.createTicket(sim, {
    title: step.Title,
    queueId: namedRow(sim.state.queues, step.Queue).id,
    stateId: namedRow(sim.state.states, "open").id,
    priorityId: 3,
    customerId: step.CustomerID,
    customerUserId: step.CustomerUser,
    ownerId: actor.userId,
    ...actor,
  });
  const articleIds = step.Articles.map((article) => book(sim, ticket, article, actor));
  core.setState(sim, ticket, namedRow(sim.state.states, step.State).id, actor);
  return { TicketID: ticket.id, TicketNumber: ticket.number, ArticleIDs: articleIds };
}

// The new ticket gets a copy of the article; its time stays where it is.
function ticketSplit(sim: Simulation, step: z.output<Steps["TicketSplit"]>, actor: core.Actor): Made {
  const from = ticketOf(sim, step.TicketID);
  const article = sim.state.articles.find(({ id, ticketId }) => id === step.ArticleID && ticketId === from.id);
  if (article === undefined) throw new Error(`ticket ${from.id} has no article ${step.ArticleID}`);
  const note = { Subject: article.subject, Body: article.body };
  const ticket: Ticket = core.createTicket(sim, {
    title: from.title,
    queueId: from.queueId,
    stateId: namedRow(sim.state.states, "open").id,
    priorityId: from.priorityId,
    customerId: from.customerId ?? "",
    customerUserId: from.customerUserId ?? "",
    ownerId: actor.userId,
    ...actor,
  });
  return { TicketID: ticket.id, TicketNumber: ticket.number, ArticleIDs: [book(sim, ticket, note, actor)] };
}

function ticketSet(sim: Simulation, step: z.output<Steps["TicketSet"]>, actor: core.Actor): object {
  const ticket = ticketOf(sim, step.TicketID);
  const { types, services, slas } = sim.state;
  if (step.Title !== undefined) ticket.title = step.Title;
  if (step.Type !== undefined) ticket.typeId = namedRow(types, step.Type).id;
  if (step.Service !== undefined) ticket.serviceId = namedRow(services, step.Service).id;
  if (step.SLA !== undefined) ticket.slaId = namedRow(slas, step.SLA).id;
  if (step.Priority !== undefined) {
    const index = priorities.findIndex((name) => name === step.Priority);
    if (index === -1) throw new Error(`the helpdesk knows no ${step.Priority}`);
    core.setPriority(sim, ticket, index + 1, actor);
  }
  core.touch(sim, ticket, actor);
  return {};
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
