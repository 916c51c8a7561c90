const german = {
  description: "Ticket#{{ ticketNumber }} – {{ title }}",
  longDescription: longText({
    time: "Erfasste Zeit: {{ minutes }} min",
    closed: "Geschlossen am {{ closedOn }}",
    goodwill: "Kulanz, ohne Berechnung",
    later: "Nachtrag zu einem bereits abgerechneten Ticket",
    late: "Nachgereicht aus einem früheren Zeitraum",
    more: "und {{ more }} weitere",
  }),
};

const english = {
  description: "Ticket#{{ ticketNumber }} – {{ title }}",
  longDescription: longText({
    time: "Accounted time: {{ minutes }} min",
    closed: "Closed on {{ closedOn }}",
    goodwill: "Goodwill, free of charge",
    later: "Addition to a ticket that was billed before",
    late: "From an earlier period",
    more: "and {{ more }} more",
  }),
};

/**
 * The texts of a line where the configuration gives none. Who worked and the articles' subjects stay out: an invoice goes
 * to the customer, and subjects of internal notes are not meant for them.
 */
export const standardTexts = { de: german, en: english } as const;

type Words = Readonly<Record<"time" | "closed" | "goodwill" | "later" | "late" | "more", string>>;

function longText(words: Words): string {
  return [
    "<p>Ticket: {{ ticketNumber }}<br />{{ title }}",
    `<br />${words.time}<br />${words.closed}`,
    `{% if goodwill %}<br />${words.goodwill}{% endif %}`,
    `{% if later %}<br />${words.later}{% endif %}`,
    `{% if late %}<br />${words.late}{% endif %}</p>`,
    "{% if entries.size > 1 %}<ul>{% for entry in entries %}<li>{{ entry.date }}: {{ entry.minutes }} min</li>{% endfor %}",
    `{% if more > 0 %}<li>${words.more}</li>{% endif %}</ul>{% endif %}`,
  ].join("");
}
