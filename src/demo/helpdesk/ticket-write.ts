import { authenticate, findUser, mayOpen, mayUseQueue, type Caller } from "./accounts.ts";
import { filledFields, filledList, isTrue, textOf, trimmedFields, type Fields } from "./loose-values.ts";
import { failureOf, OperationError, ServerFault, type Call } from "./operation.ts";
import { findTicket, queueById, stateById, type Simulation } from "./simulation.ts";
import { checkedArticle, checkedDynamicFields, checkerFor, checkTicket } from "./ticket-checks.ts";
import * as core from "./ticket-core.ts";
import { hundredthsOf, numbered, referenceTo, ticketReferences } from "./ticket-lookup.ts";
import { channels, senderTypes, type Ticket, type User } from "./world-state.ts";

/** `Ticket::TicketCreate` */
export function ticketCreate(sim: Simulation, call: Call): unknown {
  const failure = failureOf("TicketCreate");
  const check = checkerFor("TicketCreate");
  const caller = requireCaller(sim, call, "TicketCreate");
  const articleList = filledFields(call.data["Article"]) ? [call.data["Article"]] : filledList(call.data["Article"]);
  if (articleList === undefined) throw check.missing("Article parameter is missing or not valid!");
  const given = filledFields(call.data["Ticket"]);
  if (given === undefined) throw check.missing("Ticket parameter is missing or not valid!");
  const wanted = trimmedFields(given);
  for (const needed of ["Title", "CustomerUser"])
    if (!isTrue(wanted[needed])) throw check.missing(`Ticket->${needed} parameter is missing!`);
  checkTicket(sim, check, wanted, ["Queue", "State", "Priority"]);
  const chosen = chosenIds(sim, wanted);
  const queueId = chosen["Queue"] ?? 0;
  if (caller.kind === "agent" && !mayUseQueue(sim, caller.agent, queueId, "rw"))
    throw failure("AccessDenied", "Can not create tickets in given Queue or QueueID!");
  const defaults = { HistoryType: "NewTicket", HistoryComment: "%%GenericInterface Create" };
  const articles = articleList.map((article) =>
    checkedArticle(check, filledFields(article) ?? {}, caller.kind, defaults),
  );
  const fields = checkedDynamicFields(sim, check, call);

  const user = customerOf(sim, textOf(wanted["CustomerUser"]));
  const actor = { userId: caller.userId };
  const ticket = core.createTicket(sim, {
    title: textOf(wanted["Title"]),
    queueId,
    stateId: chosen["State"] ?? 0,
    priorityId: chosen["Priority"] ?? 0,
    customerId: textOf(wanted["CustomerID"]) || (user?.UserCustomerID ?? ""),
    customerUserId: user?.UserLogin ?? textOf(wanted["CustomerUser"]),
    ...actor,
  });
  setDynamicFields(sim, ticket, fields, actor);
  let articleId = 0;
  for (const article of articles) {
    const from = user ? `"${user.UserFirstname} ${user.UserLastname}" <${user.UserEmail}>` : ticket.customerUserId;
    articleId = writeArticle(sim, ticket, article, { from: from ?? "", to: queueById(sim, queueId).name }, actor);
  }
  core.setOwner(sim, ticket, chosen["Owner"] ?? caller.userId, actor);
  if (chosen["Responsible"] !== undefined) core.setResponsible(sim, ticket, chosen["Responsible"], actor);
  sim.save();
  return { ArticleID: articleId, TicketID: String(ticket.id), TicketNumber: ticket.number };
}

