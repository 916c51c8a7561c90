/** What accountants do with the bridge and in kivitendo, and what the model makes of it. */
import { expect } from "vitest";
import { quietContext, type World } from "../../support/bridge.ts";
import { allRowVersions } from "../../support/evidence.ts";
import { showChange } from "./agents.ts";
import { answer } from "./answers.ts";
import { type Run, runOf } from "./bill.ts";
import type { Books, Draft } from "./books.ts";
import { settleOpen } from "./by-hand.ts";
import { assertDrafts, assertSame, assertWritten, newLines } from "./compare.ts";
import { disturbed } from "./disturbed.ts";
import { discard, isAmbiguous, post, touch } from "./kivitendo.ts";
import { readIncluded, readQuestions } from "./ledger.ts";
import { isAccepted, type Office, signature } from "./people.ts";
import { edit, release } from "./review.ts";
import type { DeskStep } from "./steps.ts";
import { readTold } from "./told.ts";

/** The first moment after everything. */
const never = "9999";

export async function work(office: Office, step: DeskStep): Promise<void> {
  const { world, books } = office;
  const desk = world.bridge.office();
  const heldBefore = new Set(books.held);
  const standing = books.drafts.filter((draft) => draft.stands);
  const draft = "place" in step ? standing[step.place % Math.max(standing.length, 1)] : undefined;
  switch (step.do) {
    case "bill":
      await bill(office, step);
      break;
    case "plan":
      await planAndBill(office);
      break;
    case "post":
      if (draft !== undefined && !isAmbiguous(books, draft)) await postDraft(world, draft, step);
      break;
    case "discard":
      if (draft !== undefined && !isAmbiguous(books, draft)) {
        await discard(world, String(draft.kivitendoId));
        draft.stands = false;
      }
      break;
    case "touch":
      if (draft?.isTouched === false) await touch(world, draft);
      break;
    case "redo":
      await redo(office, step.place);
      break;
    case "hold": {
      const tickets = [...books.tickets.values()];
      const ticket = tickets[step.place % Math.max(tickets.length, 1)];
      if (ticket === undefined) break;
      await desk.hold([ticket.number], step.held, signature, quietContext());
      if (step.held) books.held.add(ticket.id);
      else books.held.delete(ticket.id);
      break;
    }
    case "answer":
      await answer(office, step.place, step.choice);
      break;
    case "opening":
      await opening(office);
      break;
    case "obsolete":
      await world.erp.setObsolete(1151, step.obsolete);
      if (step.obsolete) books.obsolete.add("K10002");
      else books.obsolete.delete("K10002");
      break;
    case "edit":
      await edit(office, step);
      break;
    case "release":
      await release(office, step.place);
      break;
    default: {
      const unreachable: never = step;
      throw new Error(`unhandled step ${JSON.stringify(unreachable)}`);
    }
  }
  // A held ticket is not read again for its open time: what changed on it without a sign would not be seen.
  for (const id of books.held) if (!heldBefore.has(id)) showChange(world, id);
  await assertSame(world, books);
  await assertDrafts(world, books);
}

async function postDraft(world: World, draft: Draft, step: Extract<DeskStep, { do: "post" }>): Promise<void> {
  const posted = await post(world, String(draft.kivitendoId), step.change, step.place);
  if (posted === null) return;
  Object.assign(draft, { stands: false, posted: posted.quantities, invoice: posted.invoice });
}

type Bill = Pick<Extract<DeskStep, { do: "bill" }>, "disturb" | "onlyOlder">;

