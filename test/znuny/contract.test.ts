/** The same contract that the simulated helpdesk keeps, against a real Znuny with the add-on. */
import { describeHelpdeskHttp } from "../contracts/helpdesk-http.ts";
import { connectZnuny } from "./real-znuny.ts";

describeHelpdeskHttp("a real Znuny", connectZnuny);
