import type { Pool, PoolClient } from "pg";
import { z } from "zod";
import type { DueTicket, Settlement, TicketSnapshot } from "../billing/ports.ts";
import {
  ArticleId,
  CompanyKey,
  CustomerId,
  Decimal,
  PartNumber,
  TicketId,
  TicketNumber,
  type HundredthUnits,
} from "../model/index.ts";
import { InstantColumn, storableText, UnitsColumn } from "./rows.ts";
import { inTransaction } from "./transaction.ts";

const DueRow = z.object({
  ticketId: TicketId,
  ticketNumber: TicketNumber,
  title: z.string(),
  queue: z.string(),
  state: z.string(),
  companyKey: CompanyKey.nullable(),
  customerId: CustomerId.nullable(),
  closedAt: InstantColumn,
  closedBeforeStart: z.boolean(),
  unattributedUnits: UnitsColumn,
  articles: z.array(
    z.object({ articleId: ArticleId, createdAt: InstantColumn, seenUnits: UnitsColumn, billedUnits: UnitsColumn }),
  ),
  billedLines: z.array(
    z.object({
      customerId: CustomerId,
      partNumber: PartNumber,
      unitPrice: Decimal,
      workedUnits: UnitsColumn,
      quantity: Decimal,
    }),
  ),
});

/** Tickets in one statement: keeps each parameter to some hundred kilobytes. */
const ticketsPerStatement = 500;

/** Takes what was read into the ledger and answers what is due; see the port. A dry run does the same and rolls back. */
export async function settle(pool: Pool, settlement: Settlement): Promise<readonly DueTicket[]> {
  return inTransaction(pool, settlement.dryRun ? "trial" : "write", async (client) => {
    const read = lastReadings(settlement);
    await takeTickets(client, read, settlement);
    await takeArticles(client, read);
    await forgetMissingArticles(client, read);
    await moveCursor(client, settlement);
    return readDueTickets(client, settlement);
  });
}

/** Each ticket once, and each article at the ticket that was read last: a merge between two readings moves it. */
function lastReadings({ batches }: Settlement): readonly TicketSnapshot[] {
  const tickets = new Map(batches.flatMap((batch) => batch.tickets).map((ticket) => [ticket.ticketId, ticket]));
  const places = new Map<string, TicketId>();
  for (const ticket of tickets.values())
    for (const article of ticket.articles) places.set(articleName(article), ticket.ticketId);
  return [...tickets.values()].map((ticket) => {
    const articles = ticket.articles.filter((article) => places.get(articleName(article)) === ticket.ticketId);
    const moved = unitsOf(ticket.articles) - unitsOf(articles);
    return { ...ticket, articles, totalUnits: (ticket.totalUnits - moved) as HundredthUnits };
  });
}

function unitsOf(articles: TicketSnapshot["articles"]): number {
  return articles.reduce((sum, article) => sum + article.units, 0);
}

function articleName({ articleId, createdAt }: TicketSnapshot["articles"][number]): string {
  return `${articleId} ${createdAt.epochNanoseconds}`;
}

/**
 * "Closed before the start" stays while the cursor's scope is the same: a ticket that is read again for its open
 * difference has not changed since the cursor, so the search for early closes does not name it another time.
 */