/** A run that may fail half-way, and one that does not: together they do what one does. */
export async function bill(office: Office, { disturb, onlyOlder }: Bill): Promise<void> {
  const { world } = office;
  const now = office.now().toZonedDateTimeISO("Europe/Berlin");
  const last = onlyOlder === null ? null : now.toPlainDate().subtract({ days: onlyOlder + 1 });
  const options = last === null ? {} : { period: `2026-09-01..${last.toString()}` };
  const end = last
    ?.add({ days: 1 })
    .toZonedDateTime("Europe/Berlin")
    .toInstant()
    .toString()
    .slice(0, 19)
    .replace("T", " ");
  if (disturb !== null) await disturbed(world, disturb, (context) => world.draft(options, context));
  // As after a restart: no connection is left over.
  if (disturb !== null) await world.configure({});
  const report = await world.draft(options);
  const run = await assertBilled(office, end ?? never);
  expect(waitingIn(report)).toEqual(run.waiting);
  const questions = (await readQuestions(world)).map(({ reason, subject }) => `${reason} ${subject}`);
  if (last === null) expect(questions.toSorted(), "questions").toEqual(run.questions.toSorted());
  else expect(questions, "questions").toEqual(expect.arrayContaining([...run.questions]));
}

async function assertBilled({ world, books, detail }: Office, end: string): Promise<Run> {
  const written = await newLines(world, books);
  const covered = new Map<string, number>();
  for (const { kind, parts } of written) {
    if (kind !== "included") continue;
    for (const [entry, units] of parts) if (units > 0) covered.set(entry, (covered.get(entry) ?? 0) + units);
  }
  const run = runOf(books, readTold(world, detail), end, covered);
  books.takeBack(run.replaced);
  await assertWritten(world, books, run.lines);
  await assertIncluded(world, books);
  for (const draft of books.drafts)
    draft.isAsked = run.questions.some((question) => new RegExp(`draft ${draft.id}(,|$)`).test(question));
  return run;
}

async function assertIncluded(world: World, { setting: { included } }: Books): Promise<void> {
  if (included === null) return;
  for (const units of (await readIncluded(world, included.customer)).values())
    expect(units, "included hours used").toBeLessThanOrEqual(included.monthly);
}

function waitingIn(report: Awaited<ReturnType<World["draft"]>>): ReadonlyMap<string, number> {
  const waiting = new Map<string, number>();
  for (const { ticketNumber, why, minutes } of report.waiting) {
    const key = `${ticketNumber} ${why}`;
    waiting.set(key, (waiting.get(key) ?? 0) + Math.round(Number(minutes) * 100));
  }
  return waiting;
}

/** A plan changes nothing and tells what the run will do. */
async function planAndBill(office: Office): Promise<void> {
  const { world } = office;
  const before = await allRowVersions(world);
  const plan = await world.billingPlan();
  expect(await allRowVersions(world), "after a plan").toEqual(before);
  const report = await world.draft();
  const shown = ({ drafts, settled, waiting, questions }: typeof plan): unknown => ({
    drafts: drafts.map(({ customerNumber, netAmount, lines }) => ({ customerNumber, netAmount, lines })),
    settled,
    waiting,
    questions: questions.map(({ reason, subject, text }) => ({ reason, subject, text })),
  });
  expect(shown(plan), "the plan").toEqual(shown(report));
  const run = await assertBilled(office, never);
  expect(waitingIn(report)).toEqual(run.waiting);
}

async function redo({ world, books }: Office, place: number): Promise<void> {
  const draft = books.drafts[place % Math.max(books.drafts.length, 1)];
  if (draft === undefined) return;
  const isFree = draft.status === "proposed" || (draft.status === "waiting" && draft.stands && !draft.isTouched);
  const isDone = await isAccepted(world.bridge.office().redo(draft.id, signature));
  expect(isDone, `redo of draft ${draft.id}`).toBe(isFree);
  if (!isDone) return;
  draft.stands = false;
  books.takeBack(books.lines.filter((line) => line.draft === draft && line.isActive));
}

async function opening({ world, books, detail }: Office): Promise<void> {
  await world.bridge.office().confirmOpening(null, signature, quietContext());
  const told = [...readTold(world, detail).values()].filter(
    ({ firstClosed }) => firstClosed !== "" && firstClosed < books.start,
  );
  books.takeAll(told);
  const open = [...books.tickets.values()].filter(
    (ticket) => books.isUndecided(ticket) && books.due(ticket.id).length > 0,
  );
  await assertWritten(
    world,
    books,
    open.flatMap((ticket) => settleOpen(books, ticket, "opening", undefined) ?? []),
  );
  for (const { id } of open) books.opening.set(id, "booked");
}
