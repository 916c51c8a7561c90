import { isTrue } from "./loose-values.ts";
import { setTicketCustomer, touch, type Actor } from "./ticket-core.ts";
import { addressProblem } from "./ticket-lookup.ts";
import type { Simulation } from "./simulation.ts";
import {
  companyFields,
  userFields,
  type Company,
  type CompanyField,
  type User,
  type UserField,
} from "./world-state.ts";

/** Why a record was refused, in the add-on's code and the helpdesk's words. */
export interface Refusal {
  code: "name-taken" | "email-taken" | "invalid";
  reason: string;
}

// What the add-on lets through: the narrowest columns of the family.
const companyLengths: Record<CompanyField, number> = {
  CustomerCompanyName: 191,
  CustomerCompanyStreet: 200,
  CustomerCompanyZIP: 200,
  CustomerCompanyCity: 200,
  CustomerCompanyCountry: 200,
  CustomerCompanyURL: 200,
  CustomerCompanyComment: 250,
};
const userLengths: Record<UserField, number> = {
  UserCustomerID: 150,
  UserTitle: 50,
  UserFirstname: 100,
  UserLastname: 100,
  UserEmail: 150,
  UserPhone: 150,
  UserFax: 150,
  UserMobile: 150,
  UserStreet: 150,
  UserZip: 200,
  UserCity: 200,
  UserCountry: 200,
  UserComment: 250,
};

/** Companies and contacts with the look-ups their rules need; a copy can be written to without touching the helpdesk. */
export class CustomerBook {
  readonly companies: Map<string, Company>;
  readonly users: Map<string, User>;
  private readonly companyKeys: Map<string, string>;
  private readonly logins: Map<string, string>;
  private readonly names: Map<string, string>;
  private readonly emails: Map<string, Set<string>>;

  constructor(sim: Simulation) {
    this.companies = new Map(Object.entries(sim.state.companies));
    this.users = new Map(Object.entries(sim.state.users));
    this.companyKeys = new Map([...this.companies.keys()].map((key) => [key.toLowerCase(), key]));
    this.logins = new Map([...this.users.keys()].map((login) => [login.toLowerCase(), login]));
    this.names = new Map([...this.companies].map(([key, company]) => [company.CustomerCompanyName, key]));
    this.emails = new Map();
    for (const [login, user] of this.users) this.holdersOf(user.UserEmail).add(login);
  }

  /** The key under which the helpdesk finds a record of this key, whatever its case. */
  storedKey(type: "Company" | "User", key: string): string | undefined {
    return (type === "Company" ? this.companyKeys : this.logins).get(key.toLowerCase());
  }

  /** Why the helpdesk would not write this company; undefined when it would. */
  companyRefusal(company: Company): Refusal | undefined {
    const stored = this.companies.get(company.CustomerID);
    const problem =
      (stored === undefined ? keyProblem(company.CustomerID, 150) : undefined) ??
      lengthProblem(company, companyLengths) ??
      requiredProblem({ CustomerCompanyName: company.CustomerCompanyName, ValidID: company.ValidID });
    if (problem !== undefined) return { code: "invalid", reason: problem };
    const holder = this.names.get(company.CustomerCompanyName);
    if (holder === undefined || holder === company.CustomerID) return undefined;
    return { code: "name-taken", reason: "Another company of the helpdesk has this name." };
  }

  /** Why the helpdesk would not write this customer user; undefined when it would. Addresses of invalid users are not checked. */
  userRefusal(user: User): Refusal | undefined {
    const stored = this.users.get(user.UserLogin);
    const { UserFirstname, UserLastname, UserEmail, UserCustomerID, ValidID } = user;
    const problem =
      (stored === undefined ? keyProblem(user.UserLogin, 191) : undefined) ??
      lengthProblem(user, userLengths) ??
      requiredProblem({ UserFirstname, UserLastname, UserEmail, UserCustomerID, ValidID });
    if (problem !== undefined) return { code: "invalid", reason: problem };
    const isNewAddress = stored?.UserEmail.toLowerCase() !== UserEmail.toLowerCase();
    if (isNewAddress && [...this.holdersOf(UserEmail)].some((login) => login !== user.UserLogin))
      return { code: "email-taken", reason: "Another customer user of the helpdesk has this email address." };
    const impossible = ValidID === 1 ? addressProblem(UserEmail) : undefined;
    if (impossible === undefined) return undefined;
    return { code: "invalid", reason: `Email address (${UserEmail}) not valid (${impossible})!` };
  }

