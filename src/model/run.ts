/** How a run ended, as it is recorded in `otrs_bridge.runs`. */
export interface RunEnd {
  readonly finishedAt: Temporal.Instant;
  readonly status: "done" | "partial" | "refused" | "failed" | "interrupted";
  /** The same figures that `--json` prints. */
  readonly summary: unknown;
  readonly error: string | null;
}
