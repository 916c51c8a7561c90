import { authenticate, createSession, inGroup, liveSession } from "./accounts.ts";
import { isTrue, textOf } from "./loose-values.ts";
import { failureOf, type Call } from "./operation.ts";
import type { Simulation } from "./simulation.ts";

/** `Session::SessionCreate` */
export function sessionCreate(sim: Simulation, call: Call): unknown {
  const failure = failureOf("SessionCreate");
  if (!isTrue(call.data["Password"])) throw failure("MissingParameter", "Password parameter is missing!");
  const id = createSession(sim, call);
  if (id === undefined) throw failure("AuthFail", "Authorization failing!");
  return { SessionID: id };
}

/** `Session::SessionGet` */
export function sessionGet(sim: Simulation, call: Call): unknown {
  const failure = failureOf("SessionGet");
  if (!isTrue(call.data["SessionID"])) throw failure("MissingParameter", "SessionID parameter is missing!");
  const session = liveSession(sim, textOf(call.data["SessionID"]), call.ip);
  if (session === undefined) throw failure("SessionInvalid", "SessionID is Invalid!");
  const common = {
    SessionSource: "GenericInterface",
    UserLastRequest: String(session.created),
    UserLogin: session.login,
    UserRemoteAddr: session.ip,
    UserRemoteUserAgent: session.userAgent,
    UserSessionStart: String(session.created),
    UserTitle: null,
    UserType: session.kind === "agent" ? "User" : "Customer",
    ValidID: "1",
  };
  const values = session.kind === "agent" ? { ...common, ...agentPreferences(sim, session.login) } : common;
  return {
    SessionData: Object.entries(values)
      .map(([Key, Value]) => ({ Key, Value }))
      .sort(byKey),
  };
}

function byKey(a: { Key: string }, b: { Key: string }): number {
  return a.Key < b.Key ? -1 : 1;
}

function agentPreferences(sim: Simulation, login: string): Record<string, string> {
  const agent = sim.state.agents.find((candidate) => candidate.login === login);
  if (agent === undefined) return {};
  return {
    ChangeTime: agent.created,
    CreateTime: agent.created,
    AdminCommunicationLogPageShown: "25",
    AdminDynamicFieldsOverviewPageShown: "25",
    UserCreateNextMask: "",
    UserEmail: agent.email,
    UserFirstname: agent.firstName,
    UserFullname: `${agent.firstName} ${agent.lastName}`,
    UserID: String(agent.id),
    UserLastLogin: String(agent.lastLogin),
    UserLastLoginTimestamp: sim.clock.stamp(agent.lastLogin),
    UserLastViewsLimit: "5",
    UserLastViewsPosition: "Avatar",
    UserLastname: agent.lastName,
    UserLoginFailed: String(agent.failedLogins),
    UserRefreshTime: "0",
    UserTicketOverviewMediumPageShown: "20",
    UserTicketOverviewPreviewPageShown: "15",
    UserTicketOverviewSmallPageShown: "25",
  };
}

/** `Session::SessionRemove`: wants a login besides the session that is to go. */
export function sessionRemove(sim: Simulation, call: Call): unknown {
  const failure = failureOf("SessionRemove");
  const { SessionID: id, ...login } = call.data;
  if (!isTrue(id)) throw failure("MissingParameter", "SessionID parameter is missing!");
  const caller = authenticate(sim, { ...call, data: login });
  if (caller === undefined) throw failure("AuthFail", "Authorization failed!");
  const session = sim.state.sessions[textOf(id)];
  if (session !== undefined) {
    const own =
      caller.kind === session.kind &&
      (caller.kind === "agent" ? caller.agent.login : caller.user.UserLogin) === session.login;
    if (!own && caller.kind === "customer") throw failure("AuthFail", "Authorization failing!");
    if (!own && caller.kind === "agent" && !inGroup(sim, caller.agent, "admin", "rw"))
      throw failure("AuthFail", "Authorization failed! User needs to be in group admin.");
    delete sim.state.sessions[textOf(id)];
    sim.save();
  }
  return { Success: 1 };
}
