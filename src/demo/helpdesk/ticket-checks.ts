import { findUser } from "./accounts.ts";
import { filledFields, filledList, isTrue, textOf, trimmedFields, type Fields } from "./loose-values.ts";
import { failureOf, type Call, type OperationError } from "./operation.ts";
import type { Simulation } from "./simulation.ts";
import { addressProblem, hundredthsOf, numbered, referenceTo, ticketReferences } from "./ticket-lookup.ts";
import { channels, historyTypeIds, senderTypes } from "./world-state.ts";

/** The checks that TicketCreate and TicketUpdate have in common; `operation` goes into code and message. */
export interface Checker {
  missing(what: string): OperationError;
  invalid(what: string): OperationError;
}

/** Errors in the words of the operation. */
export function checkerFor(operation: "TicketCreate" | "TicketUpdate"): Checker {
  const failure = failureOf(operation);
  return {
    missing: (what) => failure("MissingParameter", what),
    invalid: (what) => failure("InvalidParameter", `${what} parameter is invalid!`),
  };
}

const optionalReferences: [thing: string, sentence: string][] = [
  ["Queue", "Ticket->QueueID or Ticket->Queue"],
  ["Lock", "Ticket->LockID or Ticket->Lock"],
  ["Type", "Ticket->TypeID or Ticket->Type"],
  ["Service", "Ticket->ServiceID or Ticket->Service"],
  ["SLA", "Ticket->SLAID or Ticket->SLA"],
  ["State", "Ticket->StateID or Ticket->State"],
  ["Priority", "Ticket->PriorityID or Ticket->Priority"],
  ["Owner", "Ticket->OwnerID or Ticket->Owner"],
  ["Responsible", "Ticket->ResponsibleID or Ticket->Responsible"],
];

/** Checks the ticket's values; `required` names what must be there. Throws the operation's error. */
export function checkTicket(sim: Simulation, check: Checker, ticket: Fields, required: readonly string[]): void {
  if (isTrue(ticket["CustomerUser"]) && !isPossibleCustomer(sim, textOf(ticket["CustomerUser"])))
    throw check.invalid("Ticket->CustomerUser");
  const references = ticketReferences(sim);
  for (const [thing, sentence] of optionalReferences) {
    const reference = referenceTo(references[thing] ?? [], ticket, thing);
    if (reference.kind === "absent" && required.includes(thing))
      throw check.missing(`${sentence} parameter is required!`);
    if (reference.kind === "invalid") throw check.invalid(sentence);
  }
}

// A customer is a known login, or anything that is an e-mail address.
function isPossibleCustomer(sim: Simulation, customer: string): boolean {
  return findUser(sim, customer) !== undefined || addressProblem(customer) === undefined;
}

/** Checks an article's values and returns it with the defaults of the operation filled in. */
export function checkedArticle(check: Checker, given: Fields, kind: "agent" | "customer", defaults: Fields): Fields {
  const article: Fields = { CommunicationChannel: "Internal", ...trimmedFields(given) };
  if (!isTrue(article["CommunicationChannel"]) && !isTrue(article["CommunicationChannelID"]))
    article["CommunicationChannel"] = "Internal";
  if (isTrue(article["CommunicationChannelID"])) delete article["CommunicationChannel"];
  article["IsVisibleForCustomer"] ??= 1;
  if (!isTrue(article["SenderType"]) && !isTrue(article["SenderTypeID"])) article["SenderType"] = kind;
  for (const [key, value] of Object.entries(defaults)) if (!isTrue(article[key])) article[key] = value;

  for (const needed of ["Subject", "Body"])
    if (!isTrue(article[needed])) throw check.missing(`Article->${needed} parameter is missing!`);
  if (referenceTo(numbered(channels), article, "CommunicationChannel").kind !== "id")
    throw check.invalid("Article->CommunicationChannel or Article->CommunicationChannelID");
  if (referenceTo(numbered(senderTypes), article, "SenderType").kind !== "id")
    throw check.invalid("Article->SenderTypeID or Ticket->SenderType");
  checkContentType(check, article);
  if (!(textOf(article["HistoryType"]) in historyTypeIds)) throw check.invalid("Article->HistoryType");
  if (hundredthsOf(article["TimeUnit"]) === undefined) throw check.invalid("Article->TimeUnit");
  return article;
}

function checkContentType(check: Checker, article: Fields): void {
  const given = ["ContentType", "MimeType", "Charset"].filter((key) => isTrue(article[key]));
  if (given.length === 0)
    throw check.missing("Article->ContentType or Ticket->MimeType and Article->Charset parameters are required!");
  if (isTrue(article["MimeType"]) && !isTrue(article["Charset"])) throw check.missing("Article->Charset is required!");
  if (isTrue(article["Charset"]) && !isTrue(article["MimeType"])) throw check.missing("Article->MimeType is required!");
  if (!isTrue(article["ContentType"]))
    article["ContentType"] = `${textOf(article["MimeType"])}; charset=${textOf(article["Charset"])}`;
  article["ContentType"] = textOf(article["ContentType"]).toLowerCase();
}

/** The dynamic fields of a request as a list; throws when one of them does not exist. */
export function checkedDynamicFields(sim: Simulation, check: Checker, call: Call): Fields[] {
  const given = call.data["DynamicField"];
  if (given === undefined || given === null) return [];
  const single = filledFields(given);
  const list = single === undefined ? filledList(given) : [single];
  if (list === undefined) throw check.missing("DynamicField parameter is missing or not valid!");
  return list.map((item) => {
    const field = filledFields(item);
    if (field === undefined) throw check.invalid("Ticket->DynamicField");
    const name = textOf(field["Name"]);
    if (name === "") throw check.missing("DynamicField->Name parameter is missing!");
    const { ticket, article } = sim.state.dynamicFields;
    if (![...ticket, ...article].includes(name)) throw check.invalid("DynamicField->Name");
    return trimmedFields(field);
  });
}
