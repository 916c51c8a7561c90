import type { Pool, PoolClient } from "pg";
import { z } from "zod";
import type { Decided, LineEdit, ProposalEdit } from "../../billing/ports.ts";
import { ConfigError, Decimal, RefusedError } from "../../model/index.ts";
import { roundProposals, settleDrafts, takeBack } from "../reversals.ts";
import { storableText } from "../rows.ts";
import { inTransaction } from "../transaction.ts";
import { logDecision, signed } from "./decided.ts";
import { assertProposal, lockDraft } from "./proposal.ts";
import { lockTickets, waiveLines } from "./settle-by-hand.ts";

const LineRow = z.object({
  lineId: z.number(),
  draftId: z.number(),
  ticketId: z.number().nullable(),
  kind: z.enum(["billed", "goodwill", "rounding"]),
  partId: z.number().nullable(),
  partNumber: z.string().nullable(),
  unit: z.string().nullable(),
  unitPrice: Decimal,
  discount: Decimal,
  quantity: Decimal,
  netAmount: Decimal,
  priceSource: z.string().nullable(),
  description: z.string(),
  longDescription: z.string(),
  reversed: z.boolean(),
});
type Line = z.infer<typeof LineRow>;

/** What can be changed; quantities and prices as kivitendo stores them, with five decimals. */
type Editable = Pick<
  Line,
  | "kind"
  | "partId"
  | "partNumber"
  | "unit"
  | "unitPrice"
  | "discount"
  | "quantity"
  | "priceSource"
  | "description"
  | "longDescription"
>;

/** Changes a line of a proposal and keeps the original; see the port. */
export async function editProposal(pool: Pool, lineId: number, edit: ProposalEdit, given: Decided): Promise<void> {
  const decided = signed(given);
  await inTransaction(pool, "write", async (client) => {
    const { draftId, ticketId } = await readLine(client, lineId);
    if (ticketId !== null) await lockTickets(client, [ticketId]);
    assertProposal(draftId, (await lockDraft(client, draftId)).status);
    const line = await readLine(client, lineId);
    if (line.reversed) {
      throw new RefusedError(
        `Line ${lineId} was taken out of proposal ${draftId} already. Nothing was written.`,
        `\`kivi-otrs billing drafts\` shows what the proposal holds now.`,
      );
    }
    if (edit.kind === "leave-out") await leaveOut(client, line, edit.time, decided);
    else await change(client, line, changesOf(line, edit), decided);
  });
}

async function readLine(client: PoolClient, lineId: number): Promise<Line> {
  const { rows } = await client.query(
    `select l.id as "lineId", l.draft_id as "draftId", l.ticket_id::float8 as "ticketId", l.kind,
            l.part_id as "partId", l.part_number as "partNumber", l.unit, l.unit_price::text as "unitPrice",
            l.discount::text as discount, l.quantity::text as quantity, l.net_amount::text as "netAmount",
            l.price_source as "priceSource", l.description, l.long_description as "longDescription",
            exists (select from otrs_bridge.lines r where r.reverses = l.id) as reversed
       from otrs_bridge.lines l
      where l.id = $1 and l.draft_id is not null`,
    [lineId],
  );
  if (rows.length > 0) return LineRow.parse(rows[0]);
  throw new ConfigError(
    `No draft has a line ${lineId}.`,
    "`kivi-otrs billing drafts` lists proposals with their lines.",
  );
}

/** Its time is due again and held, or settled for good. */
async function leaveOut(client: PoolClient, line: Line, time: "waive" | "hold", decided: Decided): Promise<void> {
  const { lineId, ticketId } = line;
  if (ticketId === null && time === "hold") {
    throw new ConfigError(`Line ${lineId} belongs to no ticket that could be held.`, "Leave it out for good instead.");
  }
  // Before the line goes: a rounding that somebody took out is not made again.
  const to = time === "hold" ? "held" : "waived";
  await logEdit(client, lineId, { "leave-out": { from: "proposed", to } }, decided);
  if (time === "hold") {
    await takeBack(client, [lineId], decided);
    await client.query(`update otrs_bridge.tickets set held = true where ticket_id = $1`, [ticketId]);
  } else {
    await waiveLines(client, [lineId], decided);
  }
  const about = { draftId: line.draftId, ...(ticketId === null ? {} : { ticketId }) };
  await logDecision(client, about, `leave-out-${time}`, decided);
}

