/** Tickets as the simulated helpdesk has them, past its web service. */
import type { World } from "../../support/bridge.ts";
import type { Told } from "./books.ts";

type Snapshot = ReturnType<World["helpdesk"]["world"]["snapshot"]>;

/** `rows` is the helpdesk's own knowledge; `articles` is what its stock operations tell. */
export function readTold(world: World, detail: "rows" | "articles"): ReadonlyMap<number, Told> {
  const state = world.helpdesk.world.snapshot();
  return new Map(Object.values(state.tickets).map((ticket) => [ticket.id, toldOf(state, ticket, detail)]));
}

function toldOf(state: Snapshot, ticket: Snapshot["tickets"][number], detail: "rows" | "articles"): Told {
  const closedStates = new Set(state.states.filter(({ type }) => type === "closed").map(({ id }) => id));
  const closes = state.history
    .filter(
      ({ ticketId, type, stateId }) =>
        ticketId === ticket.id && (type === "NewTicket" || type === "StateUpdate") && closedStates.has(stateId),
    )
    .map(({ created }) => created)
    .toSorted();
  const articles = new Map(state.articles.map((article) => [article.id, article.created]));
  const entries = new Map<string, number>();
  for (const row of state.timeRows) {
    if (row.ticketId !== ticket.id || row.hundredths === 0) continue;
    const article = row.articleId === null ? undefined : articles.get(row.articleId);
    const own = detail === "rows" ? `row ${row.id} ${row.created}` : `rest ${ticket.id} ${ticket.created}`;
    const entry = article === undefined ? own : `article ${row.articleId} ${article}`;
    entries.set(entry, (entries.get(entry) ?? 0) + row.hundredths);
  }
  return {
    id: ticket.id,
    number: ticket.number,
    isClosed: closedStates.has(ticket.stateId),
    isMerged: state.states.some(({ id, type }) => id === ticket.stateId && type === "merged"),
    changed: ticket.changed,
    closed: closes.at(-1) ?? "",
    firstClosed: closes[0] ?? "",
    customer: ticket.customerId ?? "",
    queue: state.queues.find(({ id }) => id === ticket.queueId)?.name ?? "",
    entries,
  };
}
