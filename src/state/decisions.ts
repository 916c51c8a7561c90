import type { Pool, PoolClient } from "pg";
import { z } from "zod";
import type { ConfirmedMatch, RecordedDecision, RecordKind, RejectionCode } from "../customer-sync/ports.ts";
import { ConfigError, UnavailableError } from "../model/index.ts";
import { storableText } from "./rows.ts";
import { inTransaction } from "./transaction.ts";

type Choice = RecordedDecision["choice"];

/** What is known of a record when somebody decides about it. */
export interface Waiting {
  /** Why it was refused; null when it was not. */
  readonly code: string | null;
  readonly confirmed: boolean;
  /** Without `confirmed`: somebody paired it with a record of the helpdesk. */
  readonly adopted: boolean;
  /** An earlier decision that still holds. */
  readonly decision: string | null;
}

/** What may be decided about a refusal, besides trying again and leaving it. */
const choicesByCode: Readonly<Partial<Record<RejectionCode, readonly Choice[]>>> = {
  found: ["adopt"],
  gone: ["recreate"],
  "name-taken": ["append-number"],
};

/** The decisions that make sense for a record; none when nothing waits there. */
export function choicesFor({ code, confirmed, adopted, decision }: Waiting): readonly Choice[] {
  // What is not there yet can be made under another key than the one that somebody has.
  const rename: readonly Choice[] = confirmed || (!adopted && keyIsTaken(code)) ? ["rename"] : [];
  if (code === "move-waits") return ["move", "stay"];
  if (code === null) return [...(decision === "stay" ? (["move"] as const) : []), ...rename];
  const ofCode = Object.entries(choicesByCode).find(([known]) => known === code)?.[1] ?? [];
  // The way out of a pair that does not work.
  const unpair: readonly Choice[] = adopted && !confirmed && !ofCode.includes("recreate") ? ["recreate"] : [];
  return [...ofCode, ...unpair, "retry", "ignore", ...rename];
}

function keyIsTaken(code: string | null): boolean {
  return code === "found" || code === "not-ours" || code === "key-differs";
}

const LinkRow = z.object({
  status: z.enum(["writing", "linked", "rejected", "matched"]),
  code: z.string().nullable(),
  confirmed: z.boolean(),
  adopted: z.boolean(),
  decision: z.string().nullable(),
  asked: z.number().nullable(),
});
type LinkRow = z.infer<typeof LinkRow>;

/**
 * Stores a decision with who and why; the next run uses it. `stay` and `append-number` hold until another decision, the
 * others until they were carried out. Throws ConfigError when nothing waits there, or not for that choice, and UnavailableError
 * while a write has no outcome.
 */
export async function decide(pool: Pool, kind: RecordKind, rowId: number, decision: RecordedDecision): Promise<void> {
  const by = decision.by.trim();
  const why = decision.why.trim();
  if (by === "" || why === "")
    throw new ConfigError("A decision needs who made it, and why.", 'Add --by "…" --why "…".');
  await inTransaction(pool, "write", async (client) => {
    const link = await readLink(client, kind, rowId);
    const name = `${kind}-${rowId}`;
    const code = link?.status === "rejected" ? link.code : null;
    assertSettled(name, link);
    const choices = link === null ? [] : choicesFor({ ...link, code });
    assertChoice(name, decision.choice, code, choices);
    const value = valueOf(name, decision, link?.asked ?? null);
    await applyDecision(client, kind, rowId, { ...decision, value });
    await client.query(
      `insert into otrs_bridge.decisions (kind, row_id, code, choice, value, decided_by, decided_why, decided_at)
       values ($1, $2, $3, $4, $5, $6, $7, $8)`,
      [kind, rowId, code, decision.choice, value, storableText(by), storableText(why), decision.at.toString()],
    );
  });
}

async function readLink(client: PoolClient, kind: RecordKind, rowId: number): Promise<LinkRow | null> {
  const { rows } = await client.query(
    `select status, rejection_code as code, confirmed, adopted, decision, asked_customer_id as asked
       from otrs_bridge.links
      where kind = $1 and row_id = $2
        for update`,
    [kind, rowId],
  );
  return rows.length === 0 ? null : LinkRow.parse(rows[0]);
}

/** What waits, and whether anything does, shows when the interrupted write is carried on. */
function assertSettled(name: string, link: LinkRow | null): void {
  if (link?.status !== "writing") return;
  throw new UnavailableError(
    `It is not known yet what became of the last write of ${name}: that run was interrupted.`,
    "Run `kivi-otrs customers sync`, then decide again.",
  );
}

function assertChoice(name: string, choice: Choice, code: string | null, choices: readonly Choice[]): void {
  if (choices.includes(choice)) return;
  if (choices.length === 0) {
    throw new ConfigError(
      `Nothing waits for a decision at ${name}.`,
      "`kivi-otrs inbox` lists what waits, with its id.",
    );
  }
  const about = code === null ? "is not refused" : `waits because of ${code}`;
  throw new ConfigError(
    `${name} ${about}, for which "${choice}" is no answer.`,
    `Choose one of: ${choices.join(", ")}.`,
  );
}

