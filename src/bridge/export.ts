import { randomBytes } from "node:crypto";
import type { ExportPorts } from "../customer-sync/index.ts";
import type { ExportFormat } from "../customer-sync/ports.ts";
import type { openDatabase } from "../kivitendo/index.ts";
import { checkIdentity } from "../state/index.ts";
import type { State } from "../state/index.ts";
import { hasFile, writeFiles } from "./export-directory.ts";

/** What an operator chose for one export. */
export interface ExportOptions {
  readonly format: ExportFormat;
  readonly directory: string;
  /** Tell every record as new. */
  readonly all: boolean;
}

/** The parts of an export into a directory. The helpdesk is not asked: files are for those that cannot be. */
export function exportPorts(
  pool: ReturnType<typeof openDatabase>,
  state: State,
  instance: string,
  directory: string,
): ExportPorts {
  return {
    state: state.customers,
    exports: state.exports,
    checkDatabase: () => checkIdentity(pool, { instance, helpdesk: null, look: true }),
    writeFiles: (files) => writeFiles(directory, files),
    hasFile: (name) => hasFile(directory, name),
    newPassword: () => randomBytes(24).toString("base64url"),
    now: () => Temporal.Now.instant(),
  };
}
