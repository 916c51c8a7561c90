import { z } from "zod";
import type { Pool } from "pg";
import type { TokenPlace } from "../billing/ports.ts";
import { CustomerId, databaseErrorOf, TicketNumber } from "../model/index.ts";

const PlaceRow = z.object({
  ticketNumber: TicketNumber,
  where: z.enum(["draft", "order", "invoice"]),
  id: z.string(),
  label: z.string(),
  customerId: CustomerId.nullable(),
});

/**
 * Where ticket numbers stand in sales drafts, orders and invoices, as whole words of digits. Quotations (orders without
 * a number), cancelled invoices and credit notes bill nothing and are left out. One statement for any number of tickets.
 */
export async function findTokens(
  pool: Pool,
  ticketNumbers: readonly TicketNumber[],
  since: Temporal.Instant | null,
): Promise<readonly TokenPlace[]> {
  const tokens = [...new Set(ticketNumbers)].filter((number) => /^\d+$/.test(number));
  if (tokens.length === 0) return [];
  try {
    const { rows } = await pool.query(placesQuery, [tokens, since?.toString() ?? null]);
    return z.array(PlaceRow).parse(rows);
  } catch (error) {
    throw databaseErrorOf(error);
  }
}

/**
 * A draft's form holds ids and amounts as well, so values that are only a number count in the fields for text alone. A
 * day of room is left in times: kivitendo's have no zone, and its triggers write `mtime` minutes late.
 */
const placesQuery = `
  with token as (
    select number from unnest($1::text[]) number
  ),
  term as (
    select coalesce($2::timestamptz::timestamp - interval '1 day', '-infinity') as since,
           -- shorter words need not be taken apart
           '[0-9]{' || min(length(number)) || ',}' as pattern
      from token
  ),
  text as (
    select 'draft' as place, d.id::text as id, coalesce(d.description, '') as label,
           substring(d.form from '(?n)^customer_id: *[''"]?([0-9]+)')::integer as customer_id,
           regexp_replace(d.form,
             '^(?!(serialnumber|description|longdescription)_)\\w+: *[''"]?[-+0-9/.,*() ]*[''"]?$', '', 'gn') as words
      from public.drafts d
     where d.module in ('is', 'ar')
    union all
    select 'order', o.id::text, o.ordnumber, o.customer_id,
           concat_ws(' ', i.serialnumber, i.description, i.longdescription)
      from term
      join public.orderitems i on greatest(i.itime, i.mtime) >= term.since
      join public.oe o on o.id = i.trans_id
     where o.customer_id is not null
       and o.ordnumber <> ''
    union all
    select 'invoice', a.id::text, coalesce(a.invnumber, ''), a.customer_id,
           concat_ws(' ', i.serialnumber, i.description, i.longdescription)
      from term
      join public.invoice i on greatest(i.itime, i.mtime) >= term.since
      join public.ar a on a.id = i.trans_id
     where coalesce(a.type, '') <> 'credit_note'
       and not coalesce(a.storno, false)
  )
  select distinct token.number as "ticketNumber", text.place as "where", text.id, text.label,
         text.customer_id as "customerId"
    from text
   cross join term
   cross join lateral regexp_matches(text.words, term.pattern, 'g') found
    join token on token.number = found[1]
   order by token.number, text.place, text.id`;
