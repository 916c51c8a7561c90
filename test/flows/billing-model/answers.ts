/** Answers to questions, and what they come to in the model. */
import { expect } from "vitest";
import { answerKey, type Expected } from "./bill.ts";
import type { Books } from "./books.ts";
import { settleOpen, waived } from "./by-hand.ts";
import { assertWritten } from "./compare.ts";
import { type OpenQuestion, readQuestions } from "./ledger.ts";
import { isAccepted, type Office, signature } from "./people.ts";

/** Gives some open question some of the answers that it offers. */
export async function answer({ world, books }: Office, place: number, choiceAt: number): Promise<void> {
  const open = await readQuestions(world);
  const question = open[place % Math.max(open.length, 1)];
  const choice = question?.choices[choiceAt % question.choices.length]?.choice;
  if (question === undefined || choice === undefined) return;
  const isDone = await isAccepted(world.bridge.office().decide(`billing-${question.id}`, choice, signature));
  const said = `${choice} to ${question.reason} ${question.subject}`;
  const expected = carryOut(books, question, choice);
  expect(isDone, said).toBe(expected !== null);
  await assertWritten(world, books, expected ?? []);
  const draft = books.drafts.find(({ id }) => new RegExp(`draft ${id}(,|$)`).test(question.subject));
  if (!isDone || draft === undefined) return;
  const left = await readQuestions(world);
  draft.isAsked = left.some(({ subject }) => new RegExp(`draft ${draft.id}(,|$)`).test(subject));
}

const aboutLines = new Set(["draft-gone", "line-removed", "line-changed"]);

/** Holds for the time that was open then, and for none. */
function acceptUnread(books: Books, { reason, subject, about }: OpenQuestion): void {
  for (const units of [0, about.units ?? 0]) books.answered.add(`${reason} ${subject} ${units}`);
}

/** What an answer writes; null when it has to be refused. */
function carryOut(books: Books, question: OpenQuestion, choice: string): readonly Expected[] | null {
  const { reason, subject, about } = question;
  const lines = books.lines.filter(({ id }) => about.lineIds?.includes(id));
  const ticket = about.ticketId === undefined ? undefined : books.tickets.get(about.ticketId);
  const isRest = (entry: string): boolean => entry.startsWith("rest") || reason !== "time-without-article";
  const settleAsked = (kind: "waived" | "opening"): readonly Expected[] | null => {
    const settled = settleOpen(books, ticket, kind, about.openUnits ?? about.units, isRest);
    if (settled !== null && reason === "unreadable-ticket") acceptUnread(books, question);
    return settled;
  };
  const isStale = lines.some(({ isActive }) => !isActive);
  switch (choice) {
    case "waive":
      if (aboutLines.has(reason)) {
        if (isStale) return null;
        return books.takeBack(lines).map((line) => waived(books, line));
      }
      return settleAsked("waived");
    case "opening": {
      const settled = settleAsked("opening");
      if (settled !== null && ticket !== undefined) books.opening.set(ticket.id, "booked");
      return settled;
    }
    case "bill":
      if (reason === "closed-before-start" && ticket !== undefined) books.opening.set(ticket.id, "bill");
      else books.answered.add(answerKey(books, `${reason} ${subject}`));
      return [];
    case "accept":
      if (reason === "unreadable-ticket") acceptUnread(books, question);
      else books.answered.add(answerKey(books, `${reason} ${subject}`));
      return [];
    case "hold":
      if (ticket !== undefined) books.held.add(ticket.id);
      return [];
    case "due-again":
      if (isStale) return null;
      books.takeBack(lines);
      return [];
    default: {
      const customer = ticket === undefined ? null : books.customerOf(ticket);
      if (ticket === undefined || customer === null || (choice === "move" && isStale)) return null;
      if (choice === "keep") books.accepted.set(ticket.id, customer);
      else books.takeBack(lines);
      books.elsewhere.delete(ticket.id);
      return [];
    }
  }
}
