/**
 * Statements that look what became of drafts and orders. `$1` is a JSON list of what is looked for. Times of invoices have
 * no zone: they are read in the server's. They are those of the transaction's start.
 */

const wantedRows = `
  wanted as (
    select *
      from jsonb_to_recordset($1::jsonb) as w("draftId" integer, "order" boolean, "kivitendoId" text, "formMd5" text,
                                              "createdAt" timestamptz, "customerId" integer, "invoiceId" integer,
                                              "invoiceNumbers" text[], "invoiceIds" integer[], lines jsonb)
  )`;

export const rowsQuery = `
  with ${wantedRows}
  select w."draftId",
         case when coalesce(d.id, o.id::text) is null then 'missing'
              when w."order" or md5(d.form) = w."formMd5" then 'untouched'
              else 'changed' end as row,
         coalesce(o.closed, false) as closed
    from wanted w
    left join public.drafts d on not w."order" and d.id = w."kivitendoId"
    left join public.oe o on o.id = case when w."order" then w."kivitendoId"::integer end
   order by w."draftId"`;

const ourOrderLines = `
  our_line as (
    select w."draftId", (line ->> 'row')::integer as row, line ->> 'ticketNumber' as ticket_number
      from wanted w
     cross join lateral jsonb_array_elements(w.lines) line
     where w."order" and line ->> 'row' is not null
  )`;

export const orderLinesQuery = `
  with ${wantedRows}, ${ourOrderLines}
  select l."draftId", l.row, trim_scale(i.qty::text::numeric)::text as quantity
    from our_line l
    join wanted w using ("draftId")
    join public.orderitems i on i.id = l.row and i.trans_id::text = w."kivitendoId"
   order by l."draftId", l.row`;

const countedInvoices = `coalesce(a.type, '') <> 'credit_note' and not coalesce(a.storno, false)`;

/** Up to four steps: a collective order of an order, its delivery order, the invoice; not what was made of an invoice. */
const linkSteps = `
  step("draftId", row, ticket_number, kind, id, depth) as (
    select "draftId", row, ticket_number, 'orderitems', row, 0
      from our_line
    union
    select s."draftId", s.row, s.ticket_number, k.to_table::text, k.to_id, s.depth + 1
      from step s
      join public.record_links k on k.from_table = s.kind and k.from_id = s.id
     where s.depth < 4 and s.kind <> 'invoice'
       and k.to_table in ('orderitems', 'delivery_order_items', 'invoice')
  )`;

export const otherOrdersQuery = `
  with recursive ${wantedRows}, ${ourOrderLines}, ${linkSteps}
  select distinct s."draftId", i.trans_id as "orderId", s.row as "fromRow"
    from step s
    join public.orderitems i on i.id = s.id
   where s.kind = 'orderitems' and s.depth > 0 and s.ticket_number is not null
   order by s."draftId", i.trans_id, s.row`;

/** Invoices made from an order; cancelled ones as well: what came and went between two looks was recorded nowhere. */
export const linkedQuery = `
  with recursive ${wantedRows}, ${ourOrderLines}, ${linkSteps},
  reached as (
    select distinct "draftId", row, ticket_number, id
      from step
     where kind = 'invoice'
  )
  select r."draftId", a.id as "invoiceId", coalesce(a.invnumber, '') as "invoiceNumber",
         r.ticket_number as "ticketNumber", nullif(trim(p.partnumber), '') as "partNumber",
         trim_scale(i.qty::text::numeric)::text as quantity, '' as description, r.row as "fromRow",
         coalesce(a.storno, false) as cancelled
    from reached r
    join public.invoice i on i.id = r.id
    join public.ar a on a.id = i.trans_id
    left join public.parts p on p.id = i.parts_id
   where coalesce(a.type, '') <> 'credit_note'
   order by r."draftId", a.id, i.id`;

/** What drafts were found posted as; the statement for several numbers is needed where somebody split a draft. */
export const recordedQuery = `
  with ${wantedRows}
  select w."draftId", a.id as "invoiceId", coalesce(a.invnumber, '') as "invoiceNumber",
         coalesce(a.storno, false) as cancelled
    from wanted w
    join public.ar a on a.id = w."invoiceId"
   order by w."draftId"`;

export const recordedSplitQuery = `
  with ${wantedRows}
  select distinct w."draftId", a.id as "invoiceId", coalesce(a.invnumber, '') as "invoiceNumber",
         coalesce(a.storno, false) as cancelled
    from wanted w
    join public.ar a on a.invnumber = any (w."invoiceNumbers")
   where a.id <> w."invoiceId" and a.id > $2
   order by w."draftId", a.id`;

