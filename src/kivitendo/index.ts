export { createKivitendoBilling } from "./billing.ts";
export { openDatabase } from "./database.ts";
export type { DatabaseOptions } from "./database.ts";
export { draftForm } from "./draft-form.ts";
export { insertDraft } from "./draft.ts";
