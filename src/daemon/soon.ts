export interface SoonLimits {
  /** The call comes this long after the last reason, in milliseconds … */
  readonly quietMs: number;
  /** … and at the latest this long after the first one, however many follow. */
  readonly longestMs: number;
}

export interface Soon {
  /** There is a reason for the call. */
  because(): void;
  /** The reasons so far are dealt with, or no longer count. */
  forget(): void;
}

/** Turns many reasons into few calls. */
export function soon(call: () => void, { quietMs, longestMs }: SoonLimits): Soon {
  let timer: NodeJS.Timeout | undefined;
  let latest: number | null = null;
  const forget = (): void => {
    clearTimeout(timer);
    latest = null;
  };
  return {
    because: () => {
      const now = performance.now();
      latest ??= now + longestMs;
      clearTimeout(timer);
      timer = setTimeout(
        () => {
          forget();
          call();
        },
        Math.min(quietMs, Math.max(0, latest - now)),
      );
    },
    forget,
  };
}
