import type { Fields } from "./loose-values.ts";
import type { Simulation } from "./simulation.ts";

/** One call of an operation: the merged parameters of header, route, query and body. */
export interface Call {
  data: Fields;
  ip: string;
  userAgent: string;
}

/** An operation of the web service; returns the answer's JSON or throws one of the errors below. */
export type Operation = (sim: Simulation, call: Call) => unknown;

/** One row of the web service's definition. */
export interface Route {
  name: string;
  methods: string[];
  path: string;
  run: Operation;
}

/** An error of an operation: HTTP 200 with an `Error` object. */
export class OperationError extends Error {
  override readonly name = "OperationError";
  readonly code: string;
  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

/** An operation that failed half-way, or does not exist: HTTP 500, text/plain, a JSON body with `faultstring`. */
export class ServerFault extends Error {
  override readonly name = "ServerFault";
}

/** Makes the errors of one operation: `fail("AuthFail", "…")` is thrown as `<Operation>.AuthFail`, message prefixed. */
export function failureOf(operation: string): (code: string, message: string) => OperationError {
  return (code, message) => new OperationError(`${operation}.${code}`, `${operation}: ${message}`);
}