/** `Ticket::TicketUpdate` */
export function ticketUpdate(sim: Simulation, call: Call): unknown {
  const failure = failureOf("TicketUpdate");
  const check = checkerFor("TicketUpdate");
  if (!isTrue(call.data["TicketID"]) && !isTrue(call.data["TicketNumber"]))
    throw failure("MissingParameter", "TicketID or TicketNumber is required!");
  const caller = requireCaller(sim, call, "TicketUpdate");
  const number = textOf(call.data["TicketNumber"]);
  const ticket = isTrue(number)
    ? Object.values(sim.state.tickets).find((candidate) => candidate.number === number)
    : findTicket(sim, call.data["TicketID"]);
  if (ticket === undefined || !mayOpen(sim, caller, ticket, "ro"))
    throw failure("AccessDenied", "User does not have access to the ticket!");
  for (const optional of ["Ticket", "Article"])
    if (call.data[optional] !== undefined && filledFields(call.data[optional]) === undefined)
      throw failure("InvalidParameter", `${optional} parameter is not valid!`);
  const wanted = trimmedFields(filledFields(call.data["Ticket"]) ?? {});
  checkTicket(sim, check, wanted, []);
  const given = filledFields(call.data["Article"]);
  const defaults = { HistoryType: "AddNote", HistoryComment: "%%GenericInterface Note" };
  const article = given && checkedArticle(check, given, caller.kind, defaults);
  const fields = checkedDynamicFields(sim, check, call);
  if (!mayOpen(sim, caller, ticket, "rw")) throw failure("AccessDenied", "Does not have permissions to update ticket!");

  const actor = { userId: caller.userId };
  applyChanges(sim, ticket, wanted, caller);
  const answer: Fields = { TicketID: String(ticket.id), TicketNumber: ticket.number };
  if (article !== undefined) {
    const from = caller.kind === "agent" ? `${caller.agent.firstName} ${caller.agent.lastName}` : caller.user.UserEmail;
    answer["ArticleID"] = writeArticle(sim, ticket, article, { from, to: "" }, actor);
  }
  setDynamicFields(sim, ticket, fields, actor);
  sim.save();
  return answer;
}

function requireCaller(sim: Simulation, call: Call, operation: "TicketCreate" | "TicketUpdate"): Caller {
  const failure = failureOf(operation);
  const { UserLogin, CustomerUserLogin, SessionID, Password } = call.data;
  if (!isTrue(UserLogin) && !isTrue(CustomerUserLogin) && !isTrue(SessionID))
    throw failure("MissingParameter", "UserLogin, CustomerUserLogin or SessionID is required!");
  if ((isTrue(UserLogin) || isTrue(CustomerUserLogin)) && !isTrue(Password))
    throw failure("MissingParameter", "Password or SessionID is required!");
  const caller = authenticate(sim, call);
  if (caller === undefined) throw failure("AuthFail", "User could not be authenticated!");
  return caller;
}

function chosenIds(sim: Simulation, wanted: Fields): Record<string, number | undefined> {
  const chosen: Record<string, number> = {};
  for (const [thing, rows] of Object.entries(ticketReferences(sim))) {
    const reference = referenceTo(rows, wanted, thing);
    if (reference.kind === "id") chosen[thing] = reference.id;
  }
  return chosen;
}

// An unknown login that is an e-mail address is looked up among the contacts' addresses.
function customerOf(sim: Simulation, customer: string): User | undefined {
  const folded = customer.toLowerCase();
  return (
    findUser(sim, customer) ??
    Object.values(sim.state.users).find((user) => user.ValidID === 1 && user.UserEmail.toLowerCase() === folded)
  );
}

function applyChanges(sim: Simulation, ticket: Ticket, wanted: Fields, caller: Caller): void {
  const actor = { userId: caller.userId };
  const chosen = chosenIds(sim, wanted);
  if (isTrue(wanted["Title"]) && textOf(wanted["Title"]) !== ticket.title) {
    core.addHistory(sim, ticket, "TitleUpdate", `%%${ticket.title}%%${textOf(wanted["Title"])}`, actor);
    ticket.title = textOf(wanted["Title"]).slice(0, 255);
    core.touch(sim, ticket, actor);
  }
  if (chosen["Queue"] !== undefined && chosen["Queue"] !== ticket.queueId) {
    if (caller.kind === "agent" && !mayUseQueue(sim, caller.agent, chosen["Queue"], "rw"))
      throw new ServerFault("Ticket queue could not be updated, please contact system administrator!");
    core.setQueue(sim, ticket, chosen["Queue"], actor);
  }
  if (chosen["Lock"] !== undefined) core.setLock(sim, ticket, chosen["Lock"], actor);
  if (chosen["State"] !== undefined) changeState(sim, ticket, chosen["State"], wanted, caller);
  if (isTrue(wanted["CustomerUser"]) || isTrue(wanted["CustomerID"])) {
    const user = isTrue(wanted["CustomerUser"]) ? customerOf(sim, textOf(wanted["CustomerUser"])) : undefined;
    const customerUserId = user?.UserLogin ?? (textOf(wanted["CustomerUser"]) || (ticket.customerUserId ?? ""));
    const customerId = textOf(wanted["CustomerID"]) || (user?.UserCustomerID ?? "");
    core.setTicketCustomer(sim, ticket, { customerId, customerUserId }, actor);
  }
  if (chosen["Priority"] !== undefined) core.setPriority(sim, ticket, chosen["Priority"], actor);
  if (chosen["Owner"] !== undefined) core.setOwner(sim, ticket, chosen["Owner"], actor);
  if (chosen["Responsible"] !== undefined) core.setResponsible(sim, ticket, chosen["Responsible"], actor);
}

