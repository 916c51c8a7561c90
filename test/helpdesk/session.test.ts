import { expect, test } from "vitest";
import { createSessions } from "../../src/helpdesk/session.ts";
import type { Reply } from "../../src/helpdesk/classify.ts";
import { silentLog } from "../../src/helpdesk/log.ts";
import { ConfigError, UnavailableError } from "../../src/model/index.ts";
import { answer, client, hangUp, infoRoute, info, operationError, scripted, sessionRoute } from "./scripted-server.ts";

test("nothing is sent before the first call, and callers at the same time share one login", async () => {
  const server = await scripted();
  const helpdesk = client(server.url);
  expect(server.seen).toHaveLength(0);
  await Promise.all([helpdesk.info(), helpdesk.info(), helpdesk.info()]);
  expect(server.at(sessionRoute)).toHaveLength(1);
  expect(server.at(infoRoute).map((one) => one.body["SessionID"])).toEqual(["session-1", "session-1", "session-1"]);
});

test("credentials travel in the body of a POST only", async () => {
  const server = await scripted();
  await client(server.url).info();
  expect(server.at(sessionRoute)[0]?.body).toEqual({ UserLogin: "bridge", Password: 'geheim-5%"ü' });
  for (const { method, route, headers } of server.seen) {
    expect(method).toBe("POST");
    expect(route).not.toContain("?");
    expect(headers["content-length"]).toMatch(/^\d+$/);
    expect(headers["transfer-encoding"]).toBeUndefined();
    expect(headers.authorization).toBeUndefined();
    expect(JSON.stringify(headers)).not.toMatch(/geheim|session-1/);
  }
});

test("a session that ended is replaced once, for all who meet its end", async () => {
  const expired = operationError("KivitendoBridgeInfo.AuthFail");
  const server = await scripted({
    [infoRoute]: (seen, response) =>
      seen.body["SessionID"] === "session-1" ? expired(seen, response) : answer(info())(seen, response),
  });
  const helpdesk = client(server.url);
  const [first, second] = await Promise.all([helpdesk.info(), helpdesk.info()]);
  expect([first.sequence, second.sequence]).toEqual([7, 7]);
  expect(server.at(sessionRoute)).toHaveLength(2);
});

test("a new session that is refused as well ends it: no third login, also not for later calls", async () => {
  const server = await scripted({ [infoRoute]: operationError("KivitendoBridgeInfo.AuthFail") });
  const helpdesk = client(server.url);
  await expect(helpdesk.info()).rejects.toThrow(ConfigError);
  await expect(helpdesk.customers.identify()).rejects.toThrow(/right after it had been made/);
  expect(server.at(sessionRoute)).toHaveLength(2);
});

test("a wrong password is tried once, and everybody who waits hears of it", async () => {
  const server = await scripted({ [sessionRoute]: operationError("SessionCreate.AuthFail") });
  const helpdesk = client(server.url);
  const ends = await Promise.allSettled([helpdesk.info(), helpdesk.customers.identify()]);
  for (const end of ends) {
    expect(end.status === "rejected" && end.reason).toBeInstanceOf(ConfigError);
    expect(end.status === "rejected" && String(end.reason)).toContain("does not accept the agent bridge");
  }
  await expect(helpdesk.info()).rejects.toMatchObject({ hint: expect.stringContaining("helpdesk.password") });
  expect(server.at(sessionRoute)).toHaveLength(1);
});

test("a password that became wrong meanwhile is tried once", async () => {
  const server = await scripted({
    [sessionRoute]: [answer({ SessionID: "first" }), operationError("SessionCreate.AuthFail")],
    [infoRoute]: operationError("KivitendoBridgeInfo.AuthFail"),
  });
  const helpdesk = client(server.url);
  await expect(helpdesk.info()).rejects.toThrow(/does not accept/);
  await expect(helpdesk.info()).rejects.toThrow(/does not accept/);
  expect(server.at(sessionRoute)).toHaveLength(2);
});

test("a login that failed for the network's sake may be tried again, in the attempts of the call that needs it", async () => {
  const server = await scripted({ [sessionRoute]: [hangUp, answer({ SessionID: "later" })] });
  const helpdesk = client(server.url);
  expect((await helpdesk.info()).agent).toBe("bridge");
  expect(server.at(sessionRoute)).toHaveLength(2);
});

test("attempts do not multiply: three logins for a call, however they fail", async () => {
  const server = await scripted({ [sessionRoute]: hangUp, "*": hangUp });
  await expect(client(server.url).info()).rejects.toThrow(UnavailableError);
  expect(server.at(sessionRoute)).toHaveLength(3);
});

test("a session is renewed before it is 7200 s old, though it was used all the time", async () => {
  let seconds = 0;
  let made = 0;
  const login = async (): Promise<Reply<string>> => ({ ok: true, value: `s${++made}` });
  const sessions = createSessions(login, () => seconds * 1000, silentLog);
  const uses: unknown[] = [];
  for (seconds = 0; seconds <= 14_400; seconds += 60) uses.push((await sessions.current()).ok && made);
  // Made at 0, 6600 and 13200 s: never used at an age of 7200 s.
  expect(uses.lastIndexOf(1) * 60).toBe(6540);
  expect(uses.lastIndexOf(2) * 60).toBe(13_140);
  expect(made).toBe(3);
});
