import { foldedKey } from "./folding.ts";
import type { Simulation } from "./simulation.ts";
import type { Member } from "./world-state.ts";

/** Additional companies of a user, sorted, whoever has added them. */
export function membersOf(sim: Simulation, login: string): string[] {
  return sim.state.members
    .filter((member) => member.login === login)
    .map(({ customerId }) => customerId)
    .sort();
}

/** Is this additional company among them? */
export function hasMember(members: readonly Member[], { login, customerId }: Member): boolean {
  return members.some((member) => member.login === login && member.customerId === customerId);
}

/** Adds an additional company, or takes it away. */
export function setMember(sim: Simulation, member: Member, isActive: boolean): void {
  const { state } = sim;
  if (isActive && !hasMember(state.members, member)) state.members = [...state.members, member];
  if (!isActive) state.members = without(state.members, member);
}

function without(members: readonly Member[], { login, customerId }: Member): Member[] {
  return members.filter((member) => member.login !== login || member.customerId !== customerId);
}

/** What it takes to give a user these companies. `forget`: of ours, but neither wanted nor there any more. */
export interface MemberPlan {
  add: string[];
  remove: string[];
  forget: string[];
}

/** Plans the wanted companies; the user's own is no additional one. */
export function planMembers(
  sim: Simulation,
  login: string,
  { wanted, own }: { wanted: readonly string[]; own: string },
): MemberPlan {
  const fold = (key: string): string => foldedKey(sim.settings.databaseKind, key);
  const seen = new Set([fold(own)]);
  const isNew = (key: string): boolean => seen.size < seen.add(fold(key)).size;
  const kept = wanted.filter(isNew);
  const isWanted = new Set(kept.map(fold));
  const isThere = new Set(membersOf(sim, login).map(fold));
  const ours = sim.state.addedMembers.filter((member) => member.login === login).map(({ customerId }) => customerId);
  const unwanted = ours.filter((key) => !isWanted.has(fold(key)));
  return {
    add: kept.filter((key) => !isThere.has(fold(key))),
    remove: unwanted.filter((key) => isThere.has(fold(key))),
    forget: unwanted.filter((key) => !isThere.has(fold(key))),
  };
}

/** Does what was planned, and remembers what the add-on has added. */
export function applyMembers(sim: Simulation, login: string, plan: MemberPlan): void {
  for (const customerId of plan.remove) setMember(sim, { login, customerId }, false);
  for (const customerId of [...plan.remove, ...plan.forget])
    sim.state.addedMembers = without(sim.state.addedMembers, { login, customerId });
  for (const customerId of plan.add) {
    setMember(sim, { login, customerId }, true);
    sim.state.addedMembers = [...without(sim.state.addedMembers, { login, customerId }), { login, customerId }];
  }
}
