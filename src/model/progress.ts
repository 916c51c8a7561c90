/** A step of a flow, told to whoever watches: the terminal, the log, later the web pages. */
export interface ProgressEvent {
  readonly flow: "customers" | "billing";
  /** Constant text, such as "contacts written". */
  readonly step: string;
  readonly done?: number;
  readonly total?: number;
}

/** What every flow is handed to report and to be stopped. */
export interface FlowContext {
  readonly report: (event: ProgressEvent) => void;
  /** Aborted on SIGTERM or Ctrl-C; a flow finishes the record in hand and ends. */
  readonly signal: AbortSignal;
}
