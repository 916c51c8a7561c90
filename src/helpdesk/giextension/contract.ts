import { z } from "zod";
import type { RecordKind } from "../../customer-sync/ports.ts";
import type { Fault } from "../faults.ts";

/**
 * The operations of the public package GIExtension (reneeb/opm-GIExtension, measured with its 6.0.10 on Znuny 6.5.1), behind
 * the routes of our own definition (helpdesk-addon/webservice/KivitendoBridgeGIExtension.yml). Everything is posted: with
 * GET, as in the package's sample, sessions and addresses would end up in web servers' logs.
 */
interface KindContract {
  readonly add: string;
  readonly get: string;
  readonly update: string;
  readonly search: string;
  /** Where a record stands in requests and answers. */
  readonly part: "CustomerCompany" | "CustomerUser";
  /** Names the record in a request of get and update. */
  readonly idParameter: "CustomerID" | "CustomerUserID";
  /** The key within a record. */
  readonly keyField: "CustomerID" | "UserLogin";
  /** Unique among records, as far as the helpdesk is configured so. */
  readonly uniqueField: "CustomerCompanyName" | "UserEmail";
}

export const contracts: Readonly<Record<RecordKind, KindContract>> = {
  company: {
    add: "/CompanyAdd",
    get: "/CompanyGet",
    update: "/CompanyUpdate",
    search: "/CompanySearch",
    part: "CustomerCompany",
    idParameter: "CustomerID",
    keyField: "CustomerID",
    uniqueField: "CustomerCompanyName",
  },
  user: {
    add: "/CustomerUserAdd",
    get: "/CustomerUserGet",
    update: "/CustomerUserUpdate",
    search: "/CustomerUserSearch",
    part: "CustomerUser",
    idParameter: "CustomerUserID",
    keyField: "UserLogin",
    uniqueField: "UserEmail",
  },
};

/** A record as it came: texts, numbers, null, and lists of dynamic fields. */
export type Stored = Readonly<Record<string, unknown>>;

const Stored = z.record(z.string(), z.unknown());

/** A list from get; one record from add and update, and an empty one after an update that changed the key. */
export function recordsAnswer(kind: RecordKind): z.ZodType<readonly Stored[]> {
  const { part } = contracts[kind];
  return z
    .object({ [part]: z.union([z.array(Stored), Stored.transform((one) => [one])]) })
    .transform((answer) => (answer as Record<string, readonly Stored[]>)[part] ?? []);
}

const Id = z.union([z.string(), z.number()]).transform(String);

export function idsAnswer(kind: RecordKind): z.ZodType<readonly string[]> {
  const { part } = contracts[kind];
  return z
    .object({ [part]: z.union([z.array(Id), Id.transform((one) => [one])]) })
    .transform((answer) => (answer as Record<string, readonly string[]>)[part] ?? []);
}

/**
 * `<Operation>.Operation failed` (with the blank): a get or search that found nothing, or a write that the helpdesk refused.
 * The reason is in the helpdesk's log only.
 */
export function isOperationFailed({ kind, detail }: Fault): boolean {
  return kind === "not-understood" && /^Customer(Company|User)(Add|Get|Update|Search)\.Operation failed: /.test(detail);
}

/** Get takes several ids with commas between them, so an id with a comma would be two others. */
export function keyProblem(key: string): string | null {
  return key.includes(",") ? `GIExtension cannot name a record whose key has a comma (${key}).` : null;
}

/** A value as the helpdesk would show it; null is a column that was never filled. */
export function textOf(value: unknown): string {
  if (typeof value === "string") return value;
  return typeof value === "number" || typeof value === "boolean" ? String(value) : "";
}
