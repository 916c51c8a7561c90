/** What the bridge relies on in a helpdesk, at the level of HTTP; run against the simulated helpdesk and a real one. */
import { beforeAll, describe } from "vitest";
import { describeAddonTicketSearch } from "./helpdesk-http-addon-ticket-search.ts";
import { describeAddonTickets } from "./helpdesk-http-addon-tickets.ts";
import { describeAddon } from "./helpdesk-http-addon.ts";
import { describeRecords } from "./helpdesk-http-records.ts";
import { describeRefusals } from "./helpdesk-http-refusals.ts";
import { describeRenames } from "./helpdesk-http-renames.ts";
import { describeSearch } from "./helpdesk-http-search.ts";
import { describeSessions } from "./helpdesk-http-sessions.ts";
import { describeTickets } from "./helpdesk-http-tickets.ts";
import { describeTime } from "./helpdesk-http-time.ts";
import { describeUpsert } from "./helpdesk-http-upsert.ts";
import { describeValues } from "./helpdesk-http-values.ts";
import { Caller, freshTag, type Contract, type HelpdeskUnderTest } from "./helpdesk-under-test.ts";

/** Registers the whole suite for the helpdesk that `connect` gives. */
export function describeHelpdeskHttp(name: string, connect: () => Promise<HelpdeskUnderTest>): void {
  describe(`${name}, over HTTP`, () => {
    const contract = { tag: freshTag() } as Contract;
    beforeAll(async () => {
      contract.helpdesk = await connect();
      contract.caller = await new Caller(contract.helpdesk).logIn();
      await contract.helpdesk.byHand([
        { Do: "CompanyAdd", CustomerID: contract.tag, CustomerCompanyName: `Contract ${contract.tag}` },
        {
          Do: "UserAdd",
          UserLogin: `${contract.tag}-eva`,
          UserFirstname: "Eva",
          UserLastname: "Müller",
          UserEmail: `eva-${contract.tag}@mueller-test.de`,
          UserCustomerID: contract.tag,
          UserPassword: "evapw",
        },
      ]);
    });
    describeSessions(contract);
    describeTickets(contract);
    describeTime(contract);
    describeSearch(contract);
    describeAddon(contract);
    describeUpsert(contract);
    describeRefusals(contract);
    describeValues(contract);
    describeRenames(contract);
    describeRecords(contract);
    describeAddonTickets(contract);
    describeAddonTicketSearch(contract);
  });
}
