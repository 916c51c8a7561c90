import { requestedInstance, requireBridgeAgent } from "./addon-info.ts";
import { fieldNames, type Stored } from "./customer-fields.ts";
import { CustomerBook } from "./customers.ts";
import { dynamicValues } from "./dynamic-values.ts";
import { textOf } from "./loose-values.ts";
import { ownerOf } from "./marks.ts";
import { membersOf } from "./members.ts";
import { failureOf, type Call } from "./operation.ts";
import { stateById, type Simulation } from "./simulation.ts";
import type { RecordType, Ticket } from "./world-state.ts";

const operation = "KivitendoBridgeRecords";
const maxRecords = 1000;
const endedTypes = new Set(["closed", "merged", "removed"]);

interface Question {
  sim: Simulation;
  book: CustomerBook;
  instance: string;
  type: RecordType;
  data: Call["data"];
}

/** `KivitendoBridge::Records`: reads records by key, by row, or page by page. */
export function bridgeRecords(sim: Simulation, call: Call): unknown {
  requireBridgeAgent(sim, call, operation);
  const instance = requestedInstance(call, operation, true) ?? "";
  const { Type: type, Tickets } = call.data;
  if (type !== "Company" && type !== "User") throw malformed("Type must be Company or User.");
  const tickets = Tickets === undefined ? "0" : textOf(Tickets);
  if (tickets !== "0" && tickets !== "1") throw malformed("Tickets must be 0 or 1.");
  const book = new CustomerBook(sim);
  const { keys, next } = keysFor({ sim, book, instance, type, data: call.data });
  const counts = tickets === "1" ? ticketCounts(sim, type, new Set(keys)) : undefined;
  const Records = keys.map((Key) => ({
    Key,
    Fields: fieldsOf(sim, type, Key),
    DynamicFields: dynamicValues(sim, type, Key),
    Companies: type === "User" ? additional(sim, Key) : [],
    Owner: ownerOf(book.marks.on(type, Key)),
    ...(counts === undefined ? {} : { Tickets: counts.get(Key) ?? { All: 0, Open: 0 } }),
  }));
  return { Records, Next: next };
}

function malformed(message: string): Error {
  return failureOf(operation)("InvalidParameter", message);
}

function keysFor(question: Question): { keys: string[]; next: string } {
  const { book, instance, type, data } = question;
  const ways = ["Keys", "RowIds", "After"].filter((way) => way in data);
  if (ways.length !== 1) throw malformed("One of Keys, RowIds and After is needed.");
  if (ways[0] === "After") return pageFor(question);
  if (ways[0] === "Keys") {
    const found = textsIn(data["Keys"], "Keys", /./s).map((key) => book.storedKey(type, key));
    return { keys: [...new Set(found)].filter((key) => key !== undefined), next: "" };
  }
  const rowIds = new Set(textsIn(data["RowIds"], "RowIds", /^\d{1,20}$/));
  const ours = book.marks.list().filter((mark) => mark.type === type && mark.instance === instance);
  const keys = ours.filter(({ rowId, key }) => rowIds.has(rowId) && book.storedKey(type, key) === key);
  return { keys: keys.map(({ key }) => key), next: "" };
}

function textsIn(given: unknown, name: string, form: RegExp): string[] {
  if (!Array.isArray(given)) throw malformed(`${name} must be a list.`);
  if (given.length > maxRecords) throw malformed(`At most ${maxRecords} ${name} are taken in a call.`);
  const texts = given.map(textOf);
  if (texts.some((text) => !form.test(text))) throw malformed(`${name} has an element that is none.`);
  return texts;
}

function pageFor({ sim, book, instance, type, data }: Question): { keys: string[]; next: string } {
  const { After, Limit, Owner = "any" } = data;
  if (After === null || typeof After === "object") throw malformed("After must be a string.");
  const limit = /^\d{1,4}$/.test(textOf(Limit)) ? Number(textOf(Limit)) : 0;
  if (limit < 1 || limit > maxRecords) throw malformed(`Limit must be 1 to ${maxRecords}.`);
  if (Owner !== "ours" && Owner !== "unowned" && Owner !== "any")
    throw malformed("Owner must be ours, unowned or any.");
  const isAsked = (key: string): boolean => {
    const mark = book.marks.on(type, key);
    return Owner === "any" || (Owner === "ours" ? mark?.instance === instance : mark === undefined);
  };
  const all = Object.keys(type === "Company" ? sim.state.companies : sim.state.users).sort();
  const rest = all.filter((key) => key > textOf(After) && isAsked(key));
  const keys = rest.slice(0, limit);
  return { keys, next: rest.length > limit ? (keys.at(-1) ?? "") : "" };
}

function fieldsOf(sim: Simulation, type: RecordType, key: string): object {
  const record: Stored = (type === "Company" ? sim.state.companies[key] : sim.state.users[key]) ?? {};
  return Object.fromEntries(fieldNames(sim, type).map((name) => [name, record[name] ?? ""]));
}

function additional(sim: Simulation, login: string): string[] {
  const own = sim.state.users[login]?.UserCustomerID;
  return membersOf(sim, login).filter((customerId) => customerId !== own);
}

function ticketCounts(
  sim: Simulation,
  type: RecordType,
  keys: ReadonlySet<string>,
): Map<string, { All: number; Open: number }> {
  const counts = new Map<string, { All: number; Open: number }>();
  for (const ticket of Object.values(sim.state.tickets)) {
    const key = type === "Company" ? ticket.customerId : ticket.customerUserId;
    if (key === null || !keys.has(key)) continue;
    const { All, Open } = counts.get(key) ?? { All: 0, Open: 0 };
    counts.set(key, { All: All + 1, Open: Open + (isOpen(sim, ticket) ? 1 : 0) });
  }
  return counts;
}

function isOpen(sim: Simulation, ticket: Ticket): boolean {
  return !endedTypes.has(stateById(sim, ticket.stateId).type);
}
