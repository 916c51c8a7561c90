// Watches the services of docker-compose.yml do the main job once: sync, then a draft for a ticket closed meanwhile.
//   check-compose.mjs HELPDESK_URL COMPOSE_COMMAND...
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { setTimeout as sleep } from "node:timers/promises";

const [url, ...compose] = process.argv.slice(2);
const waitMs = 240_000;

function inService(service, ...command) {
  return execFileSync(compose[0], [...compose.slice(1), "exec", "-T", service, ...command], {
    encoding: "utf8",
  }).trim();
}

function kivitendo(sql) {
  return inService("kivitendo-db", "psql", "-U", "postgres", "-d", "kivitendo", "-Atc", sql);
}

function helpdesk(sql) {
  return inService("znuny", "psql", "-h", "127.0.0.1", "-U", "otrs", "-d", "otrs", "-Atc", sql);
}

async function until(what, read) {
  const end = Date.now() + waitMs;
  for (;;) {
    const value = read();
    if (value) return value;
    if (Date.now() > end) throw new Error(`Waited ${waitMs / 1000} s in vain until ${what}.`);
    await sleep(2000);
  }
}

async function call(route, body) {
  const response = await fetch(`${url}/nph-genericinterface.pl/Webservice/KivitendoBridge${route}`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ UserLogin: "bridge", Password: "throwaway-bridge", ...body }),
  });
  const answer = await response.json();
  assert.equal(answer.Error, undefined);
  return answer;
}

const wanted = kivitendo("select customernumber from customer where not obsolete order by 1").split("\n");
const [login, customerId] = await until("every customer is in the helpdesk", () => {
  const present = new Set(helpdesk("select customer_id from customer_company order by 1").split("\n"));
  if (!wanted.every((number) => present.has(number))) return undefined;
  const user = helpdesk("select login || '|' || customer_id from customer_user where valid_id = 1 order by id limit 1");
  return user === "" ? undefined : user.split("|");
});

const { TicketNumber: ticketNumber } = await call("/Ticket", {
  Ticket: {
    Title: "Drucker Büro",
    Queue: "Support",
    State: "closed successful",
    Priority: "3 normal",
    CustomerUser: login,
  },
  Article: {
    Subject: "Einsatz",
    Body: "Papierstau",
    ContentType: "text/plain; charset=utf8",
    CommunicationChannel: "Internal",
    TimeUnit: "90",
  },
});
const drafts = "select count(*) from drafts where module = 'is' and submodule = 'invoice'";
await until("the closed ticket is on a draft", () => kivitendo(`${drafts} and form like '%${ticketNumber}%'`) === "1");

const made = kivitendo(drafts);
const config = ["--config", "/etc/kivitendo-otrs-bridge/bridge.yaml"];
const again = JSON.parse(inService("bridge", "kivi-otrs", "billing", "draft", ...config, "--json"));
assert.equal((again.billing ?? again).ticketsBilled, 0, "a second run bills nothing");
assert.equal(kivitendo(drafts), made, "a second run makes no draft");
process.stdout.write(`${wanted.length} customers synced, ticket of ${customerId} drafted once\n`);