async function takeTickets(
  client: PoolClient,
  read: readonly TicketSnapshot[],
  { closedBeforeStart, scope }: Settlement,
): Promise<void> {
  for (const some of chunksOf(read)) {
    const rows = some.map((ticket) => ({
      ticket_id: ticket.ticketId,
      ticket_number: ticket.ticketNumber,
      title: storableText(ticket.title),
      queue: storableText(ticket.queue),
      state: storableText(ticket.state),
      state_type: storableText(ticket.stateType),
      company_key: ticket.companyKey === null ? null : storableText(ticket.companyKey),
      closed_at: ticket.closedAt?.toString() ?? null,
      closed_before_start: closedBeforeStart.has(ticket.ticketId),
      total_units: ticket.totalUnits,
    }));
    await client.query(
      `with seen as (
         select i.ticket_id, i.ticket_number, i.title, i.queue, i.state, i.state_type, i.company_key, i.closed_at,
                i.closed_before_start or coalesce(
                  t.closed_before_start and exists (select from otrs_bridge.cursor c where c.scope = $2),
                  false) as closed_before_start,
                i.total_units
           from jsonb_to_recordset($1) as i (
             ticket_id bigint, ticket_number text, title text, queue text, state text, state_type text,
             company_key text, closed_at timestamptz, closed_before_start boolean, total_units bigint)
           left join otrs_bridge.tickets t on t.ticket_id = i.ticket_id
       )
       insert into otrs_bridge.tickets
         (ticket_id, ticket_number, title, queue, state, state_type, company_key, closed_at, closed_before_start,
          total_units)
       select s.*
         from seen s
        where not exists (
                select
                  from otrs_bridge.tickets t
                 where t.ticket_id = s.ticket_id
                   and (t.ticket_number, t.title, t.queue, t.state, t.state_type, t.company_key, t.closed_at,
                        t.closed_before_start, t.total_units)
                       is not distinct from
                       (s.ticket_number, s.title, s.queue, s.state, s.state_type, s.company_key, s.closed_at,
                        s.closed_before_start, s.total_units))
        order by s.ticket_id
           on conflict (ticket_id) do update
          set ticket_number = excluded.ticket_number,
              title = excluded.title,
              queue = excluded.queue,
              state = excluded.state,
              state_type = excluded.state_type,
              company_key = excluded.company_key,
              closed_at = excluded.closed_at,
              closed_before_start = excluded.closed_before_start,
              total_units = excluded.total_units`,
      [JSON.stringify(rows), scope],
    );
  }
}

const articleColumns = "(article_id bigint, created_at timestamptz, ticket_id bigint, units bigint)";

async function takeArticles(client: PoolClient, read: readonly TicketSnapshot[]): Promise<void> {
  const readIds = read.map((ticket) => ticket.ticketId);
  for (const some of chunksOf(read)) {
    const articles = articlesJson(some);
    // A ticket that lost articles to a merge and was not read itself would keep their time as time without an article.
    await client.query(
      `update otrs_bridge.tickets t
          set total_units = t.total_units - moved.units
         from (select a.ticket_id, sum(a.seen_units) as units
                 from jsonb_to_recordset($1) as i ${articleColumns}
                 join otrs_bridge.articles a on a.article_id = i.article_id and a.created_at = i.created_at
                where a.ticket_id <> i.ticket_id and a.ticket_id <> all ($2::bigint[])
                group by a.ticket_id) moved
        where t.ticket_id = moved.ticket_id and moved.units <> 0`,
      [articles, readIds],
    );
    await client.query(
      `insert into otrs_bridge.articles (article_id, created_at, ticket_id, seen_units)
       select i.article_id, i.created_at, i.ticket_id, i.units
         from jsonb_to_recordset($1) as i ${articleColumns}
         left join otrs_bridge.articles a on a.article_id = i.article_id and a.created_at = i.created_at
        where case when a.article_id is null then i.units <> 0
                   else (a.ticket_id, a.seen_units) is distinct from (i.ticket_id, i.units) end
        order by i.article_id, i.created_at
           on conflict (article_id, created_at) do update
          set ticket_id = excluded.ticket_id,
              seen_units = excluded.seen_units`,
      [articles],
    );
  }
}

/** An article that stands at a ticket here, and that the ticket no longer has, carries no time any more. */
async function forgetMissingArticles(client: PoolClient, read: readonly TicketSnapshot[]): Promise<void> {
  for (const some of chunksOf(read)) {
    await client.query(
      `update otrs_bridge.articles a
          set seen_units = 0
        where a.ticket_id = any ($2::bigint[]) and a.seen_units <> 0
          and not exists (
                select
                  from jsonb_to_recordset($1) as i ${articleColumns}
                 where i.article_id = a.article_id and i.created_at = a.created_at)`,
      [articlesJson(some), some.map((ticket) => ticket.ticketId)],
    );
  }
}

