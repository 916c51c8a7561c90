/** What accountants do to drafts in kivitendo. */
import type { World } from "../../support/bridge.ts";
import { readDrafts } from "../../support/evidence.ts";
import type { Books, Draft } from "./books.ts";
import { sum } from "./rounding.ts";
import { evaluated } from "./compare.ts";

/** An invoice that was made of a draft. */
export interface Posted {
  readonly invoice: number;
  /** Hundred-thousandths of an hour by ticket number. */
  readonly quantities: ReadonlyMap<string, number>;
}

/**
 * Posting, as measured on 4.1.0: the draft's row is deleted, an invoice with its lines comes, in their places. Null where
 * the change would leave nothing to post.
 */
export async function post(world: World, kivitendoId: string, change: string, place: number): Promise<Posted | null> {
  const form = (await readDrafts(world)).find((draft) => draft.kivitendoId === kivitendoId);
  if (form === undefined) throw new Error(`draft ${kivitendoId} does not stand`);
  const numbers = [...new Set(form.lines.map((line) => String(line["serialnumber"])))];
  const one = numbers[place % numbers.length];
  if (change === "remove" && numbers.length === 1) return null;
  const invoice = await newInvoice(world, Number(form.head["customer_id"]));
  const quantities = new Map<string, number>();
  for (const [index, line] of form.lines.entries()) {
    const number = String(line["serialnumber"]);
    if (change === "remove" && number === one) continue;
    const factor = change === "quantity" && number === one ? 2 : 1;
    const quantity = Math.round(evaluated(line["qty"]) * 100_000) * factor;
    quantities.set(number, sum([quantities.get(number) ?? 0, quantity]));
    await world.admin.query(
      `insert into invoice (trans_id, position, parts_id, serialnumber, description, longdescription, qty, sellprice,
                            fxsellprice, unit)
       values ($1, $2, $3, $4, $5, $6, $7, $8, $8, $9)`,
      [
        invoice,
        index + 1,
        line["id"],
        line["serialnumber"],
        line["description"],
        line["longdescription"],
        quantity / 100_000,
        evaluated(line["sellprice"]),
        line["unit"],
      ],
    );
  }
  await discard(world, kivitendoId);
  return { invoice, quantities };
}

/** An invoice without lines. */
export async function newInvoice(world: World, customerId: number): Promise<number> {
  const [head] = await world.admin.query(
    `insert into ar (invnumber, transdate, customer_id, invoice, type, currency_id, taxzone_id)
     select 'RE' || currval('glid'), current_date, $1, true, 'invoice', 1, 4
       from nextval('glid')
     returning id`,
    [customerId],
  );
  return Number(head?.["id"]);
}

export async function discard(world: World, kivitendoId: string): Promise<void> {
  await world.admin.query("delete from drafts where id = $1", [kivitendoId]);
}

/** Saved once more from the form. */
export async function touch(world: World, draft: Draft): Promise<void> {
  await world.admin.query("update drafts set form = form || $2 where id = $1", [draft.kivitendoId, "notes: x\n"]);
  draft.isTouched = true;
}

/**
 * kivitendo links drafts to no invoice, so that two that left it with lines of the same ticket cannot always be told
 * apart: people here settle one before they go on with the other.
 */
export function isAmbiguous(books: Books, draft: Draft): boolean {
  const numbersOf = (each: Draft): Set<string> =>
    new Set(books.lines.filter((line) => line.draft === each).map(({ number }) => number));
  const own = numbersOf(draft);
  return books.drafts.some(
    (other) =>
      other !== draft &&
      !other.stands &&
      ["waiting", "changed", "gone"].includes(other.status) &&
      [...numbersOf(other)].some((number) => own.has(number)),
  );
}
