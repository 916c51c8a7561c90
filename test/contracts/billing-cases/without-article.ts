import type { BillingCaseGroup } from "./case.ts";

const both = ["A", "B"];

/** Rows without an article come from imports and old versions: no screen of Znuny 6.5 makes one. */
export const withoutArticle: BillingCaseGroup = {
  title: "Time without an article",
  cases: [
    {
      id: "row",
      through: "sql",
      stages: [
        {
          when: "T of A is closed with 30 and 12 without an article",
          act: async (play) => {
            await play.ticket("T", "A", [30]);
            await play.bookWithoutArticle("T", 12);
          },
          billed: { A: "30 + 12" },
          stock: { billed: { A: "30" }, asks: ["time-without-article T"] },
        },
        {
          when: "3 more without an article",
          act: async (play) => play.bookWithoutArticle("T", 3),
          billed: { A: "30 + 12 + 3" },
          stock: { billed: { A: "30" }, asks: ["time-without-article T"] },
        },
        {
          when: "5 with one",
          act: async (play) => play.book("T", 5),
          billed: { A: "30 + 12 + 3 + 5" },
          stock: { billed: { A: "30 + 5" }, asks: ["time-without-article T"] },
        },
      ],
    },
    {
      id: "row-answered",
      through: "sql",
      only: "stock",
      stages: [
        {
          when: "T of A is closed with 30 and 12 without an article",
          act: async (play) => {
            await play.ticket("T", "A", [30]);
            await play.bookWithoutArticle("T", 12);
          },
          billed: { A: "30" },
          asks: ["time-without-article T"],
        },
        {
          when: "The answer is `waive`",
          act: async (play) => play.decide("time-without-article T", "waive"),
          billed: { A: "30" },
        },
        {
          when: "3 more without an article",
          act: async (play) => play.bookWithoutArticle("T", 3),
          billed: { A: "30" },
          asks: ["time-without-article T"],
        },
      ],
    },
    {
      id: "row-merged-before-billing",
      through: "sql",
      customers: both,
      stages: [
        {
          when: "T of A is closed with 30, U of B with 20 and 7 without an article; U is merged into T",
          act: async (play) => {
            await play.ticket("T", "A", [30]);
            await play.ticket("U", "B", [20]);
            await play.bookWithoutArticle("U", 7);
            await play.merge("U", "T");
          },
          billed: { A: "30 + 20 + 7" },
          stock: { billed: { A: "30 + 20" }, asks: ["time-without-article T"] },
        },
      ],
    },
    {
      id: "row-merged-after-billing",
      through: "sql",
      stages: [
        {
          when: "T of A is closed with 30, U of A with 20 and 7 without an article",
          act: async (play) => {
            await play.ticket("T", "A", [30]);
            await play.ticket("U", "A", [20]);
            await play.bookWithoutArticle("U", 7);
          },
          billed: { A: "30 + 20 + 7" },
          stock: { billed: { A: "30 + 20" }, asks: ["time-without-article U"] },
        },
        {
          when: "U is merged into T",
          act: async (play) => play.merge("U", "T"),
          billed: { A: "30 + 20 + 7" },
          stock: { billed: { A: "30 + 20" }, asks: ["time-without-article T"] },
        },
      ],
    },
    {
      id: "row-merged-after-billing-across",
      through: "sql",
      customers: both,
      stages: [
        {
          when: "T of A is closed with 30, U of B with 7 without an article",
          act: async (play) => {
            await play.ticket("T", "A", [30]);
            await play.ticket("U", "B", []);
            await play.bookWithoutArticle("U", 7);
          },
          billed: { A: "30", B: "7" },
          stock: { billed: { A: "30" }, asks: ["time-without-article U"] },
        },
        {
          when: "U is merged into T",
          act: async (play) => play.merge("U", "T"),
          billed: { A: "30", B: "7" },
          asks: ["billed-elsewhere T"],
          stock: { billed: { A: "30" }, asks: ["time-without-article T"] },
        },
      ],
    },
  ],
};
