/** Runs that do not come to their end. */
import { quietContext, type World } from "../../support/bridge.ts";

export interface Disturb {
  readonly after: number;
  readonly how: "abort" | "cut";
}

/** Ends a run after so many requests and reports, by a signal or by cutting its connections to the database. */
export async function disturbed(
  world: World,
  { after, how }: Disturb,
  run: (context: ReturnType<typeof quietContext>) => Promise<unknown>,
): Promise<void> {
  const interrupt = new AbortController();
  let cut: Promise<unknown> = Promise.resolve();
  let events = 0;
  const next = (): void => {
    if (events++ !== after) return;
    if (how === "abort") interrupt.abort();
    else
      cut = world.admin.query("select pg_terminate_backend(pid) from pg_stat_activity where usename = $1", [
        world.database.bridgeRole,
      ]);
  };
  world.onRequest = next;
  await run({ ...quietContext(interrupt.signal), report: next }).catch(() => undefined);
  world.onRequest = null;
  await cut;
}
