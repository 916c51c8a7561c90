/** The bridge's client against a real Znuny: the same suite that runs against the simulated helpdesk. */
import { describeHelpdeskClient } from "../contracts/helpdesk-client.ts";
import { connectZnuny } from "./real-znuny.ts";

describeHelpdeskClient("a real Znuny", connectZnuny);
