export { createKivitendoBilling } from "./billing.ts";
export { openDatabase } from "./database.ts";
export type { DatabaseOptions } from "./database.ts";
export { draftForm } from "./draft-form.ts";
export { insertDraft } from "./draft.ts";
export { assertKivitendoUsable, inspectKivitendo } from "./inspect.ts";
export type { KivitendoInspection } from "./inspect.ts";
export { neededColumns } from "./needed-columns.ts";
