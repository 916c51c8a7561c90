import type { Pool, PoolClient } from "pg";
import { z } from "zod";
import type { Choice, Decided, QuestionReason } from "../../billing/ports.ts";
import { ConfigError, RefusedError, unitsText } from "../../model/index.ts";
import { customerOf, isActive } from "../entry-sql.ts";
import { fingerprintOf } from "../inbox.ts";
import { takeBack } from "../reversals.ts";
import { UnitsColumn } from "../rows.ts";
import { inTransaction } from "../transaction.ts";
import { logDecision, signed } from "./decided.ts";
import type { DeskOptions } from "./options.ts";
import { lockTickets, settleOpen, waiveLines } from "./settle-by-hand.ts";

const QuestionRow = z.object({
  reason: z.string().transform((reason) => reason as QuestionReason),
  subject: z.string(),
  open: z.boolean(),
  about: z.object({
    ticketId: z.number().optional(),
    lineIds: z.array(z.number()).optional(),
    draftId: z.number().optional(),
    units: UnitsColumn.optional(),
    openUnits: UnitsColumn.optional(),
  }),
  fingerprint: z.string(),
  choices: z.array(z.object({ choice: z.string() })),
});
type Question = z.infer<typeof QuestionRow>;

interface Answer {
  readonly client: PoolClient;
  readonly question: Question;
  readonly decided: Decided;
  readonly options: BookingOptions;
}

type BookingOptions = Pick<DeskOptions, "timeZone" | "minutesPerUnit">;

/** Answers an open question, carries the answer out and closes the question, in one transaction; see the port. */
export async function answerQuestion(
  pool: Pool,
  options: BookingOptions,
  itemId: number,
  choice: Choice,
  given: Decided,
): Promise<void> {
  const decided = signed(given);
  await inTransaction(pool, "write", async (client) => {
    const question = await lockQuestion(client, itemId, choice);
    await carryOut[choice]({ client, question, decided, options });
    await client.query(
      `update otrs_bridge.inbox
          set closed_at = $5, decision = $2, decided_by = $3, decided_why = $4, decided_at = $5
        where id = $1`,
      [itemId, choice, decided.by, decided.why, decided.at.toString()],
    );
    const { reason, about } = question;
    await logDecision(
      client,
      {
        reason,
        ...(about.ticketId === undefined ? {} : { ticketId: about.ticketId }),
        ...(about.draftId === undefined ? {} : { draftId: about.draftId }),
      },
      choice,
      decided,
    );
  });
}

async function lockQuestion(client: PoolClient, itemId: number, choice: Choice): Promise<Question> {
  const { rows } = await client.query(
    `select reason, subject, closed_at is null as open, about, choices, ${fingerprintOf("about", "text")} as fingerprint
       from otrs_bridge.inbox
      where id = $1 and flow = 'billing'
        for update`,
    [itemId],
  );
  const question = rows.length === 0 ? null : QuestionRow.parse(rows[0]);
  if (question === null || !question.open) {
    throw new ConfigError(
      question === null ? `There is no question billing-${itemId}.` : `billing-${itemId} is no longer open.`,
      "`kivi-otrs inbox` lists what waits, with its id.",
    );
  }
  const offered = question.choices.map((each) => each.choice);
  if (!offered.includes(choice)) {
    throw new ConfigError(
      `billing-${itemId} (${question.subject}) does not offer "${choice}".`,
      offered.length === 0
        ? "Nothing is to be decided there: mend the cause as its hint says."
        : `Choose one of: ${offered.join(", ")}.`,
    );
  }
  return question;
}

const carryOut: Readonly<Record<Choice, (answer: Answer) => Promise<void>>> = {
  waive: async (answer) => {
    await (asksAboutLines(answer) ? waiveAskedLines(answer) : settleAsked(answer, "waived"));
    // A ticket with lines is read again for some time, and this one cannot be.
    if (answer.question.reason === "unreadable-ticket") await acknowledge(answer);
  },
  opening: async (answer) => {
    await settleAsked(answer, "opening");
    await setTickets(answer, "opening = 'booked'");
  },
  bill: async (answer) => {
    if (answer.question.reason === "closed-before-start") await setTickets(answer, "opening = 'bill'");
    else await acknowledge(answer);
  },
  "due-again": async ({ client, question, decided }) => {
    await takeBack(client, await activeLines(client, question), decided);
  },
  accept: (answer) => acknowledge(answer),
  keep: async (answer) => {
    const { client, question } = answer;
    await assertCustomerKnown(answer);
    await client.query(
      `update otrs_bridge.tickets t
          set accepted_customer = ${customerOf("t")}, billed_elsewhere = false
        where t.ticket_id = any ($1::bigint[])`,
      [await ticketsOf(client, question)],
    );
  },
  move: async (answer) => {
    await assertCustomerKnown(answer);
    await lockTickets(answer.client, await ticketsOf(answer.client, answer.question));
    const lineIds = await linesOfOthers(answer);
    if (lineIds.length === 0) throw changed(answer.question, "no line of another customer is left");
    await takeBack(answer.client, lineIds, answer.decided);
    await setTickets(answer, "billed_elsewhere = false");
  },
  hold: (answer) => setTickets(answer, "held = true"),
};

/** These are asked about lines that are settled already; the others about what is open on a ticket. */
const aboutLines: ReadonlySet<QuestionReason> = new Set([
  "draft-gone",
  "line-removed",
  "line-changed",
  "order-line-gone",
  "invoice-cancelled",
  "invoice-credited",
]);

