import type { BillingCaseGroup } from "./case.ts";

export const gone: BillingCaseGroup = {
  title: "Deleted tickets, ids handed out again",
  cases: [
    {
      id: "ticket-deleted-before-billing",
      through: "api",
      stages: [
        {
          when: "T of A is closed with 30 and deleted",
          act: async (play) => {
            await play.ticket("T", "A", [30]);
            await play.delete("T");
          },
          billed: {},
        },
      ],
    },
    {
      id: "ticket-deleted-when-seen",
      through: "api",
      stages: [
        {
          when: "T of an unknown customer is closed with 30",
          act: async (play) => play.ticket("T", "?", [30]),
          billed: {},
          asks: ["unknown-customer T"],
        },
        {
          when: "T is deleted",
          act: async (play) => play.delete("T"),
          billed: {},
          asks: ["unreadable-ticket T"],
        },
        {
          when: "The answer is `waive`",
          act: async (play) => play.decide("unreadable-ticket T", "waive"),
          billed: {},
        },
      ],
    },
    {
      id: "ticket-deleted-after-billing",
      through: "api",
      stages: [
        {
          when: "T of A is closed with 30",
          act: async (play) => play.ticket("T", "A", [30]),
          billed: { A: "30" },
        },
        {
          when: "T is deleted",
          act: async (play) => play.delete("T"),
          billed: { A: "30" },
          asks: ["unreadable-ticket T"],
        },
        {
          when: "The answer is `accept`",
          act: async (play) => play.decide("unreadable-ticket T", "accept"),
          billed: { A: "30" },
        },
      ],
    },
    {
      id: "merged-and-deleted",
      through: "api",
      stages: [
        {
          when: "T of A is closed with 30, U of A with 20",
          act: async (play) => {
            await play.ticket("T", "A", [30]);
            await play.ticket("U", "A", [20]);
          },
          billed: { A: "30 + 20" },
        },
        {
          when: "U is merged into T, the emptied U is deleted",
          act: async (play) => {
            await play.merge("U", "T");
            await play.delete("U");
          },
          billed: { A: "30 + 20" },
          asks: ["unreadable-ticket U"],
        },
        {
          when: "The answer is `accept`",
          act: async (play) => play.decide("unreadable-ticket U", "accept"),
          billed: { A: "30 + 20" },
        },
      ],
    },
    {
      id: "ticket-id-again",
      through: "sql",
      customers: ["A", "B"],
      stages: [
        {
          when: "T of A is closed with 30, U of an unknown customer with 20",
          act: async (play) => {
            await play.ticket("T", "A", [30]);
            await play.ticket("U", "?", [20]);
          },
          billed: { A: "30" },
          asks: ["unknown-customer U"],
        },
        {
          when: "The helpdesk is restored and gives the id of T to a ticket of B with 40, that of U to one of A with 15",
          act: async (play) => {
            await play.replaceTicket("T", 10);
            await play.move("T", "B");
            await play.book("T", 40);
            await play.replaceTicket("U", 10);
            await play.move("U", "A");
            await play.book("U", 15);
          },
          billed: { A: "30 + 15", B: "40" },
          asks: ["ticket-replaced T", "ticket-replaced U"],
        },
        {
          when: "The answers are `accept`; 5 are booked on the new T",
          act: async (play) => {
            await play.decide("ticket-replaced T", "accept");
            await play.decide("ticket-replaced U", "accept");
            await play.book("T", 5);
          },
          billed: { A: "30 + 15", B: "40 + 5" },
        },
      ],
    },
    {
      id: "article-id-again",
      through: "sql",
      customers: ["A", "B"],
      stages: [
        {
          when: "T of A is closed with 30 and 20; U of B is open",
          act: async (play) => {
            await play.ticket("T", "A", [30, 20]);
            await play.ticket("U", "B", [], { state: "open" });
          },
          billed: { A: "30 + 20" },
        },
        {
          when: "The helpdesk is restored and gives the id of the article with 20 to one of U with as much, written 10 days ago; U is closed",
          act: async (play) => {
            await play.replaceArticle("T", 2, "U", 10);
            await play.close("U");
          },
          billed: { A: "30 + 20", B: "20" },
          asks: ["negative-difference T"],
        },
      ],
    },
  ],
};
