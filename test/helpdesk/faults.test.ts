import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { freePort } from "../../src/demo/free-port.ts";
import { ConfigError, UnavailableError } from "../../src/model/index.ts";
import { faultCases } from "./fault-cases.ts";
import { answer, client, hangUp, info, infoRoute, plain, scripted, sessionRoute, silence } from "./scripted-server.ts";
import type { Step } from "./scripted-server.ts";

test.each(faultCases)("$name", async ({ step, error, says, hint, attempts }) => {
  const server = await scripted({ [infoRoute]: step });
  const helpdesk = client(server.url, { timeoutSeconds: step === silence ? 0.3 : 5, maxResponseBytes: 20_000 });
  const thrown: unknown = await helpdesk.info().catch((reason: unknown) => reason);
  expect(thrown).toBeInstanceOf(error);
  expect(thrown).toMatchObject({ message: expect.stringMatching(says), hint: expect.stringMatching(hint) });
  expect(server.at(infoRoute)).toHaveLength(attempts);
  expect(server.at(sessionRoute)).toHaveLength(1);
});

test("a web service that nobody serves is told apart from a broken network by another page of the server", async () => {
  const server = await scripted({ [sessionRoute]: hangUp, "/otrs/index.pl": plain(200, "<html>Login</html>") });
  await expect(client(server.url).info()).rejects.toMatchObject({
    name: "ConfigError",
    message: expect.stringContaining("not for the web service KivitendoBridge"),
    hint: expect.stringMatching(/Import and enable it.*librest-client-perl.*network/),
  });
  expect(server.at("/otrs/index.pl")).toHaveLength(1);
});

test("OTOBO answers an unknown web service with an empty 500", async () => {
  const server = await scripted({ [sessionRoute]: plain(500, ""), "/otrs/index.pl": plain(200, "<html>Login</html>") });
  await expect(client(server.url).info()).rejects.toThrow(/not for the web service KivitendoBridge/);
});

test("a web service that answered before exists, whatever comes later", async () => {
  const server = await scripted({
    [infoRoute]: [answer(info()), hangUp],
    "/otrs/index.pl": plain(200, "<html>Login</html>"),
  });
  const helpdesk = client(server.url);
  await helpdesk.info();
  await expect(helpdesk.info()).rejects.toThrow(UnavailableError);
  expect(server.at("/otrs/index.pl")).toHaveLength(0);
});

test("what may pass is tried again, and then works", async () => {
  const server = await scripted({ [infoRoute]: [plain(502, ""), hangUp, answer(info())] });
  expect((await client(server.url).info()).sequence).toBe(7);
});

test.each([
  { name: "a login page", step: plain(200, "<!DOCTYPE html><html>Login</html>") },
  { name: "a maintenance page with 404", step: plain(404, "<html>Wartung</html>") },
  { name: "a redirect", step: plain(302, "", { Location: "https://sso.example.org/?next=secret" }) },
  { name: "HTTP 403", step: plain(403, "Forbidden") },
  { name: "no HTTP", step: (({ socket }) => socket.end("rubbish\r\n\r\n")) satisfies Step },
])("$name where the helpdesk answered before will pass", async ({ step }) => {
  const server = await scripted({ [infoRoute]: [answer(info()), step, answer(info()), step] });
  const helpdesk = client(server.url);
  await helpdesk.info();
  expect((await helpdesk.info()).sequence).toBe(7);
  const thrown: unknown = await helpdesk.customers.identify().catch((reason: unknown) => reason);
  expect(thrown).toBeInstanceOf(UnavailableError);
  expect(thrown).toMatchObject({ message: expect.stringMatching(/^Something else than the helpdesk answered/) });
  expect(String(thrown)).not.toContain("secret");
});

test("nobody listens", async () => {
  const port = await freePort();
  await expect(client(`http://127.0.0.1:${port}/otrs`).info()).rejects.toMatchObject({
    name: "UnavailableError",
    message: expect.stringContaining(`Nothing listens at 127.0.0.1:${port}`),
  });
});

test("a name that does not exist", async () => {
  await expect(client("http://helpdesk.invalid/otrs", { timeoutSeconds: 10 }).info()).rejects.toMatchObject({
    name: "UnavailableError",
    hint: expect.stringContaining("getent hosts helpdesk.invalid"),
  });
});

test("something else than a web server", async () => {
  const server = createServer((socket) => socket.end("220 mail.example.org ESMTP\r\n"));
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  onTestFinished(() => void server.close());
  const { port } = server.address() as AddressInfo;
  await expect(client(`http://127.0.0.1:${port}/otrs`).info()).rejects.toMatchObject({
    name: "ConfigError",
    message: expect.stringContaining("does not speak HTTP"),
  });
});

test.each([
  "ftp://helpdesk/otrs",
  "helpdesk/otrs",
  "https://bridge:geheim@helpdesk/otrs",
  "https://helpdesk/otrs?SessionID=1",
])("refuses the address %s", (url) => {
  const made = (): unknown => client(url);
  expect(made).toThrow(ConfigError);
  expect(made).not.toThrow(/geheim|SessionID/);
});
