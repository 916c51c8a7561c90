import type { BillingCaseGroup } from "./case.ts";
import type { Play } from "./play.ts";

const both = ["A", "B"];

/** T of A with 30, and U with 20; both closed. */
function pair(customer: string) {
  return async (play: Play): Promise<void> => {
    await play.ticket("T", "A", [30]);
    await play.ticket("U", customer, [20]);
  };
}

export const merges: BillingCaseGroup = {
  title: "Merging and splitting",
  cases: [
    {
      id: "merged-before-billing",
      stages: [
        {
          when: "T of A is closed with 30, U of A with 20; U is merged into T",
          act: async (play) => {
            await pair("A")(play);
            await play.merge("U", "T");
          },
          billed: { A: "30 + 20" },
        },
      ],
    },
    {
      id: "merged-before-billing-across",
      customers: both,
      stages: [
        {
          when: "T of A is closed with 30, U of B with 20; U is merged into T",
          act: async (play) => {
            await pair("B")(play);
            await play.merge("U", "T");
          },
          billed: { A: "30 + 20" },
        },
      ],
    },
    {
      id: "merged-before-billing-across-back",
      customers: both,
      stages: [
        {
          when: "T of A is closed with 30, U of B with 20; T is merged into U",
          act: async (play) => {
            await pair("B")(play);
            await play.merge("T", "U");
          },
          billed: { B: "30 + 20" },
        },
      ],
    },
    {
      id: "merged-after-billing",
      stages: [
        {
          when: "T of A is closed with 30, U of A with 20",
          act: pair("A"),
          billed: { A: "30 + 20" },
        },
        { when: "U is merged into T", act: async (play) => play.merge("U", "T"), billed: { A: "30 + 20" } },
        { when: "5 are booked on T", act: async (play) => play.book("T", 5), billed: { A: "30 + 20 + 5" } },
        {
          when: "V of A is closed with 10; T is merged into V",
          act: async (play) => {
            await play.ticket("V", "A", [10]);
            await play.merge("T", "V");
          },
          billed: { A: "30 + 20 + 5 + 10" },
        },
      ],
    },
    {
      id: "merged-after-billing-across-keep",
      customers: both,
      stages: [
        {
          when: "T of A is closed with 30, U of B with 20",
          act: pair("B"),
          billed: { A: "30", B: "20" },
        },
        {
          when: "U is merged into T, 5 are booked on T",
          act: async (play) => {
            await play.merge("U", "T");
            await play.book("T", 5);
          },
          billed: { A: "30 + 5", B: "20" },
          asks: ["billed-elsewhere T"],
        },
        {
          when: "The answer is `keep`; 10 are booked on T",
          act: async (play) => {
            await play.decide("billed-elsewhere T", "keep");
            await play.book("T", 10);
          },
          billed: { A: "30 + 5 + 10", B: "20" },
        },
      ],
    },
    {
      id: "merged-after-billing-across-move",
      customers: both,
      stages: [
        {
          when: "T of A is closed with 30, U of B with 20",
          act: pair("B"),
          billed: { A: "30", B: "20" },
        },
        {
          when: "U is merged into T",
          act: async (play) => play.merge("U", "T"),
          billed: { A: "30", B: "20" },
          asks: ["billed-elsewhere T"],
        },
        {
          when: "The answer is `move`",
          act: async (play) => play.decide("billed-elsewhere T", "move"),
          billed: { A: "30 + 20", B: "20 - 20" },
        },
      ],
    },
    {
      id: "merged-after-billing-across-back",
      customers: both,
      stages: [
        {
          when: "T of A is closed with 30, U of B with 20",
          act: pair("B"),
          billed: { A: "30", B: "20" },
        },
        {
          when: "T is merged into U",
          act: async (play) => play.merge("T", "U"),
          billed: { A: "30", B: "20" },
          asks: ["billed-elsewhere U"],
        },
        {
          when: "The answer is `move`; 5 are booked on U",
          act: async (play) => {
            await play.decide("billed-elsewhere U", "move");
            await play.book("U", 5);
          },
          billed: { A: "30 - 30", B: "20 + 30 + 5" },
        },
      ],
    },
    {
      id: "merged-one-billed-across",
      customers: both,
      stages: [
        {
          when: "T of A is closed with 30; U of B stays open with 20",
          act: async (play) => {
            await play.ticket("T", "A", [30]);
            await play.ticket("U", "B", [20], { state: "open" });
          },
          billed: { A: "30" },
        },
        {
          when: "U is merged into T: what nobody has paid for is A's",
          act: async (play) => play.merge("U", "T"),
          billed: { A: "30 + 20" },
        },
      ],
    },
    {
      id: "merged-into-an-open-ticket",
      customers: both,
      stages: [
        {
          when: "T of A stays open with 30; U of B is closed with 20",
          act: async (play) => {
            await play.ticket("T", "A", [30], { state: "open" });
            await play.ticket("U", "B", [20]);
          },
          billed: { B: "20" },
        },
        { when: "U is merged into T", act: async (play) => play.merge("U", "T"), billed: { B: "20" } },
        {
          when: "T is closed",
          act: async (play) => play.close("T"),
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
    {
      id: "merged-and-article-deleted",
      through: "api",
      stages: [
        { when: "T of A is closed with 30, U of A with 20", act: pair("A"), billed: { A: "30 + 20" } },
        {
          when: "U is merged into T, and its article deleted before a run sees that",
          act: async (play) => {
            await play.merge("U", "T");
            await play.deleteArticleOf("U", 1, "T");
          },
          billed: { A: "30 + 20" },
          asks: ["negative-difference U"],
        },
        {
          when: "The answer is `waive`; 5 are booked on T",
          act: async (play) => {
            await play.decide("negative-difference U", "waive");
            await play.book("T", 5);
          },
          billed: { A: "30 + 20 + 5" },
        },
      ],
    },
    {
      id: "merged-of-nobody",
      stages: [
        {
          when: "T of an unknown customer is closed with 30, U of A with 20",
          act: async (play) => {
            await play.ticket("T", "?", [30]);
            await play.ticket("U", "A", [20]);
          },
          billed: { A: "20" },
          asks: ["unknown-customer T"],
        },
        { when: "T is merged into U", act: async (play) => play.merge("T", "U"), billed: { A: "20 + 30" } },
      ],
    },
    {
      id: "split",
      customers: both,
      stages: [
        {
          when: "T of A is closed with 30",
          act: async (play) => play.ticket("T", "A", [30]),
          billed: { A: "30" },
        },
        {
          when: "The article is split off into U, which goes to B and is closed with 10: its time stays on T",
          act: async (play) => {
            await play.split("T", 1, "U");
            await play.move("U", "B");
            await play.book("U", 10);
            await play.close("U");
          },
          billed: { A: "30", B: "10" },
        },
      ],
    },
    {
      id: "split-before-billing",
      stages: [
        {
          when: "T of A is closed with 30, an article is split off into U, U is closed with 10",
          act: async (play) => {
            await play.ticket("T", "A", [30]);
            await play.split("T", 1, "U");
            await play.book("U", 10);
            await play.close("U");
          },
          billed: { A: "30 + 10" },
        },
      ],
    },
  ],
};
