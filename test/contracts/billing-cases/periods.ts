import type { BillingCaseGroup } from "./case.ts";

const untilTenDaysAgo = { A: { until: 10 } };
const untilToday = { A: { until: 0 } };

export const periods: BillingCaseGroup = {
  title: "Periods",
  cases: [
    {
      id: "period-by-closing",
      stages: [
        {
          when: "The period ends 10 days ago; T of A was closed 20 days ago with 30, U 5 days ago with 20",
          settings: untilTenDaysAgo,
          act: async (play) => {
            await play.ticket("T", "A", [{ minutes: 30, daysAgo: 20 }]);
            await play.closedDaysAgo("T", 20);
            await play.ticket("U", "A", [{ minutes: 20, daysAgo: 20 }]);
            await play.closedDaysAgo("U", 5);
          },
          billed: { A: "30" },
        },
        {
          when: "15 are booked on T today",
          act: async (play) => play.book("T", 15),
          billed: { A: "30 + 15" },
        },
        { when: "The period ends today", settings: untilToday, act: async () => {}, billed: { A: "30 + 15 + 20" } },
      ],
    },
    {
      id: "period-by-booking",
      stages: [
        {
          when: "The period ends 10 days ago, `dateBy: booking`; T of A is closed today with 30 of 20 days ago and 15 of 5 days ago",
          settings: { A: { until: 10, dateBy: "booking" } },
          act: async (play) =>
            play.ticket("T", "A", [
              { minutes: 30, daysAgo: 20 },
              { minutes: 15, daysAgo: 5 },
            ]),
          billed: { A: "30" },
        },
        {
          when: "5 more of 20 days ago: late, and due",
          act: async (play) => play.book("T", { minutes: 5, daysAgo: 20 }),
          billed: { A: "30 + 5" },
        },
        {
          when: "The period ends today",
          settings: { A: { until: 0, dateBy: "booking" } },
          act: async () => {},
          billed: { A: "30 + 5 + 15" },
        },
      ],
    },
    {
      id: "period-second-row",
      stages: [
        {
          when: "The period ends 10 days ago, `dateBy: booking`; T of A is closed today with 30 on an article of 20 days ago, which has a second row of 15 of 5 days ago",
          settings: { A: { until: 10, dateBy: "booking" } },
          act: async (play) => {
            await play.ticket("T", "A", [{ minutes: 30, daysAgo: 20 }]);
            await play.bookOn("T", 1, { minutes: 15, daysAgo: 5 });
          },
          billed: { A: "30" },
          stock: { billed: { A: "30 + 15" } },
        },
        {
          when: "The period ends today",
          settings: { A: { until: 0, dateBy: "booking" } },
          act: async () => {},
          billed: { A: "30 + 15" },
        },
      ],
    },
  ],
};
