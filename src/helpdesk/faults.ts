import { BugError, ConfigError, UnavailableError } from "../model/index.ts";
import { addressEnds } from "./products.ts";
import type { FailureKind } from "./transport.ts";

/** Everything that can come instead of a result. docs/helpdesk-errors.md has the table; keep them equal. */
export type FaultKind =
  | FailureKind
  | "redirect"
  | "front-door"
  | "wrong-address"
  | "wrong-status"
  | "payload-too-large"
  | "busy"
  | "html"
  | "somebody-else"
  | "malformed"
  | "service-missing"
  | "route-missing"
  | "addon-missing"
  | "auth-fail"
  | "session-refused"
  | "access-denied"
  | "not-understood"
  | "helpdesk-fault";

export interface Fault {
  readonly kind: FaultKind;
  /** What was asked for: the route, such as `/TicketSearch`. */
  readonly route: string;
  /** The other side's words or code, without secrets, shortened. */
  readonly detail: string;
  readonly maybeDone: boolean;
}

/** What the sentences name besides the fault. */
export interface Place {
  readonly url: string;
  readonly webservice: string;
  readonly userLogin: string;
}

/** Faults that may be gone at the next try. */
const passing: ReadonlySet<FaultKind> = new Set<FaultKind>([
  "dns",
  "refused",
  "unreachable",
  "timeout",
  "no-answer",
  "cut-off",
  "garbled",
  "busy",
  "somebody-else",
  "helpdesk-fault",
]);

/** Answers of something that is not the helpdesk: a wrong address, unless the helpdesk answered there before. */
const fromElsewhere: ReadonlySet<FaultKind> = new Set<FaultKind>([
  "redirect",
  "front-door",
  "wrong-address",
  "wrong-status",
  "html",
  "not-http",
]);

/** The fault as it is at an address where the helpdesk has answered before. */
export function asMeanwhile(fault: Fault): Fault {
  if (!fromElsewhere.has(fault.kind)) return fault;
  const { kind, route, detail } = fault;
  // What stands between may have passed the request on all the same.
  return {
    kind: "somebody-else",
    route,
    detail: kind === "html" ? "a web page" : `${kind}, ${detail}`,
    maybeDone: true,
  };
}

export function mayPass(fault: Fault): boolean {
  return passing.has(fault.kind);
}

/** The error that the rest of the program sees. It carries our words only: no cause, no request. */
export function errorOf(fault: Fault, place: Place): Error {
  if (fault.kind === "malformed" || fault.kind === "not-understood") {
    return new BugError(`The helpdesk answered ${fault.route} against its contract: ${fault.detail}`);
  }
  const { message, hint } = sentences[fault.kind](fault, place);
  return mayPass(fault) ? new UnavailableError(message, hint) : new ConfigError(message, hint);
}

type BugKind = "malformed" | "not-understood";
type Sentence = (fault: Fault, place: Place) => { readonly message: string; readonly hint: string };

