/** What people do with proposals. */
import { expect } from "vitest";
import type { Decimal } from "../../../src/model/index.ts";
import { quietContext } from "../../support/bridge.ts";
import type { Books, Draft } from "./books.ts";
import { waived } from "./by-hand.ts";
import { assertWritten } from "./compare.ts";
import { isAccepted, type Office, signature } from "./people.ts";
import type { DeskStep } from "./steps.ts";

let edits = 0;

/** Changes a line of a proposal. */
export async function edit({ world, books }: Office, step: Extract<DeskStep, { do: "edit" }>): Promise<void> {
  const lines = books.lines.filter(({ draft, isActive }) => draft?.status === "proposed" && isActive);
  const line = lines[step.place % Math.max(lines.length, 1)];
  if (line === undefined) return;
  const desk = world.bridge.office();
  if (step.change === "goodwill" && line.kind === "goodwill") return;
  line.isEdited = true;
  switch (step.change) {
    case "waive":
    case "hold": {
      await desk.edit(line.id, { kind: "leave-out", time: step.change }, signature);
      const takenBack = books.takeBack([line]);
      if (step.change === "hold") books.held.add(line.ticket);
      await assertWritten(world, books, step.change === "waive" ? takenBack.map((each) => waived(books, each)) : []);
      return;
    }
    case "goodwill":
      await desk.edit(line.id, { kind: "goodwill" }, signature);
      Object.assign(line, { kind: "goodwill", price: 0 });
      return;
    case "quantity":
      // Always another one: what changes nothing is refused.
      line.quantity = line.quantity === 150_000 ? 300_000 : 150_000;
      await desk.edit(
        line.id,
        { kind: "minutes", minutes: (line.quantity === 150_000 ? "90" : "180") as Decimal },
        signature,
      );
      return;
    case "text":
      await desk.edit(line.id, { kind: "text", description: `Anders (${edits++})`, longDescription: null }, signature);
  }
}

/** Writes a proposal into kivitendo. */
export async function release({ world, books }: Office, place: number): Promise<void> {
  const proposals = books.drafts.filter(({ status }) => status === "proposed");
  const draft = proposals[place % Math.max(proposals.length, 1)];
  if (draft === undefined) return;
  const choice = { draftIds: [draft.id], customerNumbers: [] };
  const isDone = await isAccepted(world.bridge.office().release(choice, signature, quietContext()));
  expect(isDone, `release of ${draft.id}`).toBe(isFree(books, draft));
  if (!isDone) return;
  const [row] = await world.admin.query("select kivitendo_id as id from otrs_bridge.drafts where id = $1", [draft.id]);
  for (const line of books.lines) if (line.draft === draft && line.isActive) line.isWritten = true;
  Object.assign(draft, { status: "waiting", stands: true, kivitendoId: String(row?.["id"]) });
}

/** Nobody holds a ticket of it, and none went to somebody else. */
function isFree(books: Books, draft: Draft): boolean {
  if (books.obsolete.has(draft.customer)) return false;
  const lines = books.lines.filter((line) => line.draft === draft && line.isActive);
  return lines.every((line) =>
    [...line.parts.keys()].every((entry) => {
      const ticket = books.tickets.get(books.home.get(entry) ?? 0);
      if (ticket === undefined) return true;
      const customer = books.customerOf(ticket);
      const isRight = customer === line.customer || (customer !== null && books.accepted.get(ticket.id) === customer);
      return isRight && !books.held.has(ticket.id);
    }),
  );
}
