import { filledText, isTrue, textOf, type Fields } from "./loose-values.ts";
import type { Simulation } from "./simulation.ts";
import { locks, priorities } from "./world-state.ts";

/** What `XID` or `X` of a ticket stand for: absent, wrong, or the id. */
export type Reference = { kind: "absent" } | { kind: "invalid" } | { kind: "id"; id: number };

/** Looks up `<thing>ID` or `<thing>` among named rows; the id wins. */
export function referenceTo(rows: { id: number; name: string }[], fields: Fields, thing: string): Reference {
  const id = fields[`${thing}ID`];
  const name = fields[thing];
  if (!isTrue(id) && !isTrue(name)) return { kind: "absent" };
  const found = rows.find((row) => (isTrue(id) ? String(row.id) === textOf(id) : row.name === textOf(name)));
  return found === undefined ? { kind: "invalid" } : { kind: "id", id: found.id };
}

/** Rows for `referenceTo` from a list whose ids count from 1. */
export function numbered(names: readonly string[]): { id: number; name: string }[] {
  return names.map((name, index) => ({ id: index + 1, name }));
}

/** Every thing a ticket refers to, as rows. Only what is valid can be chosen. */
export function ticketReferences(sim: Simulation): Record<string, { id: number; name: string }[]> {
  const agents = sim.state.agents.filter((agent) => agent.validId === 1);
  const agentRows = agents.map((agent) => ({ id: agent.id, name: agent.login }));
  return {
    Queue: sim.state.queues.filter((queue) => queue.validId === 1),
    Lock: numbered(locks),
    Type: numbered(["Unclassified"]),
    Service: [],
    SLA: [],
    State: sim.state.states.filter((state) => state.validId === 1),
    Priority: numbered(priorities),
    Owner: agentRows,
    Responsible: agentRows,
  };
}

/** Accounted time as given, in hundredths cut after two decimals: null for none ("" and 0), undefined when it is not acceptable. */
export function hundredthsOf(value: unknown): number | null | undefined {
  if (!isTrue(value)) return null;
  const parts = /^(\d+)(?:[.,](\d+))?$/.exec(textOf(value));
  if (parts === null) return undefined;
  const [, whole = "0", decimals = ""] = parts;
  return Number(whole) * 100 + Number(decimals.slice(0, 2).padEnd(2, "0"));
}

const addressPattern =
  /^[^\s@<>()",;:\\[\]\u0080-\uffff]+@(?:[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?\.)+[A-Za-z0-9]{2,}$/;
// CheckEmailInvalidAddress as shipped.
const forbiddenPattern = /@(example)\.(..|...)$/i;

/** Why the helpdesk refuses an e-mail address, in its words; undefined when it takes it. MX look-ups are off. */
export function addressProblem(address: string): string | undefined {
  const bare = address.replace(/\s*\([^()]*\)\s*$/, "");
  if (!addressPattern.test(bare) || /\.\.|\.@|^\./.test(bare)) return `invalid ${bare} (Invalid syntax)! `;
  if (forbiddenPattern.test(bare)) return `invalid ${bare} (config)!`;
  return undefined;
}

/** The number in a parameter, or the fallback when it is absent or not one. */
export function integerOf(value: unknown, fallback: number): number {
  const number = Number(filledText(value));
  return Number.isInteger(number) ? number : fallback;
}
