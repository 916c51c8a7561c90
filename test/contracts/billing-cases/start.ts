import type { BillingCaseGroup } from "./case.ts";
import type { Play } from "./play.ts";

/** T was closed long ago with 30, is opened again and closed today. */
async function closedLongAgo(play: Play): Promise<void> {
  await play.ticket("T", "A", [{ minutes: 30, daysAgo: 100 }]);
  await play.closedDaysAgo("T", 100);
  await play.open("T");
  await play.close("T");
}
const longAgo = "T of A was closed 100 days ago with 30, before `billing.startDate`; it is opened and closed today";

export const start: BillingCaseGroup = {
  title: "Closed before the start",
  cases: [
    {
      id: "before-start-opening",
      stages: [
        { when: longAgo, act: closedLongAgo, billed: {}, asks: ["closed-before-start T"] },
        {
          when: "The answer is `opening`",
          act: async (play) => play.decide("closed-before-start T", "opening"),
          billed: {},
        },
        { when: "5 are booked on T", act: async (play) => play.book("T", 5), billed: { A: "5" } },
      ],
    },
    {
      id: "before-start-bill",
      stages: [
        { when: longAgo, act: closedLongAgo, billed: {}, asks: ["closed-before-start T"] },
        {
          when: "The answer is `bill`",
          act: async (play) => play.decide("closed-before-start T", "bill"),
          billed: { A: "30" },
        },
        { when: "5 are booked on T", act: async (play) => play.book("T", 5), billed: { A: "30 + 5" } },
      ],
    },
    {
      id: "before-start-hold",
      stages: [
        { when: longAgo, act: closedLongAgo, billed: {}, asks: ["closed-before-start T"] },
        {
          when: "The answer is `hold`",
          act: async (play) => play.decide("closed-before-start T", "hold"),
          billed: {},
        },
      ],
    },
    {
      id: "before-start-booked-by-hand",
      stages: [
        {
          when: "T of A was closed 100 days ago with 30 and not touched since; U of A is closed today with 20",
          act: async (play) => {
            await play.ticket("T", "A", [{ minutes: 30, daysAgo: 100 }]);
            await play.closedDaysAgo("T", 100);
            await play.quietDaysAgo("T", 100);
            await play.ticket("U", "A", [20]);
          },
          billed: { A: "20" },
        },
        {
          when: "`billing opening --confirm`",
          act: async (play) => play.confirmOpening(),
          billed: { A: "20" },
        },
        {
          when: "T is opened again, 10 are booked, it is closed",
          act: async (play) => {
            await play.open("T");
            await play.book("T", 10);
            await play.close("T");
          },
          billed: { A: "20 + 10" },
        },
      ],
    },
  ],
};
