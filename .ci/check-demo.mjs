// Compares what the demo's first and second run printed with what they must show.
//   check-demo.mjs FIRST SECOND
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";

const [first, second] = process.argv.slice(2).map((file) => JSON.parse(readFileSync(file, "utf8")));
const outcomes = ["created", "updated", "invalidated", "unchanged", "rejected"];

for (const report of [first, second]) {
  for (const part of ["customers", "contacts"]) {
    for (const outcome of outcomes) assert.ok(Number.isInteger(report[part][outcome]), `${part}.${outcome}`);
  }
  assert.ok(Number.isInteger(report.inbox), "inbox");
}

assert.ok(first.customers.created > 0, "the first run creates customers");
assert.ok(first.contacts.created > 0, "the first run creates contacts");
assert.ok(first.billing.ticketsBilled > 0, "the first run bills tickets");
assert.match(first.billing.minutesBilled, /^\d+\.\d\d$/);
assert.ok(first.billing.drafts.length > 0, "the first run makes drafts");
const numbers = first.billing.drafts.map((draft) => draft.customerNumber);
assert.equal(new Set(numbers).size, numbers.length, "one draft per customer");
for (const draft of first.billing.drafts) {
  assert.equal(draft.target, "invoice-draft");
  assert.match(draft.netAmount, /^\d+\.\d\d$/);
  assert.match(draft.period, /^\d{4}-\d\d$/);
  assert.ok(draft.lines > 0);
}

for (const part of ["customers", "contacts"]) {
  assert.equal(second[part].created, 0, `second run: ${part} created`);
  assert.equal(second[part].updated, 0, `second run: ${part} updated`);
  assert.equal(second[part].invalidated, 0, `second run: ${part} invalidated`);
}
assert.equal(second.billing.ticketsBilled, 0, "second run: tickets billed");
assert.equal(second.billing.linesWritten, 0, "second run: lines written");
assert.deepEqual(second.billing.drafts, [], "second run: drafts");

const { customers, contacts, billing } = first;
process.stdout.write(
  `first ${customers.created} customers, ${contacts.created} contacts, ${billing.ticketsBilled} tickets, ` +
    `${billing.drafts.length} drafts; second nothing\n`,
);