const sentences: Readonly<Record<Exclude<FaultKind, BugKind>, Sentence>> = {
  dns: ({ detail }, { url }) => ({
    message: `The name ${hostOf(url)} cannot be resolved (${detail}).`,
    hint: `Check helpdesk.url, and on this machine: getent hosts ${hostOf(url)}. If the name is right, the next run tries again.`,
  }),
  refused: ({ detail }, { url }) => ({
    message: `Nothing listens at ${hostOf(url)} (${detail}).`,
    hint: "Is the helpdesk's web server running, and is the port in helpdesk.url right? The next run tries again.",
  }),
  unreachable: ({ detail }, { url }) => ({
    message: `There is no way to ${hostOf(url)} (${detail}).`,
    hint: "Check network, firewall and VPN of this machine. The next run tries again.",
  }),
  timeout: ({ route, detail }) => ({
    message: `The helpdesk did not answer ${route} in time (${detail}).`,
    hint:
      "Is the helpdesk under load? Otherwise raise helpdesk.timeoutSeconds, or lower helpdesk.batchSize and helpdesk.ticketsPerRequest. " +
      "Slow writes often wait for DNS: see CheckMXRecord in the helpdesk. The next run tries again.",
  }),
  "no-answer": ({ route, detail }, { webservice }) => ({
    message: `The helpdesk closed the connection without an answer to ${route} (${detail}).`,
    hint:
      "Probably a fault of the network or a restart, and the next run tries again. If it stays: a helpdesk under mod_perl also does this when there " +
      `is no web service ${webservice}; look under Admin → Web Services, and into the web server's error log.`,
  }),
  "cut-off": ({ route, detail }) => ({
    message: `The connection broke in the middle of the helpdesk's answer to ${route} (${detail}).`,
    hint: "The next run tries again. If it stays, look for a proxy that limits time or size, and into the web server's error log.",
  }),
  garbled: ({ route, detail }) => ({
    message: `What came as answer to ${route} cannot be read: ${detail}`,
    hint:
      "The next run tries again. If it stays, look for a proxy that cuts or changes answers, and into the web server's error log: whatever the helpdesk's " +
      "programs print gets into the answer.",
  }),
  tls: ({ detail }, { url }) => ({
    message: `There is no trusted connection to ${hostOf(url)} (${detail}).`,
    hint:
      "If the helpdesk has a certificate of an authority of your own, name its PEM file in helpdesk.caFile. Otherwise have the certificate renewed, or " +
      "correct name, port or https in helpdesk.url. Verification cannot be switched off.",
  }),
  "not-http": ({ detail }, { url }) => ({
    message: `What answers at ${hostOf(url)} does not speak HTTP (${detail}).`,
    hint: "Check host, port and http or https in helpdesk.url.",
  }),
  "too-large": ({ route, detail }) => ({
    message: `The helpdesk's answer to ${route} is larger than ${detail} and was not read.`,
    hint: "Lower helpdesk.ticketsPerRequest, or raise helpdesk.maxResponseMegabytes.",
  }),
  redirect: ({ detail }, { url }) => ({
    message: `${hostOf(url)} sends the bridge on to ${detail}, and the bridge does not follow.`,
    hint: "Put the address that the helpdesk really has into helpdesk.url (with https, when that is where it points).",
  }),
  "front-door": ({ detail }, { url }) => ({
    message: `The web server in front of the helpdesk at ${hostOf(url)} does not let the bridge in (HTTP ${detail}).`,
    hint: "Let this machine reach nph-genericinterface.pl there without a login of the web server or proxy; the bridge logs in to the helpdesk itself.",
  }),
  "wrong-address": ({ detail }, { url }) => ({
    message: `There is no helpdesk at ${url} (HTTP ${detail}).`,
    hint: `helpdesk.url must go up to and including ${addressEnds}, as in the agents' address without index.pl.`,
  }),
  "wrong-status": ({ route, detail }) => ({
    message: `The answer to ${route} is HTTP ${detail}, which no helpdesk gives.`,
    hint: "Check helpdesk.url, and whether a proxy stands in between.",
  }),
  "payload-too-large": ({ route }, { webservice }) => ({
    message: `The helpdesk refused the request ${route} because it is too large (HTTP 413).`,
    hint: `Lower helpdesk.batchSize, or raise MaxLength of the web service ${webservice} (Admin → Web Services) and the limit of a proxy in front.`,
  }),
  busy: ({ route, detail }) => ({
    message: `The helpdesk or a proxy in front of it is not ready for ${route} (HTTP ${detail}).`,
    hint: "The next run tries again. If it stays, look at the helpdesk's web server.",
  }),
  "somebody-else": ({ route, detail }, { url }) => ({
    message: `Something else than the helpdesk answered ${route} (${detail}), although the helpdesk answered at ${hostOf(url)} before.`,
    hint: "Probably the proxy in front of it during maintenance, or its login page: the next run tries again. If it stays, look at that proxy.",
  }),
  html: ({ route }, { url }) => ({
    message: `A web page came as answer to ${route}, not the helpdesk's web service.`,
    hint: `Is ${url} really the helpdesk, up to and including ${addressEnds}? A proxy with a login page does this as well.`,
  }),
  "service-missing": ({ detail }, { webservice }) => ({
    message: `The helpdesk's web server answers, but not for the web service ${webservice} (${detail}).`,
    hint:
      "Import and enable it: kivi-otrs helpdesk webservice prints the definition, save it as KivitendoBridge.yml for Admin → Web Services → Import; or correct helpdesk.webservice. " +
      "If it is there, the helpdesk cannot load its REST transport (on Debian: apt install librest-client-perl), or the network cuts the connection.",
  }),
  "route-missing": ({ route }, { webservice }) => ({
    message: `The web service ${webservice} has no operation behind POST ${route}.`,
    hint: "Import the bridge's own definition: kivi-otrs helpdesk webservice prints it, save it as KivitendoBridge.yml for Admin → Web Services → Import.",
  }),
  "addon-missing": ({ route, detail }) => ({
    message: `The helpdesk lacks the add-on KivitendoBridge, or the one it has is too old for ${route} (${detail}).`,
    hint:
      "Install or update it: npm run build:addon writes dist/KivitendoBridge-<version>.opm, Admin → Package Manager takes it. When it is listed there as installed " +
      "already: reinstall it, and restart the web server.",
  }),
  "auth-fail": (_, { userLogin }) => ({
    message: `The helpdesk does not accept the agent ${userLogin} with the configured password.`,
    hint:
      "Check helpdesk.userLogin and helpdesk.password, and that the agent is valid and not locked. The bridge does not try again before it is started anew, " +
      "so that the account is not locked by failed logins.",
  }),
  "session-refused": ({ route }, { userLogin }) => ({
    message: `The helpdesk refused a session of ${userLogin} for ${route} right after it had been made.`,
    hint:
      "Sessions are bound to the caller's address: does the bridge reach the helpdesk through changing proxies? Otherwise set the agent valid, " +
      "and start the bridge again.",
  }),
  "access-denied": ({ route, detail }, { userLogin }) => ({
    message: `The agent ${userLogin} may not call ${route}: ${detail}`,
    hint: `In the helpdesk give ${userLogin} rw in the group kivitendo_bridge (Admin → Agents ↔ Groups).`,
  }),
  "helpdesk-fault": ({ route, detail }) => ({
    message: `The helpdesk failed inside while it worked on ${route}: ${detail}`,
    hint: "Look into the helpdesk's log (Admin → System Log). The next run tries again.",
  }),
};

function hostOf(url: string): string {
  return new URL(url).host;
}
