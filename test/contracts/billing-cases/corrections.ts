import type { BillingCaseGroup } from "./case.ts";

export const corrections: BillingCaseGroup = {
  title: "Corrections",
  cases: [
    {
      id: "corrected-before-billing",
      stages: [
        {
          when: "T of A is closed with 30 and −10; U with 30 on an article that has a second row of −5",
          act: async (play) => {
            await play.ticket("T", "A", [30, -10]);
            await play.ticket("U", "A", [30]);
            await play.bookOn("U", 1, -5);
          },
          billed: { A: "30 - 10 + 30 - 5" },
        },
      ],
    },
    {
      id: "corrected-to-nothing",
      stages: [
        {
          when: "T of A is closed with 30 and −30",
          act: async (play) => play.ticket("T", "A", [30, -30]),
          billed: {},
        },
        { when: "5 are booked on T", act: async (play) => play.book("T", 5), billed: { A: "5" } },
      ],
    },
    {
      id: "less-than-was-billed",
      stages: [
        {
          when: "T of A is closed with 30",
          act: async (play) => play.ticket("T", "A", [30]),
          billed: { A: "30" },
        },
        {
          when: "−10 are booked on T",
          act: async (play) => play.book("T", -10),
          billed: { A: "30" },
          asks: ["negative-difference T"],
        },
        { when: "25 are booked on T", act: async (play) => play.book("T", 25), billed: { A: "30 - 10 + 25" } },
      ],
    },
    {
      id: "less-than-was-billed-on-one-article",
      stages: [
        {
          when: "T of A is closed with 30",
          act: async (play) => play.ticket("T", "A", [30]),
          billed: { A: "30" },
        },
        {
          when: "A second row of −10 is booked on the article",
          act: async (play) => play.bookOn("T", 1, -10),
          billed: { A: "30" },
          asks: ["negative-difference T"],
        },
        { when: "A third row of 10", act: async (play) => play.bookOn("T", 1, 10), billed: { A: "30" } },
      ],
    },
    {
      id: "less-waived",
      stages: [
        {
          when: "T of A is closed with 30",
          act: async (play) => play.ticket("T", "A", [30]),
          billed: { A: "30" },
        },
        {
          when: "−10 are booked on T",
          act: async (play) => play.book("T", -10),
          billed: { A: "30" },
          asks: ["negative-difference T"],
        },
        {
          when: "The answer is `waive`",
          act: async (play) => play.decide("negative-difference T", "waive"),
          billed: { A: "30" },
        },
        { when: "5 are booked on T", act: async (play) => play.book("T", 5), billed: { A: "30 + 5" } },
      ],
    },
    {
      id: "less-billed-anew",
      stages: [
        {
          when: "T of A is closed with 30",
          act: async (play) => play.ticket("T", "A", [30]),
          billed: { A: "30" },
        },
        {
          when: "−10 are booked on T",
          act: async (play) => play.book("T", -10),
          billed: { A: "30" },
          asks: ["negative-difference T"],
        },
        {
          when: "The answer is `due-again`; somebody throws the draft away in kivitendo",
          act: async (play) => {
            await play.decide("negative-difference T", "due-again");
            await play.throwAwayDrafts("A");
          },
          billed: { A: "30 - 30 + 20" },
        },
        { when: "5 are booked on T", act: async (play) => play.book("T", 5), billed: { A: "30 - 30 + 20 + 5" } },
      ],
    },
    {
      id: "less-held",
      stages: [
        {
          when: "T of A is closed with 30",
          act: async (play) => play.ticket("T", "A", [30]),
          billed: { A: "30" },
        },
        {
          when: "−10 are booked on T",
          act: async (play) => play.book("T", -10),
          billed: { A: "30" },
          asks: ["negative-difference T"],
        },
        {
          when: "The answer is `hold`, 15 are booked",
          act: async (play) => {
            await play.decide("negative-difference T", "hold");
            await play.book("T", 15);
          },
          billed: { A: "30" },
        },
        { when: "T is released", act: async (play) => play.hold("T", false), billed: { A: "30 - 10 + 15" } },
      ],
    },
    {
      id: "only-less-than-nothing",
      stages: [
        {
          when: "T of A is closed with −10",
          act: async (play) => play.ticket("T", "A", [-10]),
          billed: {},
          asks: ["negative-difference T"],
        },
        {
          when: "The answer is `waive`",
          act: async (play) => play.decide("negative-difference T", "waive"),
          billed: {},
        },
        { when: "20 are booked on T", act: async (play) => play.book("T", 20), billed: { A: "20" } },
      ],
    },
    {
      id: "draft-thrown-away-due-again",
      stages: [
        {
          when: "T of A is closed with 30",
          act: async (play) => play.ticket("T", "A", [30]),
          billed: { A: "30" },
        },
        {
          when: "Somebody throws the draft away in kivitendo",
          act: async (play) => play.throwAwayDrafts("A"),
          billed: { A: "30" },
          asks: ["draft-gone draft"],
        },
        {
          when: "The answer is `due-again`",
          act: async (play) => play.decide("draft-gone draft", "due-again"),
          billed: { A: "30 - 30 + 30" },
        },
      ],
    },
    {
      id: "draft-thrown-away-waived",
      stages: [
        {
          when: "T of A is closed with 30",
          act: async (play) => play.ticket("T", "A", [30]),
          billed: { A: "30" },
        },
        {
          when: "Somebody throws the draft away in kivitendo",
          act: async (play) => play.throwAwayDrafts("A"),
          billed: { A: "30" },
          asks: ["draft-gone draft"],
        },
        {
          when: "The answer is `waive`; 15 are booked on T",
          act: async (play) => {
            await play.decide("draft-gone draft", "waive");
            await play.book("T", 15);
          },
          billed: { A: "30 - 30 + 15" },
        },
      ],
    },
  ],
};
