/** What agents do in the helpdesk; what makes no sense at the moment is left out. */
import type { World } from "../../support/bridge.ts";
import type { TicketStep } from "./steps.ts";

const agents = ["root@localhost", "kollege"] as const;

/** `isReread` says of a ticket that it is read whether it changed or not. */
export function workInHelpdesk(world: World, isReread: (ticketId: number) => boolean, step: TicketStep): void {
  const helpdesk = world.helpdesk.world;
  const state = helpdesk.snapshot();
  const merged = new Set(state.states.filter(({ type }) => type === "merged").map(({ id }) => id));
  const tickets = Object.values(state.tickets).filter(({ stateId }) => !merged.has(stateId));
  const pick = <T>(list: readonly T[], place: number): T | undefined => list[place % Math.max(list.length, 1)];
  const ticket = "place" in step ? pick(tickets, step.place) : undefined;
  const articles = state.articles.filter(({ ticketId }) => ticketId === ticket?.id);
  if (step.do === "create") {
    const { customer: CustomerID, queue: Queue } = step;
    helpdesk.do("TicketCreate", { Title: "Drucker druckt nicht", CustomerID, Queue }, agents[0]);
    return;
  }
  if (step.do === "wait" || ticket === undefined) return;
  const TicketID = ticket.id;
  const units = (hundredths: number): string => (hundredths / 100).toFixed(2);
  /** A change that leaves the ticket's own time of change is seen only on tickets that are read again. */
  const touch = (): void => {
    if (!isReread(TicketID)) showChange(world, TicketID);
  };
  switch (step.do) {
    case "book":
      helpdesk.do("TicketBook", { TicketID, TimeUnit: units(step.units) }, agents[step.agent]);
      return;
    case "bookLoose":
      helpdesk.do("TicketBook", { TicketID, TimeUnit: units(step.units), WithoutArticle: 1 });
      return;
    case "bookRow": {
      const article = pick(articles, step.article);
      if (article === undefined) return;
      helpdesk.do("TicketBook", { TicketID, ArticleID: article.id, TimeUnit: units(step.units) }, agents[1]);
      return;
    }
    case "close":
    case "reopen":
      helpdesk.do("TicketState", { TicketID, State: step.do === "close" ? "closed successful" : "open" });
      return;
    case "merge": {
      const main = pick(tickets, step.into);
      if (main === undefined || main.id === TicketID) return;
      helpdesk.do("TicketMerge", { MainTicketID: main.id, MergeTicketID: TicketID });
      return;
    }
    case "split": {
      const article = articles[0];
      if (article !== undefined) helpdesk.do("TicketSplit", { TicketID, ArticleID: article.id }, agents[0]);
      return;
    }
    case "move":
      helpdesk.do("TicketCustomer", { TicketID, CustomerID: step.customer, CustomerUser: "" });
      return;
    case "queue":
      helpdesk.do("TicketQueue", { TicketID, Queue: step.queue });
      return;
    case "archive":
      helpdesk.do("TicketArchive", { TicketID });
      return;
    case "deleteTicket":
      helpdesk.do("TicketDelete", { TicketID });
      return;
    case "deleteArticle": {
      const article = pick(articles, step.article);
      if (article === undefined) return;
      touch();
      helpdesk.do("ArticleDelete", { TicketID, ArticleID: article.id });
      return;
    }
    case "restoreArticle": {
      const deleted = state.deletedArticles.find(({ article }) => article.ticketId === TicketID);
      if (deleted === undefined) return;
      touch();
      helpdesk.do("ArticleRestore", { TicketID, ArticleID: deleted.article.id });
      return;
    }
    case "setRow": {
      const row = state.timeRows.find(({ ticketId }) => ticketId === TicketID);
      if (row === undefined) return;
      touch();
      helpdesk.do("TimeSet", { RowID: row.id, TimeUnit: units(step.units) });
      return;
    }
    default: {
      const unreachable: never = step;
      throw new Error(`unhandled step ${JSON.stringify(unreachable)}`);
    }
  }
}

/** Moves a ticket's time of change, if it is still there. */
export function showChange(world: World, TicketID: number): void {
  const helpdesk = world.helpdesk.world;
  if (helpdesk.snapshot().tickets[TicketID] !== undefined)
    helpdesk.do("TicketSet", { TicketID, Title: "Drucker druckt wieder" });
}
