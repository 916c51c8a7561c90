import type { Command } from "commander";
import type { Opening, OpeningTicket } from "../bridge/index.ts";
import { minutesOf, trimDecimal } from "../model/index.ts";
import type { HundredthUnits } from "../model/index.ts";
import { plural } from "./amounts.ts";
import { action, exitCodes, withBridge } from "./command.ts";
import { openingCustomers, openingJson } from "./json-billing-desk.ts";
import { signatureOf, signed } from "./signature.ts";
import type { SignatureOptions } from "./signature.ts";

interface Options extends SignatureOptions {
  /** True without a token. */
  readonly confirm?: string | true;
}

/** `billing opening`: what was billed by hand before the bridge began. */
export function addOpening(billing: Command): void {
  const command = billing
    .command("opening")
    .description("time on tickets first closed before billing.startDate: what was billed by hand before")
    .option(
      "--confirm [token]",
      "book the list with this token (without: what stands there now) as billed by hand before: only time that is added later is due",
    );
  action<Options>(signed(command), async ({ options, terminal, load }) => {
    const { confirm } = options;
    const signature = confirm === undefined ? null : signatureOf(options);
    const token = typeof confirm === "string" ? confirm : null;
    return withBridge(load().config, "billing opening", async (bridge) => {
      const office = bridge.office();
      const opening =
        signature === null
          ? await office.opening(terminal.context)
          : await office.confirmOpening(token, signature, terminal.context);
      terminal.answer(() => openingText(opening, signature !== null), openingJson(opening, signature !== null));
      return exitCodes.done;
    });
  });
}

function openingText(opening: Opening, isBooked: boolean): string {
  const { startDate, tickets, unreadable } = opening;
  const minutes = (units: number): string =>
    trimDecimal(minutesOf(units as HundredthUnits, opening.minutesPerUnit)).concat(" minutes");
  const all = tickets.reduce((sum, { openUnits }) => sum + openUnits, 0);
  return [
    ...openingCustomers(opening).flatMap(({ customer, tickets: own, units }) => [
      `${customer === null ? "Customer not known" : `${customer.customerNumber} ${customer.name}`}: ${plural(own.length, "ticket")}, ${minutes(units)}`,
      ...own.flatMap((ticket) => ticketLines(ticket, startDate, minutes)),
    ]),
    ...(unreadable.length === 0
      ? []
      : [`Not readable, so not in this list: ${unreadable.map((id) => `ticket id ${id}`).join(", ")}.`]),
    endText(opening, isBooked, minutes(all)),
    "",
  ].join("\n");
}

function ticketLines(
  { ticketNumber, title, state, openUnits, sinceStart }: OpeningTicket,
  startDate: Temporal.PlainDate,
  minutes: (units: number) => string,
): readonly string[] {
  return [
    `  Ticket#${ticketNumber} ${title} (${state}): ${minutes(openUnits)}`,
    ...sinceStart.map(
      ({ date, units, agent, subject }) =>
        `    of this, booked since ${startDate.toString()}: ${date.toString()} ${minutes(units)}${agent === null ? "" : ` by ${agent}`}${subject === null ? "" : `, ${subject}`}`,
    ),
  ];
}

function endText({ startDate, tickets, token }: Opening, isBooked: boolean, all: string): string {
  if (tickets.length === 0) return `Nothing open stands on tickets closed before ${startDate.toString()}.`;
  if (isBooked) {
    return `Booked as billed by hand before: ${plural(tickets.length, "ticket")}, ${all}. Only time that is added later is due.`;
  }
  const late = tickets.some(({ sinceStart }) => sinceStart.length > 0);
  return [
    `${plural(tickets.length, "ticket")} closed before ${startDate.toString()}, ${all}. Nothing was booked.`,
    ...(late
      ? [
          "Bookings since that day would count as billed, too. Where one is still to be billed, answer `bill` for its ticket in the inbox (`kivi-otrs billing draft` asks) before this.",
        ]
      : []),
    `\`kivi-otrs billing opening --confirm ${token} --why "…"\` books all of it as billed by hand before.`,
  ].join("\n");
}
