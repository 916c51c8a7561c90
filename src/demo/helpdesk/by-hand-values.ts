import { z } from "zod";
import { putDynamicValue } from "./dynamic-values.ts";
import { membersOf, setMember } from "./members.ts";
import { ticketOf, type Simulation } from "./simulation.ts";
import * as core from "./ticket-core.ts";
import type { RecordType } from "./world-state.ts";

const ObjectType = z.enum(["CustomerCompany", "CustomerUser", "Ticket"]);
/** `Key` is the id where the object is a ticket. */
const DynamicValue = z.object({ ObjectType, Key: z.string(), Name: z.string() });
const Preference = z.object({ UserLogin: z.string(), Name: z.string() });

/** What people do by hand to dynamic fields, additional companies and preferences of customers. */
export const valueSteps = {
  DynamicFieldEnsure: z.object({
    ObjectType,
    Name: z.string().regex(/^[A-Za-z0-9]+$/),
    FieldType: z.string(),
    PossibleValues: z.array(z.string()).default([]),
    ValidID: z.coerce.number().int().default(1),
  }),
  DynamicFieldSet: DynamicValue.extend({ Value: z.string() }),
  DynamicFieldGet: DynamicValue,
  MemberSet: z.object({ UserLogin: z.string(), CustomerID: z.string(), Active: z.coerce.number().int() }),
  MemberList: z.object({ UserLogin: z.string() }),
  PreferenceSet: Preference.extend({ Value: z.string() }),
  PreferenceGet: Preference,
};
type Steps = typeof valueSteps;

export interface ValueResults {
  DynamicFieldEnsure: object;
  DynamicFieldSet: object;
  DynamicFieldGet: string | null;
  MemberSet: object;
  MemberList: string[];
  PreferenceSet: object;
  PreferenceGet: string | null;
}

export const valuePerformers: {
  [Do in keyof Steps]: (sim: Simulation, step: z.output<Steps[Do]>, actor: core.Actor) => ValueResults[Do];
} = {
  DynamicFieldEnsure: (sim, { ObjectType: object, Name, FieldType, PossibleValues, ValidID }) => {
    const { customerFields: fields, dynamicFields: ticketFields, ticketFieldTypes } = sim.state;
    const takenBy = {
      Ticket: ticketFields.ticket,
      Article: ticketFields.article,
      CustomerCompany: fields.Company.map(({ name }) => name),
      CustomerUser: fields.User.map(({ name }) => name),
    };
    if (Object.entries(takenBy).some(([other, names]) => other !== object && names.includes(Name)))
      throw new Error(`A dynamic field with the name '${Name}' already exists.`);
    if (object === "Ticket") {
      if (!ticketFields.ticket.includes(Name)) ticketFields.ticket.push(Name);
      ticketFieldTypes[Name] = FieldType;
      return {};
    }
    const others = fields[typeOf(object)].filter((field) => field.name !== Name);
    const field = { name: Name, type: FieldType, possibleValues: PossibleValues, validId: ValidID };
    fields[typeOf(object)] = [...others, field];
    return {};
  },
  DynamicFieldSet: (sim, { ObjectType: object, Key, Name, Value }, actor) => {
    if (object === "Ticket") return setOnTicket(sim, Number(Key), { name: Name, value: Value }, actor);
    const type = typeOf(object);
    if (!sim.state.customerFields[type].some((field) => field.name === Name))
      throw new Error(`the helpdesk has no dynamic field ${Name}`);
    putDynamicValue(sim, { type, key: Key, name: Name }, Value);
    return {};
  },
  DynamicFieldGet: (sim, { ObjectType: object, Key, Name }) =>
    object === "Ticket"
      ? (ticketOf(sim, Number(Key)).dynamicFields[Name] ?? null)
      : (sim.state.customerValues[typeOf(object)][Key]?.[Name] ?? null),
  MemberSet: (sim, { UserLogin, CustomerID, Active }) => {
    setMember(sim.state.members, UserLogin, CustomerID, Active === 1);
    return {};
  },
  MemberList: (sim, { UserLogin }) => membersOf(sim, UserLogin),
  PreferenceSet: (sim, { UserLogin, Name, Value }) => {
    const { preferences } = sim.state;
    preferences[UserLogin] = { ...preferences[UserLogin], [Name]: Value };
    return {};
  },
  PreferenceGet: (sim, { UserLogin, Name }) => sim.state.preferences[UserLogin]?.[Name] ?? null,
};

function setOnTicket(sim: Simulation, id: number, to: { name: string; value: string }, actor: core.Actor): object {
  const ticket = ticketOf(sim, id);
  if (!sim.state.dynamicFields.ticket.includes(to.name))
    throw new Error(`the helpdesk has no dynamic field ${to.name}`);
  ticket.dynamicFields[to.name] = to.value === "" ? null : to.value;
  core.touch(sim, ticket, actor);
  return {};
}

function typeOf(object: "CustomerCompany" | "CustomerUser"): RecordType {
  return object === "CustomerCompany" ? "Company" : "User";
}
