/** Runs of items of equal kind, in order. */
export function segmentsOf<T>(items: readonly T[], kindOf: (item: T) => string): readonly (readonly T[])[] {
  const segments: T[][] = [];
  let kind: string | null = null;
  for (const item of items) {
    const segment = kindOf(item) === kind ? segments.at(-1) : undefined;
    if (segment) segment.push(item);
    else segments.push([item]);
    kind = kindOf(item);
  }
  return segments;
}

export function chunksOf<T>(items: readonly T[], size: number): readonly (readonly T[])[] {
  const count = Math.ceil(items.length / size);
  return Array.from({ length: count }, (_, index) => items.slice(index * size, (index + 1) * size));
}

/**
 * Works on batches, at most `concurrency` at once, and answers their results in order. After a failure or an abort no
 * further batch is begun; those under way are waited for before this throws.
 */
export async function inParallel<T, R>(
  batches: readonly T[],
  concurrency: number,
  signal: AbortSignal,
  work: (batch: T) => Promise<R>,
): Promise<readonly R[]> {
  const results: R[] = [];
  const waiting = [...batches.entries()];
  async function worker(): Promise<void> {
    try {
      for (let next = waiting.shift(); next; next = waiting.shift()) {
        signal.throwIfAborted();
        const [index, batch] = next;
        results[index] = await work(batch);
      }
    } catch (error) {
      waiting.length = 0;
      throw error;
    }
  }
  const ends = await Promise.allSettled(Array.from({ length: Math.min(concurrency, batches.length) }, worker));
  for (const end of ends) if (end.status === "rejected") throw end.reason;
  return results;
}
