/** `kivi-otrs run` on triggers and a schedule that never comes: what people save in kivitendo is in the helpdesk soon. */
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, expect, test } from "vitest";
import { startService, type Service } from "../support/change-service.ts";
import { createWorld, type World } from "../support/bridge.ts";

let world: World;
let service: Service;
beforeEach(async () => {
  world = await createWorld({ settings: { customers: { changeTriggers: true } } });
  service = await startService(world);
});
afterEach(async () => {
  service.kill();
  await world.end();
});

test("a saved contact is in the helpdesk within 5 seconds, and a pass starts no other one", async () => {
  expect(service.messages()).not.toContain("pass done");
  const customerId = Number(
    (await world.erp.query("select id from customer where customernumber = 'K10001'"))[0]?.["id"],
  );
  const saved = performance.now();
  await world.erp.addContact({ customerId, name: "Eilig", email: "eilig@mueller-test.de" });
  await service.until(() => service.userOf("eilig@mueller-test.de") !== undefined);
  const tookMs = performance.now() - saved;
  console.log(`from save to helpdesk: ${Math.round(tookMs)} ms`);
  expect(tookMs).toBeLessThan(5_000);
  await service.until(() => service.messages().includes("pass done"));
  // Time for a pass that our own writing would have started.
  await sleep(2_500);
  expect(service.messages().filter((message) => message === "pass done")).toHaveLength(1);
  expect(await service.end()).toBe(0);
  expect(service.messages().slice(-2)).toEqual(["stopping: the pass under way finishes the record in hand", "stopped"]);
});

test("contacts changed, moved, deleted, and custom variables lead to a pass each", async () => {
  const changes = [
    "update contacts set cp_name = 'Neu' where cp_id = 1201",
    "update customer_contacts set main = false where contact_id = 1201",
    "update customer set city = 'Bonn' where id = (select min(id) from customer)",
    "delete from custom_variables",
  ];
  for (const [place, change] of changes.entries()) {
    await world.erp.query(change);
    await service.until(() => service.messages().filter((message) => message === "pass done").length > place);
  }
  expect(service.messages().filter((message) => message === "pass done")).toHaveLength(changes.length);
});

test("a lost listener is made again, and what was saved meanwhile is caught up with", async () => {
  const pid = (
    await world.admin.query(
      "select pid from pg_stat_activity where datname = current_database() and application_name = 'kivi-otrs listener (main)'",
    )
  )[0]?.["pid"];
  // Saved at a moment when nobody can have listened.
  await world.admin.query("alter table contacts disable trigger otrs_bridge_change");
  await world.erp.query("update contacts set cp_givenname = 'Wieder' where cp_id = 1201");
  await world.admin.query("alter table contacts enable trigger otrs_bridge_change");
  await world.admin.query("select pg_terminate_backend($1)", [pid]);
  await service.until(() => service.messages().includes("pass done"));
  const email = String((await world.erp.query("select cp_email from contacts where cp_id = 1201"))[0]?.["cp_email"]);
  expect(service.userOf(email)).toMatchObject({ UserFirstname: "Wieder" });
  expect(service.messages().filter((message) => message.includes("listening"))).toEqual([
    "listening for changes in kivitendo",
    "not listening for changes: they wait for the schedule",
    "listening for changes in kivitendo",
  ]);
});

test("tables without a trigger are named once, and once more when all have theirs", async () => {
  await world.admin.query("alter table customer_contacts disable trigger otrs_bridge_change");
  for (const name of ["Eins", "Zwei"]) {
    const before = service.messages().filter((message) => message === "pass done").length;
    await world.erp.renameContact(1201, name);
    await service.until(() => service.messages().filter((message) => message === "pass done").length > before);
  }
  await world.admin.query("alter table customer_contacts enable trigger otrs_bridge_change");
  await world.erp.renameContact(1201, "Drei");
  await service.until(() => service.messages().includes("all tables tell of their changes"));
  const silent = service.lines().filter(({ msg }) => msg.startsWith("changes in some tables are not told"));
  expect(silent).toMatchObject([{ tables: "customer_contacts", hint: expect.stringContaining("kivi-otrs setup") }]);
});
