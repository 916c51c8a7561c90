import { z } from "zod";
import { createSetUp } from "./by-hand-set-up.ts";
import { namedRow, type Simulation } from "./simulation.ts";

const Kind = z.enum(["Type", "Service", "SLA"]);
const Permission = z.enum(["ro", "rw"]);

/** What an admin does by hand; whatever is there already stays as it is. */
export const nameSteps = {
  QueueEnsure: z.object({ Name: z.string(), Group: z.string().default("users") }),
  StateEnsure: z.object({ Name: z.string(), Type: z.string() }),
  StateRename: z.object({ State: z.string(), Name: z.string() }),
  NameEnsure: z.object({ Kind, Name: z.string() }),
  /** `Groups` maps group names to permissions. */
  AgentEnsure: z.object({
    UserLogin: z.string(),
    Password: z.string(),
    FirstName: z.string().default("Agent"),
    LastName: z.string().default("Test"),
    Groups: z.record(z.string(), Permission).default({}),
  }),
  AgentGroup: z.object({ UserLogin: z.string(), Group: z.string(), Permission: z.enum(["ro", "rw", "none"]) }),
  AgentValid: z.object({ UserLogin: z.string(), ValidID: z.coerce.number().int() }),
};
type Steps = typeof nameSteps;

export interface NameResults {
  QueueEnsure: { QueueID: number };
  StateEnsure: object;
  StateRename: object;
  NameEnsure: object;
  AgentEnsure: { UserID: number };
  AgentGroup: object;
  AgentValid: object;
}

export const namePerformers: {
  [Do in keyof Steps]: (sim: Simulation, step: z.output<Steps[Do]>) => NameResults[Do];
} = {
  QueueEnsure: (sim, step) => {
    const known = sim.state.queues.find(({ name }) => name === step.Name);
    return known === undefined ? createSetUp(sim).queueAdd(step) : { QueueID: known.id };
  },
  StateEnsure: (sim, step) => {
    if (!sim.state.states.some(({ name }) => name === step.Name)) createSetUp(sim).stateAdd(step);
    return {};
  },
  StateRename: (sim, { State, Name }) => {
    namedRow(sim.state.states, State).name = Name;
    return {};
  },
  NameEnsure: (sim, { Kind: kind, Name }) => {
    const { types, services, slas } = sim.state;
    const rows = { Type: types, Service: services, SLA: slas }[kind];
    if (!rows.some(({ name }) => name === Name)) rows.push({ id: rows.length + 1, name: Name, validId: 1 });
    return {};
  },
  AgentEnsure: (sim, step) => {
    const known = sim.state.agents.find(({ login }) => login === step.UserLogin);
    if (known !== undefined) return { UserID: known.id };
    const { UserID } = createSetUp(sim).agentAdd(step);
    const agent = sim.state.agents.find(({ id }) => id === UserID);
    if (agent !== undefined) Object.assign(agent, { firstName: step.FirstName, lastName: step.LastName });
    return { UserID };
  },
  AgentGroup: (sim, step) => {
    createSetUp(sim).agentGroup(step);
    return {};
  },
  AgentValid: (sim, step) => {
    createSetUp(sim).agentValid(step);
    return {};
  },
};