  /** Puts the company into the book. */
  putCompany(company: Company): void {
    const before = this.companies.get(company.CustomerID);
    if (before !== undefined) this.names.delete(before.CustomerCompanyName);
    this.companies.set(company.CustomerID, company);
    this.companyKeys.set(company.CustomerID.toLowerCase(), company.CustomerID);
    this.names.set(company.CustomerCompanyName, company.CustomerID);
  }

  /** Puts the customer user into the book. */
  putUser(user: User): void {
    const before = this.users.get(user.UserLogin);
    if (before !== undefined) this.holdersOf(before.UserEmail).delete(user.UserLogin);
    this.users.set(user.UserLogin, user);
    this.logins.set(user.UserLogin.toLowerCase(), user.UserLogin);
    this.holdersOf(user.UserEmail).add(user.UserLogin);
  }

  private holdersOf(email: string): Set<string> {
    const folded = email.toLowerCase();
    const holders = this.emails.get(folded) ?? new Set<string>();
    this.emails.set(folded, holders);
    return holders;
  }
}

function keyProblem(key: string, limit: number): string | undefined {
  if (key !== key.trim()) return "The key has leading or trailing blanks.";
  if (/\p{Cc}/u.test(key)) return "The key contains a control character.";
  return length(key) > limit ? `The key is longer than ${limit}.` : undefined;
}

function lengthProblem<F extends string>(record: Record<F, string>, limits: Record<F, number>): string | undefined {
  for (const [field, limit] of Object.entries(limits) as [F, number][])
    if (length(record[field]) > limit) return `${field} is longer than ${limit} characters.`;
  return undefined;
}

// Perl takes "0" for empty.
function requiredProblem(values: Record<string, string | number>): string | undefined {
  const missing = Object.entries(values).find(([, value]) => !isTrue(value));
  return missing && `${missing[0]} is required.`;
}

// The database counts characters, not UTF-16 units.
function length(value: string): number {
  return Array.from(value).length;
}

/** Stores a company. */
export function storeCompany(sim: Simulation, company: Company): void {
  sim.state.companies[company.CustomerID] = company;
}

/** Stores a customer user; a move to another company takes all of the contact's tickets along, closed ones too. */
export function storeUser(sim: Simulation, user: User, actor: Actor): void {
  const before = sim.state.users[user.UserLogin];
  sim.state.users[user.UserLogin] = user;
  if (before === undefined || before.UserCustomerID === user.UserCustomerID) return;
  for (const ticket of Object.values(sim.state.tickets)) {
    if (ticket.customerUserId !== user.UserLogin || ticket.customerId === user.UserCustomerID) continue;
    setTicketCustomer(sim, ticket, { customerId: user.UserCustomerID, customerUserId: user.UserLogin }, actor);
    touch(sim, ticket, actor);
  }
}

/** A company with empty fields and no validity yet. */
export function emptyCompany(sim: Simulation, CustomerID: string, userId: number): Company {
  const fields = Object.fromEntries(companyFields.map((field) => [field, ""])) as Record<
    (typeof companyFields)[number],
    string
  >;
  return { CustomerID, ValidID: 0, ...fields, ...stampsOf(sim, userId) };
}

/** A customer user with empty fields and no validity yet. */
export function emptyUser(sim: Simulation, UserLogin: string, userId: number): User {
  const fields = Object.fromEntries(userFields.map((field) => [field, ""])) as Record<
    (typeof userFields)[number],
    string
  >;
  return { UserLogin, ValidID: 0, ...fields, ...stampsOf(sim, userId) };
}

function stampsOf(sim: Simulation, userId: number) {
  const stamp = sim.clock.stamp();
  return { CreateTime: stamp, CreateBy: userId, ChangeTime: stamp, ChangeBy: userId };
}
