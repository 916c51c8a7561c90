/** A proposal that is rounded as a whole is rounded as what stands in it, whatever happens to its lines. */
import { beforeEach, expect, test } from "vitest";
import type { DraftRounding, PlannedLine, ProposalEdit, StoredDraft } from "../../src/billing/ports.ts";
import type { Decimal } from "../../src/model/index.ts";
import { decided, expectLedgerAdds, minutes, useLedger } from "../support/ledger.ts";
import { lineOf, recordOf, roundingLine } from "../support/lines.ts";
import { settlementOf, ticket } from "../support/tickets.ts";

const world = useLedger();
beforeEach(() => world.state.settle(settlementOf([ticket(11, { 101: 1000 }), ticket(12, { 103: 1000 })])));

const tenMinutes = { quantity: "0.16667" as Decimal };
const { part, unitPrice, discount, projectId, rule, priceSource } = roundingLine("0");

function roundingOf(positions: readonly number[]): DraftRounding {
  const line = { part, unitPrice, discount, projectId, rule, priceSource, description: "Rundung auf 15 Minuten" };
  const step = { stepMinutes: "15" as Decimal, direction: "up" } as const;
  return { ...step, positions, minutesPerPartUnit: "60" as Decimal, minutesPerUnit: minutes, line };
}

/** Twice 10 minutes, rounded to 30. */
async function propose(): Promise<StoredDraft> {
  const lines = [lineOf(11, [[101, 1000]], tenMinutes), lineOf(12, [[103, 1000]], tenMinutes), roundingLine("0.16666")];
  return world.state.writeDraft(
    recordOf(world.run, lines, { propose: true, roundings: [roundingOf([1, 2])] }),
    minutes,
  );
}

/** Kind and quantity of the lines that stand, which the draft adds up. */
async function standing({ draftId }: StoredDraft): Promise<readonly string[]> {
  const [draft] = await world.state.readDrafts({ draftIds: [draftId] });
  const lines = draft?.lines.filter(({ reversed }) => !reversed) ?? [];
  expect(Number(draft?.netAmount)).toBeCloseTo(lines.reduce((sum, line) => sum + Number(line.netAmount), 0));
  return lines.map(({ kind, quantity }) => `${kind} ${Number(quantity)}`);
}

const waive: ProposalEdit = { kind: "leave-out", time: "waive" };
const quantity = (value: string): ProposalEdit => ({ kind: "quantity", quantity: value as Decimal });
const text: ProposalEdit = { kind: "text", description: "Aufgerundet", longDescription: null };

test.each<[string, readonly (readonly [position: number, edit: ProposalEdit])[], readonly string[]]>([
  ["a line that is left out", [[1, waive]], ["billed 0.16667", "rounding 0.08333"]],
  ["a line that is held", [[2, { kind: "leave-out", time: "hold" }]], ["billed 0.16667", "rounding 0.08333"]],
  ["another quantity", [[1, quantity("0.5")]], ["billed 0.5", "billed 0.16667", "rounding 0.08333"]],
  ["a quantity that leaves nothing to round", [[1, quantity("0.33333")]], ["billed 0.33333", "billed 0.16667"]],
  ["a line that is free now", [[1, { kind: "goodwill" }]], ["goodwill 0.16667", "billed 0.16667", "rounding 0.08333"]],
  [
    "no line",
    [
      [1, waive],
      [2, waive],
    ],
    [],
  ],
  [
    "a rounding by hand, which stays",
    [
      [3, quantity("0.1")],
      [1, waive],
    ],
    ["billed 0.16667", "rounding 0.1"],
  ],
  [
    "a rounding that somebody took out",
    [
      [3, waive],
      [1, waive],
    ],
    ["billed 0.16667"],
  ],
  [
    "a rounding whose text was changed",
    [
      [3, text],
      [1, waive],
    ],
    ["billed 0.16667", "rounding 0.08333"],
  ],
])("after %s", async (_, edits, expected) => {
  const draft = await propose();
  for (const [position, edit] of edits) await world.desk.edit(draft.lines[position - 1]?.lineId ?? 0, edit, decided);
  expect(await standing(draft)).toEqual(expected);
  const [now] = await world.state.readDrafts({ draftIds: [draft.draftId] });
  const last = now?.lines.findLast(({ kind }) => kind === "rounding")?.description;
  if (edits.some(([, edit]) => edit === text)) expect(last).toBe("Aufgerundet");
  await expectLedgerAdds(world);
});

test("after a run has planned one of its tickets anew, and it is released like that", async () => {
  const draft = await propose();
  const anew: PlannedLine[] = [lineOf(11, [[101, 1200, 1000]], { quantity: "0.2" as Decimal })];
  const replaces = [draft.lines[0]?.lineId ?? 0];
  await world.state.writeDraft(recordOf(world.run, anew, { propose: true, replaces }), minutes);
  expect(await standing(draft)).toEqual(["billed 0.16667", "rounding 0.08333"]);
  await world.desk.release(draft.draftId, decided);
  expect(world.lastContent().lines.map(({ kind, quantity: of }) => `${kind} ${Number(of)}`)).toEqual([
    "billed 0.16667",
    "rounding 0.08333",
  ]);
  await expectLedgerAdds(world);
});
