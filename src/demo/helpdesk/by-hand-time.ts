import { z } from "zod";
import { ticketOf, type Simulation } from "./simulation.ts";
import * as core from "./ticket-core.ts";
import type { Article, Ticket } from "./world-state.ts";

const Id = z.coerce.number().int();
const TimeUnit = z.union([z.string(), z.number()]);

/** A note with time; `At` (`YYYY-MM-DD hh:mm:ss` in the helpdesk's zone) dates both back, and the ticket's `Changed` stays now. */
export const Booking = z.object({
  Subject: z.string().optional(),
  Body: z.string().optional(),
  TimeUnit,
  At: z.string().optional(),
});
type Note = { [Field in keyof z.output<typeof Booking>]?: z.output<typeof Booking>[Field] | undefined };

/** What people do by hand to accounted time and its articles. */
export const timeSteps = {
  /** On a new article; on the article of that id (another row, as editing an article in OTOBO 11 makes); or on none. */
  TicketBook: Booking.extend({ TicketID: Id, ArticleID: Id.optional(), WithoutArticle: Id.default(0) }),
  /** Rewrites a row in the database, which no screen does; the ticket's `Changed` stays. */
  TimeSet: z.object({ RowID: Id, TimeUnit }),
  /** Without time the ticket's `Changed` stays, as in OTOBO 11. */
  ArticleEdit: z.object({ TicketID: Id, ArticleID: Id, Subject: z.string().optional(), TimeUnit: TimeUnit.optional() }),
  /** The ticket's `Changed` stays. */
  ArticleDelete: z.object({ TicketID: Id, ArticleID: Id }),
  /** The article and its rows come back, the rows with new ids; the ticket's `Changed` stays. */
  ArticleRestore: z.object({ TicketID: Id, ArticleID: Id }),
  /** As after a restore that has lost it: the id belongs to another article, of that ticket, with as much time. */
  ArticleReplace: z.object({ ArticleID: Id, TicketID: Id, CreatedAt: z.string() }),
};
type Steps = typeof timeSteps;

export interface TimeResults {
  TicketBook: { ArticleID: number | null };
  TimeSet: object;
  ArticleEdit: object;
  ArticleDelete: object;
  ArticleRestore: object;
  ArticleReplace: object;
}

export const timePerformers: {
  [Do in keyof Steps]: (sim: Simulation, step: z.output<Steps[Do]>, actor: core.Actor) => TimeResults[Do];
} = {
  TicketBook: ticketBook,
  TimeSet: (sim, step) => {
    const row = sim.state.timeRows.find(({ id }) => id === step.RowID);
    if (row === undefined) throw new Error(`the helpdesk has no row ${step.RowID} of time`);
    row.hundredths = hundredthsByHand(step.TimeUnit);
    return {};
  },
  ArticleEdit: (sim, step, actor) => {
    const article = articleOf(sim, step.TicketID, step.ArticleID);
    if (step.Subject !== undefined) article.subject = step.Subject;
    article.changed = sim.clock.stamp();
    const hundredths = hundredthsByHand(step.TimeUnit ?? 0);
    if (hundredths !== 0) core.accountTime(sim, ticketOf(sim, step.TicketID), article.id, hundredths, actor);
    return {};
  },
  ArticleDelete: (sim, { TicketID, ArticleID }) => {
    const { state } = sim;
    const article = articleOf(sim, TicketID, ArticleID);
    state.deletedArticles.push({ article, rows: state.timeRows.filter((row) => row.articleId === ArticleID) });
    state.articles = state.articles.filter((other) => other !== article);
    state.timeRows = state.timeRows.filter((row) => row.articleId !== ArticleID);
    state.history = state.history.filter((row) => row.articleId !== ArticleID);
    return {};
  },
  ArticleRestore: (sim, { TicketID, ArticleID }) => {
    const { state } = sim;
    const deleted = state.deletedArticles.findLast(
      ({ article }) => article.id === ArticleID && article.ticketId === TicketID,
    );
    if (deleted === undefined) throw new Error(`ticket ${TicketID} had no article ${ArticleID} that was deleted`);
    state.deletedArticles = state.deletedArticles.filter((other) => other !== deleted);
    state.articles.push(deleted.article);
    state.timeRows.push(...deleted.rows.map((row) => ({ ...row, id: state.nextId.timeRow++ })));
    return {};
  },
  ArticleReplace: ({ state }, { ArticleID, TicketID: ticketId, CreatedAt: created }) => {
    for (const article of state.articles) if (article.id === ArticleID) Object.assign(article, { ticketId, created });
    for (const row of state.timeRows) if (row.articleId === ArticleID) Object.assign(row, { ticketId, created });
    return {};
  },
};

function ticketBook(sim: Simulation, step: z.output<Steps["TicketBook"]>, actor: core.Actor) {
  const ticket = ticketOf(sim, step.TicketID);
  if (step.WithoutArticle === 0 && step.ArticleID === undefined) return { ArticleID: book(sim, ticket, step, actor) };
  const article = step.ArticleID === undefined ? undefined : articleOf(sim, ticket.id, step.ArticleID);
  core.accountTime(sim, ticket, article?.id ?? null, hundredthsByHand(step.TimeUnit), actor);
  const row = sim.state.timeRows.at(-1);
  if (row !== undefined && step.At !== undefined) row.created = step.At;
  return { ArticleID: article?.id ?? null };
}

/** Adds a note, with its time if there is any; the id of the article. */
export function book(sim: Simulation, ticket: Ticket, note: Note, actor: core.Actor): number {
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
  if (note.At !== undefined) {
    article.created = note.At;
    for (const row of sim.state.timeRows) if (row.articleId === article.id) row.created = note.At;
  }
  return article.id;
}

function articleOf(sim: Simulation, ticketId: number, id: number): Article {
  const found = sim.state.articles.find((article) => article.id === id && article.ticketId === ticketId);
  if (found === undefined) throw new Error(`ticket ${ticketId} has no article ${id}`);
  return found;
}

// The agent's screen takes a sign, the web service does not.
function hundredthsByHand(value: string | number): number {
  const parts = /^(-?)(\d+)(?:[.,](\d{1,2})\d*)?$/.exec(String(value));
  if (parts === null) throw new Error(`${value} is no time`);
  const [, sign, whole = "0", decimals = ""] = parts;
  const hundredths = Number(whole) * 100 + Number(decimals.padEnd(2, "0"));
  return sign === "-" ? -hundredths : hundredths;
}
