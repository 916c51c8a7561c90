import type { Seen, Shadow } from "./shadow.ts";
import type { Source } from "./source.ts";
import type { Setting } from "./steps.ts";

/** Both sides, and what the model knows of their history, when nothing is left to do. */
export interface Settled {
  readonly source: Source;
  readonly seen: Seen;
  readonly shadow: Shadow;
  readonly setting: Setting;
}
