/** What accountants do in a history that is cleared up in the end; what makes no sense at the moment is refused or left out. */
import { quietContext, type World } from "../../support/bridge.ts";
import { ask } from "../../support/evidence.ts";
import { answerOne, correctKivitendo } from "./accountant.ts";
import { disturbed } from "./disturbed.ts";
import { discard, newInvoice, post } from "./kivitendo.ts";
import { readQuestions } from "./ledger.ts";
import { isAccepted, signature } from "./people.ts";
import { sum } from "./rounding.ts";
import { isTicketStep, type Step, type TicketStep } from "./steps.ts";
import type { SumStep } from "./sum-steps.ts";
import { workedInHelpdesk } from "./sums.ts";

export interface SumOffice {
  readonly world: World;
  readonly today: () => Temporal.PlainDate;
  /** Invoices by the id of the draft that they were made of. */
  readonly invoices: Map<string, number>;
  backup: ReturnType<World["helpdesk"]["world"]["snapshot"]> | null;
  /** Hundredths of minutes that stood in a helpdesk before it was restored from a backup. */
  lost: number;
}

const pick = <T>(list: readonly T[], place: number): T | undefined => list[place % Math.max(list.length, 1)];

type OfficeStep = Exclude<SumStep, TicketStep>;

export function isOfficeStep(step: SumStep): step is OfficeStep {
  const own: ReadonlySet<string> = new Set(["settings", "correct", "renumber", "storno", "backup", "restore"]);
  return own.has(step.do) || !isTicketStep(step as Step);
}

export async function workInOffice(office: SumOffice, step: OfficeStep): Promise<void> {
  const { world } = office;
  const desk = world.bridge.office();
  switch (step.do) {
    case "bill": {
      const { disturb, onlyOlder } = step;
      const last = onlyOlder === null ? null : office.today().subtract({ days: onlyOlder + 1 });
      const options = last === null ? {} : { period: `2026-09-01..${last.toString()}` };
      if (disturb !== null) {
        await disturbed(world, disturb, (context) => world.draft(options, context));
        await world.configure({});
      } else await world.draft(options);
      return;
    }
    case "plan":
      await world.billingPlan();
      return;
    case "post":
    case "discard":
    case "touch":
      await workInKivitendo(office, step);
      return;
    case "redo":
    case "release":
    case "edit":
      await workOnDrafts(office, step);
      return;
    case "hold": {
      const ticket = pick(
        await ask(world, "select ticket_number as number from otrs_bridge.tickets order by 1"),
        step.place,
      );
      if (ticket !== undefined)
        await isAccepted(desk.hold([String(ticket["number"])], step.held, signature, quietContext()));
      return;
    }
    case "answer": {
      const question = pick(await readQuestions(world), step.place);
      if (question !== undefined) await answerOne(world, question);
      return;
    }
    case "obsolete":
      await world.erp.setObsolete(1151, step.obsolete);
      return;
    case "correct":
      await correctKivitendo(world, office.invoices);
      return;
    case "storno":
      await cancelInvoice(world, step.place);
      return;
    case "renumber":
      await renumber(world);
      // Restoring an older backup would need `setup --rebind`.
      office.backup = null;
      return;
    case "backup":
      office.backup = world.helpdesk.world.snapshot();
      return;
    case "restore":
      if (office.backup === null) return;
      office.lost += sum(Object.values(workedInHelpdesk(world)));
      world.helpdesk.world.restore(office.backup);
      return;
    case "settings":
      await world.configure({ billing: step.settings });
      return;
    default: {
      const unreachable: never = step;
      throw new Error(`unhandled step ${JSON.stringify(unreachable)}`);
    }
  }
}

async function workOnDrafts(
  { world }: SumOffice,
  step: Extract<OfficeStep, { do: "redo" | "release" | "edit" }>,
): Promise<void> {
  const desk = world.bridge.office();
  if (step.do === "redo") {
    const draft = pick(await ask(world, "select id from otrs_bridge.drafts order by id"), step.place);
    if (draft !== undefined) await isAccepted(desk.redo(Number(draft["id"]), signature));
    return;
  }
  const proposals = await ask(world, "select id from otrs_bridge.drafts where status = 'proposed' order by id");
  const proposal = pick(proposals, step.place);
  if (proposal === undefined) return;
  const draftIds = [Number(proposal["id"])];
  if (step.do === "release") {
    await isAccepted(desk.release({ draftIds, customerNumbers: [] }, signature, quietContext()));
    return;
  }
  const lines = await ask(
    world,
    `select id, kind
       from otrs_bridge.lines l
      where draft_id = $1 and kind <> 'rounding'
        and not exists (select from otrs_bridge.lines r where r.reverses = l.id)
      order by id`,
    draftIds,
  );
  const line = pick(lines, step.line);
  if (line === undefined) return;
  const id = Number(line["id"]);
  if (step.change === "hold") await isAccepted(desk.edit(id, { kind: "leave-out", time: "hold" }, signature));
  else if (step.change === "goodwill") await isAccepted(desk.edit(id, { kind: "goodwill" }, signature));
  else await isAccepted(desk.edit(id, { kind: "text", description: "Anders", longDescription: null }, signature));
}

