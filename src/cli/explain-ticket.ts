import type { Command } from "commander";
import type { ExplainedTicket } from "../bridge/index.ts";
import { ConfigError, minutesOf, trimDecimal } from "../model/index.ts";
import type { HundredthUnits } from "../model/index.ts";
import { moneyText } from "./amounts.ts";
import { remarksText, whereText } from "./billing-drafts.ts";
import { action, exitCodes, withBridge } from "./command.ts";
import { explainTicketJson } from "./json-explain-ticket.ts";
import { waitReasons } from "./billing-text.ts";

type Story = ExplainedTicket["stories"][number];
type Entry = Story["entries"][number];
type Line = Story["lines"][number];

/** `explain ticket`: entry by entry what was seen, what became of it, and what the next run does. */
export function addExplainTicket(explain: Command): void {
  const command = explain
    .command("ticket")
    .argument("<number>")
    .description("a ticket: what was seen, billed where and at which price, what is due");
  action<object>(command, async ({ words: [name = ""], terminal, load }) =>
    withBridge(load().config, "explain ticket", async (bridge) => {
      const number = name.replace(/^Ticket#/i, "");
      const explained = await bridge.office().explain(number, terminal.context);
      if (explained.stories.length === 0 && !isInPlan(explained)) {
        if (explained.unplanned !== null) terminal.remark(explained.unplanned.message);
        throw new ConfigError(
          `The bridge knows no ticket ${number}.`,
          "It reads tickets once they are closed in a billable state, and only those whose queue its agent can read: `kivi-otrs helpdesk check`.",
        );
      }
      terminal.answer(() => explainedText(explained), explainTicketJson(explained));
      return exitCodes.done;
    }),
  );
}

function isInPlan({ next, ticketNumber }: ExplainedTicket): boolean {
  if (next === null) return false;
  const lines = [...next.drafts.flatMap((draft) => draft.lines), ...next.settled, ...next.waiting];
  return lines.some((line) => line.ticketNumber === ticketNumber) || next.questions.length > 0;
}

function explainedText(explained: ExplainedTicket): string {
  const { stories, ticketNumber } = explained;
  return [
    ...(stories.length === 0 ? [`Ticket ${ticketNumber}: no billing run has recorded it yet.`] : []),
    ...stories.flatMap((story) => storyLines(story, explained)),
    ...nextLines(explained),
    "",
  ].join("\n");
}

function storyLines(story: Story, explained: ExplainedTicket): readonly string[] {
  const { ticket, entries, lines, decisions, questions } = story;
  const day = dayIn(explained.timeZone);
  const closed = ticket.closedAt === null ? "never closed" : `closed ${day(ticket.closedAt)}`;
  return [
    `Ticket ${ticket.ticketNumber}  ${ticket.title}`,
    `  helpdesk    ${ticket.state}, queue ${ticket.queue}, ${closed} (as last seen)`,
    `  customer    ${customerText(ticket)}`,
    ...remarksOf(ticket).map((remark) => `  note        ${remark}`),
    ...entries.flatMap((entry) => entryLines(entry, lines, explained)),
    ...lines.flatMap((line) => lineLines(line, explained)),
    ...decisions.map(
      ({ choice, reason, by, why, at }) =>
        `  decided     ${day(at)} ${choice}${reason === null ? "" : ` (${reason})`} by ${by}: ${why}`,
    ),
    ...questions.flatMap(({ id, reason, text, hint }) => [
      `  question    ${id} (${reason}): ${text}`,
      `              → ${hint}`,
    ]),
  ];
}

function customerText({ companyKey, customerId }: Story["ticket"]): string {
  if (companyKey === null) return "the ticket has none";
  return `CustomerID ${companyKey}, ${customerId === null ? "not linked to one customer in kivitendo" : `row ${customerId} in kivitendo`}`;
}

function remarksOf(ticket: Story["ticket"]): readonly string[] {
  return [
    ticket.ticketId < 0 ? "set aside: the helpdesk was restored and gave its id to another ticket" : "",
    ticket.held ? "held: not billed until `kivi-otrs billing unhold`" : "",
    ticket.closedBeforeStart ? `first closed before billing.startDate: ${openings[ticket.opening ?? "open"]}` : "",
    ticket.billedElsewhere ? "some of its time was billed to another customer" : "",
  ].filter((remark) => remark !== "");
}

const openings = {
  open: "not billed until somebody says what stood on it (`kivi-otrs billing opening`)",
  booked: "what stood on it was booked as billed by hand; only later time is due",
  bill: "somebody decided to bill it all the same",
} as const;

function entryLines(entry: Entry, lines: readonly Line[], explained: ExplainedTicket): readonly string[] {
  const day = dayIn(explained.timeZone);
  const minutes = minutesIn(explained);
  const open = (entry.seenUnits - entry.settledUnits) as HundredthUnits;
  const what = { article: "article", row: "booking without article", rest: "time beyond the articles" }[entry.kind];
  return [
    `  ${what} ${entry.kind === "rest" ? "" : `${entry.sourceId} `}of ${day(entry.createdAt)}: seen ${minutes(entry.seenUnits)}, settled ${minutes(entry.settledUnits)}, open ${minutes(open)}`,
    ...entry.rows.map(
      ({ bookedAt, units, agentName, agentLogin, subject }) =>
        `    booked ${day(bookedAt)} ${minutes(units)}${byText(agentName ?? agentLogin)}${subject === null ? "" : `: ${subject}`}`,
    ),
    ...entry.ledger.map(({ lineId, units, workedOn, agent }) => {
      const line = lines.find((each) => each.lineId === lineId);
      const of = workedOn === null ? "" : ` of ${workedOn.toString()}${byText(agent)}`;
      return `    → ${minutes(units)}${of}: ${line === undefined ? `line ${lineId}` : becameText(line)}`;
    }),
  ];
}

function byText(agent: string | null): string {
  return agent === null ? "" : ` by ${agent}`;
}

function becameText({ kind, lineId, draft, reverses }: Line): string {
  const taken = reverses === null ? "" : `taken back (line ${reverses}), was `;
  const where = draft === null ? "" : ` on draft ${draft.draftId}`;
  return `${taken}${kind}${where}, line ${lineId}`;
}

function lineLines(line: Line, explained: ExplainedTicket): readonly string[] {
  const { lineId, kind, draft, partNumber, quantity, unit, unitPrice, netAmount, reversedBy, madeAt } = line;
  const amount =
    partNumber === null
      ? minutesIn(explained)(line.workedUnits)
      : `${trimDecimal(quantity)} ${unit ?? ""} ${partNumber} × ${moneyText(unitPrice)} = ${moneyText(netAmount)}`;
  const decided = line.decidedBy === null ? "" : `, by ${line.decidedBy}: ${line.decidedWhy ?? ""}`;
  return [
    `  line ${lineId}  ${kind} ${dayIn(explained.timeZone)(madeAt)}: ${amount}${pricedText(line)}${reversedBy === null ? "" : `, taken back by line ${reversedBy}`}${decided}`,
    ...(draft === null
      ? []
      : [`    draft ${draft.draftId} of ${draft.customerNumber}, ${draft.period}: ${whereText(draft)}`]),
  ];
}

/** By which rule and at which price; also where both are the plain ones. */
function pricedText(line: Line): string {
  const { discount, rule, priceSource, late } = line;
  const parts = [
    /[1-9]/.test(discount) ? `discount ${trimDecimal(discount)}` : "",
    rule === null ? "no rule" : `rule ${rule}`,
    priceSource === null ? "" : `price: ${priceSource}`,
    late ? "late" : "",
  ];
  return ` [${parts.filter((part) => part !== "").join("; ")}]`;
}

function nextLines({ next, unplanned, ticketNumber }: ExplainedTicket): readonly string[] {
  if (next === null) {
    return [
      `  next run    could not be asked: ${unplanned?.message ?? ""}`,
      ...(unplanned === null ? [] : [`              → ${unplanned.hint}`]),
    ];
  }
  const own = next.drafts.flatMap((draft) =>
    draft.lines
      .filter((line) => line.ticketNumber === ticketNumber)
      .map((line) => {
        const amount = `${trimDecimal(line.quantity)} ${line.unit} ${line.partNumber} × ${moneyText(line.unitPrice)} = ${moneyText(line.netAmount)}`;
        return `${draft.proposed ? "proposes" : "bills"} ${trimDecimal(line.minutes)} min to ${draft.customerNumber}: ${amount}${remarksText(line)}`;
      }),
  );
  const settled = next.settled
    .filter((line) => line.ticketNumber === ticketNumber)
    .map(
      ({ kind, minutes, rule }) =>
        `settles ${trimDecimal(minutes)} min as ${kind}${rule === null ? "" : ` by rule ${rule}`}`,
    );
  const waiting = next.waiting
    .filter((line) => line.ticketNumber === ticketNumber)
    .map(({ minutes, why }) => `${trimDecimal(minutes)} min wait: ${waitReasons[why]}`);
  const asks = next.questions.map(({ text }) => `asks: ${text}`);
  const all = [...own, ...settled, ...waiting, ...asks];
  return (all.length === 0 ? ["nothing is due"] : all).map((text) => `  next run    ${text}`);
}

function dayIn(timeZone: string): (moment: Temporal.Instant) => string {
  return (moment) => moment.toZonedDateTimeISO(timeZone).toPlainDate().toString();
}

function minutesIn({ minutesPerUnit }: ExplainedTicket): (units: HundredthUnits) => string {
  return (units) => `${trimDecimal(minutesOf(units, minutesPerUnit))} min`;
}
