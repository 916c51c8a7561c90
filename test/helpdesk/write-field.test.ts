import { expect, test } from "vitest";
import { TicketId } from "../../src/model/index.ts";
import type { Step } from "./scripted-server.ts";
import { answer, client, hangUp, info, infoRoute, operationError, scripted } from "./scripted-server.ts";

const route = "/Ticket/17";
const ticketId = TicketId.parse(17);
const done = answer({ TicketID: "17", TicketNumber: "2026112210000013" });
const anyField = info({ TicketDynamicFields: [] });

test("sets the field, and asks again when no answer came", async () => {
  const server = await scripted({ [route]: [hangUp, done] });
  await client(server.url).tickets.writeField(ticketId, "Contract", "RE-4711 ü");
  expect(server.at(route)).toHaveLength(2);
  expect(server.at(route)[1]).toMatchObject({
    method: "PATCH",
    body: { SessionID: "session-1", DynamicField: [{ Name: "Contract", Value: "RE-4711 ü" }] },
  });
});

const cases: readonly { name: string; step: Step; error: string; says: RegExp; hint: RegExp }[] = [
  {
    name: "a ticket that the agent may not change",
    step: operationError("TicketUpdate.AccessDenied", "Does not have permissions to update ticket!"),
    error: "RejectedError",
    says: /may not change ticket 17/,
    hint: /rw in the group of the ticket's queue/,
  },
  {
    name: "a field that does not exist",
    step: operationError("TicketUpdate.InvalidParameter", "DynamicField->Name parameter is invalid!"),
    error: "ConfigError",
    says: /no valid dynamic field "Invoice"/,
    hint: /create it/,
  },
  {
    name: "a value that the field does not take",
    step: operationError("TicketUpdate.InvalidParameter", "DynamicField->Value parameter is invalid!"),
    error: "RejectedError",
    says: /does not take the value "RE-4711" for Invoice of ticket 17/,
    hint: /type Text/,
  },
  {
    name: "a helpdesk that fails",
    step: answer({ faultstring: "Ticket could not be updated, please contact system administrator!" }, 500),
    error: "UnavailableError",
    says: /failed inside/,
    hint: /System Log/,
  },
];

test.each(cases)("$name", async ({ step, error, says, hint }) => {
  const server = await scripted({ [infoRoute]: answer(anyField), [route]: step });
  await expect(client(server.url).tickets.writeField(ticketId, "Invoice", "RE-4711")).rejects.toMatchObject({
    name: error,
    message: expect.stringMatching(says),
    hint: expect.stringMatching(hint),
  });
});

test("a field that the add-on does not know is not sent: it could be an article's", async () => {
  const server = await scripted({ [route]: done });
  await expect(client(server.url).tickets.writeField(ticketId, "Invoice", "RE-4711")).rejects.toMatchObject({
    name: "ConfigError",
    hint: expect.stringContaining("It has: Contract."),
  });
  expect(server.at(route)).toHaveLength(0);
});

test("without the add-on the helpdesk itself says what it does not know", async () => {
  const addonMissing = answer({ faultstring: "Can't load operation backend module Kernel::X!" }, 500);
  const server = await scripted({ [infoRoute]: addonMissing, [route]: done });
  await client(server.url, { collect: "stock" }).tickets.writeField(ticketId, "Invoice", "RE-4711");
  expect(server.at(route)).toHaveLength(1);
});
