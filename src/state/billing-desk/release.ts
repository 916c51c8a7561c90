import type { Pool, PoolClient } from "pg";
import { z } from "zod";
import type { Decided, DraftContent, StoredDraft, WrittenTarget } from "../../billing/ports.ts";
import { BugError, Decimal, RefusedError } from "../../model/index.ts";
import { TargetColumn } from "../billing-columns.ts";
import { customerOf, isActive } from "../entry-sql.ts";
import { readDraft, readDrafts } from "../stored-drafts.ts";
import { inTransaction } from "../transaction.ts";
import { logDecision, signed } from "./decided.ts";
import type { DeskOptions } from "./options.ts";
import { assertProposal, lockDraft, noDraft } from "./proposal.ts";
import { readPlannedLines } from "./stored-lines.ts";

const Head = z.object({
  ownerId: z.number(),
  arChartId: z.number(),
  description: z.string(),
  transactionDescription: z.string(),
  periodStart: z.string().transform((text) => Temporal.PlainDate.from(text)),
  periodEnd: z.string().transform((text) => Temporal.PlainDate.from(text)),
  recurring: z.object({ orderId: z.number(), orderNumber: z.string(), priceFactor: Decimal }).nullable(),
});

/** Writes a proposal into kivitendo as it stands after all edits; see the port. */
export async function releaseProposal(
  pool: Pool,
  { insertTarget, readCustomer, timeZone }: DeskOptions,
  draftId: number,
  given: Decided,
): Promise<StoredDraft> {
  const decided = signed(given);
  // Before the transaction, which holds a connection of its own.
  const [proposal] = await readDrafts(pool, { draftIds: [draftId] });
  if (proposal === undefined) throw noDraft(draftId);
  const { customerId, customerNumber } = proposal;
  const customer = await readCustomer(customerId);
  if (customer === null) {
    throw new RefusedError(
      `Customer ${customerNumber} is no longer in kivitendo, or has no number. Nothing was written.`,
      `Take the proposal back: \`kivi-otrs billing redo ${draftId}\`.`,
    );
  }
  if (customer.taxIncluded) {
    throw new RefusedError(
      `Customer ${customerNumber} has prices that include the tax by now, and those of the proposal do not. Nothing was written.`,
      `Correct the customer in kivitendo, or take the proposal back: \`kivi-otrs billing redo ${draftId}\`.`,
    );
  }
  return inTransaction(pool, "write", async (client) => {
    const { status, target } = await lockDraft(client, draftId);
    assertProposal(draftId, status);
    await assertTicketsFree(client, draftId);
    const lines = await readPlannedLines(client, draftId);
    const { rows } = await client.query(`select head from otrs_bridge.drafts where id = $1`, [draftId]);
    const content: DraftContent = {
      ...z.object({ head: Head }).parse(rows[0]).head,
      target: TargetColumn.parse(target),
      customer,
      today: decided.at.toZonedDateTimeISO(timeZone).toPlainDate(),
      lines: lines.map(({ line }) => line),
    };
    const written = await insertTarget(client, content);
    await recordRelease(
      client,
      draftId,
      lines.map(({ lineId }) => lineId),
      written,
      decided,
    );
    await logDecision(client, { draftId }, "release", decided);
    return readDraft(client, draftId);
  });
}

const TicketRow = z.object({ ticketNumber: z.string(), held: z.boolean(), edited: z.boolean() });

/** A ticket that is held, or went to another customer, since the proposal was made. */
async function assertTicketsFree(client: PoolClient, draftId: number): Promise<void> {
  const { rows } = await client.query(
    `select t.ticket_number as "ticketNumber", t.held,
            bool_or(exists (select from otrs_bridge.line_edits c where c.line_id = l.id)) as edited
       from otrs_bridge.lines l
       join otrs_bridge.ledger g on g.line_id = l.id
       join otrs_bridge.time_entries e
         on e.kind = g.kind and e.source_id = g.source_id and e.created_at = g.created_at
       join otrs_bridge.tickets t on t.ticket_id = e.ticket_id
      cross join lateral (select ${customerOf("t")} as customer_id) now
      where l.draft_id = $1 and ${isActive("l")}
        and (t.held
             or (now.customer_id is distinct from l.customer_id
                 -- without a known customer nobody can have said that it may stay so
                 and (now.customer_id is null or now.customer_id is distinct from t.accepted_customer)))
      group by t.ticket_id, t.ticket_number, t.held
      order by t.ticket_number`,
    [draftId],
  );
  const [first] = z.array(TicketRow).parse(rows);
  if (first === undefined) return;
  const more = rows.length > 1 ? ` (and ${rows.length - 1} more like it)` : "";
  throw new RefusedError(
    first.held
      ? `Ticket ${first.ticketNumber}${more} is held. Nothing was written.`
      : `Ticket ${first.ticketNumber}${more} stands under another customer now. Nothing was written.`,
    hintFor(first, draftId),
  );
}

/** A run plans only those lines for the other customer that nobody edited. */
function hintFor({ held, edited }: z.infer<typeof TicketRow>, draftId: number): string {
  if (held) return "Leave its line out of the proposal, or let the ticket be billed again.";
  return edited
    ? `Its line was edited, so no run moves it: leave it out of the proposal, or take the proposal back with \`kivi-otrs billing redo ${draftId}\`, and the next run bills the ticket to the customer that it has now.`
    : "Run `kivi-otrs billing draft`, which plans it for that customer, or leave its line out of the proposal.";
}

async function recordRelease(
  client: PoolClient,
  draftId: number,
  lineIds: readonly number[],
  { kivitendoId, number, formMd5, rowIds }: WrittenTarget,
  decided: Decided,
): Promise<void> {
  if (rowIds.length > 0) {
    if (rowIds.length !== lineIds.length) {
      throw new BugError(`${rowIds.length} rows were written for ${lineIds.length} lines`);
    }
    await client.query(
      `update otrs_bridge.lines l
          set kivitendo_row = i.row_id
         from unnest($1::integer[], $2::integer[]) as i (line_id, row_id)
        where l.id = i.line_id`,
      [lineIds, rowIds],
    );
  }
  await client.query(
    `update otrs_bridge.drafts
        set status = 'waiting', kivitendo_id = $2, kivitendo_number = $3, form_md5 = $4, released_by = $5,
            released_at = $6
      where id = $1`,
    [draftId, kivitendoId, number, formMd5, decided.by, decided.at.toString()],
  );
}
