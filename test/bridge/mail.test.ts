/** Who is told by mail after a run. */
import type { AddressInfo } from "node:net";
import { SMTPServer } from "smtp-server";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createWorld, quietContext, type World } from "../support/bridge.ts";

const received: { readonly to: readonly string[]; readonly source: string }[] = [];
const relay = new SMTPServer({
  authOptional: true,
  disabledCommands: ["STARTTLS"],
  onData: (stream, { envelope }, callback) => {
    const chunks: Buffer[] = [];
    stream.on("data", (chunk: Buffer) => chunks.push(chunk));
    stream.on("end", () => {
      received.push({
        to: envelope.rcptTo.map(({ address }) => address),
        source: Buffer.concat(chunks).toString("utf8"),
      });
      callback();
    });
  },
});
let world: World;
const mail = { to: ["buchhaltung@example.org"], from: "bridge@example.org", host: "127.0.0.1", encryption: "none" };

beforeAll(async () => {
  await new Promise<void>((resolve) => {
    relay.listen(0, "127.0.0.1", resolve);
  });
  const { port } = relay.server.address() as AddressInfo;
  world = await createWorld({ settings: { billing: { mail: { ...mail, port, language: "en" } } } });
  await world.sync();
});
afterAll(async () => {
  await new Promise<void>((resolve) => {
    relay.close(resolve);
  });
  await world.end();
});

test("a run that writes drafts tells once; a plan and a run without news tell nobody", async () => {
  world.ticket({ units: [30], closedAt: "2026-10-05T12:00:00Z" });
  await world.billingPlan();
  expect(received).toEqual([]);
  await world.draft();
  expect(received).toMatchObject([{ to: ["buchhaltung@example.org"] }]);
  expect(received[0]?.source).toContain("Subject: kivitendo: 1 invoice draft from tickets (main)");
  await world.draft();
  expect(received).toHaveLength(1);
});

test("a draft that somebody threw away is told, too", async () => {
  await world.erp.query("delete from drafts");
  await world.bridge.office().follow(quietContext());
  expect(received).toHaveLength(2);
  expect(received[1]?.source).toContain("1 question from tickets");
});

test("a relay out of reach does not undo the run; a file that cannot be read stops it before", async () => {
  world.ticket({ units: [15], closedAt: "2026-10-06T12:00:00Z" });
  await world.configure({ billing: { mail: { ...mail, port: 9, caFile: "/nowhere/ca.pem" } } });
  await expect(world.draft()).rejects.toThrow(/billing\.mail\.caFile cannot be read/);
  await world.configure({ billing: { mail: { ...mail, port: 9 } } });
  expect((await world.draft()).drafts).toHaveLength(1);
});
