export { createKivitendoBilling } from "./billing.ts";
export { listenForChanges } from "./change-listener.ts";
export type { ChangeListener, ListenerOptions } from "./change-listener.ts";
export { openDatabase } from "./database.ts";
export type { DatabaseOptions } from "./database.ts";
export { draftForm } from "./draft-form.ts";
export { assertKivitendoUsable, inspectKivitendo } from "./inspect.ts";
export { neededColumns } from "./needed-columns.ts";
export { insertTarget } from "./target.ts";
