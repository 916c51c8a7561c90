/** Everything the simulated helpdesk knows, in the form in which it is kept in the state file. Stamps are local time without zone. */
export interface WorldState {
  format: 1;
  helpdeskId: string | null;
  nextId: { ticket: number; article: number; counter: number; timeRow: number };
  groups: { id: number; name: string }[];
  agents: Agent[];
  queues: { id: number; name: string; groupId: number; validId: number }[];
  states: { id: number; name: string; type: string; validId: number }[];
  types: Named[];
  services: Named[];
  slas: Named[];
  dynamicFields: { ticket: string[]; article: string[] };
  /** Types of those of the ticket that are no Text. */
  ticketFieldTypes: Record<string, string>;
  companies: Record<string, Company>;
  users: Record<string, User>;
  /** Dynamic fields of customers, and their values by key and name of the field. */
  customerFields: Record<RecordType, CustomerDynamicField[]>;
  customerValues: Record<RecordType, Record<string, Record<string, string>>>;
  /** Additional companies by login. */
  members: Members;
  /** Those of them that the add-on has added. */
  addedMembers: Members;
  /** Login → name → value. */
  preferences: Record<string, Record<string, string>>;
  marks: Mark[];
  sequences: Record<string, number>;
  tickets: Record<number, Ticket>;
  articles: Article[];
  /** What can be restored, as OTOBO 11 does. */
  deletedArticles: { article: Article; rows: TimeRow[] }[];
  timeRows: TimeRow[];
  history: HistoryRow[];
  sessions: Record<string, Session>;
}

export interface Named {
  id: number;
  name: string;
  validId: number;
}

export interface Agent {
  id: number;
  login: string;
  firstName: string;
  lastName: string;
  email: string;
  passwordHash: string;
  validId: number;
  /** Group id → permission. */
  groups: Record<number, "ro" | "rw">;
  created: string;
  failedLogins: number;
  lastLogin: number;
}

/** What the add-on calls customers and customer users. */
export type RecordType = "Company" | "User";

/** Also those that a site may have added to the map of its customer source. */
export const siteFields = { Company: ["CustomerCompanyIndustry"], User: ["UserRoom"] } as const;

export const companyFields = [
  "CustomerCompanyName",
  "CustomerCompanyStreet",
  "CustomerCompanyZIP",
  "CustomerCompanyCity",
  "CustomerCompanyCountry",
  "CustomerCompanyURL",
  "CustomerCompanyComment",
] as const;
export type CompanyField = (typeof companyFields)[number];
export type Company = { CustomerID: string; ValidID: number } & Record<
  CompanyField | (typeof siteFields)["Company"][number],
  string
> &
  Stamps;

export const userFields = [
  "UserCustomerID",
  "UserTitle",
  "UserFirstname",
  "UserLastname",
  "UserEmail",
  "UserPhone",
  "UserFax",
  "UserMobile",
  "UserStreet",
  "UserZip",
  "UserCity",
  "UserCountry",
  "UserComment",
] as const;
export type UserField = (typeof userFields)[number];
export type User = { UserLogin: string; ValidID: number; passwordHash?: string } & Record<
  UserField | (typeof siteFields)["User"][number],
  string
> &
  Stamps;

export interface CustomerDynamicField {
  name: string;
  type: string;
  /** Of a Dropdown. */
  possibleValues: string[];
  validId: number;
}

/** Login → CustomerIDs. */
export type Members = Record<string, string[]>;

export type Stamps = {
  CreateTime: string;
  CreateBy: number;
  ChangeTime: string;
  ChangeBy: number;
};

/** Owner mark of the add-on: this record belongs to that instance's row. */
export interface Mark {
  instance: string;
  type: RecordType;
  key: string;
  rowId: string;
}

export interface Ticket {
  id: number;
  number: string;
  title: string;
  queueId: number;
  stateId: number;
  priorityId: number;
  typeId: number;
  serviceId: number | null;
  slaId: number | null;
  lockId: number;
  ownerId: number;
  responsibleId: number;
  customerId: string | null;
  customerUserId: string | null;
  unlockTimeout: number;
  pendingUntil: number;
  archived: boolean;
  created: string;
  createdBy: number;
  changed: string;
  changedBy: number;
  dynamicFields: Record<string, string | null>;
}

export interface Article {
  id: number;
  ticketId: number;
  senderTypeId: number;
  channelId: number;
  visible: boolean;
  from: string;
  to: string;
  cc: string | null;
  subject: string;
  body: string;
  contentType: string | null;
  incoming: number;
  created: string;
  createdBy: number;
  changed: string;
  changedBy: number;
}

/** Accounted time; `hundredths` of the helpdesk's own unit. */
export interface TimeRow {
  id: number;
  ticketId: number;
  articleId: number | null;
  hundredths: number;
  created: string;
  createdBy: number;
}

export interface HistoryRow {
  ticketId: number;
  articleId: number;
  type: string;
  name: string;
  queueId: number;
  ownerId: number;
  priorityId: number;
  stateId: number;
  created: string;
  createdBy: number;
}

export interface Session {
  kind: "agent" | "customer";
  login: string;
  ip: string;
  userAgent: string;
  created: number;
}

export const priorities = ["1 very low", "2 low", "3 normal", "4 high", "5 very high"] as const;
export const locks = ["unlock", "lock", "tmp_lock"] as const;
export const senderTypes = ["agent", "system", "customer"] as const;
export const channels = ["Email", "Phone", "Internal", "Chat"] as const;
export const stateTypes = ["new", "open", "closed", "pending reminder", "pending auto", "removed", "merged"] as const;

/** Ids of the history types, as a fresh installation numbers them. */
export const historyTypeIds: Record<string, number> = {
  NewTicket: 1,
  PhoneCallCustomer: 14,
  AddNote: 15,
  Move: 16,
  Lock: 17,
  Unlock: 18,
  TimeAccounting: 20,
  CustomerUpdate: 21,
  PriorityUpdate: 22,
  OwnerUpdate: 23,
  Misc: 25,
  SetPendingTime: 26,
  StateUpdate: 27,
  TicketDynamicFieldUpdate: 28,
  Merged: 33,
  ResponsibleUpdate: 34,
  ArchiveFlagUpdate: 40,
  TitleUpdate: 50,
};