function asksAboutLines({ question }: Answer): boolean {
  return aboutLines.has(question.reason);
}

async function waiveAskedLines({ client, question, decided }: Answer): Promise<void> {
  await waiveLines(client, await activeLines(client, question), decided);
}

async function settleAsked({ client, question, decided, options }: Answer, kind: "waived" | "opening"): Promise<void> {
  // That question stands beside what else is asked about the ticket.
  const which = question.reason === "time-without-article" ? "without-article" : "all";
  const { lines, units } = await settleOpen(client, await ticketsOf(client, question), kind, decided, options, which);
  if (lines === 0) throw changed(question, "nothing is open there now");
  const expected = question.about.openUnits ?? question.about.units;
  if (expected !== undefined && expected !== units) {
    const [asked, open] = [expected, units].map(unitsText);
    throw changed(question, `it was about ${asked} units, and ${open} are open now`);
  }
}

function changed(question: Question, what: string): RefusedError {
  return new RefusedError(
    `The question about ${question.subject} is out of date: ${what}. Nothing was written.`,
    "Run `kivi-otrs billing draft`, which asks again where it has to, then `kivi-otrs inbox`.",
  );
}

const IdRow = z.object({ id: z.number() });

/** Tickets of a question: the one that it names, else those of its lines or its draft. */
async function ticketsOf(client: PoolClient, { about, subject }: Question): Promise<readonly number[]> {
  if (about.ticketId !== undefined) return [about.ticketId];
  const { rows } = await client.query(
    `select distinct ticket_id::float8 as id
       from otrs_bridge.lines
      where (id = any ($1::integer[]) or ($1::integer[] is null and draft_id = $2)) and ticket_id is not null
      order by id`,
    [about.lineIds ?? null, about.draftId ?? null],
  );
  if (rows.length === 0) throw new ConfigError(`${subject} names no ticket.`, "Mend the cause as its hint says.");
  return z
    .array(IdRow)
    .parse(rows)
    .map(({ id }) => id);
}

/** The lines that a question names, else those of its draft that nobody took back. */
async function activeLines(client: PoolClient, { about, subject }: Question): Promise<readonly number[]> {
  if (about.lineIds !== undefined) return about.lineIds;
  const { rows } = await client.query(
    `select l.id
       from otrs_bridge.lines l
      where l.draft_id = $1 and ${isActive("l")}
      order by l.id`,
    [about.draftId ?? null],
  );
  if (rows.length === 0) throw new ConfigError(`${subject} names no line.`, "Mend the cause as its hint says.");
  return z
    .array(IdRow)
    .parse(rows)
    .map(({ id }) => id);
}

/** What other customers were charged for time that stands on the tickets now; what people settled by hand stays. */
async function linesOfOthers({ client, question }: Answer): Promise<readonly number[]> {
  if (question.about.lineIds !== undefined) return question.about.lineIds;
  const { rows } = await client.query(
    `select distinct l.id
       from otrs_bridge.tickets t
       join otrs_bridge.time_entries e on e.ticket_id = t.ticket_id
       join otrs_bridge.ledger b on b.kind = e.kind and b.source_id = e.source_id and b.created_at = e.created_at
       join otrs_bridge.lines l on l.id = b.line_id
      where t.ticket_id = any ($1::bigint[])
        and l.kind not in ('waived', 'opening')
        and l.customer_id is distinct from ${customerOf("t")}
        and ${isActive("l")}
      order by l.id`,
    [await ticketsOf(client, question)],
  );
  return z
    .array(IdRow)
    .parse(rows)
    .map(({ id }) => id);
}

async function assertCustomerKnown({ client, question }: Answer): Promise<void> {
  const ticketIds = await ticketsOf(client, question);
  const { rowCount } = await client.query(
    `select
       from otrs_bridge.tickets t
      where t.ticket_id = any ($1::bigint[]) and ${customerOf("t")} is null`,
    [ticketIds],
  );
  if (rowCount === 0) return;
  throw new RefusedError(
    `${question.subject} stands under no customer of kivitendo now. Nothing was written.`,
    "Give the ticket its customer in the helpdesk, or sync that customer; then decide again.",
  );
}

async function setTickets({ client, question }: Answer, assignment: string): Promise<void> {
  const ticketIds = await ticketsOf(client, question);
  await lockTickets(client, ticketIds);
  const { rowCount } = await client.query(
    `update otrs_bridge.tickets
        set ${assignment}
      where ticket_id = any ($1::bigint[])`,
    [ticketIds],
  );
  if (rowCount === ticketIds.length) return;
  throw new RefusedError(
    `${question.subject} was never read, so nothing can be kept about it. Nothing was written.`,
    "Mend the cause as the hint of the question says.",
  );
}

/**
 * Not asked again under the same circumstances. Who knows that a ticket with open time cannot be read knows it for the
 * ticket without that time, too: that is how a run asks before it knows what is open.
 */
async function acknowledge({ client, question, decided }: Answer): Promise<void> {
  const { reason, subject, fingerprint } = question;
  const fingerprints = reason === "unreadable-ticket" ? [fingerprint, "unreadable"] : [fingerprint];
  await client.query(
    `insert into otrs_bridge.acknowledged (reason, subject, fingerprint, decided_by, decided_why, decided_at)
     select $1, $2, f.fingerprint, $4, $5, $6
       from unnest($3::text[]) as f (fingerprint)
         on conflict do nothing`,
    [reason, subject, fingerprints, decided.by, decided.why, decided.at.toString()],
  );
}
