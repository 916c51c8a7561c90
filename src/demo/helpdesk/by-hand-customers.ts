import { z } from "zod";
import { CustomerBook, emptyCompany, emptyUser, storeCompany, storeUser, type Refusal } from "./customers.ts";
import { passwordHashOf } from "./fresh-world.ts";
import type { Simulation } from "./simulation.ts";
import { setTicketCustomer, type Actor } from "./ticket-core.ts";
import { companyFields, userFields, type Company, type User } from "./world-state.ts";

const Value = z.union([z.string(), z.number()]).optional();
const ValidID = z.coerce.number().int().optional();
const fieldsOf = <F extends string>(names: readonly F[]) =>
  Object.fromEntries(names.map((name) => [name, Value])) as Record<F, typeof Value>;

export const CompanyStep = z.object({ CustomerID: z.string(), ValidID, ...fieldsOf(companyFields) });
export const UserStep = z.object({
  UserLogin: z.string(),
  UserPassword: z.string().optional(),
  ValidID,
  ...fieldsOf(userFields),
});
type CompanyStep = z.output<typeof CompanyStep> & { NewCustomerID?: string | undefined };
type UserStep = z.output<typeof UserStep> & { NewUserLogin?: string | undefined };

/** Adds a company as an agent does; throws what the helpdesk would say. */
export function companyAdd(sim: Simulation, step: CompanyStep, actor: Actor): { CustomerID: string } {
  if (sim.state.companies[step.CustomerID]) throw new Error(`the company ${step.CustomerID} exists`);
  return putCompany(
    sim,
    overlaid(sim, emptyCompany(sim, step.CustomerID, actor.userId), { ValidID: 1, ...step }, actor),
  );
}

/** Changes a company; a new CustomerID moves its contacts and their tickets. */
export function companyUpdate(sim: Simulation, given: CompanyStep, actor: Actor): { CustomerID: string } {
  const { NewCustomerID, ...step } = given;
  const stored = known(sim.state.companies[step.CustomerID], step.CustomerID);
  const company = overlaid(sim, stored, step, actor);
  if (NewCustomerID === undefined || NewCustomerID === step.CustomerID) return putCompany(sim, company);
  delete sim.state.companies[step.CustomerID];
  const answer = putCompany(sim, { ...company, CustomerID: NewCustomerID });
  for (const user of Object.values(sim.state.users))
    if (user.UserCustomerID === step.CustomerID) user.UserCustomerID = NewCustomerID;
  for (const ticket of Object.values(sim.state.tickets))
    if (ticket.customerId === step.CustomerID) setTicketCustomer(sim, ticket, { customerId: NewCustomerID }, actor);
  return answer;
}

/** Adds a customer user as an agent does; throws what the helpdesk would say. */
export function userAdd(sim: Simulation, step: UserStep, actor: Actor): { UserLogin: string } {
  if (sim.state.users[step.UserLogin]) throw new Error(`the customer user ${step.UserLogin} exists`);
  return putUser(sim, emptyUser(sim, step.UserLogin, actor.userId), { ValidID: 1, ...step }, actor);
}

/** Changes a customer user; a new login takes the tickets along. */
export function userUpdate(sim: Simulation, given: UserStep, actor: Actor): { UserLogin: string } {
  const { NewUserLogin, ...step } = given;
  const stored = known(sim.state.users[step.UserLogin], step.UserLogin);
  if (NewUserLogin === undefined || NewUserLogin === step.UserLogin) return putUser(sim, stored, step, actor);
  delete sim.state.users[step.UserLogin];
  const answer = putUser(sim, { ...stored, UserLogin: NewUserLogin }, { ...step, UserLogin: NewUserLogin }, actor);
  for (const ticket of Object.values(sim.state.tickets))
    if (ticket.customerUserId === step.UserLogin)
      setTicketCustomer(sim, ticket, { customerUserId: NewUserLogin }, actor);
  return answer;
}

function known<T>(record: T | undefined, key: string): T {
  if (record === undefined) throw new Error(`the helpdesk has no record ${key}`);
  return record;
}

function overlaid<T extends Company | User>(sim: Simulation, record: T, given: object, actor: Actor): T {
  const values = Object.entries(given).filter(([, value]) => value !== undefined);
  const texts = values.map(([key, value]) => [key, key === "ValidID" ? Number(value) : String(value)]);
  return { ...record, ...Object.fromEntries(texts), ChangeTime: sim.clock.stamp(), ChangeBy: actor.userId };
}

function accept(refusal: Refusal | undefined): void {
  if (refusal !== undefined) throw new Error(refusal.reason);
}

function putCompany(sim: Simulation, company: Company): { CustomerID: string } {
  accept(new CustomerBook(sim).companyRefusal(company));
  storeCompany(sim, company);
  return { CustomerID: company.CustomerID };
}

function putUser(sim: Simulation, stored: User, given: UserStep, actor: Actor): { UserLogin: string } {
  const { UserPassword, ...step } = given;
  const user = overlaid(sim, stored, step, actor);
  if (UserPassword !== undefined) user.passwordHash = passwordHashOf(UserPassword);
  accept(new CustomerBook(sim).userRefusal(user));
  storeUser(sim, user, actor);
  return { UserLogin: user.UserLogin };
}