/** `stay` is about the customer that was refused; `rename` about the new key. */
function valueOf(name: string, { choice, value }: RecordedDecision, asked: number | null): string | null {
  const given = value === null || value.trim() === "" ? null : storableText(value.trim());
  if (choice === "stay") {
    if (asked === null && (given === null || !/^\d+$/.test(given))) {
      throw new ConfigError(
        `It is not known to which customer ${name} was to move.`,
        "Run `kivi-otrs customers sync`, then decide again.",
      );
    }
    return given ?? String(asked);
  }
  if (choice === "rename") {
    if (given === null) throw new ConfigError(`Renaming ${name} needs the new key.`, "Write it after the choice.");
    return given;
  }
  if (given === null) return null;
  throw new ConfigError(`"${choice}" takes no value, but "${given}" was given.`, "Leave it out.");
}

async function applyDecision(
  client: PoolClient,
  kind: RecordKind,
  rowId: number,
  { choice, value, at }: RecordedDecision,
): Promise<void> {
  await client.query(
    `update otrs_bridge.links
        set decision = case $3 when 'retry' then nullif(decision, 'ignore') else $3 end,
            decision_value = case
              when $3 = 'retry' then decision_value
              -- What hung on the record names its key.
              when $3 = 'recreate' and confirmed then helpdesk_key
              else $4
            end,
            next_attempt_at = case
              when $3 = 'ignore' then 'infinity'
              when status = 'rejected' then $5::timestamptz
            end,
            -- Expected absent from now on; a pair that does not work is none any more.
            confirmed = confirmed and $3 <> 'recreate',
            adopted = adopted and (confirmed or $3 <> 'recreate'),
            valid = valid or $3 = 'recreate'
      where kind = $1 and row_id = $2`,
    [kind, rowId, choice, value, at.toString()],
  );
}

const TakenRow = z.object({ rowId: z.number(), key: z.string(), why: z.enum(["linked", "used"]) });

/**
 * Links rows to records that stand in the helpdesk already; the next run adopts them. Throws ConfigError, having written
 * nothing, when a row is linked, when a key belongs to another row, or when one is named twice.
 */
export async function confirmMatches(
  pool: Pool,
  matches: readonly ConfirmedMatch[],
  now: Temporal.Instant = Temporal.Now.instant(),
): Promise<void> {
  if (matches.length === 0) return;
  assertEachOnce(matches);
  const given = JSON.stringify(
    matches.map(({ record, rowId, key, by }) => ({
      kind: record,
      row_id: rowId,
      key: storableText(key),
      by: storableText(by),
    })),
  );
  await inTransaction(pool, "write", async (client) => {
    await assertFree(client, given);
    await client.query(
      `insert into otrs_bridge.links as l (kind, row_id, helpdesk_key, status, adopted)
       select kind, row_id, key, 'matched', true
         from jsonb_to_recordset($1) as m (kind text, row_id integer, key text)
        order by kind, row_id
           on conflict (kind, row_id) do update
          set helpdesk_key = excluded.helpdesk_key, status = 'matched', adopted = true, source_hash = null,
              rejection_code = null, rejection_reason = null, rejected_at = null, attempts = 0, next_attempt_at = null,
              decision = null, decision_value = null`,
      [given],
    );
    await client.query(
      `insert into otrs_bridge.decisions (kind, row_id, choice, value, decided_by, decided_why, decided_at)
       select kind, row_id, 'match', key, by, 'confirmed pair', $2
         from jsonb_to_recordset($1) as m (kind text, row_id integer, key text, by text)
        order by kind, row_id`,
      [given, now.toString()],
    );
  });
}

function assertEachOnce(matches: readonly ConfirmedMatch[]): void {
  const seen = new Map<string, ConfirmedMatch>();
  for (const match of matches) {
    for (const place of [`${match.record} row ${match.rowId}`, `${match.record} key ${match.key.toLowerCase()}`]) {
      const other = seen.get(place);
      if (other !== undefined) {
        throw new ConfigError(
          `${match.record}-${match.rowId} with "${match.key}" and ${other.record}-${other.rowId} with "${other.key}" exclude each other.`,
          "Keep one of the two pairs.",
        );
      }
      seen.set(place, match);
    }
  }
}

async function assertFree(client: PoolClient, given: string): Promise<void> {
  const { rows } = await client.query(
    `select m.row_id as "rowId", l.helpdesk_key as key,
            case when l.row_id = m.row_id then 'linked' else 'used' end as why, m.kind
       from jsonb_to_recordset($1) as m (kind text, row_id integer, key text)
       join otrs_bridge.links l
         on l.kind = m.kind
        and (l.row_id = m.row_id and (l.confirmed or l.status = 'writing')
             or l.row_id <> m.row_id and lower(l.helpdesk_key) = lower(m.key)
                and (l.confirmed or l.adopted or l.status = 'writing'))
      order by m.kind, m.row_id`,
    [given],
  );
  const [first] = z.array(TakenRow.extend({ kind: z.enum(["company", "user"]) })).parse(rows);
  if (first === undefined) return;
  const name = `${first.kind}-${first.rowId}`;
  throw new ConfigError(
    first.why === "linked"
      ? `${name} is linked to "${first.key}" already.`
      : `${name} cannot be linked to "${first.key}": another row of kivitendo is.`,
    `Take ${name} out of the list${rows.length > 1 ? ` (and ${rows.length - 1} more like it)` : ""}. Nothing was written.`,
  );
}
