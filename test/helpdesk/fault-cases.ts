/** What may come instead of a result, and what the bridge makes of it. docs/helpdesk-errors.md has the same table in words. */
import { BugError, ConfigError, UnavailableError } from "../../src/model/index.ts";
import type { Step } from "./scripted-server.ts";
import { answer, hangUp, info, operationError, plain, silence } from "./scripted-server.ts";

const html = plain(200, "<!DOCTYPE html><html><body>Anmeldung</body></html>", { "Content-Type": "text/html" });
const noAddon = {
  faultcode: "Server",
  faultstring: "Can't load operation backend module Kernel::GenericInterface::Operation::KivitendoBridge::Info!",
};
type ErrorClass = typeof ConfigError | typeof UnavailableError | typeof BugError;

/** Attempts: 1 for what stays as it is, 3 for what may pass. */
export const faultCases: readonly {
  name: string;
  step: Step;
  error: ErrorClass;
  says: RegExp;
  hint: RegExp;
  attempts: number;
}[] = [
  {
    name: "no rights",
    step: operationError("KivitendoBridgeInfo.AccessDenied", "bridge lacks rw in kivitendo_bridge"),
    error: ConfigError,
    says: /bridge may not call .*lacks rw/,
    hint: /rw in the group kivitendo_bridge/,
    attempts: 1,
  },
  {
    name: "an add-on that cannot work",
    step: operationError("KivitendoBridgeInfo.Failed", "The table kivitendo_bridge_owner cannot be read."),
    error: UnavailableError,
    says: /failed inside .*cannot be read/,
    hint: /System Log/,
    attempts: 3,
  },
  {
    name: "malformed request",
    step: operationError("KivitendoBridgeInfo.InvalidParameter", "Instance"),
    error: BugError,
    says: /InvalidParameter/,
    hint: /report it/,
    attempts: 1,
  },
  {
    name: "add-on missing",
    step: answer(noAddon, 500),
    error: ConfigError,
    says: /lacks the add-on KivitendoBridge/,
    hint: /npm run build:addon/,
    attempts: 1,
  },
  {
    name: "add-on too old",
    step: answer(info({ Protocol: 2, AddonVersion: "0.2.0" })),
    error: ConfigError,
    says: /too old.*version 0\.2\.0 speaks protocol 2.*install version 0\.3\.0/,
    hint: /Install or update/,
    attempts: 1,
  },
  {
    name: "add-on without a protocol",
    step: answer({ KivitendoBridge: {} }),
    error: ConfigError,
    says: /protocol 0/,
    hint: /Install or update/,
    attempts: 1,
  },
  {
    name: "route missing",
    step: plain(500, "HTTP::REST Error while determine Operation for request URI '/KivitendoBridge/Info'."),
    error: ConfigError,
    says: /no operation behind POST \/KivitendoBridge\/Info/,
    hint: /helpdesk webservice/,
    attempts: 1,
  },
  {
    name: "another product",
    step: answer(info({ Product: "KIX", ProductVersion: "18" })),
    error: ConfigError,
    says: /KIX 18 is not supported: .*Znuny 6\.5 and 7/,
    hint: /interface of its own/,
    attempts: 1,
  },
  {
    name: "request not understood",
    step: plain(500, "Error while decoding request content."),
    error: BugError,
    says: /decoding request content/,
    hint: /report it/,
    attempts: 1,
  },
  {
    name: "body lost on the way",
    step: plain(500, "Could not read input data"),
    error: BugError,
    says: /Could not read/,
    hint: /report it/,
    attempts: 1,
  },
  {
    name: "fault inside",
    step: answer({ faultcode: "Server", faultstring: "database is gone" }, 500),
    error: UnavailableError,
    says: /database is gone/,
    hint: /System Log/,
    attempts: 3,
  },
  {
    name: "fault page",
    step: plain(500, "<html><body>Internal Server Error</body></html>"),
    error: UnavailableError,
    says: /failed inside/,
    hint: /System Log/,
    attempts: 3,
  },
  { name: "web page", step: html, error: ConfigError, says: /web page/, hint: /up to and including/, attempts: 1 },
  {
    name: "page not found",
    step: plain(404, "<html>Not Found</html>"),
    error: ConfigError,
    says: /no helpdesk at http/,
    hint: /including \/otrs, \/znuny or \/otobo/,
    attempts: 1,
  },
  {
    name: "web server wants a login",
    step: plain(401, "", { "WWW-Authenticate": "Basic" }),
    error: ConfigError,
    says: /does not let the bridge in \(HTTP 401\)/,
    hint: /without a login/,
    attempts: 1,
  },
  {
    name: "forbidden",
    step: plain(403, "Forbidden"),
    error: ConfigError,
    says: /HTTP 403/,
    hint: /nph-genericinterface/,
    attempts: 1,
  },
  {
    name: "redirect",
    step: plain(302, "", { Location: "https://sso.example.org/login?next=secret" }),
    error: ConfigError,
    says: /sends the bridge on to https:\/\/sso\.example\.org, /,
    hint: /helpdesk\.url/,
    attempts: 1,
  },
  {
    name: "redirect on the same host",
    step: plain(301, "", { Location: "/znuny/" }),
    error: ConfigError,
    says: /another path/,
    hint: /helpdesk\.url/,
    attempts: 1,
  },
  {
    name: "too large a request",
    step: plain(413, "Payload Too Large"),
    error: ConfigError,
    says: /HTTP 413/,
    hint: /batchSize.*MaxLength/,
    attempts: 1,
  },
  {
    name: "proxy without a helpdesk",
    step: plain(503, "Service Unavailable"),
    error: UnavailableError,
    says: /HTTP 503/,
    hint: /tries again/,
    attempts: 3,
  },
  {
    name: "proxy ran out of patience",
    step: plain(504, "Gateway Time-out"),
    error: UnavailableError,
    says: /HTTP 504/,
    hint: /tries again/,
    attempts: 3,
  },
  {
    name: "another proxy that ran out of patience",
    step: plain(524, "A timeout occurred"),
    error: UnavailableError,
    says: /HTTP 524/,
    hint: /tries again/,
    attempts: 3,
  },
  {
    name: "status of something else",
    step: plain(418, "teapot"),
    error: ConfigError,
    says: /HTTP 418/,
    hint: /proxy/,
    attempts: 1,
  },
  {
    name: "broken JSON",
    step: plain(200, '{"KivitendoBridge":{'),
    error: UnavailableError,
    says: /cannot be read: no JSON/,
    hint: /proxy that cuts or changes answers/,
    attempts: 3,
  },
  {
    name: "no UTF-8",
    step: (_, response) => response.end(Buffer.from([0x7b, 0x22, 0xe4, 0x22, 0x7d])),
    error: UnavailableError,
    says: /cannot be read: invalid UTF-8/,
    hint: /proxy that cuts or changes answers/,
    attempts: 3,
  },
  {
    name: "another shape",
    step: answer(info({ HelpdeskId: 5 })),
    error: BugError,
    says: /HelpdeskId/,
    hint: /report it/,
    attempts: 1,
  },
  {
    name: "unknown zone",
    step: answer(info({ TimeZone: "Mars/Olympus" })),
    error: ConfigError,
    says: /Mars\/Olympus/,
    hint: /OTRSTimeZone/,
    attempts: 1,
  },
  {
    name: "answer too large",
    step: plain(200, `{"a":"${"x".repeat(40_000)}"}`),
    error: ConfigError,
    says: /larger than 20000 bytes/,
    hint: /maxResponseMegabytes/,
    attempts: 1,
  },
  {
    name: "nothing in time",
    step: silence,
    error: UnavailableError,
    says: /in time/,
    hint: /timeoutSeconds/,
    attempts: 3,
  },
  {
    name: "connection closed",
    step: hangUp,
    error: UnavailableError,
    says: /closed the connection/,
    hint: /tries again.*web service KivitendoBridge/,
    attempts: 3,
  },
  {
    name: "empty answer",
    step: plain(200, ""),
    error: UnavailableError,
    says: /empty answer/,
    hint: /tries again/,
    attempts: 3,
  },
  {
    name: "answer broken off",
    step: (seen, response) => {
      response.writeHead(200, { "Content-Length": 500 }).write('{"Kivi');
      setTimeout(() => seen.socket.destroy(), 20);
    },
    error: UnavailableError,
    says: /middle of/,
    hint: /proxy/,
    attempts: 3,
  },
];
