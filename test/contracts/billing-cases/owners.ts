import type { BillingCaseGroup } from "./case.ts";

const both = ["A", "B"];

export const owners: BillingCaseGroup = {
  title: "Whose ticket it is",
  cases: [
    {
      id: "unknown-customer",
      stages: [
        {
          when: "T of an unknown customer is closed with 30, U of nobody with 20",
          act: async (play) => {
            await play.ticket("T", "?", [30]);
            await play.ticket("U", "", [20]);
          },
          billed: {},
          asks: ["unknown-customer T", "unknown-customer U"],
        },
        {
          when: "T is given to A; the answer about U is `waive`",
          act: async (play) => {
            await play.move("T", "A");
            await play.decide("unknown-customer U", "waive");
          },
          billed: { A: "30" },
        },
        {
          when: "U is given to A, 5 are booked on it",
          act: async (play) => {
            await play.move("U", "A");
            await play.book("U", 5);
          },
          billed: { A: "30 + 5" },
        },
      ],
    },
    {
      id: "unknown-customer-held",
      stages: [
        {
          when: "T of an unknown customer is closed with 30",
          act: async (play) => play.ticket("T", "?", [30]),
          billed: {},
          asks: ["unknown-customer T"],
        },
        {
          when: "The answer is `hold`; T is given to A",
          act: async (play) => {
            await play.decide("unknown-customer T", "hold");
            await play.move("T", "A");
          },
          billed: {},
        },
        { when: "T is released", act: async (play) => play.hold("T", false), billed: { A: "30" } },
      ],
    },
    {
      id: "moved-before-billing",
      customers: both,
      stages: [
        {
          when: "T of A is closed with 30 and moved to B",
          act: async (play) => {
            await play.ticket("T", "A", [30]);
            await play.move("T", "B");
          },
          billed: { B: "30" },
        },
      ],
    },
    {
      id: "moved-after-billing-keep",
      customers: both,
      stages: [
        {
          when: "T of A is closed with 30",
          act: async (play) => play.ticket("T", "A", [30]),
          billed: { A: "30" },
        },
        {
          when: "T is moved to B, 10 are booked",
          act: async (play) => {
            await play.move("T", "B");
            await play.book("T", 10);
          },
          billed: { A: "30", B: "10" },
          asks: ["billed-elsewhere T"],
        },
        {
          when: "The answer is `keep`; 5 are booked",
          act: async (play) => {
            await play.decide("billed-elsewhere T", "keep");
            await play.book("T", 5);
          },
          billed: { A: "30", B: "10 + 5" },
        },
        {
          when: "T is moved back to A",
          act: async (play) => play.move("T", "A"),
          billed: { A: "30", B: "10 + 5" },
          asks: ["billed-elsewhere T"],
        },
      ],
    },
    {
      id: "moved-after-billing-move",
      customers: both,
      stages: [
        {
          when: "T of A is closed with 30",
          act: async (play) => play.ticket("T", "A", [30]),
          billed: { A: "30" },
        },
        {
          when: "T is moved to B, 10 are booked",
          act: async (play) => {
            await play.move("T", "B");
            await play.book("T", 10);
          },
          billed: { A: "30", B: "10" },
          asks: ["billed-elsewhere T"],
        },
        {
          when: "The answer is `move`; A's draft still stands in kivitendo",
          act: async (play) => play.decide("billed-elsewhere T", "move"),
          billed: { A: "30 - 30", B: "10" },
          asks: ["unknown-token T"],
        },
        {
          when: "Somebody throws A's draft away in kivitendo",
          act: async (play) => play.throwAwayDrafts("A"),
          billed: { A: "30 - 30", B: "10 + 30" },
        },
        { when: "5 are booked", act: async (play) => play.book("T", 5), billed: { A: "30 - 30", B: "10 + 30 + 5" } },
      ],
    },
    {
      id: "moved-and-back",
      customers: both,
      stages: [
        {
          when: "T of A is closed with 30",
          act: async (play) => play.ticket("T", "A", [30]),
          billed: { A: "30" },
        },
        {
          when: "T is moved to B",
          act: async (play) => play.move("T", "B"),
          billed: { A: "30" },
          asks: ["billed-elsewhere T"],
        },
        { when: "T is moved back to A", act: async (play) => play.move("T", "A"), billed: { A: "30" } },
      ],
    },
    {
      id: "moved-to-an-unknown-customer",
      stages: [
        {
          when: "T of A is closed with 30",
          act: async (play) => play.ticket("T", "A", [30]),
          billed: { A: "30" },
        },
        { when: "T is moved to an unknown customer", act: async (play) => play.move("T", "?"), billed: { A: "30" } },
        {
          when: "10 are booked on T",
          act: async (play) => play.book("T", 10),
          billed: { A: "30" },
          asks: ["unknown-customer T"],
        },
        { when: "T is moved back to A", act: async (play) => play.move("T", "A"), billed: { A: "30 + 10" } },
      ],
    },
    {
      id: "corrected-at-the-new-customer",
      customers: both,
      stages: [
        {
          when: "T of A is closed with 30",
          act: async (play) => play.ticket("T", "A", [30]),
          billed: { A: "30" },
        },
        {
          when: "T is moved to B, −10 are booked on the article that A was charged for",
          act: async (play) => {
            await play.move("T", "B");
            await play.bookOn("T", 1, -10);
          },
          billed: { A: "30" },
          asks: ["billed-elsewhere T", "negative-difference T"],
        },
        {
          when: "The answer is `move`; somebody throws A's draft away in kivitendo",
          act: async (play) => {
            await play.decide("billed-elsewhere T", "move");
            await play.throwAwayDrafts("A");
          },
          billed: { A: "30 - 30", B: "30 - 10" },
        },
      ],
    },
    {
      id: "contact-moved",
      customers: both,
      stages: [
        {
          when: "T of A is closed with 30 for the contact Eva, U stays open with 20",
          act: async (play) => {
            await play.addContact("eva", "A");
            await play.ticket("T", "A", [30], { contact: "eva" });
            await play.ticket("U", "A", [20], { contact: "eva", state: "open" });
          },
          billed: { A: "30" },
        },
        {
          when: "Eva goes to B: the helpdesk gives all her tickets to B; U is closed",
          act: async (play) => {
            await play.moveContact("eva", "B");
            await play.close("U");
          },
          billed: { A: "30", B: "20" },
          asks: ["billed-elsewhere T"],
        },
        {
          when: "The answer is `keep`",
          act: async (play) => play.decide("billed-elsewhere T", "keep"),
          billed: { A: "30", B: "20" },
        },
      ],
    },
  ],
};
