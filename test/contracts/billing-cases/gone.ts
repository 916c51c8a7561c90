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
  ],
};
