import { foldedKey } from "./folding.ts";
import type { Simulation } from "./simulation.ts";
import type { Members } from "./world-state.ts";

/** Additional companies of a user, sorted, whoever has added them. */
export function membersOf(sim: Simulation, login: string): string[] {
  return (sim.state.members[login] ?? []).toSorted();
}

/** Adds an additional company to a list of them, or takes it away. */
export function setMember(members: Members, login: string, customerId: string, isActive: boolean): void {
  const others = (members[login] ?? []).filter((other) => other !== customerId);
  members[login] = isActive ? [...others, customerId] : others;
}

/** The additional companies of a login that has changed; of those in `moving`, where only some move. */
export function moveLogin(members: Members, from: string, to: string, moving: readonly string[]): void {
  const before = members[from] ?? [];
  members[from] = before.filter((customerId) => !moving.includes(customerId));
  const moved = before.filter((customerId) => moving.includes(customerId));
  members[to] = [...new Set([...(members[to] ?? []), ...moved])];
}

/** An additional company that has got another key. */
export function moveCustomer(members: Members, from: string, to: string, logins: readonly string[]): void {
  for (const login of logins) {
    const moved = (members[login] ?? []).map((customerId) => (customerId === from ? to : customerId));
    members[login] = [...new Set(moved)];
  }
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
  const ours = sim.state.addedMembers[login] ?? [];
  const unwanted = ours.filter((key) => !isWanted.has(fold(key)));
  return {
    add: kept.filter((key) => !isThere.has(fold(key))),
    remove: unwanted.filter((key) => isThere.has(fold(key))),
    forget: unwanted.filter((key) => !isThere.has(fold(key))),
  };
}

/** Does what was planned, and remembers what the add-on has added. */
export function applyMembers(sim: Simulation, login: string, plan: MemberPlan): void {
  const { members, addedMembers } = sim.state;
  for (const customerId of plan.remove) setMember(members, login, customerId, false);
  for (const customerId of [...plan.remove, ...plan.forget]) setMember(addedMembers, login, customerId, false);
  for (const customerId of plan.add) {
    setMember(members, login, customerId, true);
    setMember(addedMembers, login, customerId, true);
  }
}