function changeState(sim: Simulation, ticket: Ticket, stateId: number, wanted: Fields, caller: Caller): void {
  const actor = { userId: caller.userId };
  const type = stateById(sim, stateId).type;
  if (type === "closed") core.setLock(sim, ticket, 1, actor);
  if (type.startsWith("pending")) {
    const until = pendingTime(sim, filledFields(wanted["PendingTime"]));
    ticket.pendingUntil = until;
    core.touch(sim, ticket, actor);
    core.addHistory(sim, ticket, "SetPendingTime", `%%${sim.clock.stamp(until).slice(0, 16)}`, actor);
  }
  core.setState(sim, ticket, stateId, actor);
}

// Unlike other messages this one does not begin with the operation.
const pendingTimeMissing = "Can't set a ticket on a pending state without pendig time!";

function pendingTime(sim: Simulation, pending: Fields | undefined): number {
  if (pending === undefined) throw new OperationError("TicketUpdate.MissingParameter", pendingTimeMissing);
  if (pending["Diff"] !== undefined) return sim.clock.epoch() + Number(textOf(pending["Diff"])) * 60;
  const [year, month, day, hour, minute] = ["Year", "Month", "Day", "Hour", "Minute"].map((key) =>
    textOf(pending[key]),
  );
  const epoch = sim.clock.epochOf(`${year}-${month}-${day} ${hour}:${minute}:00`);
  if (epoch === undefined) throw checkerFor("TicketUpdate").invalid("Ticket->PendingTime");
  return epoch;
}

function writeArticle(
  sim: Simulation,
  ticket: Ticket,
  given: Fields,
  defaults: { from: string; to: string },
  actor: core.Actor,
): number {
  const channel = referenceTo(numbered(channels), given, "CommunicationChannel");
  const sender = referenceTo(numbered(senderTypes), given, "SenderType");
  const article = core.addArticle(
    sim,
    ticket,
    {
      senderTypeId: sender.kind === "id" ? sender.id : 1,
      channelId: channel.kind === "id" ? channel.id : 3,
      visible: isTrue(given["IsVisibleForCustomer"]),
      from: textOf(given["From"]) || defaults.from,
      to: textOf(given["To"]) || defaults.to,
      cc: textOf(given["Cc"]),
      subject: textOf(given["Subject"]),
      body: textOf(given["Body"]),
      contentType: textOf(given["ContentType"]),
      historyType: textOf(given["HistoryType"]),
      historyComment: textOf(given["HistoryComment"]),
    },
    actor,
  );
  const hundredths = hundredthsOf(given["TimeUnit"]);
  if (typeof hundredths === "number" && hundredths !== 0) core.accountTime(sim, ticket, article.id, hundredths, actor);
  return article.id;
}

function setDynamicFields(sim: Simulation, ticket: Ticket, fields: Fields[], actor: core.Actor): void {
  for (const field of fields) {
    const name = textOf(field["Name"]);
    if (!sim.state.dynamicFields.ticket.includes(name)) continue;
    const before = ticket.dynamicFields[name] ?? "";
    const value = textOf(field["Value"]);
    if (before === value) continue;
    ticket.dynamicFields[name] = value === "" ? null : value;
    core.touch(sim, ticket, actor);
    const change = `%%FieldName%%${name}%%Value%%${value}%%OldValue%%${before}`;
    core.addHistory(sim, ticket, "TicketDynamicFieldUpdate", change, actor);
  }
}
