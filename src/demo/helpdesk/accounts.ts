import { randomInt } from "node:crypto";
import { passwordHashOf } from "./fresh-world.ts";
import { isTrue, textOf, type Fields } from "./loose-values.ts";
import type { Call } from "./operation.ts";
import type { Simulation } from "./simulation.ts";
import type { Agent, Session, Ticket, User } from "./world-state.ts";

// SessionMaxIdleTime; calls of the web service never count as use, so it is the session's whole life.
const sessionLifeSeconds = 7200;
const sessionAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

/** Who is calling. */
export type Caller = { kind: "agent"; agent: Agent; userId: number } | { kind: "customer"; user: User; userId: 1 };

/** The caller behind a session or a login in the parameters, or undefined. A session wins over a login. */
export function authenticate(sim: Simulation, call: Call): Caller | undefined {
  if (isTrue(call.data["SessionID"])) {
    const session = liveSession(sim, textOf(call.data["SessionID"]), call.ip);
    return session && callerOf(sim, session.kind, session.login);
  }
  return logIn(sim, call.data);
}

/** Makes a session for the login in the parameters; undefined when login or password are wrong. */
export function createSession(sim: Simulation, call: Call): string | undefined {
  const caller = logIn(sim, call.data);
  if (caller === undefined) return undefined;
  const id = Array.from({ length: 32 }, () => sessionAlphabet[randomInt(sessionAlphabet.length)]).join("");
  const login = caller.kind === "agent" ? caller.agent.login : caller.user.UserLogin;
  const session = { kind: caller.kind, login, ip: call.ip, userAgent: call.userAgent, created: sim.clock.epoch() };
  sim.state.sessions[id] = session;
  sim.save();
  return id;
}

/** The session, unless it is too old or used from another address: then it is deleted. */
export function liveSession(sim: Simulation, id: string, ip: string): Session | undefined {
  const session = Object.hasOwn(sim.state.sessions, id) ? sim.state.sessions[id] : undefined;
  if (session === undefined) return undefined;
  if (session.ip === ip && sim.clock.epoch() - session.created < sessionLifeSeconds) return session;
  delete sim.state.sessions[id];
  sim.save();
  return undefined;
}

function logIn(sim: Simulation, data: Fields): Caller | undefined {
  const hash = passwordHashOf(textOf(data["Password"]));
  if (isTrue(data["UserLogin"])) return logInAgent(sim, textOf(data["UserLogin"]), hash);
  if (!isTrue(data["CustomerUserLogin"])) return undefined;
  const user = findUser(sim, textOf(data["CustomerUserLogin"]));
  return user?.passwordHash === hash ? callerOf(sim, "customer", user.UserLogin) : undefined;
}

function logInAgent(sim: Simulation, login: string, hash: string): Caller | undefined {
  const agent = sim.state.agents.find((candidate) => candidate.login === login);
  if (agent === undefined || agent.validId !== 1) return undefined;
  const allowed = agent.passwordHash === hash;
  agent.failedLogins = allowed ? 0 : agent.failedLogins + 1;
  if (allowed) agent.lastLogin = sim.clock.epoch();
  const limit = sim.settings.passwordMaxLoginFailed;
  if (!allowed && limit > 0 && agent.failedLogins >= limit) agent.validId = 3;
  sim.save();
  return allowed ? callerOf(sim, "agent", login) : undefined;
}

function callerOf(sim: Simulation, kind: "agent" | "customer", login: string): Caller | undefined {
  if (kind === "customer") {
    const user = findUser(sim, login);
    return user?.ValidID === 1 ? { kind, user, userId: 1 } : undefined;
  }
  const agent = sim.state.agents.find((candidate) => candidate.login === login);
  return agent?.validId === 1 ? { kind, agent, userId: agent.id } : undefined;
}

/** The customer user with this login, whatever its case. */
export function findUser(sim: Simulation, login: string): User | undefined {
  if (Object.hasOwn(sim.state.users, login)) return sim.state.users[login];
  const folded = login.toLowerCase();
  return Object.values(sim.state.users).find((user) => user.UserLogin.toLowerCase() === folded);
}

/** Whether the agent has this permission in the group, named. */
export function inGroup(sim: Simulation, agent: Agent, groupName: string, permission: "ro" | "rw"): boolean {
  const group = sim.state.groups.find((candidate) => candidate.name === groupName);
  return group !== undefined && granted(agent, group.id, permission);
}

/** Whether the agent has this permission in the queue. */
export function mayUseQueue(sim: Simulation, agent: Agent, queueId: number, permission: "ro" | "rw"): boolean {
  const queue = sim.state.queues.find((candidate) => candidate.id === queueId);
  return queue !== undefined && granted(agent, queue.groupId, permission);
}

function granted(agent: Agent, groupId: number, permission: "ro" | "rw"): boolean {
  const has = agent.groups[groupId];
  return has === "rw" || (permission === "ro" && has === "ro");
}

/** Whether the caller may open the ticket; an agent who owns a ticket may, whatever the queue. */
export function mayOpen(sim: Simulation, caller: Caller, ticket: Ticket, permission: "ro" | "rw"): boolean {
  if (caller.kind === "customer") return isOwnTicket(caller.user, ticket);
  return caller.agent.id === ticket.ownerId || mayUseQueue(sim, caller.agent, ticket.queueId, permission);
}

/** Whether the ticket is the customer user's own or one of his company. */
export function isOwnTicket(user: User, ticket: Ticket): boolean {
  return ticket.customerUserId === user.UserLogin || (ticket.customerId ?? "") === user.UserCustomerID;
}
