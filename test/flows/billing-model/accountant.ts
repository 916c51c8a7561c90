/** An accountant who answers everything so that in the end each customer is charged what the helpdesk shows. */
import { expect } from "vitest";
import { quietContext, type World } from "../../support/bridge.ts";
import { ask } from "../../support/evidence.ts";
import { type OpenQuestion, readQuestions } from "./ledger.ts";
import { isAccepted, signature } from "./people.ts";

type Choice = OpenQuestion["choices"][number]["choice"];

/** What other questions ask for is due again, or stays as it is where no time hangs on it. */
const answers: Readonly<Record<string, readonly Choice[]>> = {
  "billed-elsewhere": ["move"],
  "closed-before-start": ["bill"],
  "unreadable-ticket": ["accept"],
  "superseded-posted": ["accept"],
  "ticket-replaced": ["accept"],
  // Answered by mending the cause.
  "unknown-token": [],
  "unknown-customer": [],
};

export async function answerOne(world: World, { id, reason, choices }: OpenQuestion): Promise<void> {
  const wanted = answers[reason] ?? ["due-again", "accept"];
  const choice = wanted.find((each) => choices.some((offered) => offered.choice === each));
  if (choice !== undefined) await isAccepted(world.bridge.office().decide(`billing-${id}`, choice, signature));
}

/**
 * Lines that the ledger took back leave kivitendo: the draft is thrown away, and of an order or an invoice the line is
 * taken out, which for the sums is as good as a credit note. `invoices` knows what became of drafts.
 */
export async function correctKivitendo(world: World, invoices: ReadonlyMap<string, number>): Promise<void> {
  const taken = await ask(
    world,
    `select d.kivitendo_id as "kivitendoId", d.target, l.position, l.kivitendo_row as row
       from otrs_bridge.lines l
       join otrs_bridge.drafts d on d.id = l.draft_id
      where d.kivitendo_id is not null
        and exists (select from otrs_bridge.lines r where r.reverses = l.id)
      order by l.id`,
  );
  for (const { kivitendoId, target, position, row } of taken) {
    if (target === "invoice-draft") {
      await world.admin.query("delete from drafts where id = $1", [kivitendoId]);
      const invoice = invoices.get(String(kivitendoId));
      await world.admin.query("delete from invoice where trans_id = $1 and position = $2", [invoice ?? 0, position]);
      continue;
    }
    await world.admin.query(
      `delete from invoice
        where id in (select to_id from record_links where from_table = 'orderitems' and from_id = $1)`,
      [row],
    );
    await world.admin.query("delete from orderitems where id = $1", [row]);
  }
}

/** Everybody does what is asked of them, until a run neither writes nor asks anything. */
export async function clearEverything(
  world: World,
  invoices: ReadonlyMap<string, number>,
  next: () => void,
): Promise<void> {
  const desk = world.bridge.office();
  const numbers = await ask(
    world,
    "select ticket_number as number from otrs_bridge.tickets where held and ticket_id > 0",
  );
  for (const { number } of numbers) await desk.hold([String(number)], false, signature, quietContext());
  let last: unknown = null;
  for (let round = 0; round < 14; round++) {
    next();
    const { linesWritten, settled } = await world.draft();
    await desk.release({ draftIds: [], customerNumbers: [] }, signature, quietContext());
    const questions = await readQuestions(world);
    if (linesWritten === 0 && settled.length === 0 && questions.length === 0) return;
    last = { linesWritten, settled, questions: questions.map(({ reason, text }) => `${reason}: ${text}`) };
    for (const question of questions) await answerOne(world, question);
    await correctKivitendo(world, invoices);
  }
  expect(last, "still open in the end").toBeNull();
}
