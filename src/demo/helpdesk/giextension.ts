import { authenticate } from "./accounts.ts";
import { companyAdd, companyUpdate, userAdd, userUpdate } from "./by-hand-customers.ts";
import { fieldNames, keyField, type Stored } from "./customer-fields.ts";
import { CustomerBook } from "./customers.ts";
import { isTrue, textOf, type Fields } from "./loose-values.ts";
import { failureOf, type Call, type Operation, type Route } from "./operation.ts";
import type { Simulation } from "./simulation.ts";
import type { Actor } from "./ticket-core.ts";
import type { RecordType } from "./world-state.ts";

/**
 * The public package GIExtension as measured with 6.0.10 on Znuny 6.5.1, behind the routes of our own definition: ids are
 * cut at commas, nothing found is an error, a refusal has no reason, an update replaces every field.
 */
export const giExtensionRoutes: Route[] = (["Company", "User"] as const).flatMap((type) => {
  const path = type === "Company" ? "/Company" : "/CustomerUser";
  const operations = { Add: add, Get: get, Search: search, Update: update };
  return Object.entries(operations).map(([name, run]) => ({
    name: `${path.slice(1)}${name}`,
    methods: ["POST"],
    path: `${path}${name}`,
    run: operation(type, name, run),
  }));
});

interface Question {
  readonly sim: Simulation;
  readonly type: RecordType;
  readonly data: Fields;
  readonly actor: Actor;
  readonly fail: (code: string, message: string) => Error;
}

const part = { Company: "CustomerCompany", User: "CustomerUser" } as const;
const idParameter = { Company: "CustomerID", User: "CustomerUserID" } as const;
const failed = "Operation failed";

function operation(type: RecordType, name: string, run: (question: Question) => unknown): Operation {
  return (sim: Simulation, { data, ...call }: Call) => {
    const fail = failureOf(`${part[type]}${name}`);
    if (!isTrue(data["SessionID"]) && !isTrue(data["UserLogin"]))
      throw fail("MissingParameter", "UserLogin or SessionID is required!");
    const caller = authenticate(sim, { data, ...call });
    if (caller?.kind !== "agent") throw fail("AuthFail", "User could not be authenticated!");
    return run({ sim, type, data, actor: { userId: caller.userId }, fail });
  };
}

function add({ sim, type, data, actor, fail }: Question): unknown {
  const given = recordIn(data, type, fail);
  try {
    if (type === "Company") companyAdd(sim, { ...given, CustomerID: textOf(given["CustomerID"]) }, actor);
    else userAdd(sim, { ...given, UserLogin: textOf(given["UserLogin"]) }, actor);
  } catch {
    throw fail(failed, `Could not add ${type === "Company" ? "customer company" : "customer user"}`);
  }
  sim.save();
  return { [part[type]]: shown(sim, type, textOf(given[keyField[type]])) };
}

function get({ sim, type, data, fail }: Question): unknown {
  const given = data[idParameter[type]];
  if (!isTrue(given)) throw fail("MissingParameter", `${idParameter[type]} is required!`);
  const book = new CustomerBook(sim);
  const keys = textOf(given)
    .split(",")
    .flatMap((key) => book.storedKey(type, key) ?? []);
  if (keys.length === 0) throw fail(failed, `${part[type]} Not Found`);
  return { [part[type]]: keys.map((key) => shown(sim, type, key)) };
}

function update({ sim, type, data, actor, fail }: Question): unknown {
  const given = recordIn(data, type, fail);
  const from = new CustomerBook(sim).storedKey(type, textOf(data[idParameter[type]]));
  const to = textOf(given[keyField[type]]) || textOf(data[idParameter[type]]);
  // What is not sent is emptied.
  const all = Object.fromEntries(fieldNames(sim, type).map((name) => [name, textOf(given[name])]));
  const step = { ...all, ValidID: Number(all["ValidID"]) };
  try {
    if (from === undefined) throw new Error("there is no such record");
    if (type === "Company") companyUpdate(sim, { ...step, CustomerID: from, NewCustomerID: to }, actor);
    else userUpdate(sim, { ...step, UserLogin: from, NewUserLogin: to }, actor);
  } catch {
    throw fail(failed, `Could not update ${type === "Company" ? "customer company" : "customer user"}`);
  }
  sim.save();
  // The answer is read under the old key, and empty after a rename of a company.
  return { [part[type]]: type === "Company" && to !== from ? {} : shown(sim, type, to) };
}

/** Found companies are kept under their question and never forgotten, whatever is written later. */
const keptSearches = new WeakMap<Simulation, Map<string, string[]>>();

function search({ sim, type, data, fail }: Question): unknown {
  if (!isFields(data["Search"])) throw fail("MissingParameter", "Search parameter is missing or not valid!");
  const wanted = type === "Company" ? data["Search"] : data["CustomerUser"];
  const kept = keptSearches.get(sim) ?? new Map<string, string[]>();
  keptSearches.set(sim, kept);
  const question = JSON.stringify(wanted);
  const found =
    (type === "Company" ? kept.get(question) : undefined) ?? matching(sim, type, isFields(wanted) ? wanted : {});
  if (type === "Company") kept.set(question, found);
  const what = type === "Company" ? "customer company" : "customer user";
  if (found.length === 0) throw fail(failed, `Could not find ${what}`);
  return { [part[type]]: found };
}

function matching(sim: Simulation, type: RecordType, wanted: Fields): string[] {
  const records: Readonly<Record<string, Stored>> = type === "Company" ? sim.state.companies : sim.state.users;
  const conditions = Object.entries(wanted).filter(([name]) => name !== "Valid" && name !== "ValidID");
  return Object.entries(records)
    .filter(([, record]) => textOf(wanted["Valid"]) === "0" || record["ValidID"] === 1)
    .filter(([, record]) => conditions.every(([name, value]) => isLike(String(record[name] ?? ""), textOf(value))))
    .map(([key]) => key);
}

function isLike(value: string, pattern: string): boolean {
  const parts = pattern.split(/\*+/).map((text) => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
  return new RegExp(`^${parts.join(".*")}$`, "isu").test(value);
}

/** Empty columns of companies come as null, those of users as "". */
function shown(sim: Simulation, type: RecordType, key: string): object {
  const record: Stored | undefined = type === "Company" ? sim.state.companies[key] : sim.state.users[key];
  if (record === undefined) return {};
  const values = fieldNames(sim, type).map((name) => [
    name,
    record[name] === "" && type === "Company" ? null : record[name],
  ]);
  const own = { ...Object.fromEntries(values), [keyField[type]]: key, Source: part[type], CreateBy: 1, ChangeBy: 1 };
  if (type === "Company") return own;
  const company = sim.state.companies[String(record["UserCustomerID"])];
  return {
    ...own,
    UserID: key,
    UserFullname: `${record["UserFirstname"]} ${record["UserLastname"]}`,
    UserRefreshTime: "0",
    CustomerCompanyName: company?.CustomerCompanyName ?? null,
  };
}

function recordIn(data: Fields, type: RecordType, fail: Question["fail"]): Fields {
  const given = data[part[type]];
  if (!isFields(given)) throw fail("MissingParameter", `${part[type]} parameter is missing or not valid!`);
  return given;
}

function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value) && Object.keys(value).length > 0;
}
