import type { BillingCaseGroup } from "./case.ts";

export const closing: BillingCaseGroup = {
  title: "Closing, reopening, booking later",
  cases: [
    {
      id: "closed",
      stages: [
        {
          when: "T of A is closed with 30 and 20.5",
          act: async (play) => play.ticket("T", "A", [30, 20.5]),
          billed: { A: "30 + 20.5" },
        },
        { when: "Nothing happens", act: async () => {}, billed: { A: "30 + 20.5" } },
      ],
    },
    {
      id: "reopened",
      stages: [
        {
          when: "T of A is closed with 30",
          act: async (play) => play.ticket("T", "A", [30]),
          billed: { A: "30" },
        },
        {
          when: "T is opened again, 15 are booked",
          act: async (play) => {
            await play.open("T");
            await play.book("T", 15);
          },
          billed: { A: "30" },
        },
        { when: "T is closed again", act: async (play) => play.close("T"), billed: { A: "30 + 15" } },
      ],
    },
    {
      id: "reopened-between-two-runs",
      stages: [
        {
          when: "T of A is closed with 30",
          act: async (play) => play.ticket("T", "A", [30]),
          billed: { A: "30" },
        },
        {
          when: "T is opened again, 15 are booked, it is closed, opened, closed with 5 more",
          act: async (play) => {
            await play.open("T");
            await play.book("T", 15);
            await play.close("T");
            await play.open("T");
            await play.book("T", 5);
            await play.close("T", "closed unsuccessful");
          },
          billed: { A: "30 + 15 + 5" },
        },
      ],
    },
    {
      id: "reopened-before-billing",
      stages: [
        {
          when: "T of an unknown customer is closed with 30",
          act: async (play) => play.ticket("T", "?", [30]),
          billed: {},
          asks: ["unknown-customer T"],
        },
        {
          when: "T is opened again and given to A",
          act: async (play) => {
            await play.open("T");
            await play.move("T", "A");
          },
          billed: {},
        },
        { when: "T is closed again", act: async (play) => play.close("T"), billed: { A: "30" } },
      ],
    },
    {
      id: "booked-after-closing",
      stages: [
        {
          when: "T of A is closed with 30",
          act: async (play) => play.ticket("T", "A", [30]),
          billed: { A: "30" },
        },
        { when: "15 and 5 are booked on T", act: async (play) => play.book("T", 15, 5), billed: { A: "30 + 15 + 5" } },
        { when: "10 are booked on T", act: async (play) => play.book("T", 10), billed: { A: "30 + 15 + 5 + 10" } },
      ],
    },
    {
      id: "never-billable",
      stages: [
        {
          when: "T of A stays open with 30, U is removed with 20",
          act: async (play) => {
            await play.ticket("T", "A", [30], { state: "open" });
            await play.ticket("U", "A", [20], { state: "removed" });
          },
          billed: {},
        },
      ],
    },
    {
      id: "state-renamed",
      stages: [
        {
          when: "T of A is closed with 30 in a state of the site's own",
          act: async (play) => play.ticket("T", "A", [30], { state: await play.stateOfItsOwn() }),
          billed: { A: "30" },
        },
        { when: "The state gets another name", act: async (play) => play.renameState(), billed: { A: "30" } },
        { when: "15 are booked on T", act: async (play) => play.book("T", 15), billed: { A: "30 + 15" } },
      ],
    },
    {
      id: "archived",
      through: "sql",
      stages: [
        {
          when: "T of A is closed with 30 and archived; U is closed with 20",
          act: async (play) => {
            await play.ticket("T", "A", [30]);
            await play.archive("T");
            await play.ticket("U", "A", [20]);
          },
          billed: { A: "30 + 20" },
        },
        { when: "U is archived", act: async (play) => play.archive("U"), billed: { A: "30 + 20" } },
        { when: "5 are booked on U", act: async (play) => play.book("U", 5), billed: { A: "30 + 20 + 5" } },
      ],
    },
    {
      id: "held",
      stages: [
        {
          when: "T of A is closed with 30",
          act: async (play) => play.ticket("T", "A", [30]),
          billed: { A: "30" },
        },
        {
          when: "T is held (`billing hold`), 15 are booked",
          act: async (play) => {
            await play.hold("T");
            await play.book("T", 15);
          },
          billed: { A: "30" },
        },
        { when: "T is released", act: async (play) => play.hold("T", false), billed: { A: "30 + 15" } },
      ],
    },
  ],
};
