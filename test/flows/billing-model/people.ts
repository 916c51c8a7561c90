/** Who does something, to what, and whether it was refused. */
import { ConfigError, RefusedError, RejectedError } from "../../../src/model/index.ts";
import type { World } from "../../support/bridge.ts";
import type { Books } from "./books.ts";

export interface Office {
  readonly world: World;
  readonly books: Books;
  readonly detail: "rows" | "articles";
  readonly now: () => Temporal.Instant;
}

export const signature = { by: "Frau Kern", why: "so besprochen" };

/** False when it was refused with a reason. */
export async function isAccepted(doing: Promise<unknown>): Promise<boolean> {
  try {
    await doing;
    return true;
  } catch (error) {
    if (error instanceof RefusedError || error instanceof ConfigError || error instanceof RejectedError) return false;
    throw error;
  }
}
