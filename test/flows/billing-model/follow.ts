/** What a run finds out about drafts that were written before. */
import type { Books, Draft, Line } from "./books.ts";
import { sum } from "./rounding.ts";

/** Records what became of each draft. */
export function lookAfter(books: Books): void {
  for (const draft of books.drafts) {
    if (!["waiting", "changed", "gone"].includes(draft.status)) continue;
    if (draft.stands) {
      draft.status = draft.isTouched ? "changed" : "waiting";
      continue;
    }
    const lines = activeLines(books, draft);
    if (lines.length === 0) draft.status = "superseded";
    else draft.status = lines.some(({ number }) => draft.posted?.has(number)) ? "posted" : "gone";
    if (draft.status === "posted") draft.isAsked = true;
  }
}

/** What people are asked about drafts; `reason subject`. */
export function questionsAbout(books: Books): readonly string[] {
  return books.drafts.flatMap((draft) => {
    const late = takenBackButPosted(books, draft) ? [`superseded-posted draft ${draft.id}`] : [];
    if (draft.status === "gone") return [`draft-gone draft ${draft.id}`];
    if (draft.status === "posted" && draft.isAsked) return [...late, ...changesOf(books, draft)];
    return draft.status === "superseded" ? late : [];
  });
}

function takenBackButPosted(books: Books, draft: Draft): boolean {
  const active = new Set(activeLines(books, draft).map(({ number }) => number));
  return books.lines.some(
    (line) => line.draft === draft && !line.isActive && draft.posted?.has(line.number) && !active.has(line.number),
  );
}

function changesOf(books: Books, draft: Draft): readonly string[] {
  return [...Map.groupBy(activeLines(books, draft), ({ number }) => number)].flatMap(([number, lines]) => {
    const posted = draft.posted?.get(number);
    const positions = lines.map(({ position }) => position).toSorted((a, b) => a - b);
    if (posted === undefined) return positions.map((position) => `line-removed draft ${draft.id}, line ${position}`);
    if (posted === sum(lines.map(({ quantity }) => quantity))) return [];
    return [`line-changed draft ${draft.id}, line ${positions.join(" and ")}`];
  });
}

function activeLines(books: Books, draft: Draft): readonly Line[] {
  return books.lines.filter((line) => line.isActive && line.draft === draft);
}

/** Records with the ticket's number that the ledger does not know of; empty when there are none. */
export function unknownPlaces(books: Books, number: string): string {
  return books.drafts
    .flatMap((draft) => {
      const lines = books.lines.filter((line) => line.draft === draft && line.number === number && line.isWritten);
      const stands = draft.stands && lines.length > 0 && !lines.some(({ isActive }) => isActive);
      const isUnknown = draft.status !== "posted" && draft.posted?.has(number) === true;
      return [...(stands ? [`draft ${draft.id}`] : []), ...(isUnknown ? [`invoice ${draft.invoice}`] : [])];
    })
    .toSorted()
    .join(", ");
}
