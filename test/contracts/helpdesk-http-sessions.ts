import { gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { Caller, operationError, type Contract } from "./helpdesk-under-test.ts";

const json = { "Content-Type": "application/json" };
const authFail = operationError("TicketSearch.AuthFail", "TicketSearch: Authorization failing!");

function noRoute(path: string): string {
  return `HTTP::REST Error while determine Operation for request URI '${path}'.`;
}

/** Logins, sessions, and what the transport does with odd requests. */
export function describeSessions(contract: Contract): void {
  describe("logging in", () => {
    test.each([
      { name: "no password", body: { UserLogin: "bridge" }, code: "SessionCreate.MissingParameter" },
      { name: "a wrong password", body: { UserLogin: "bridge", Password: "wrong" }, code: "SessionCreate.AuthFail" },
      { name: "an unknown agent", body: { UserLogin: "nobody", Password: "x" }, code: "SessionCreate.AuthFail" },
      {
        name: "an unknown customer",
        body: { CustomerUserLogin: "nobody", Password: "x" },
        code: "SessionCreate.AuthFail",
      },
      { name: "a list", body: [{ UserLogin: "bridge" }], code: "SessionCreate.MissingParameter" },
    ])("$name is an error inside HTTP 200", async ({ body, code }) => {
      const reply = await contract.caller.send("POST", "/Session", JSON.stringify(body));
      expect(reply.status).toBe(200);
      expect(reply.json).toMatchObject(operationError(code));
    });

    test("credentials may stand in the body of each call, in headers and in the query, but not in Basic auth", async () => {
      const { UserLogin, Password } = contract.helpdesk.bridge;
      const { caller } = contract;
      const query = `/TicketSearch?UserLogin=${UserLogin};Password=${Password}&Limit=1`;
      const headers = { "X-OTRS-Header-UserLogin": UserLogin, "X-OTRS-Header-Password": Password };
      const body = JSON.stringify({ UserLogin, Password, Limit: 1 });
      const basic = { Authorization: `Basic ${Buffer.from(`${UserLogin}:${Password}`).toString("base64")}` };
      const found = { TicketID: [expect.stringMatching(/^\d+$/)] };
      expect((await caller.send("POST", "/TicketSearch", body)).json).toEqual(found);
      expect((await caller.send("GET", "/TicketSearch?Limit=1", undefined, headers)).json).toEqual(found);
      expect((await caller.send("GET", query)).json).toEqual(found);
      expect((await caller.send("GET", "/TicketSearch", undefined, basic)).json).toEqual(authFail);
    });
  });

  describe("sessions", () => {
    test("header and query beat the body; the body of a GET is ignored", async () => {
      const { caller } = contract;
      const body = JSON.stringify({ SessionID: caller.session, Limit: 1 });
      const header = { ...json, "X-OTRS-Header-SessionID": "nope" };
      expect((await caller.send("POST", "/TicketSearch", body, header)).json).toEqual(authFail);
      expect((await caller.send("POST", "/TicketSearch?SessionID=nope", body)).json).toEqual(authFail);
      expect((await caller.send("GET", "/TicketSearch", body)).json).toEqual(authFail);
    });

    test("tell who they belong to, and are gone once removed", async () => {
      const caller = await new Caller(contract.helpdesk).logIn();
      const path = `/Session/${caller.session}`;
      const data = (await caller.send("GET", path)).json as { SessionData: { Key: string; Value: unknown }[] };
      const values = Object.fromEntries(data.SessionData.map(({ Key, Value }) => [Key, Value]));
      expect(values).toMatchObject({
        SessionSource: "GenericInterface",
        UserLogin: contract.helpdesk.bridge.UserLogin,
        UserType: "User",
      });
      // Two moments of the same request, in seconds.
      const [start, last] = [values["UserSessionStart"], values["UserLastRequest"]].map(Number);
      expect(Math.abs((start ?? Number.NaN) - (last ?? Number.NaN))).toBeLessThanOrEqual(60);
      expect((await caller.send("DELETE", path)).json).toMatchObject(operationError("SessionRemove.AuthFail"));
      const login = JSON.stringify(contract.helpdesk.bridge);
      expect((await caller.send("DELETE", path, login)).json).toEqual({ Success: 1 });
      expect(await caller.post("/TicketSearch")).toEqual(authFail);
      expect((await caller.send("GET", path)).json).toMatchObject({ Error: { ErrorCode: expect.any(String) } });
    });

    test("of customers see their own tickets only", async () => {
      const [own, other] = await contract.helpdesk.byHand([
        { Do: "TicketCreate", Title: "own", CustomerID: contract.tag, CustomerUser: `${contract.tag}-eva` },
        { Do: "TicketCreate", Title: "other", CustomerID: "other", CustomerUser: "other" },
      ]);
      const [mine, theirs] = [own, other].map((ticket) => (ticket as { TicketID: number }).TicketID);
      const login = { CustomerUserLogin: `${contract.tag}-eva`, Password: "evapw" };
      const customer = await new Caller(contract.helpdesk).logIn(login);
      expect(await customer.post("/TicketSearch", { TicketID: [mine, theirs] })).toEqual({ TicketID: [String(mine)] });
      expect(await customer.post("/TicketGet", { TicketID: theirs })).toMatchObject(
        operationError("TicketGet.AccessDenied"),
      );
      expect(await customer.post("/TicketHistory", { TicketID: mine })).toMatchObject(
        operationError("TicketHistoryGet.AuthFail"),
      );
    });
  });

  describe("the transport", () => {
    const latin = Buffer.from('{"SessionID":"ä"}', "latin1");
    const form = { "Content-Type": "application/x-www-form-urlencoded" };
    test.each([
      { name: "an unknown route", method: "POST", path: "/Nope", body: "{}", headers: json, text: noRoute("/Nope") },
      {
        name: "a wrong method",
        method: "PUT",
        path: "/TicketGet",
        body: "{}",
        headers: json,
        text: noRoute("/TicketGet"),
      },
      { name: "malformed JSON", body: "{bad", headers: json, text: "Error while decoding request content." },
      { name: "an empty object", body: "{}", headers: json, text: "Unsupported request content structure." },
      { name: "an empty list", body: "[]", headers: json, text: "Unsupported request content structure." },
      { name: "a string", body: '"text"', headers: json, text: "Unsupported request content structure." },
      { name: "null", body: "null", headers: json, text: "Error while decoding request content." },
      { name: "a form", body: '{"a":1}', headers: form, text: "Could not read input data" },
      {
        name: "Latin-1",
        body: latin,
        headers: { "Content-Type": "application/json; charset=ISO-8859-1" },
        text: "Could not read input data",
      },
      { name: "Latin-1 undeclared", body: latin, headers: json, text: "Could not read input data" },
      {
        name: "gzip",
        body: gzipSync('{"a":1}'),
        headers: { ...json, "Content-Encoding": "gzip" },
        text: "Could not read input data",
      },
    ])("answers $name with a plain 500", async ({ method = "POST", path = "/TicketSearch", body, headers, text }) => {
      const reply = await contract.caller.send(method, path, body, headers);
      expect({ status: reply.status, text: reply.text }).toEqual({ status: 500, text });
    });

    test("breaks off on a list, and on an unknown web service", async () => {
      const { caller } = contract;
      expect((await caller.send("POST", "/TicketSearch", '[{"SessionID":"x"}]')).status).toBeUndefined();
      expect(
        (await caller.send("POST", "/TicketSearch", "{}", json, { service: "NoSuchService" })).status,
      ).toBeUndefined();
    });

    test("does not read a body without a length", async () => {
      const body = JSON.stringify({ SessionID: contract.caller.session });
      const reply = await contract.caller.send("POST", "/TicketSearch", body, {
        ...json,
        "Transfer-Encoding": "chunked",
      });
      expect(reply.json).toEqual(authFail);
    });

    test("reads queries in its own way: repeats are lists, a raw = cuts", async () => {
      const { caller } = contract;
      const path = `/TicketSearch?SessionID=${caller.session}&TicketID=1;TicketID=1&SortBy=Age&Title=*=x`;
      expect((await caller.send("GET", path)).json).toEqual({ TicketID: ["1"] });
    });
  });
}
