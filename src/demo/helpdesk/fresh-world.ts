import { createHash } from "node:crypto";
import type { Clock } from "./clock.ts";
import type { Agent, WorldState } from "./world-state.ts";

/** How the helpdesk keeps passwords as shipped (CryptType sha2): hex of SHA-256. */
export function passwordHashOf(password: string): string {
  return createHash("sha256").update(password, "utf8").digest("hex");
}

const groupNames = ["users", "admin", "stats", "timeaccounting_webservice", "kivitendo_bridge"];
const stateRows: [name: string, type: string][] = [
  ["new", "new"],
  ["closed successful", "closed"],
  ["closed unsuccessful", "closed"],
  ["open", "open"],
  ["removed", "removed"],
  ["pending reminder", "pending reminder"],
  ["pending auto close+", "pending auto"],
  ["pending auto close-", "pending auto"],
  ["merged", "merged"],
];

/** A new installation with the add-on's groups, the queue Support and the agents root@localhost and bridge; no customers. */
export function freshWorld(clock: Clock): WorldState {
  const stamp = clock.stamp();
  return {
    format: 1,
    helpdeskId: null,
    nextId: { ticket: 2, article: 2, counter: 1, timeRow: 1 },
    groups: groupNames.map((name, index) => ({ id: index + 1, name })),
    agents: [
      newAgent(
        1,
        ["root@localhost", "rootpw"],
        ["Admin", "Znuny", "root@localhost"],
        { 1: "rw", 2: "rw", 3: "rw" },
        stamp,
      ),
      newAgent(
        2,
        ["bridge", "bridgepw"],
        ["Kivi", "Bridge", "bridge@kivi-test.de"],
        { 1: "rw", 4: "rw", 5: "rw" },
        stamp,
      ),
    ],
    queues: ["Postmaster", "Raw", "Junk", "Misc", "Support"].map((name, i) => ({
      id: i + 1,
      name,
      groupId: 1,
      validId: 1,
    })),
    states: stateRows.map(([name, type], index) => ({ id: index + 1, name, type, validId: 1 })),
    dynamicFields: {
      ticket: [
        "ProcessManagementActivityID",
        "ProcessManagementAttachment",
        "ProcessManagementProcessID",
        "TicketCalendarEndTime",
        "TicketCalendarStartTime",
      ],
      article: [],
    },
    companies: {},
    users: {},
    ...noCustomerExtras(),
    ...noTicketExtras(),
    marks: [],
    sequences: {},
    ...welcomeTicket(stamp, clock.epoch()),
    timeRows: [],
    sessions: {},
  };
}

/** The parts of the state around customers that state files of earlier versions lack. */
export function noCustomerExtras(): Pick<
  WorldState,
  "customerFields" | "customerValues" | "members" | "addedMembers" | "preferences"
> {
  return {
    customerFields: { Company: [], User: [] },
    customerValues: { Company: {}, User: {} },
    members: {},
    addedMembers: {},
    preferences: {},
  };
}

/** The parts of the state around tickets that state files of earlier versions lack. */
export function noTicketExtras(): Pick<
  WorldState,
  "types" | "services" | "slas" | "ticketFieldTypes" | "deletedArticles"
> {
  return {
    types: [{ id: 1, name: "Unclassified", validId: 1 }],
    services: [],
    slas: [],
    ticketFieldTypes: {
      ProcessManagementActivityID: "ActivityID",
      ProcessManagementAttachment: "TextArea",
      ProcessManagementProcessID: "ProcessID",
      TicketCalendarEndTime: "DateTime",
      TicketCalendarStartTime: "DateTime",
    },
    deletedArticles: [],
  };
}

/** An agent with a password; `groups` maps group ids to permissions. */
export function newAgent(
  id: number,
  [login, password]: [login: string, password: string],
  [firstName, lastName, email]: [firstName: string, lastName: string, email: string],
  groups: Agent["groups"],
  created: string,
): Agent {
  const passwordHash = passwordHashOf(password);
  const name = { firstName, lastName, email };
  return { id, login, ...name, passwordHash, validId: 1, groups, created, failedLogins: 0, lastLogin: 0 };
}

// Every new installation has one ticket without a customer.
function welcomeTicket(stamp: string, epoch: number): Pick<WorldState, "tickets" | "articles" | "history"> {
  const by = { created: stamp, createdBy: 1, changed: stamp, changedBy: 1 };
  return {
    tickets: {
      1: {
        id: 1,
        number: "2021012710123456",
        title: "Znuny says hi!",
        queueId: 2,
        stateId: 1,
        priorityId: 3,
        typeId: 1,
        serviceId: null,
        slaId: null,
        lockId: 1,
        ownerId: 1,
        responsibleId: 1,
        customerId: null,
        customerUserId: null,
        unlockTimeout: 0,
        pendingUntil: 0,
        archived: false,
        ...by,
        dynamicFields: {},
      },
    },
    articles: [
      {
        id: 1,
        ticketId: 1,
        senderTypeId: 3,
        channelId: 1,
        visible: true,
        from: "Znuny <hello@znuny.org>",
        to: "Your Znuny service desk <znuny@localhost>",
        cc: null,
        subject: "Znuny says hi!",
        body: "Welcome.",
        contentType: null,
        incoming: epoch,
        ...by,
      },
    ],
    history: [
      {
        ticketId: 1,
        articleId: 1,
        type: "NewTicket",
        name: "New Ticket [2021012710123456] created.",
        queueId: 1,
        ownerId: 1,
        priorityId: 3,
        stateId: 1,
        created: stamp,
        createdBy: 1,
      },
    ],
  };
}
