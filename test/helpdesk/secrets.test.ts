import { inspect } from "node:util";
import { expect, test } from "vitest";
import type { HelpdeskLog } from "../../src/helpdesk/index.ts";
import { createSecrets } from "../../src/helpdesk/secrets.ts";
import type { Step } from "./scripted-server.ts";
import {
  answer,
  client,
  hangUp,
  infoRoute,
  operationError,
  plain,
  scripted,
  silence,
  upsertRoute,
} from "./scripted-server.ts";

const password = 'pa$$ "wört" \\ 100%';

/** Helpdesks and proxies that give back what they were sent, in every place that ends up in a message. */
const leaks: readonly { name: string; step: Step }[] = [
  {
    name: "request in a fault",
    step: (seen, response) => answer({ faultstring: `died at ${seen.text}` }, 500)(seen, response),
  },
  { name: "request as plain text", step: (seen, response) => plain(500, seen.text)(seen, response) },
  { name: "request instead of JSON", step: (seen, response) => plain(200, `no JSON ${seen.text}`)(seen, response) },
  {
    name: "request in an error",
    step: (seen, response) => operationError("X.InvalidParameter", `bad: ${seen.text}`)(seen, response),
  },
  {
    name: "request in a denial",
    step: (seen, response) => operationError("X.AccessDenied", String(seen.body["SessionID"]))(seen, response),
  },
  {
    name: "request in a redirect",
    step: (seen, response) =>
      plain(302, "", { Location: `https://x.example.org/?${encodeURIComponent(seen.text)}` })(seen, response),
  },
  { name: "connection closed", step: hangUp },
  { name: "nothing in time", step: silence },
  { name: "refused session", step: operationError("X.AuthFail") },
  { name: "wrong shape", step: answer({ KivitendoBridge: { Protocol: 1, AddonVersion: { secret: 1 } } }) },
];

test.each(leaks)("neither password nor session in error or log: $name", async ({ step }) => {
  const server = await scripted({
    "/Session": (seen, response) => answer({ SessionID: `sess-${password.length}-top-secret` })(seen, response),
    [infoRoute]: step,
    [upsertRoute]: step,
  });
  const written: unknown[] = [];
  const log: HelpdeskLog = {
    debug: (fields, message) => written.push(fields, message),
    info: (fields, message) => written.push(fields, message),
    warn: (fields, message) => written.push(fields, message),
  };
  const helpdesk = client(server.url, { password, log, timeoutSeconds: 0.3 });
  const errors = [await thrownBy(helpdesk.info()), await thrownBy(helpdesk.customers.identify())];
  expect(errors.every((error) => error instanceof Error)).toBe(true);
  const everything = inspect([errors, written], { depth: Infinity, showHidden: true, maxStringLength: Infinity });
  expect(written.length).toBeGreaterThan(2);
  for (const secret of [password, JSON.stringify(password).slice(1, -1), encodeURIComponent(password), "top-secret"]) {
    expect(everything).not.toContain(secret);
  }
});

test("a login that is answered with its own password", async () => {
  const server = await scripted({
    "/Session": (seen, response) => plain(500, `cannot log in: ${seen.text}`)(seen, response),
  });
  const error = await thrownBy(client(server.url, { password }).info());
  expect(String(error)).toContain("cannot log in");
  const everything = inspect(error, { depth: Infinity, showHidden: true });
  expect(everything).not.toContain("pa$$");
  expect(everything).not.toContain("wört");
});

test("blanks a secret in plain, JSON and URL shape, and sessions as they come", () => {
  const secrets = createSecrets('a"b/c');
  secrets.add("SESSION1");
  expect(secrets.clean('x a"b/c y a\\"b/c z a%22b%2Fc SESSION1 SESSION2')).toBe(
    "x [secret] y [secret] z [secret] [secret] SESSION2",
  );
});

async function thrownBy(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => "nothing",
    (error: unknown) => error,
  );
}
