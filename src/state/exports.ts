import type { Pool } from "pg";
import { z } from "zod";
import type { ExportEntry, ExportFormat, ExportState, LastExport } from "../customer-sync/ports.ts";
import { UnavailableError } from "../model/index.ts";
import { storableText } from "./rows.ts";
import { inTransaction } from "./transaction.ts";

/** What the bridge remembers of the files that it wrote. */
export function createExportState(pool: Pool): ExportState {
  return {
    readLast: (format) => readLast(pool, format),
    recordExport: (entry) => recordExport(pool, entry),
  };
}

const Last = z.object({ number: z.number().int(), refused: z.array(z.string()) });
const Exported = z.object({
  record: z.enum(["company", "user"]),
  rowId: z.number().int(),
  key: z.string(),
  fields: z.record(z.string(), z.string()),
  valid: z.boolean(),
});

async function readLast(pool: Pool, format: ExportFormat): Promise<LastExport> {
  return inTransaction(pool, "snapshot", async (client) => {
    const { rows: last } = await client.query(
      `select number, refused
         from otrs_bridge.exports
        where format = $1
        order by number desc
        limit 1`,
      [format],
    );
    const { rows } = await client.query(
      `select kind as record, row_id as "rowId", key, fields, valid
         from otrs_bridge.exported_records
        where format = $1
        order by kind, row_id`,
      [format],
    );
    const { number, refused } = last.length === 0 ? { number: 0, refused: [] } : Last.parse(last[0]);
    return { number, refused, records: z.array(Exported).parse(rows) };
  });
}

const uniqueViolation = "23505";

async function recordExport(pool: Pool, entry: ExportEntry): Promise<void> {
  await inTransaction(pool, "write", async (client) => {
    try {
      await client.query(
        `insert into otrs_bridge.exports (format, number, made_at, changed, refused)
         values ($1, $2, $3, $4, $5)`,
        [entry.format, entry.after + 1, entry.madeAt.toString(), entry.changed.length, JSON.stringify(entry.refused)],
      );
    } catch (error) {
      if (!(error instanceof Error && "code" in error && error.code === uniqueViolation)) throw error;
      throw new UnavailableError(
        `Another export of the format ${entry.format} came in between; what it remembered stays.`,
        "Export once more: the files are then written anew.",
        { cause: error },
      );
    }
    await client.query(
      `insert into otrs_bridge.exported_records (format, kind, row_id, key, fields, valid)
       select $1, kind, row_id, key, fields, valid
         from jsonb_to_recordset($2) as r (kind text, row_id integer, key text, fields jsonb, valid boolean)
        order by kind, row_id
           on conflict (format, kind, row_id) do update
          set key = excluded.key, fields = excluded.fields, valid = excluded.valid`,
      [entry.format, JSON.stringify(entry.changed.map(rowOf))],
    );
  });
}

function rowOf({
  record,
  rowId,
  key,
  fields,
  valid,
}: ExportEntry["changed"][number]): Readonly<Record<string, unknown>> {
  return {
    kind: record,
    row_id: rowId,
    key: storableText(key),
    fields: Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, storableText(value)])),
    valid,
  };
}
