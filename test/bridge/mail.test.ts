/** Who is told by mail after a run. */
import type { AddressInfo } from "node:net";
import { SMTPServer } from "smtp-server";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createWorld, quietContext, type World } from "../support/bridge.ts";

const received: { readonly to: readonly string[]; readonly source: string }[] = [];
const refused = new Set<string>();
const relay = new SMTPServer({
  authOptional: true,
  disabledCommands: ["STARTTLS"],
  onRcptTo: ({ address }, _session, callback) => {
    callback(refused.has(address) ? new Error("mailbox full") : null);
  },
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
  world = await createWorld({ settings: { billing: { mail: { ...mail, port: relayPort(), language: "en" } } } });
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

test("a draft that somebody threw away is told, too, and the look is on record", async () => {
  await world.erp.query("delete from drafts");
  await world.bridge.office().follow(quietContext());
  expect(received).toHaveLength(2);
  expect(received[1]?.source).toContain("1 question from tickets");
  const runs = await world.bridge.runs(10);
  expect(runs[0]).toMatchObject({
    flow: "billing",
    status: "partial",
    summary: { followUp: { changed: 1, told: 0, untold: 0 }, questions: 1, mail: { untold: [], problem: null } },
  });
  await world.bridge.office().follow(quietContext());
  expect([(await world.bridge.runs(10)).length, received.length]).toEqual([runs.length, 2]);
});

const notSent = async () => (await world.bridge.inbox()).filter(({ reason }) => reason === "mail-not-sent");

test("a relay out of reach: the run stands, the inbox says so, and the next run tells the news once", async () => {
  world.ticket({ units: [15], closedAt: "2026-10-06T12:00:00Z" });
  await world.configure({ billing: { mail: { ...mail, port: 9, caFile: "/nowhere/ca.pem" } } });
  await expect(world.draft()).rejects.toThrow(/billing\.mail\.caFile cannot be read/);
  await world.configure({ billing: { mail: { ...mail, port: 9, caFile: undefined } } });
  expect((await world.draft()).drafts).toHaveLength(1);
  const [item] = await notSent();
  expect(item?.text).toContain("The mail relay 127.0.0.1:9 cannot be reached");
  expect((await world.bridge.runs(1))[0]?.summary).toMatchObject({ mail: { untold: mail.to } });
  await world.draft();
  expect((await notSent()).map(({ id }) => id)).toEqual([item?.id]);
  // A relay that is away is asked once, and what comes meanwhile is one mail.
  for (const hour of ["13", "14"]) {
    world.ticket({ units: [15], closedAt: `2026-10-06T${hour}:00:00Z` });
    await world.draft();
  }
  const [last, before] = await world.bridge.runs(2);
  for (const run of [last, before]) expect(run?.summary).toMatchObject({ mail: { untold: mail.to, attempt: null } });
  await world.configure({ billing: { mail: { ...mail, port: relayPort() } } });
  await world.draft();
  await world.draft();
  expect([received.length, await notSent()]).toEqual([4, []]);
  expect(received[2]?.source).toMatch(/^Message-ID: <kivi-otrs\.main\.run\.\d+@example\.org>/m);
  expect(received[2]?.source).toContain("Subject: kivitendo: 1 Rechnungsentwurf aus Tickets (main)");
});

test("who was refused alone is told again; a run that was killed is told of, too", async () => {
  const other = "chefin@example.org";
  await world.configure({ billing: { mail: { ...mail, port: relayPort(), to: [...mail.to, other] } } });
  refused.add(other);
  world.ticket({ units: [20], closedAt: "2026-10-07T12:00:00Z" });
  await world.draft();
  expect([received.length, received[4]?.to]).toEqual([5, mail.to]);
  expect((await notSent()).map(({ text }) => text)).toEqual([expect.stringContaining(other)]);
  refused.clear();
  await world.draft();
  expect([received.length, received[5]?.to, await notSent()]).toEqual([6, [other], []]);
  world.ticket({ units: [25], closedAt: "2026-10-08T12:00:00Z" });
  await world.draft();
  await world.admin.query(
    "update otrs_bridge.runs set finished_at = null, status = null, summary = null where id = (select max(id) from otrs_bridge.runs)",
  );
  await world.draft();
  await world.draft();
  expect([received.length, received[7]?.to]).toEqual([8, [...mail.to, other]]);
});

test("when nobody is to be told any more, nothing is asked about mail", async () => {
  await world.configure({ billing: { mail: { ...mail, port: 9 } } });
  world.ticket({ units: [35], closedAt: "2026-10-09T12:00:00Z" });
  await world.draft();
  expect(await notSent()).toHaveLength(1);
  await world.configure({ billing: { mail: { to: [] } } });
  await world.draft();
  expect(await notSent()).toEqual([]);
});

function relayPort(): number {
  return (relay.server.address() as AddressInfo).port;
}
