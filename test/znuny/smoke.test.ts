/** Whether the helpdesk under test is what the other suites take it for: a Znuny with add-on, web service and agent. */
import { randomBytes } from "node:crypto";
import { beforeAll, expect, inject, test } from "vitest";
import { z } from "zod";

const znuny = inject("znuny");
const title = `Drucker geht nicht äöü € ${randomBytes(4).toString("hex")}`;
let session = "";

beforeAll(async () => {
  const answer = await call("/Session", { UserLogin: znuny.userLogin, Password: znuny.password });
  session = z.object({ SessionID: z.string().min(1) }).parse(answer).SessionID;
});

test("a wrong password is refused inside HTTP 200", async () => {
  expect(await call("/Session", { UserLogin: znuny.userLogin, Password: "wrong" })).toMatchObject({
    Error: { ErrorCode: "SessionCreate.AuthFail" },
  });
});

test("the add-on tells what it runs in", async () => {
  expect(await call("/KivitendoBridge/Info", { SessionID: session })).toMatchObject({
    KivitendoBridge: {
      Protocol: 3,
      Product: "Znuny",
      ProductVersion: expect.stringMatching(/^6\.5\./),
      DatabaseKind: "postgresql",
      Agent: znuny.userLogin,
      Queues: expect.arrayContaining([expect.objectContaining({ Name: "Support", Readable: 1 })]),
    },
  });
});

test("a ticket with accounted time comes back as it was created", async () => {
  const created = z.object({ TicketID: z.coerce.number() }).parse(
    await call("/Ticket", {
      SessionID: session,
      Ticket: {
        Title: title,
        Queue: "Support",
        State: "closed successful",
        Priority: "3 normal",
        CustomerUser: "eva@kivi-test.de",
      },
      Article: {
        Subject: "Einsatz",
        Body: "Papierstau",
        ContentType: "text/plain; charset=utf8",
        CommunicationChannel: "Internal",
        TimeUnit: "1.25",
      },
    }),
  );
  const got = await call("/TicketGet", {
    SessionID: session,
    TicketID: created.TicketID,
    AllArticles: 1,
    Extended: 1,
  });
  expect(got).toMatchObject({
    Ticket: [{ Title: title, StateType: "closed", TimeUnit: 1.25, Article: [{ TimeUnit: 1.25 }] }],
  });
});

async function call(route: string, body: object): Promise<unknown> {
  const response = await fetch(`${znuny.url}/nph-genericinterface.pl/Webservice/KivitendoBridge${route}`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  expect(response.status).toBe(200);
  return response.json();
}
