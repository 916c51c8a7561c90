import { readFileSync, writeFileSync, mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { ConfigError, UnavailableError } from "../../src/model/index.ts";
import { answer, client, info, infoRoute, json, plain, scripted, sessionRoute } from "./scripted-server.ts";

const fixtures = new URL("../fixtures/tls/", import.meta.url);
const pem = (name: string): string => readFileSync(new URL(name, fixtures), "utf8");
const caFile = new URL("ca.pem", fixtures).pathname;

test("connections are kept and used again", async () => {
  const server = await scripted();
  const helpdesk = client(server.url);
  await helpdesk.info();
  await helpdesk.info();
  expect(new Set(server.seen.map((one) => one.socket)).size).toBe(1);
});

test("a kept connection that the server gave up meanwhile costs a new one, not the call", async () => {
  const server = await scripted({
    [infoRoute]: [
      answer(info({ Sequence: 1 })),
      // As Apache at the end of KeepAliveTimeout: the request meets a closed connection.
      (seen) => seen.socket.resetAndDestroy(),
      answer(info({ Sequence: 3 })),
    ],
  });
  const helpdesk = client(server.url);
  expect((await helpdesk.info()).sequence).toBe(1);
  expect((await helpdesk.info()).sequence).toBe(3);
  expect(server.at(infoRoute)[1]?.socket).toBe(server.at(infoRoute)[0]?.socket);
  expect(server.at(infoRoute)[2]?.socket).not.toBe(server.at(infoRoute)[1]?.socket);
});

test("an answer that is too large is cut while it comes, not when all of it is there", async () => {
  let written = 0;
  const server = await scripted({
    [infoRoute]: (seen, response) => {
      response.writeHead(200, { "Content-Type": "application/json" });
      const pour = (): void => {
        if (seen.socket.destroyed || written > 200_000_000) return;
        written += 65_536;
        response.write(Buffer.alloc(65_536, "x"), () => setImmediate(pour));
      };
      pour();
    },
  });
  await expect(client(server.url, { maxResponseBytes: 300_000 }).info()).rejects.toThrow(/larger than 300000 bytes/);
  expect(written).toBeLessThan(20_000_000);
});

test("a server that drips its answer is left when the whole time is up", async () => {
  const server = await scripted({
    [infoRoute]: (seen, response) => {
      response.writeHead(200, { "Content-Type": "application/json" });
      const timer = setInterval(() => response.write(" "), 50);
      seen.socket.on("close", () => clearInterval(timer));
    },
  });
  const startedAt = performance.now();
  const helpdesk = client(server.url, { timeoutSeconds: 0.5, retry: { attempts: 1, firstDelayMs: 1 } });
  await expect(helpdesk.info()).rejects.toThrow(UnavailableError);
  expect(performance.now() - startedAt).toBeLessThan(3000);
});

test("a redirect is not followed, so nothing reaches the other host", async () => {
  const elsewhere = await scripted({ "*": answer(info()) });
  const server = await scripted({
    "*": plain(307, "", { Location: `${elsewhere.url}/` }),
    [sessionRoute]: plain(307, "", { Location: `${elsewhere.url}/Session` }),
  });
  await expect(client(server.url).info()).rejects.toThrow(new URL(elsewhere.url).origin);
  expect(elsewhere.seen).toHaveLength(0);
});

test("a compressed answer of a proxy counts with its real size", async () => {
  const { gzipSync } = await import("node:zlib");
  const bomb = gzipSync(Buffer.alloc(5_000_000, " "));
  const server = await scripted({
    [infoRoute]: (_, response) => response.writeHead(200, { "Content-Encoding": "gzip" }).end(bomb),
  });
  expect(bomb.length).toBeLessThan(100_000);
  await expect(client(server.url, { maxResponseBytes: 100_000 }).info()).rejects.toThrow(/larger than/);
});

test("umlauts and emoji arrive as they were sent", async () => {
  const server = await scripted({ [infoRoute]: (_, response) => json(response, info({ Agent: "Jürgen 😀 €" })) });
  const helpdesk = client(server.url, { instance: "main" });
  expect((await helpdesk.info()).agent).toBe("Jürgen 😀 €");
  expect(server.at(sessionRoute)[0]?.body["Password"]).toBe('geheim-5%"ü');
});

test("TLS with an authority of one's own", async () => {
  const server = await scripted({}, { key: pem("server.key"), cert: pem("server.pem") });
  expect((await client(server.url, { caFile }).info()).sequence).toBe(7);
});

test.each([
  { name: "an unknown authority", cert: "server.pem", trusted: false, says: /UNABLE_TO_VERIFY_LEAF_SIGNATURE/ },
  { name: "another name", cert: "other-name.pem", trusted: true, says: /ERR_TLS_CERT_ALTNAME_INVALID/ },
  { name: "an expired certificate", cert: "expired.pem", trusted: true, says: /CERT_HAS_EXPIRED/ },
])("TLS is verified: $name", async ({ cert, trusted, says }) => {
  const server = await scripted({}, { key: pem("server.key"), cert: pem(cert) });
  const helpdesk = client(server.url, trusted ? { caFile } : {});
  await expect(helpdesk.info()).rejects.toMatchObject({
    name: "ConfigError",
    message: expect.stringMatching(says),
    hint: expect.stringContaining("helpdesk.caFile"),
  });
  expect(server.seen).toHaveLength(0);
});

test("the environment cannot switch verification off", async () => {
  const before = process.env["NODE_TLS_REJECT_UNAUTHORIZED"];
  process.env["NODE_TLS_REJECT_UNAUTHORIZED"] = "0";
  onTestFinished(() => {
    if (before === undefined) delete process.env["NODE_TLS_REJECT_UNAUTHORIZED"];
    else process.env["NODE_TLS_REJECT_UNAUTHORIZED"] = before;
  });
  const server = await scripted({}, { key: pem("server.key"), cert: pem("server.pem") });
  await expect(client(server.url).info()).rejects.toThrow(ConfigError);
  expect(server.seen).toHaveLength(0);
});

test("https at a port that speaks http", async () => {
  const server = await scripted();
  await expect(client(server.url.replace("http:", "https:")).info()).rejects.toMatchObject({
    name: "ConfigError",
    hint: expect.stringMatching(/https in helpdesk\.url/),
  });
});

test.each([
  { name: "missing", content: null },
  { name: "no certificate", content: "hello" },
])("a caFile that is of no use: $name", ({ content }) => {
  const file = join(mkdtempSync(join(tmpdir(), "kivi-ca-")), "ca.pem");
  if (content !== null) writeFileSync(file, content);
  expect(() => client("https://127.0.0.1/otrs", { caFile: file })).toThrow(/helpdesk\.caFile cannot be used/);
});
