import type { HelpdeskWorld } from "./helpdesk/index.ts";

/** What the agents of the sample company did last month. Minutes per article; the unit of this helpdesk is the minute. */
interface SampleTicket {
  readonly title: string;
  readonly customerId: string;
  readonly customerUser: string;
  readonly state: "closed successful" | "closed unsuccessful" | "open";
  /** Day of last month on which it was closed. */
  readonly day: number;
  readonly minutes: readonly number[];
}

const sampleTickets: readonly SampleTicket[] = [
  ticket("Drucker druckt nicht", "K10001", "juergen.mueller@mueller-test.de", 5, [20]),
  ticket("Server langsam – Festplatte getauscht", "K10001", "bjoern.gross@mueller-test.de", 12, [45, 90]),
  ticket("Neues Postfach für die Auszubildende", "K10001", "k.soehnlein@mueller-test.de", 20, [15]),
  ticket("VPN auf der Baustelle einrichten", "K10002", "m.weiss@groesse-test.de", 8, [30, 25, 10]),
  ticket("Sicherung prüfen & Rücksicherung üben", "K10002", "aenne@groesse-test.de", 21, [120]),
  ticket("Kasse findet den Scanner nicht", "K10003", "oezlem@oelmuehle-test.de", 15, [40], "closed unsuccessful"),
  ticket("Laptop for new colleague", "K10006", "james.smith@northwind-test.com", 18, [75, 5]),
  ticket("Rollout Mehrfaktor-Anmeldung (noch in Arbeit)", "K10006", "james.smith@northwind-test.com", 25, [60], "open"),
];

/** Lets the agents work: tickets of last month, most of them closed. Returns how many there are. */
export function workLastMonth(world: HelpdeskWorld, now: Temporal.ZonedDateTime): number {
  const lastMonth = now.toPlainDate().with({ day: 1 }).subtract({ months: 1 });
  for (const sample of sampleTickets) {
    const day = lastMonth.with({ day: sample.day });
    const { TicketID } = world.do("TicketCreate", {
      Title: sample.title,
      CustomerID: sample.customerId,
      CustomerUser: sample.customerUser,
      Articles: sample.minutes.map((minutes, index) => ({
        Subject: `Arbeit ${index + 1}`,
        TimeUnit: minutes,
        At: `${day.toString()} ${String(9 + index).padStart(2, "0")}:30:00`,
      })),
    });
    if (sample.state !== "open") world.do("TicketState", { TicketID, State: sample.state });
    world.do("TicketTimes", {
      TicketID,
      CreatedAt: `${day.toString()} 08:10:00`,
      ...(sample.state === "open"
        ? { ChangedAt: `${day.toString()} 15:00:00` }
        : { ClosedAt: `${day.toString()} 15:00:00` }),
    });
  }
  return sampleTickets.length;
}

function ticket(
  title: string,
  customerId: string,
  customerUser: string,
  day: number,
  minutes: readonly number[],
  state: SampleTicket["state"] = "closed successful",
): SampleTicket {
  return { title, customerId, customerUser, day, minutes, state };
}