/** With drafts and orders alike. */
async function workInKivitendo(
  { world, invoices }: SumOffice,
  step: Extract<OfficeStep, { do: "post" | "discard" | "touch" }>,
): Promise<void> {
  const drafts = await ask(world, "select id, 'draft' as what from drafts where module = 'is' order by id");
  const orders = await ask(
    world,
    `select id, 'order' as what
       from oe
      where not closed and exists (select from orderitems i where i.trans_id = oe.id and i.serialnumber <> '')
      order by id`,
  );
  const record = pick([...drafts, ...orders], step.place);
  if (record === undefined) return;
  const id = String(record["id"]);
  if (record["what"] === "order") {
    if (step.do === "post") await invoiceOrder(world, Number(id), step.change, step.place);
    else if (step.do === "discard") await deleteOrder(world, Number(id), step.place);
    return;
  }
  if (step.do === "discard") await discard(world, id);
  else if (step.do === "touch")
    await world.admin.query("update drafts set form = form || $2 where id = $1 and form !~ $2", [id, "notes: x\n"]);
  else {
    const posted = await post(world, id, step.change, step.place);
    if (posted !== null) invoices.set(id, posted.invoice);
  }
}

/** An invoice of all lines of an order that have none, or of all but one; the order is closed with the last. */
async function invoiceOrder(world: World, order: number, change: string, place: number): Promise<void> {
  const open = await ask(
    world,
    `select i.id, o.customer_id as customer
       from orderitems i
       join oe o on o.id = i.trans_id
      where o.id = $1
        and not exists (select from record_links k where k.from_table = 'orderitems' and k.from_id = i.id)
      order by i.position`,
    [order],
  );
  const left = change === "remove" && open.length > 1 ? pick(open, place) : undefined;
  const [first] = open;
  if (first === undefined) return;
  const doubled = change === "quantity" ? pick(open, place) : undefined;
  const invoice = await newInvoice(world, Number(first["customer"]));
  for (const { id } of open.filter((line) => line !== left)) {
    await world.admin.query(
      `with line as (
         insert into invoice (trans_id, position, parts_id, serialnumber, description, longdescription, qty, sellprice,
                              fxsellprice, unit)
         select $1, position, parts_id, serialnumber, description, longdescription, qty * $3, sellprice, sellprice, unit
           from orderitems
          where id = $2
         returning id
       )
       insert into record_links (from_table, from_id, to_table, to_id)
       select 'orderitems', $2, 'invoice', id
         from line`,
      [invoice, id, id === doubled?.["id"] ? 2 : 1],
    );
  }
  if (left === undefined)
    await world.admin.query("update oe set closed = true where id = $1 and ordnumber <> 'AU-STEHEND'", [order]);
}

/** An order goes with all its lines as long as none was invoiced; else, and of a standing one, a single line. */
async function deleteOrder(world: World, order: number, place: number): Promise<void> {
  const lines = await ask(
    world,
    `select i.id, exists (select from record_links k where k.from_table = 'orderitems' and k.from_id = i.id) as invoiced,
            o.ordnumber = 'AU-STEHEND' as standing
       from orderitems i
       join oe o on o.id = i.trans_id
      where o.id = $1 and i.serialnumber <> ''
      order by i.position`,
    [order],
  );
  const open = lines.filter(({ invoiced }) => invoiced !== true);
  const isWhole = open.length === lines.length && lines.every(({ standing }) => standing !== true);
  const gone = isWhole ? open : open.filter((line) => line === pick(open, place));
  for (const { id } of gone) await world.admin.query("delete from orderitems where id = $1", [id]);
  if (isWhole) await world.admin.query("delete from oe where id = $1", [order]);
}

/** As kivitendo does it: the invoice is marked, and another one takes its lines back. */
async function cancelInvoice(world: World, place: number): Promise<void> {
  const invoice = pick(await ask(world, "select id from ar where not coalesce(storno, false) order by id"), place);
  if (invoice === undefined) return;
  const id = Number(invoice["id"]);
  const counter = await newInvoice(world, 1150);
  await world.admin.query(
    `update ar
        set storno = true, storno_id = case when ar.id = $2 then $1::integer end,
            customer_id = (select customer_id from ar o where o.id = $1)
      where id in ($1, $2)`,
    [id, counter],
  );
  await world.admin.query(
    `insert into invoice (trans_id, position, parts_id, serialnumber, description, longdescription, qty, sellprice,
                          fxsellprice, unit)
     select $2, position, parts_id, serialnumber, description, longdescription, -qty, sellprice, fxsellprice, unit
       from invoice
      where trans_id = $1`,
    [id, counter],
  );
}

/** A customer gets another number, and the helpdesk hears of it. */
async function renumber(world: World): Promise<void> {
  await world.admin.query("update customer set customernumber = customernumber || '9' where id = 1150");
  await world.sync();
}
