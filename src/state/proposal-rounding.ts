import { Big } from "big.js";
import type { PoolClient } from "pg";
import { z } from "zod";
import type { DraftRounding, PlannedLine } from "../billing/ports.ts";
import {
  CustomerId,
  Decimal,
  type HundredthUnits,
  lineTotal,
  MinutesPerUnit,
  PartNumber,
  roundingQuantity,
} from "../model/index.ts";
import { isActive } from "./entry-sql.ts";
import type { PlacedLine } from "./lines.ts";
import { UnitsColumn } from "./rows.ts";

const Rounding = z.object({
  positions: z.array(z.number()),
  stepMinutes: Decimal,
  direction: z.enum(["up", "nearest", "down"]),
  minutesPerPartUnit: Decimal,
  minutesPerUnit: MinutesPerUnit,
  line: z.object({
    part: z.object({ partId: z.number(), partNumber: PartNumber, unit: z.string() }).nullable(),
    unitPrice: Decimal,
    discount: Decimal,
    projectId: z.number().nullable(),
    description: z.string(),
    rule: z.string().nullable(),
    priceSource: z.string().nullable(),
  }),
}) satisfies z.ZodType<DraftRounding>;

const LineRow = z.object({
  lineId: z.number(),
  position: z.number(),
  kind: z.string(),
  partId: z.number().nullable(),
  unitPrice: Decimal,
  discount: Decimal,
  projectId: z.number().nullable(),
  rule: z.string().nullable(),
  quantity: Decimal,
  workedUnits: UnitsColumn,
  description: z.string(),
  isActive: z.boolean(),
  /** Somebody changed its quantity, or took it out. */
  isSetByHand: z.boolean(),
});
type Line = z.infer<typeof LineRow>;

const ProposalRow = z.object({
  draftId: z.number(),
  customerId: CustomerId,
  roundings: z.array(Rounding),
  lines: z.array(LineRow),
});

/** A proposal whose rounding is no longer that of its lines. */
export interface StaleRounding {
  readonly draftId: number;
  readonly customerId: CustomerId;
  /** Rounding lines that are to go. */
  readonly takeBack: readonly number[];
  readonly add: readonly PlacedLine[];
}

/**
 * Compares the roundings of those of the drafts that are proposals with the lines that stand in them now. What somebody set
 * by hand stays, as long as there is something to round.
 */
export async function readStaleRoundings(
  client: PoolClient,
  draftIds: readonly number[],
): Promise<readonly StaleRounding[]> {
  const { rows } = await client.query(
    `select d.id as "draftId", d.customer_id as "customerId", coalesce(d.head -> 'roundings', '[]') as roundings,
            jsonb_agg(
              jsonb_build_object(
                'lineId', l.id, 'position', l.position, 'kind', l.kind, 'partId', l.part_id,
                'unitPrice', l.unit_price::text, 'discount', l.discount::text, 'projectId', l.project_id, 'rule', l.rule,
                'quantity', l.quantity::text, 'workedUnits', l.worked_units, 'description', l.description,
                'isActive', ${isActive("l")},
                'isSetByHand', exists (
                  select
                    from otrs_bridge.line_edits e
                   where e.line_id = l.id and e.change ?| array['quantity', 'leave-out']))
              order by l.position) as lines
       from otrs_bridge.drafts d
       join otrs_bridge.lines l on l.draft_id = d.id
      where d.id = any ($1::integer[]) and d.status = 'proposed'
      group by d.id
      order by d.id`,
    [draftIds],
  );
  return rows.map((row) => {
    const { draftId, customerId, roundings, lines } = ProposalRow.parse(row);
    const others = lines.filter(
      (line) => line.kind === "rounding" && line.isActive && !roundings.some((rounding) => isLineOf(rounding, line)),
    );
    const changes = roundings.map((rounding) => changesOf(rounding, lines));
    const last = Math.max(...lines.map(({ position }) => position));
    const add = changes.flatMap((change) => change.add);
    return {
      draftId,
      customerId,
      takeBack: [...others.map(({ lineId }) => lineId), ...changes.flatMap(({ takeBack }) => takeBack)],
      add: add.map((line, index) => ({ line, position: last + index + 1, kivitendoRow: null })),
    };
  });
}

interface Changes {
  readonly takeBack: readonly number[];
  readonly add: readonly PlannedLine[];
}

function changesOf(rounding: DraftRounding, lines: readonly Line[]): Changes {
  const rounded = lines.filter((line) => isRounded(rounding, line));
  const own = lines.filter((line) => line.kind === "rounding" && isLineOf(rounding, line));
  const standing = own.filter((line) => line.isActive);
  const takeBack = standing.map(({ lineId }) => lineId);
  if (rounded.length === 0) return { takeBack, add: [] };
  if (own.some((line) => line.isSetByHand)) return { takeBack: [], add: [] };
  const positions = rounded.map(({ quantity, workedUnits }) => ({
    quantity,
    workedMinutes: new Big(workedUnits).times(rounding.minutesPerUnit).div(100),
  }));
  const quantity = roundingQuantity(positions, rounding.minutesPerPartUnit, rounding);
  const [current] = standing;
  if (standing.length === 1 && quantity !== null && current !== undefined && new Big(current.quantity).eq(quantity)) {
    return { takeBack: [], add: [] };
  }
  return { takeBack, add: quantity === null ? [] : [lineOf(rounding, quantity, current)] };
}

/** A line that was made goodwill, or another part, is rounded no more. */
function isRounded({ positions, line: { part, unitPrice, discount } }: DraftRounding, line: Line): boolean {
  return (
    line.isActive &&
    line.kind === "billed" &&
    positions.includes(line.position) &&
    line.partId === (part?.partId ?? null) &&
    new Big(line.unitPrice).eq(unitPrice) &&
    new Big(line.discount).eq(discount)
  );
}

function isLineOf({ line: { part, unitPrice, discount, projectId, rule } }: DraftRounding, line: Line): boolean {
  return (
    line.partId === (part?.partId ?? null) &&
    new Big(line.unitPrice).eq(unitPrice) &&
    new Big(line.discount).eq(discount) &&
    line.projectId === projectId &&
    line.rule === rule
  );
}

/** With the text of the one whose place it takes: somebody may have changed it. */
function lineOf({ line }: DraftRounding, quantity: Decimal, before: Line | undefined): PlannedLine {
  return {
    ...line,
    description: before?.description ?? line.description,
    quantity,
    kind: "rounding",
    ticket: null,
    netAmount: lineTotal({ unitPrice: line.unitPrice, discount: line.discount, quantity }),
    longDescription: "",
    workedUnits: 0 as HundredthUnits,
    late: false,
    service: null,
    entries: [],
  };
}
