import type { BillingCaseGroup } from "./case.ts";

/** Rows of the same day count as one article with the stock operations, which tell nobody's name. */
export const articles: BillingCaseGroup = {
  title: "Articles and their rows of time",
  cases: [
    {
      id: "second-row",
      stages: [
        {
          when: "T of A is closed with 30, which Ada worked 20 days ago",
          act: async (play) => play.ticket("T", "A", [{ minutes: 30, by: "Ada", daysAgo: 20 }]),
          billed: { A: "30" },
          work: ["T 30 Ada 20 days ago"],
          stock: { work: ["T 30 nobody 20 days ago"] },
        },
        {
          when: "Ben books 15 on the same article, of 10 days ago",
          act: async (play) => play.bookOn("T", 1, { minutes: 15, by: "Ben", daysAgo: 10 }),
          billed: { A: "30 + 15" },
          work: ["T 30 Ada 20 days ago", "T 15 Ben 10 days ago"],
          stock: { work: ["T 30 nobody 20 days ago", "T 15 nobody 20 days ago"] },
        },
      ],
    },
    {
      id: "edited",
      through: "api",
      stages: [
        {
          when: "T of A is closed with 30",
          act: async (play) => play.ticket("T", "A", [30]),
          billed: { A: "30" },
        },
        {
          when: "The article gets another subject, while nothing shows on the ticket",
          act: async (play) => {
            await play.quiet("T");
            await play.editArticle("T", 1);
          },
          billed: { A: "30" },
        },
        {
          when: "The article is edited and 15 are booked with that",
          act: async (play) => play.editArticle("T", 1, 15),
          billed: { A: "30 + 15" },
        },
      ],
    },
    {
      id: "deleted-before-billing",
      through: "api",
      stages: [
        {
          when: "T of A is closed with 30 and 20, the article with 20 is deleted",
          act: async (play) => {
            await play.ticket("T", "A", [30, 20]);
            await play.deleteArticle("T", 2);
          },
          billed: { A: "30" },
        },
        {
          when: "It is restored, while nothing shows on the ticket",
          act: async (play) => {
            await play.quiet("T");
            await play.restoreArticle("T", 2);
          },
          billed: { A: "30 + 20" },
        },
      ],
    },
    {
      id: "deleted-and-restored",
      through: "api",
      stages: [
        {
          when: "T of A is closed with 30 and 20",
          act: async (play) => play.ticket("T", "A", [30, 20]),
          billed: { A: "30 + 20" },
        },
        {
          when: "The article with 20 is deleted, while nothing shows on the ticket",
          act: async (play) => {
            await play.quiet("T");
            await play.deleteArticle("T", 2);
          },
          billed: { A: "30 + 20" },
          asks: ["negative-difference T"],
        },
        {
          when: "It is restored, while nothing shows on the ticket",
          act: async (play) => play.restoreArticle("T", 2),
          billed: { A: "30 + 20" },
        },
      ],
    },
    {
      id: "deleted-billed-anew-restored",
      through: "api",
      stages: [
        {
          when: "T of A is closed with 30 and 20",
          act: async (play) => play.ticket("T", "A", [30, 20]),
          billed: { A: "30 + 20" },
        },
        {
          when: "The article with 20 is deleted",
          act: async (play) => play.deleteArticle("T", 2),
          billed: { A: "30 + 20" },
          asks: ["negative-difference T"],
        },
        {
          when: "The answer is `due-again`; the draft still stands in kivitendo",
          act: async (play) => play.decide("negative-difference T", "due-again"),
          billed: { A: "50 - 50" },
          asks: ["unknown-token T"],
        },
        {
          when: "Somebody throws the draft away in kivitendo",
          act: async (play) => play.throwAwayDrafts("A"),
          billed: { A: "50 - 50 + 30" },
        },
        {
          when: "The article is restored, while nothing shows on the ticket",
          act: async (play) => {
            await play.quiet("T");
            await play.restoreArticle("T", 2);
          },
          billed: { A: "50 - 50 + 30 + 20" },
        },
      ],
    },
    {
      id: "deleted-waived-restored",
      through: "api",
      stages: [
        {
          when: "T of A is closed with 30 and 20",
          act: async (play) => play.ticket("T", "A", [30, 20]),
          billed: { A: "30 + 20" },
        },
        {
          when: "The article with 20 is deleted",
          act: async (play) => play.deleteArticle("T", 2),
          billed: { A: "30 + 20" },
          asks: ["negative-difference T"],
        },
        {
          when: "The answer is `waive`: A gets no credit note",
          act: async (play) => play.decide("negative-difference T", "waive"),
          billed: { A: "30 + 20" },
        },
        {
          when: "The article is restored: A has paid for it",
          act: async (play) => play.restoreArticle("T", 2),
          billed: { A: "30 + 20" },
        },
      ],
    },
    {
      id: "moved-to-another-article",
      through: "api",
      stages: [
        {
          when: "T of A is closed with 30 and 20",
          act: async (play) => play.ticket("T", "A", [30, 20]),
          billed: { A: "30 + 20" },
        },
        {
          when: "The article with 20 is deleted, 20 are booked on a new one",
          act: async (play) => {
            await play.deleteArticle("T", 2);
            await play.book("T", 20);
          },
          billed: { A: "30 + 20" },
        },
        { when: "5 are booked on T", act: async (play) => play.book("T", 5), billed: { A: "30 + 20 + 5" } },
      ],
    },
    {
      id: "deleted-while-open",
      through: "api",
      stages: [
        {
          when: "T of A is closed with 30 and 20",
          act: async (play) => play.ticket("T", "A", [30, 20]),
          billed: { A: "30 + 20" },
        },
        {
          when: "T is opened again and its article with 20 deleted",
          act: async (play) => {
            await play.open("T");
            await play.deleteArticle("T", 2);
          },
          billed: { A: "30 + 20" },
        },
        {
          when: "T is closed again",
          act: async (play) => play.close("T"),
          billed: { A: "30 + 20" },
          asks: ["negative-difference T"],
        },
        {
          when: "20 are booked on T: they make up for it",
          act: async (play) => play.book("T", 20),
          billed: { A: "30 + 20" },
        },
      ],
    },
  ],
};