/**
 * Ticket numbers in lines of invoices (`$2`: of those after this id; `$3`: of these): in the serial number; where that
 * names none of those that are looked for, in the description; else in the long description, which is read for customers
 * of the drafts only. A number is a whole word of digits (`$4`: those long enough), a serial number is one as it stands.
 */
function namedLines(which: string): string {
  return `
  token as (
    select distinct w."draftId", line ->> 'ticketNumber' as number, w."invoiceIds",
           w."createdAt"::timestamp - interval '1 hour' as since
      from wanted w
     cross join lateral jsonb_array_elements(w.lines) line
     where line ->> 'ticketNumber' is not null
  ),
  number as (
    select distinct number from token
  ),
  word as (
    select i.id, place.rank, word.number
      from public.ar a
      join public.invoice i on i.trans_id = a.id
     cross join lateral (
       values (1, i.serialnumber), (2, i.description),
              (3, case when a.customer_id in (select "customerId" from wanted) then i.longdescription end)
     ) as place (rank, text)
     cross join lateral (
       select (regexp_matches(place.text, $4, 'g'))[1]
       union all
       select trim(place.text) where place.rank = 1
     ) as word (number)
     where (a.id > $2 or a.id = any ($3::integer[]))
       and ${which}
       and not coalesce(i.assemblyitem, false)
       -- most texts have no such word: they are not taken apart
       and (place.text ~ $4 or place.rank = 1 and place.text <> '')
  ),
  found as (
    select distinct w.id, w.rank, number
      from word w
      join number using (number)
  ),
  named as (
    select id, number
      from (select id, number, rank, min(rank) over (partition by id) as best from found) f
     where rank = best
  )`;
}

/** One hour of room, because the clock shows one hour twice in autumn. */
export const tokenQuery = `
  with ${wantedRows}, ${namedLines(countedInvoices)},
  posted as (
    select t."draftId", a.id as ar_id, i.id, t.number
      from named n
      join token t using (number)
      join public.invoice i on i.id = n.id
      join public.ar a on a.id = i.trans_id
     where case when t."invoiceIds" is null then a.itime >= t.since else a.id = any (t."invoiceIds") end
  ),
  without_ticket as (
    select distinct p."draftId", p.ar_id, i.id
      from posted p
      join wanted w using ("draftId")
      join public.invoice i on i.trans_id = p.ar_id
     where exists (select from jsonb_array_elements(w.lines) l where l ->> 'ticketNumber' is null)
       and i.id not in (select id from named)
       and not coalesce(i.assemblyitem, false)
  )
  select p."draftId", a.id as "invoiceId", coalesce(a.invnumber, '') as "invoiceNumber", p.number as "ticketNumber",
         nullif(trim(part.partnumber), '') as "partNumber", trim_scale(i.qty::text::numeric)::text as quantity,
         case when p.number is null then coalesce(i.description, '') else '' end as description,
         null::integer as "fromRow"
    from (select * from posted union all select "draftId", ar_id, id, null from without_ticket) p
    join public.invoice i on i.id = p.id
    join public.ar a on a.id = p.ar_id
    left join public.parts part on part.id = i.parts_id
   order by p."draftId", a.id, i.id, p.number`;

/**
 * Credit notes: those that kivitendo links to some invoice are of that one, others of the latest invoice with the ticket.
 * Their quantities are kept below 0.
 */
export const creditsQuery = `
  with ${wantedRows}, ${namedLines("a.type = 'credit_note' and not coalesce(a.storno, false)")}
  select t."draftId", max(r.id) as "invoiceId", a.id as "creditNoteId", coalesce(a.invnumber, '') as "creditNoteNumber",
         t.number as "ticketNumber", nullif(trim(part.partnumber), '') as "partNumber",
         trim_scale(abs(i.qty)::text::numeric)::text as quantity
    from named n
    join token t using (number)
    join public.invoice i on i.id = n.id
    join public.ar a on a.id = i.trans_id
   cross join lateral unnest(t."invoiceIds") as r (id)
    left join public.parts part on part.id = i.parts_id
   where r.id < a.id
     and (exists (select
                    from public.record_links k
                   where k.from_table = 'ar' and k.from_id = r.id and k.to_table = 'ar' and k.to_id = a.id)
          or not exists (select from public.record_links k
                          where k.from_table = 'ar' and k.to_table = 'ar' and k.to_id = a.id))
   group by t."draftId", a.id, i.id, t.number, part.partnumber
   order by t."draftId", a.id, i.id, t.number`;
