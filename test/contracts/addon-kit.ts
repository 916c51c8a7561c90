import { z } from "zod";
import { freshTag, type Contract } from "./helpdesk-under-test.ts";

const DynamicField = z.strictObject({ Name: z.string(), Type: z.string() });
const Named = z.strictObject({ Name: z.string(), Valid: z.number() });
export const Info = z.object({
  KivitendoBridge: z.object({
    Protocol: z.literal(3),
    AddonVersion: z.string().regex(/^\d+\.\d+\.\d+$/),
    Product: z.enum(["Znuny", "OTOBO", "OTRS"]),
    ProductVersion: z.string().min(1),
    HelpdeskId: z.string().regex(/^[0-9a-f]{32}$/),
    TimeZone: z.string().min(1),
    Now: z.number(),
    TimeUnitLabel: z.string(),
    Agent: z.string(),
    AgentId: z.number(),
    States: z.array(z.strictObject({ Name: z.string(), Type: z.string(), Valid: z.number() })),
    Queues: z.array(z.strictObject({ Name: z.string(), Valid: z.number(), Readable: z.number() })),
    TicketDynamicFields: z.array(DynamicField),
    Services: z.array(Named),
    SLAs: z.array(Named),
    Types: z.array(Named),
    Priorities: z.array(Named),
    DatabaseKind: z.string(),
    Fields: z.strictObject({ Company: z.array(z.string()), User: z.array(z.string()) }),
    DynamicFields: z.strictObject({ Company: z.array(DynamicField), User: z.array(DynamicField) }),
    Countries: z.array(z.string()),
    CheckMXRecord: z.number(),
    Sequence: z.number(),
  }),
});
const Owner = z.strictObject({ Instance: z.string(), RowId: z.string() });
const Result = z.strictObject({
  Type: z.enum(["Company", "User"]),
  RowId: z.string(),
  Key: z.string(),
  Outcome: z.enum(["created", "adopted", "updated", "unchanged", "rejected"]),
  Changed: z.array(z.string()).optional(),
  Code: z.string().optional(),
  Reason: z.string().max(200).optional(),
  Owner: Owner.optional(),
  OtherKey: z.string().optional(),
  KeyNow: z.string().optional(),
});
export type Result = z.output<typeof Result>;
const Page = z.strictObject({
  Records: z.array(
    z.strictObject({
      Key: z.string(),
      Fields: z.record(z.string(), z.union([z.string(), z.number()])),
      DynamicFields: z.record(z.string(), z.string()),
      Companies: z.array(z.string()),
      Owner: Owner.nullable(),
      Tickets: z.strictObject({ All: z.number(), Open: z.number() }).optional(),
    }),
  ),
  Next: z.string(),
});
export type Page = z.output<typeof Page>;

/** One record of an upsert. */
export interface UpsertRecord {
  Type: "Company" | "User";
  RowId: string;
  Key: string;
  Expect: "absent" | "unowned" | "ours";
  Fields: Record<string, unknown>;
  Modes?: Record<string, "owned" | "fill-if-empty" | "create-only">;
  DynamicFields?: Record<string, unknown>;
  Companies?: string[];
  NewKey?: string;
  FormerRowId?: string;
}

/** The dynamic fields of the suite; a name belongs to one object type only. */
export const dynamicPrefix = { Company: "KiviFirm", User: "KiviUser" } as const;
/** Dynamic fields of a kind of record, from the ends of their names. */
export function dynamic<T>(type: "Company" | "User", values: Record<string, T>): Record<string, T> {
  return Object.fromEntries(Object.entries(values).map(([end, value]) => [dynamicPrefix[type] + end, value]));
}
/** Object type of a kind of record. */
export const objectType = { Company: "CustomerCompany", User: "CustomerUser" } as const;

/** Short ways to ask the add-on; every kit has an instance and keys of its own. */
export class AddonKit {
  private readonly contract: Contract;
  readonly tag = freshTag();
  readonly instance = this.tag;

  constructor(contract: Contract) {
    this.contract = contract;
  }

  /** The results of an upsert. */
  async upsert(records: UpsertRecord[], more: object = {}): Promise<Result[]> {
    const request = { Instance: this.instance, Records: records, ...more };
    const reply = await this.contract.caller.post("/KivitendoBridge/Upsert", request);
    return z.object({ Results: z.array(Result) }).parse(reply).Results;
  }

  /** The result of an upsert of one record. */
  async one(record: UpsertRecord, more: object = {}): Promise<Result | undefined> {
    return (await this.upsert([record], more))[0];
  }

  /** Records of this kit's instance, or as `more` says. */
  async records(type: "Company" | "User", more: object): Promise<Page> {
    const request = { Instance: this.instance, Type: type, ...more };
    return Page.parse(await this.contract.caller.post("/KivitendoBridge/Records", request));
  }

  /** The one record under a key, as Records tells it. */
  async record(type: "Company" | "User", key: string, more: object = {}): Promise<Page["Records"][number] | undefined> {
    return (await this.records(type, { Keys: [key], ...more })).Records[0];
  }

  /** Makes a record that carries no mark, as an agent does. */
  async byAgent({ Type, Key, Fields }: UpsertRecord): Promise<void> {
    const { ValidID, ...fields } = Fields as Record<string, string>;
    const key =
      Type === "Company" ? { Do: "CompanyAdd" as const, CustomerID: Key } : { Do: "UserAdd" as const, UserLogin: Key };
    await this.contract.helpdesk.byHand([{ ...fields, ...key, ValidID }]);
  }

  /** A new company of row 1. */
  company(more: Partial<UpsertRecord> = {}): UpsertRecord {
    const Fields = { CustomerCompanyName: `Firma ${this.tag}`, ValidID: 1 };
    return { Type: "Company", RowId: "1", Key: `${this.tag}-c`, Expect: "absent", Fields, ...more };
  }

  /** A new customer user of row 2. */
  person(fields: Record<string, unknown> = {}, more: Partial<UpsertRecord> = {}): UpsertRecord {
    const address = `eva@${this.tag}-test.de`;
    const name = { UserFirstname: "Eva", UserLastname: "Müller", UserEmail: address };
    const Fields = { UserCustomerID: `${this.tag}-c`, ...name, ValidID: 1, ...fields };
    return { Type: "User", RowId: "2", Key: address, Expect: "absent", Fields, ...more };
  }

  /** What the helpdesk has under a key, or null. */
  async stored(type: "Company" | "User", key: string): Promise<Record<string, unknown> | null> {
    const [found] = await this.contract.helpdesk.byHand([
      type === "Company" ? { Do: "CompanyGet", CustomerID: key } : { Do: "UserGet", UserLogin: key },
    ]);
    return found as Record<string, unknown> | null;
  }
}
