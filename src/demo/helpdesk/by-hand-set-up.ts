import { newAgent } from "./fresh-world.ts";
import type { Simulation } from "./simulation.ts";
import { stateTypes, type Agent } from "./world-state.ts";

/** What an admin does by hand. Everything throws when it cannot be done. */
export interface SetUp {
  /** A queue for the members of a group, which is made when it is missing. */
  queueAdd(given: { Name: string; Group?: string }): { QueueID: number };
  /** An agent; `Groups` maps group names to `ro` or `rw`. */
  agentAdd(given: { UserLogin: string; Password: string; Groups: Record<string, "ro" | "rw"> }): { UserID: number };
  /** Sets an agent's permission in a group, or takes it away. */
  agentGroup(given: { UserLogin: string; Group: string; Permission: "ro" | "rw" | "none" }): void;
  /** Makes an agent valid or invalid. */
  agentValid(given: { UserLogin: string; ValidID: number }): void;
  agentGet(given: { UserLogin: string }): Agent | null;
  stateAdd(given: { Name: string; Type: string; ValidID?: number }): { StateID: number };
  dynamicFieldAdd(given: { Name: string; ObjectType: "Ticket" | "Article" }): void;
}

/** The admin's actions on a simulation. */
export function createSetUp(sim: Simulation): SetUp {
  const { state } = sim;
  const groupId = (name: string) => {
    const found = state.groups.find((group) => group.name === name);
    if (found !== undefined) return found.id;
    const id = state.groups.length + 1;
    state.groups.push({ id, name });
    return id;
  };
  const agentNamed = (login: string) => {
    const found = state.agents.find((candidate) => candidate.login === login);
    if (found === undefined) throw new Error(`the helpdesk has no agent ${login}`);
    return found;
  };
  return {
    queueAdd: ({ Name, Group = "users" }) => {
      const QueueID = state.queues.length + 1;
      state.queues.push({ id: QueueID, name: Name, groupId: groupId(Group), validId: 1 });
      sim.save();
      return { QueueID };
    },
    agentAdd: ({ UserLogin, Password, Groups }) => {
      const UserID = state.agents.length + 1;
      const groups = Object.fromEntries(
        Object.entries(Groups).map(([name, permission]) => [groupId(name), permission]),
      );
      const name: [string, string, string] = ["Agent", UserLogin, `${UserLogin}@kivi-test.de`];
      state.agents.push(newAgent(UserID, [UserLogin, Password], name, groups, sim.clock.stamp()));
      sim.save();
      return { UserID };
    },
    agentGroup: ({ UserLogin, Group, Permission }) => {
      const { groups } = agentNamed(UserLogin);
      if (Permission === "none") delete groups[groupId(Group)];
      else groups[groupId(Group)] = Permission;
      sim.save();
    },
    agentValid: ({ UserLogin, ValidID }) => {
      agentNamed(UserLogin).validId = ValidID;
      sim.save();
    },
    agentGet: ({ UserLogin }) => state.agents.find((candidate) => candidate.login === UserLogin) ?? null,
    stateAdd: ({ Name, Type, ValidID = 1 }) => {
      if (!stateTypes.some((type) => type === Type)) throw new Error(`the helpdesk has no state type ${Type}`);
      const StateID = state.states.length + 1;
      state.states.push({ id: StateID, name: Name, type: Type, validId: ValidID });
      sim.save();
      return { StateID };
    },
    dynamicFieldAdd: ({ Name, ObjectType }) => {
      state.dynamicFields[ObjectType === "Ticket" ? "ticket" : "article"].push(Name);
      sim.save();
    },
  };
}