function changesOf(line: Line, edit: Exclude<ProposalEdit, { kind: "leave-out" }>): Partial<Editable> {
  const isRounding = line.kind === "rounding";
  if (edit.kind === "text") {
    return {
      ...(edit.description === null ? {} : { description: storableText(edit.description) }),
      ...(edit.longDescription === null ? {} : { longDescription: storableText(edit.longDescription) }),
    };
  }
  if (edit.kind === "quantity") {
    return { quantity: isRounding ? storedNumber(edit.quantity) : positive(edit.quantity) };
  }
  if (isRounding) {
    throw new ConfigError(`Line ${line.lineId} only rounds its draft.`, "Change its quantity, or leave it out.");
  }
  const free = { unitPrice: "0" as Decimal, discount: "0" as Decimal, priceSource: "edited" };
  if (edit.kind === "goodwill") return { kind: "goodwill", ...free };
  return {
    partId: edit.partId,
    partNumber: edit.partNumber,
    unit: storableText(edit.unit),
    quantity: positive(edit.quantity),
    ...free,
    // What is goodwill stays without a price.
    ...(line.kind === "goodwill" ? {} : { unitPrice: storedNumber(edit.unitPrice) }),
  };
}

function positive(quantity: Decimal): Decimal {
  if (/[1-9]/.test(quantity) && !quantity.startsWith("-")) return storedNumber(quantity);
  throw new ConfigError(`The quantity ${quantity} is not above 0.`, "Leave the line out instead, or make it goodwill.");
}

function storedNumber(value: Decimal): Decimal {
  if (/^-?\d{1,15}(\.\d{1,5}0*)?$/.test(value)) return value;
  throw new ConfigError(
    `${value} has more decimals than kivitendo keeps, which is five.`,
    "Round it to five decimals.",
  );
}

const ChangedRow = z.object({ netAmount: Decimal });

async function change(client: PoolClient, line: Line, changes: Partial<Editable>, decided: Decided): Promise<void> {
  const next = { ...line, ...changes };
  if (Object.keys(differences({ ...line }, next)).length === 0) {
    throw new ConfigError(`Line ${line.lineId} is like that already.`, "Nothing was changed.");
  }
  const { rows } = await client.query(
    `update otrs_bridge.lines
        set kind = $2, part_id = $3, part_number = $4, unit = $5, unit_price = $6, discount = $7, quantity = $8,
            -- as kivitendo rounds a line
            net_amount = round($6::numeric * (1 - $7::numeric) * $8::numeric, 2),
            price_source = $9, description = $10, long_description = $11
      where id = $1
     returning net_amount::text as "netAmount"`,
    [
      line.lineId,
      next.kind,
      next.partId,
      next.partNumber,
      next.unit,
      next.unitPrice,
      next.discount,
      next.quantity,
      next.priceSource,
      next.description,
      next.longDescription,
    ],
  );
  const { netAmount } = ChangedRow.parse(rows[0]);
  await logEdit(client, line.lineId, differences({ ...line }, { ...next, netAmount }), decided);
  // The rounding was made for another sum; the text alone does not count.
  if (line.kind !== "rounding" && ("quantity" in changes || "unitPrice" in changes)) {
    await roundProposals(client, [line.draftId], decided);
  }
  await settleDrafts(client, [line.draftId]);
}

type Row = Readonly<Record<string, string | number | boolean | null>>;

function differences(from: Row, to: Row): LineEdit["change"] {
  const shown = (value: Row[string] | undefined): string => String(value ?? "");
  const keys = Object.keys(from).filter((key) => !sameValue(shown(from[key]), shown(to[key])));
  return Object.fromEntries(keys.map((key) => [key, { from: shown(from[key]), to: shown(to[key]) }]));
}

/** `1.50000` and `1.5` are the same number. */
function sameValue(a: string, b: string): boolean {
  return withoutZeros(a) === withoutZeros(b);
}

function withoutZeros(text: string): string {
  return /^-?\d+\.\d+$/.test(text) ? text.replace(/\.?0+$/, "") : text;
}

async function logEdit(
  client: PoolClient,
  lineId: number,
  changed: LineEdit["change"],
  decided: Decided,
): Promise<void> {
  await client.query(
    `insert into otrs_bridge.line_edits (line_id, change, edited_by, edited_why, edited_at)
     values ($1, $2, $3, $4, $5)`,
    [lineId, JSON.stringify(changed), decided.by, decided.why, decided.at.toString()],
  );
}
