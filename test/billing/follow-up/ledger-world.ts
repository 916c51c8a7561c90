/** A real ledger and a kivitendo-shaped database in which people post, edit, cancel and delete. */
import { beforeEach } from "vitest";
import { followUp, type FollowUp } from "../../../src/billing/follow-up/index.ts";
import type { KivitendoBilling, PlannedLine, StoredDraft } from "../../../src/billing/ports.ts";
import { createKivitendoBilling } from "../../../src/kivitendo/index.ts";
import { decided, expectLedgerAdds, minutes, useLedger } from "../../support/ledger.ts";
import { lineOf, recordOf } from "../../support/lines.ts";
import { settlementOf, ticket } from "../../support/tickets.ts";

/** Registers the hooks of vitest in the file that imports it. */
export const world = useLedger({ targets: ["invoice-draft", "sales-order"] });
const tickets = [ticket(11, { 101: 1500 }), ticket(12, { 102: 1500 })];
export const lines = [lineOf(11, [[101, 1500]]), lineOf(12, [[102, 1500]])];

beforeEach(async () => {
  await world.bridge.admin(
    "delete from invoice; delete from ar; delete from record_links; delete from orderitems; delete from oe",
  );
  await world.state.settle(settlementOf(tickets));
});

/** One run without anything to read; its questions reach the inbox. */
export async function run(changes: Partial<KivitendoBilling> = {}, watchDays = 92): Promise<FollowUp> {
  const { due } = await world.state.settle(settlementOf([]));
  const result = await followUp(
    {
      kivitendo: { ...createKivitendoBilling(world.bridge.pool), ...changes },
      state: world.state,
      helpdesk: { writeField: () => Promise.reject(new Error("not asked for")) },
      now: () => Temporal.Now.instant(),
    },
    { mode: "draft", due, invoiceNumberField: null, watchDays },
    { report: () => undefined, signal: new AbortController().signal },
  );
  const now = Temporal.Now.instant();
  await world.state.syncInbox(result.questions, { run: world.run, now, complete: true, dryRun: false });
  return result;
}

export const write = (planned: readonly PlannedLine[] = lines, target: StoredDraft["target"] = "invoice-draft") =>
  world.state.writeDraft(recordOf(world.run, planned, { content: { target } }), minutes);

/** What posting does in kivitendo: the draft's row goes, the invoice comes. */
export async function post(
  id: number,
  draft: StoredDraft | null,
  quantities: Readonly<Record<number, string>>,
): Promise<void> {
  await world.bridge.admin("delete from drafts where id = $1", [draft?.kivitendoId ?? ""]);
  await world.bridge.admin(
    "insert into ar (id, invnumber, customer_id, type, currency_id, taxzone_id) values ($1, $2, 1150, 'invoice', 1, 4)",
    [id, `RE${id}`],
  );
  for (const [index, [ticketId, quantity]] of Object.entries(quantities).entries()) {
    await world.bridge.admin(
      `insert into invoice (id, trans_id, position, parts_id, serialnumber, description, qty)
       values ($1, $2, $3, 1140, $4, '', $5)`,
      [id * 100 + index, id, index + 1, ticket(Number(ticketId), {}).ticketNumber, quantity],
    );
  }
}

export async function openQuestions(): Promise<Record<string, number>> {
  const rows = await world.bridge.admin("select reason, id from otrs_bridge.inbox where closed_at is null order by id");
  return Object.fromEntries(rows.map(({ reason, id }) => [String(reason), Number(id)]));
}

export async function decide(reason: string, choice: Parameters<typeof world.desk.decide>[1]): Promise<void> {
  await world.desk.decide((await openQuestions())[reason] ?? 0, choice, decided);
  await expectLedgerAdds(world);
}

export const statuses = async () =>
  (await world.state.readDrafts({})).map(({ status, invoiceNumber }) => [status, invoiceNumber]);
export const dueTickets = async () =>
  (await world.state.settle(settlementOf([]))).due.map(({ ticketId }) => ticketId).sort((one, other) => one - other);

/** How many lines nobody took back. */
export const activeLines = async () =>
  (await world.state.readDrafts({})).flatMap((draft) => draft.lines.filter(({ reversed }) => !reversed)).length;

/** What Storno does in kivitendo: the invoice is marked, and one that takes it back stands beside it. */
export async function cancel(id: number): Promise<void> {
  await post(id + 1, null, { 11: "-0.25", 12: "-0.25" });
  await world.bridge.admin("update ar set storno = true where id in ($1, $1 + 1)", [id]);
  await world.bridge.admin("update ar set storno_id = $1, invnumber = 'Storno zu RE' || $1 where id = $1 + 1", [id]);
}
