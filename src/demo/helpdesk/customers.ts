import { valueProblem } from "./customer-fields.ts";
import { foldedKey, foldedName } from "./folding.ts";
import { Marks } from "./marks.ts";
import { setTicketCustomer, touch, type Actor } from "./ticket-core.ts";
import { addressProblem } from "./ticket-lookup.ts";
import type { Simulation } from "./simulation.ts";
import type { Company, RecordType, User } from "./world-state.ts";

/** Why a record was refused, in the add-on's code and the helpdesk's words. */
export interface Refusal {
  code: "name-taken" | "email-taken" | "invalid";
  reason: string;
  /** Key of the record that has the name or the address. */
  otherKey?: string;
}

/** Looks companies and contacts up as the helpdesk's database does; what is written goes through it. */
export class CustomerBook {
  readonly marks: Marks;
  private readonly sim: Simulation;
  // Made when they are first asked for: most calls need one of them only.
  private readonly keys: Partial<Record<RecordType, Map<string, string>>> = {};
  private names: Map<string, string> | undefined;
  private emails: Map<string, Set<string>> | undefined;

  constructor(sim: Simulation) {
    this.sim = sim;
    this.marks = new Marks(sim.state.marks);
  }

  /** The key under which the helpdesk finds a record of this key, however it is spelled. */
  storedKey(type: RecordType, key: string): string | undefined {
    return this.keysOf(type).get(this.foldKey(key));
  }

  /** Why the helpdesk would not write this company, of which these fields change; undefined when it would. */
  companyRefusal(company: Company, changed: readonly string[]): Refusal | undefined {
    const problem = valueProblem("Company", company, changed);
    if (problem !== undefined) return { code: "invalid", reason: problem };
    const otherKey = this.holderOfName(company);
    if (!changed.includes("CustomerCompanyName") || otherKey === undefined || otherKey === company.CustomerID)
      return undefined;
    return { code: "name-taken", reason: "Another company of the helpdesk has this name.", otherKey };
  }

  /** Why the helpdesk would not write this customer user; undefined when it would. Addresses of invalid users are not checked. */
  userRefusal(user: User, changed: readonly string[]): Refusal | undefined {
    const problem = valueProblem("User", user, changed);
    if (problem !== undefined) return { code: "invalid", reason: problem };
    const { UserEmail, ValidID } = user;
    const before = this.sim.state.users[user.UserLogin]?.UserEmail;
    if (before === undefined || this.foldKey(before) !== this.foldKey(UserEmail)) {
      const otherKey = [...this.holdersOf(UserEmail)].find((login) => login !== user.UserLogin);
      const reason = "Another customer user of the helpdesk has this email address.";
      if (otherKey !== undefined) return { code: "email-taken", reason, otherKey };
    }
    const impossible = ValidID === 1 ? addressProblem(UserEmail) : undefined;
    if (impossible === undefined) return undefined;
    return { code: "invalid", reason: `Email address (${UserEmail}) not valid (${impossible})!` };
  }

  /** Stores a company. */
  putCompany(company: Company): void {
    const { companies } = this.sim.state;
    const before = companies[company.CustomerID];
    if (before !== undefined) this.names?.delete(this.foldName(before));
    companies[company.CustomerID] = company;
    this.keys.Company?.set(this.foldKey(company.CustomerID), company.CustomerID);
    this.names?.set(this.foldName(company), company.CustomerID);
  }

  /** Stores a customer user; a move to another company takes all of the contact's tickets along, closed ones too. */
  putUser(user: User, actor: Actor): void {
    const { users, tickets } = this.sim.state;
    const before = users[user.UserLogin];
    if (before !== undefined) this.holdersOf(before.UserEmail).delete(user.UserLogin);
    users[user.UserLogin] = user;
    this.keys.User?.set(this.foldKey(user.UserLogin), user.UserLogin);
    this.holdersOf(user.UserEmail).add(user.UserLogin);
    if (before === undefined || before.UserCustomerID === user.UserCustomerID) return;
    for (const ticket of Object.values(tickets)) {
      if (ticket.customerUserId !== user.UserLogin || ticket.customerId === user.UserCustomerID) continue;
      setTicketCustomer(this.sim, ticket, { customerId: user.UserCustomerID, customerUserId: user.UserLogin }, actor);
      touch(this.sim, ticket, actor);
    }
  }

  /** Takes a record away from its key; what hangs on the key stays. */
  remove(type: RecordType, key: string): void {
    const { companies, users } = this.sim.state;
    const company = type === "Company" ? companies[key] : undefined;
    const user = type === "User" ? users[key] : undefined;
    if (company) this.names?.delete(this.foldName(company));
    if (user) this.holdersOf(user.UserEmail).delete(key);
    this.keys[type]?.delete(this.foldKey(key));
    delete (type === "Company" ? companies : users)[key];
  }

  private foldKey(key: string): string {
    return foldedKey(this.sim.settings.databaseKind, key);
  }

  private foldName(company: Company): string {
    return foldedName(this.sim.settings.databaseKind, company.CustomerCompanyName);
  }

  private keysOf(type: RecordType): Map<string, string> {
    return (this.keys[type] ??= this.keysByFolded(type));
  }

  private keysByFolded(type: RecordType): Map<string, string> {
    const { companies, users } = this.sim.state;
    return new Map(Object.keys(type === "Company" ? companies : users).map((key) => [this.foldKey(key), key]));
  }

  private holderOfName(company: Company): string | undefined {
    this.names ??= this.keysByName();
    return this.names.get(this.foldName(company));
  }

  private keysByName(): Map<string, string> {
    return new Map(Object.values(this.sim.state.companies).map((one) => [this.foldName(one), one.CustomerID]));
  }

  private holdersOf(email: string): Set<string> {
    this.emails ??= this.loginsByEmail();
    const folded = this.foldKey(email);
    const holders = this.emails.get(folded) ?? new Set<string>();
    this.emails.set(folded, holders);
    return holders;
  }

  private loginsByEmail(): Map<string, Set<string>> {
    const logins = new Map<string, Set<string>>();
    for (const { UserEmail, UserLogin } of Object.values(this.sim.state.users)) {
      const folded = this.foldKey(UserEmail);
      logins.set(folded, (logins.get(folded) ?? new Set()).add(UserLogin));
    }
    return logins;
  }
}
