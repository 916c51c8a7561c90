import { z } from "zod";
import type { Fault, FaultKind } from "./faults.ts";
import type { Secrets } from "./secrets.ts";
import type { Answer, Delivery } from "./transport.ts";

export type Reply<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly fault: Fault };

/** An error of an operation comes as HTTP 200. */
const OperationError = z.object({
  Error: z.object({ ErrorCode: z.string(), ErrorMessage: z.string().catch("") }),
});

/** A fault inside an operation comes as HTTP 500, text/plain, with JSON in it. */
const InnerFault = z.object({ faultstring: z.string() });

/** Turns whatever came into the value that the schema wants, or into one of the faults. */
export function replyOf<T>(route: string, delivery: Delivery, schema: z.ZodType<T>, secrets: Secrets): Reply<T> {
  const fault = (kind: FaultKind, detail: string, maybeDone = false): Reply<T> => ({
    ok: false,
    fault: { kind, route, detail: shortened(secrets.clean(detail)), maybeDone },
  });
  if ("failure" in delivery) {
    const { kind, code, maybeDone } = delivery.failure;
    return fault(kind, code, maybeDone);
  }
  const { answer } = delivery;
  if (answer.status !== 200) return fault(...statusFault(answer));
  const json = parseJson(answer.body);
  if (json === undefined) {
    if (answer.body.trim() === "") return fault("no-answer", "empty answer", true);
    return fault(isHtml(answer.body) ? "html" : "garbled", `no JSON: ${answer.body}`, true);
  }
  const error = OperationError.safeParse(json);
  if (error.success) {
    const { ErrorCode, ErrorMessage } = error.data.Error;
    const kind = operationFault(ErrorCode);
    return fault(kind, `${ErrorCode}: ${ErrorMessage}`, kind === "helpdesk-fault");
  }
  return checkedOf(route, json, schema, secrets);
}

/** An answer, or a part of one, as the schema wants it, or the fault that it is not so. */
export function checkedOf<T>(route: string, json: unknown, schema: z.ZodType<T>, secrets: Secrets): Reply<T> {
  const parsed = schema.safeParse(json);
  if (parsed.success) return { ok: true, value: parsed.data };
  const detail = shortened(secrets.clean(issuesText(parsed.error)));
  return { ok: false, fault: { kind: "malformed", route, detail, maybeDone: true } };
}

function operationFault(errorCode: string): FaultKind {
  if (errorCode.endsWith(".AuthFail")) return "auth-fail";
  if (errorCode.endsWith(".AccessDenied")) return "access-denied";
  // The add-on could not go on; records may have been written before.
  if (errorCode.endsWith(".Failed")) return "helpdesk-fault";
  return "not-understood";
}

function statusFault(answer: Answer): [kind: FaultKind, detail: string, maybeDone?: boolean] {
  const { status, body } = answer;
  if (status >= 300 && status < 400) return ["redirect", redirectTarget(answer.location)];
  if (status === 401 || status === 403 || status === 407) return ["front-door", String(status)];
  if (status === 404 || status === 405) return ["wrong-address", String(status)];
  if (status === 413) return ["payload-too-large", String(status)];
  if (status === 429) return ["busy", String(status)];
  if (status === 500) return innerFault(body);
  // A proxy gives up while the helpdesk may still be working: 502 to 504 usually, 408 or 52x with some.
  if (status === 408 || status > 501) return ["busy", String(status), true];
  return ["wrong-status", String(status), true];
}

/** Texts measured on Znuny 6.5 and OTOBO 11. */
function innerFault(body: string): [kind: FaultKind, detail: string, maybeDone?: boolean] {
  const parsed = InnerFault.safeParse(parseJson(body));
  const text = parsed.success ? parsed.data.faultstring : body.trim();
  if (text.startsWith("Can't load operation backend module")) return ["addon-missing", text];
  if (text.includes("Error while determine Operation")) return ["route-missing", text];
  if (
    text.startsWith("Error while decoding request content") ||
    text.startsWith("Unsupported request content structure") ||
    text.startsWith("Could not read input data")
  ) {
    return ["not-understood", text];
  }
  // OTOBO answers an unknown web service with an empty 500.
  if (text === "") return ["no-answer", "HTTP 500 without content", true];
  return ["helpdesk-fault", isHtml(text) ? "HTTP 500" : text, true];
}

function redirectTarget(location: string | null): string {
  if (location === null) return "an unnamed place";
  // Without query: it could carry anything. A relative address stays at the same host.
  return URL.canParse(location) ? new URL(location).origin : "another path";
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

function isHtml(text: string): boolean {
  return /^\s*<(!doctype|html|\?xml)/i.test(text);
}

function issuesText(error: z.ZodError): string {
  return error.issues
    .slice(0, 3)
    .map((issue) => `${issue.path.join(".") || "answer"}: ${issue.message}`)
    .join("; ");
}

const detailLength = 300;

function shortened(text: string): string {
  const line = text.replace(/\s+/g, " ").trim();
  return line.length > detailLength ? `${line.slice(0, detailLength)} …` : line;
}
