import { z } from "zod";
import { createSetUp, type SetUp } from "./by-hand-set-up.ts";
import * as people from "./by-hand-customers.ts";
import { namePerformers, nameSteps, type NameResults } from "./by-hand-names.ts";
import { ticketPerformers, ticketSteps, type TicketResults } from "./by-hand-tickets.ts";
import { timePerformers, timeSteps, type TimeResults } from "./by-hand-time.ts";
import { valuePerformers, valueSteps, type ValueResults } from "./by-hand-values.ts";
import type { Simulation } from "./simulation.ts";
import type * as core from "./ticket-core.ts";
import type { Company, User, WorldState } from "./world-state.ts";

const steps = {
  CompanyGet: z.object({ CustomerID: z.string() }),
  CompanyAdd: people.CompanyStep,
  CompanyUpdate: people.CompanyStep.extend({ NewCustomerID: z.string().optional() }),
  CompanyCount: z.object({ Prefix: z.string().default("") }),
  UserGet: z.object({ UserLogin: z.string() }),
  UserAdd: people.UserStep,
  UserUpdate: people.UserStep.extend({ NewUserLogin: z.string().optional() }),
  UserCount: z.object({ Prefix: z.string().default("") }),
  MarkGet: z.object({ Kind: z.enum(["Company", "User"]), Key: z.string() }),
  RecordRemove: z.object({ Kind: z.enum(["Company", "User"]), Key: z.string() }),
  ...valueSteps,
  ...ticketSteps,
  ...timeSteps,
  ...nameSteps,
};
type Steps = typeof steps;
type Given<Do extends keyof Steps> = z.input<Steps[Do]>;
/** One thing somebody does by hand; `Agent` is the login of the agent who does it, `bridge` when left out. */
export type Step = { [Do in keyof Steps]: { Do: Do; Agent?: string } & Given<Do> }[keyof Steps];

interface Results extends ValueResults, TicketResults, TimeResults, NameResults {
  CompanyGet: Company | null;
  CompanyAdd: { CustomerID: string };
  CompanyUpdate: { CustomerID: string };
  CompanyCount: { Count: number };
  UserGet: User | null;
  UserAdd: { UserLogin: string };
  UserUpdate: { UserLogin: string };
  UserCount: { Count: number };
  MarkGet: { Instance: string; RowId: string } | null;
  RecordRemove: object;
}

/** What people do in the helpdesk's own screens, and what tests want to see of it. Everything throws when it cannot be done. */
export interface HelpdeskWorld extends SetUp {
  /** Does one step, as the agent bridge unless `agent` names another. */
  do<Do extends keyof Steps>(name: Do, given: Given<Do>, agent?: string): Results[Do];
  /** Does steps one after the other and gives their results, as the operation for tests of a real helpdesk does. */
  steps(list: Step[]): unknown[];
  counts(): Record<"companies" | "users" | "marks" | "tickets" | "articles" | "timeRows", number>;
  /** A deep copy of everything the helpdesk knows. */
  snapshot(): WorldState;
  /** Everything as it was when the copy was made. */
  restore(copy: WorldState): void;
}

/** The by-hand actions on a simulation. */
export function createWorld(sim: Simulation): HelpdeskWorld {
  const run = (name: keyof Steps, given: unknown, agent = "bridge"): unknown => {
    const userId = sim.state.agents.find((candidate) => candidate.login === agent)?.id;
    if (userId === undefined) throw new Error(`the helpdesk has no agent ${agent}`);
    const result = perform(sim, name, given, { userId });
    sim.save();
    return structuredClone(result);
  };
  return {
    ...createSetUp(sim),
    do: <Do extends keyof Steps>(name: Do, given: Given<Do>, agent?: string) => run(name, given, agent) as Results[Do],
    steps: (list) => list.map(({ Do, Agent, ...given }) => run(Do, given, Agent)),
    counts: () => ({
      companies: Object.keys(sim.state.companies).length,
      users: Object.keys(sim.state.users).length,
      marks: sim.state.marks.length,
      tickets: Object.keys(sim.state.tickets).length,
      articles: sim.state.articles.length,
      timeRows: sim.state.timeRows.length,
    }),
    snapshot: () => structuredClone(sim.state),
    restore: (copy) => {
      sim.state = structuredClone(copy);
      sim.save();
    },
  };
}

type Performers = {
  [Do in keyof Steps]: (sim: Simulation, step: z.output<Steps[Do]>, actor: core.Actor) => Results[Do];
};

const performers: Performers = {
  CompanyGet: (sim, { CustomerID }) => sim.state.companies[CustomerID] ?? null,
  CompanyAdd: people.companyAdd,
  CompanyUpdate: people.companyUpdate,
  CompanyCount: (sim, { Prefix }) => ({ Count: countOf(Object.keys(sim.state.companies), Prefix) }),
  UserGet: (sim, { UserLogin }) => sim.state.users[UserLogin] ?? null,
  UserAdd: people.userAdd,
  UserUpdate: people.userUpdate,
  UserCount: (sim, { Prefix }) => ({ Count: countOf(Object.keys(sim.state.users), Prefix) }),
  MarkGet: (sim, { Kind, Key }) => {
    const mark = sim.state.marks.find((candidate) => candidate.type === Kind && candidate.key === Key);
    return mark === undefined ? null : { Instance: mark.instance, RowId: mark.rowId };
  },
  RecordRemove: people.recordRemove,
  ...valuePerformers,
  ...ticketPerformers,
  ...timePerformers,
  ...namePerformers,
};

function perform<Do extends keyof Steps>(sim: Simulation, name: Do, given: unknown, actor: core.Actor): Results[Do] {
  if (!Object.hasOwn(steps, name)) throw new Error(`no such step: ${name}`);
  return performers[name](sim, steps[name].parse(given) as z.output<Steps[Do]>, actor);
}

function countOf(keys: string[], prefix: string): number {
  return keys.filter((key) => key.startsWith(prefix)).length;
}
