import { UnavailableError } from "../model/index.ts";
import type { FlowContext } from "../model/index.ts";
import type { State } from "../state/index.ts";

/** Only one writing run at a time, whoever starts it: a plan may run beside it. Losing the lock aborts the run. */
export async function exclusively<T>(
  state: State,
  context: FlowContext,
  run: (guarded: FlowContext) => Promise<T>,
): Promise<T> {
  const lock = await state.lock();
  if (lock === null) {
    throw new UnavailableError(
      `Another run of the bridge is under way: ${(await state.lockHolder()) ?? "it has just ended"}.`,
      "Wait until it has ended (the service runs by its schedule), then try again.",
    );
  }
  try {
    return await run({ ...context, signal: AbortSignal.any([context.signal, lock.lost]) });
  } finally {
    await lock.release();
  }
}
