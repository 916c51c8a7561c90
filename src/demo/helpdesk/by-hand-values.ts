import { z } from "zod";
import { putDynamicValue } from "./dynamic-values.ts";
import { membersOf, setMember } from "./members.ts";
import type { Simulation } from "./simulation.ts";
import type { RecordType } from "./world-state.ts";

const ObjectType = z.enum(["CustomerCompany", "CustomerUser"]);
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
  [Do in keyof Steps]: (sim: Simulation, step: z.output<Steps[Do]>) => ValueResults[Do];
} = {
  DynamicFieldEnsure: (sim, { ObjectType: object, Name, FieldType, PossibleValues, ValidID }) => {
    const { customerFields: fields, dynamicFields: ticketFields } = sim.state;
    const elsewhere = [
      ...ticketFields.ticket,
      ...ticketFields.article,
      ...fields[typeOf(object) === "User" ? "Company" : "User"].map(({ name }) => name),
    ];
    if (elsewhere.includes(Name)) throw new Error(`A dynamic field with the name '${Name}' already exists.`);
    const others = fields[typeOf(object)].filter((field) => field.name !== Name);
    const field = { name: Name, type: FieldType, possibleValues: PossibleValues, validId: ValidID };
    fields[typeOf(object)] = [...others, field];
    return {};
  },
  DynamicFieldSet: (sim, { ObjectType: object, Key, Name, Value }) => {
    const type = typeOf(object);
    if (!sim.state.customerFields[type].some((field) => field.name === Name))
      throw new Error(`the helpdesk has no dynamic field ${Name}`);
    putDynamicValue(sim, { type, key: Key, name: Name }, Value);
    return {};
  },
  DynamicFieldGet: (sim, { ObjectType: object, Key, Name }) =>
    sim.state.customerValues[typeOf(object)][Key]?.[Name] ?? null,
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

function typeOf(object: z.output<typeof ObjectType>): RecordType {
  return object === "CustomerCompany" ? "Company" : "User";
}