function articlesJson(tickets: readonly TicketSnapshot[]): string {
  return JSON.stringify(
    tickets.flatMap((ticket) =>
      ticket.articles.map((article) => ({
        article_id: article.articleId,
        created_at: article.createdAt.toString(),
        ticket_id: ticket.ticketId,
        units: article.units,
      })),
    ),
  );
}

async function moveCursor(client: PoolClient, { cursor, scope }: Settlement): Promise<void> {
  if (cursor === null) return;
  await client.query(
    `insert into otrs_bridge.cursor as c (changed_since, scope)
     select $1::timestamptz, $2
      where not exists (select from otrs_bridge.cursor where changed_since = $1::timestamptz and scope = $2)
         on conflict (only_row) do update
        set changed_since = excluded.changed_since,
            scope = excluded.scope`,
    [cursor.toString(), scope],
  );
}

/**
 * A helpdesk's company is a customer when exactly one confirmed link says so, compared to the letter: where the
 * helpdesk's database tells upper from lower case, another spelling is another company.
 */
async function readDueTickets(client: PoolClient, settlement: Settlement): Promise<readonly DueTicket[]> {
  const { rows } = await client.query(
    `with open_tickets as (
       select t.ticket_id, t.ticket_number, t.title, t.queue, t.state, t.company_key, t.closed_at,
              t.closed_before_start, t.total_units - coalesce(sum(a.seen_units), 0) as unattributed,
              coalesce(
                jsonb_agg(
                  jsonb_build_object('articleId', a.article_id, 'createdAt', a.created_at, 'seenUnits', a.seen_units,
                                     'billedUnits', a.billed_units)
                  order by a.article_id, a.created_at)
                filter (where a.seen_units <> a.billed_units), '[]') as articles
         from otrs_bridge.tickets t
         left join otrs_bridge.articles a on a.ticket_id = t.ticket_id
        where t.closed_at >= $1 and t.closed_at < $2
          -- those of an earlier helpdesk are set aside under negative ids
          and t.ticket_id > 0
          and (t.state = any ($3::text[]) or lower(t.state_type) = any ($4::text[]))
          and ($5::text[] = '{}' or t.ticket_number = any ($5::text[]))
        group by t.ticket_id
       having bool_or(a.seen_units <> a.billed_units) or t.total_units <> coalesce(sum(a.seen_units), 0)
     ),
     due as (
       select o.*, l.customer_id
         from open_tickets o
        cross join lateral (
          select case when count(*) = 1 then min(row_id) end as customer_id
            from otrs_bridge.links
           where kind = 'company' and confirmed and helpdesk_key = o.company_key
        ) l
     )
     select d.ticket_id as "ticketId", d.ticket_number as "ticketNumber", d.title, d.queue, d.state,
            d.company_key as "companyKey", d.customer_id as "customerId", d.closed_at as "closedAt",
            d.closed_before_start as "closedBeforeStart", d.unattributed as "unattributedUnits", d.articles,
            coalesce(
              (select jsonb_agg(
                        jsonb_build_object('customerId', f.customer_id, 'partNumber', b.part_number,
                                           'unitPrice', b.unit_price::text, 'workedUnits', b.worked_units,
                                           'quantity', b.quantity::text)
                        order by b.id)
                 from otrs_bridge.draft_lines b
                 join otrs_bridge.drafts f on f.id = b.draft_id
                where b.ticket_id = d.ticket_id), '[]') as "billedLines"
       from due d
      where $6::text[] = '{}'
         or d.customer_id in (select c.customer_id from otrs_bridge.companies c where c.customernumber = any ($6::text[]))
      order by d.customer_id nulls last, d.ticket_number, d.ticket_id`,
    [
      settlement.closedFrom.toString(),
      settlement.closedBefore.toString(),
      settlement.stateNames,
      settlement.stateTypes.map((type) => type.toLowerCase()),
      settlement.ticketNumbers,
      settlement.customerNumbers,
    ],
  );
  return rows.map((row) => DueRow.parse(row));
}

function* chunksOf<T>(all: readonly T[]): Generator<readonly T[]> {
  for (let start = 0; start < all.length; start += ticketsPerStatement)
    yield all.slice(start, start + ticketsPerStatement);
}
