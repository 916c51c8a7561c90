import type { ClientBase } from "pg";
import { z } from "zod";
import { readRows } from "./rows.ts";
import { isSalesOrder, type OrderShape } from "./shape.ts";

const Drawn = z.object({ last: z.string() });
const Used = z.object({ number: z.string() });

/**
 * Draws the next number of a sales order as kivitendo does (`SL/DB/Helper/TransNumberGenerator.pm`): the row of `defaults`
 * is the lock, the number after the last one that no order has is taken and remembered. Inside the caller's transaction,
 * which holds the lock to its end: draw as late as possible.
 */
export async function drawOrderNumber(client: ClientBase, shape: OrderShape): Promise<string> {
  const [drawn] = await readRows(
    client,
    Drawn,
    `select coalesce(sonumber, '') as last
       from public.defaults
      order by id
      limit 1
        for update`,
    [],
  );
  let last = drawn?.last ?? "";
  for (;;) {
    const candidates = following(last, 20);
    const used = await readRows(
      client,
      Used,
      `select distinct o.ordnumber as number
         from public.oe o
        where o.ordnumber = any ($1)
          and ${isSalesOrder("o", shape)}
        order by number`,
      [candidates],
    );
    const taken = new Set(used.map(({ number }) => number));
    const free = candidates.find((number) => !taken.has(number));
    if (free !== undefined) {
      await client.query("update public.defaults set sonumber = $1", [free]);
      return free;
    }
    last = candidates.at(-1) ?? last;
  }
}

/** `AU0099` is followed by `AU0100`; a text without digits at its end gets a 1. */
function following(number: string, count: number): string[] {
  const [, prefix = number, digits = ""] = /^(.*?)(\d*)$/s.exec(number) ?? [];
  return Array.from(
    { length: count },
    (_, index) => prefix + String(BigInt(digits === "" ? 0 : digits) + BigInt(index + 1)).padStart(digits.length, "0"),
  );
}
