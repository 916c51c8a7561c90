/** Flow 2 on real parts: what stands in the draft, the unit of time, looking first, and what is refused. */
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { bindAgain } from "../../src/bridge/index.ts";
import { createWorld, type World } from "../support/bridge.ts";
import { allRowVersions, ask, billedUnits, helpdeskRecords, openQuestions, readDrafts } from "../support/evidence.ts";

let world: World;
beforeEach(async () => {
  world = await createWorld();
  await world.sync();
});
afterEach(() => world.end());

describe("the draft", () => {
  test("says what kivitendo's invoice form needs, with quantities as fractions of integers", async () => {
    const first = world.ticket({
      title: 'Server "alt" & langsam <b>',
      units: [45, 90],
      closedAt: "2026-10-12T15:00:00Z",
    });
    const second = world.ticket({ title: "Drucker", units: ["20.50"], closedAt: "2026-10-13T15:00:00Z" });
    const report = await world.draft();
    const [draft, ...others] = await readDrafts(world);
    expect(others).toEqual([]);
    expect(draft).toMatchObject({
      customerNumber: "K10001",
      ownerLogin: "buchhaltung",
      description: "Tickets 2026-10 – Müller & Söhne GmbH",
      kivitendoId: report.drafts[0]?.kivitendoId,
      head: {
        type: "invoice",
        customer_id: "1150",
        currency: "EUR",
        taxzone_id: "4",
        taxincluded: "0",
        payment_id: "1126",
        language_id: "1101",
        AR_chart_id: "14",
        employee_id: "1119",
        transaction_description: "Tickets 2026-10, Leistungszeitraum: 01.10.2026 – 31.10.2026",
        rowcount: "3",
      },
    });
    expect(draft?.lines).toEqual([
      {
        id: "1140",
        partnumber: "ST-STD",
        description: `Ticket#${first.number} – Server "alt" & langsam <b>`,
        longdescription: `<p>Ticket: ${first.number}<br />Server &#34;alt&#34; &amp; langsam &lt;b&gt;<br />Erfasste Zeit: 135 min<br />Geschlossen am 12.10.2026</p><ul><li>12.10.2026: 45 min</li><li>12.10.2026: 90 min</li></ul>`,
        qty: "225/100",
        unit: "Std",
        sellprice: "95",
        discount: "0",
        active_price_source: "",
        project_id: "",
        serialnumber: first.number,
      },
      expect.objectContaining({
        qty: "34167/100000",
        serialnumber: second.number,
        longdescription: `<p>Ticket: ${second.number}<br />Drucker<br />Erfasste Zeit: 20,5 min<br />Geschlossen am 13.10.2026</p>`,
      }),
    ]);
    // 95 × 2.25 = 213.75; 95 × 0.34167 = 32.45865.
    expect(report.drafts[0]).toMatchObject({ netAmount: "246.21", minutes: "155.50" });
    expect(report.drafts[0]?.lines.map(({ netAmount }) => netAmount)).toEqual(["213.75", "32.46"]);
  });

  test("speaks the customer's language", async () => {
    const ticket = world.ticket({
      customer: "K10006",
      title: "Laptop",
      units: ["7.25"],
      closedAt: "2026-10-12T15:00:00Z",
    });
    await world.draft();
    const [draft] = await readDrafts(world);
    expect(draft?.head).toMatchObject({ language_id: "1102", taxzone_id: "3" });
    expect(draft?.lines[0]?.["longdescription"]).toBe(
      `<p>Ticket: ${ticket.number}<br />Laptop<br />Accounted time: 7.25 min<br />Closed on 2026-10-12</p>`,
    );
  });

  test("sums of many tickets equal what was booked, to the minute", async () => {
    const booked: Record<string, Record<string, number>> = {};
    let hundredths = 0;
    for (let index = 0; index < 40; index++) {
      const customer = ["K10001", "K10002", "K10003", "K10006"][index % 4] ?? "";
      const units = Array.from(
        { length: (index % 3) + 1 },
        (_, place) => ((index * 37 + place * 11) % 120) + 0.25 * (index % 4),
      );
      const day = String((index % 28) + 1).padStart(2, "0");
      const closedAt = `2026-10-${String(Math.floor(index / 2) + 2).padStart(2, "0")}T1${index % 2}:00:00Z`;
      const ticket = world.ticket({ customer, title: `Fall ${day}`, units, closedAt });
      const sum = units.reduce((total, unit) => total + Math.round(unit * 100), 0);
      hundredths += sum;
      if (sum > 0) booked[ticket.number] = { [customer]: sum };
    }
    const report = await world.draft();
    expect(await billedUnits(world)).toEqual(booked);
    expect(report.minutesBilled).toBe((hundredths / 100).toFixed(2));
    const lines = (await readDrafts(world)).flatMap((draft) => draft.lines);
    expect(new Set(lines.map((line) => line["serialnumber"]))).toEqual(new Set(Object.keys(booked)));
    expect(lines).toHaveLength(Object.keys(booked).length);
    const cents = report.drafts
      .flatMap((draft) => draft.lines)
      .reduce((sum, line) => sum + Math.round(Number(line.netAmount) * 100), 0);
    expect(report.drafts.reduce((sum, draft) => sum + Math.round(Number(draft.netAmount) * 100), 0)).toBe(cents);
  });
});

describe("the unit of accounted time", () => {
  test.each([
    { timeUnit: "minutes", units: [90], qty: "150/100", minutes: "90.00" },
    { timeUnit: "hours", units: ["0.5", "1.25"], qty: "175/100", minutes: "105.00" },
    { timeUnit: "15 minutes", units: [3], qty: "75/100", minutes: "45.00" },
  ])("$timeUnit are turned into hours once", async ({ timeUnit, units, qty, minutes }) => {
    await world.configure({ billing: { timeUnit } });
    world.ticket({ units, closedAt: "2026-10-12T15:00:00Z" });
    expect(await world.draft()).toMatchObject({ minutesBilled: minutes });
    expect((await readDrafts(world))[0]?.lines[0]?.["qty"]).toBe(qty);
  });

  test("a part that is sold by the minute gets minutes", async () => {
    await world.configure({ billing: { partNumber: "FW-MIN" } });
    world.ticket({ units: ["12.50"], closedAt: "2026-10-12T15:00:00Z" });
    await world.draft();
    expect((await readDrafts(world))[0]?.lines[0]).toMatchObject({
      qty: "1250/100",
      unit: "min",
      sellprice: "160/100",
    });
  });

  test("is frozen by the first line: another one is refused and nothing is written", async () => {
    world.ticket({ units: [30], closedAt: "2026-10-12T15:00:00Z" });
    await world.draft();
    world.ticket({ units: [30], closedAt: "2026-10-13T15:00:00Z" });
    await world.configure({ billing: { timeUnit: "hours" } });
    const before = await allRowVersions(world);
    await expect(world.draft()).rejects.toMatchObject({
      name: "ConfigError",
      message: expect.stringContaining("billed with 1 already") as unknown,
    });
    expect(await allRowVersions(world)).toEqual(before);
    await world.configure({ billing: { timeUnit: "1.0 minutes" } });
    expect(await world.draft()).toMatchObject({ minutesBilled: "30.00" });
  });
});

describe("refused before anything is written", () => {
  test.each([
    { what: "unknown part", billing: { partNumber: "GIBTS-NICHT" }, says: 'part with the number "GIBTS-NICHT"' },
    { what: "part that measures no time", billing: { partNumber: "ANFAHRT" }, says: 'sold in "psch"' },
    { what: "unknown owner", billing: { draftOwner: "niemand" }, says: 'login "niemand"' },
    { what: "unknown state", billing: { states: { names: ["erledigt"], types: [] } }, says: '"erledigt"' },
    { what: "unknown type", billing: { states: { names: [], types: ["done"] } }, says: '"done"' },
  ])("$what", async ({ billing, says }) => {
    world.ticket({ units: [30], closedAt: "2026-10-12T15:00:00Z" });
    await world.configure({ billing });
    const before = [await allRowVersions(world), helpdeskRecords(world)];
    const refused = { name: "ConfigError", message: expect.stringContaining(says) as unknown };
    await expect(world.billingPlan()).rejects.toMatchObject(refused);
    await expect(world.draft()).rejects.toMatchObject(refused);
    expect([await allRowVersions(world), helpdeskRecords(world)]).toEqual(before);
  });

  test.each([
    { what: "obsolete part", sql: "update parts set obsolete = true where partnumber = 'ST-STD'" },
    { what: "owner who has left", sql: "update employee set deleted = true where login = 'buchhaltung'" },
  ])("$what", async ({ sql }) => {
    world.ticket({ units: [30], closedAt: "2026-10-12T15:00:00Z" });
    await world.erp.query(sql);
    const before = await allRowVersions(world);
    await expect(world.draft()).rejects.toMatchObject({ name: "ConfigError" });
    expect(await allRowVersions(world)).toEqual(before);
  });
});

describe("plan", () => {
  test("shows the drafts and questions of the next run, and writes nothing on either side", async () => {
    const late = world.ticket({ units: [30], closedAt: "2026-10-05T10:00:00Z" });
    await world.draft();
    world.book(late, 12, "2026-10-06T10:00:00Z");
    world.ticket({ customer: "K10006", units: ["7.5"], closedAt: "2026-10-12T15:00:00Z" });
    world.ticket({ customer: "FREMD", units: [5], closedAt: "2026-10-12T16:00:00Z" });
    const before = [await allRowVersions(world), helpdeskRecords(world)];
    const plan = await world.billingPlan();
    expect([await allRowVersions(world), helpdeskRecords(world)]).toEqual(before);
    const draft = await world.draft();
    const shown = (report: typeof draft) => ({
      ...report,
      drafts: report.drafts.map((each) => ({ ...each, draftId: null, kivitendoId: null })),
    });
    expect(plan).toEqual(shown(draft));
    expect(draft).toMatchObject({ linesWritten: 2, inbox: { added: 1, open: 1 } });
  });
});

describe("another helpdesk", () => {
  test("after a rebind with new tickets, what the old one left open is neither billed nor asked about", async () => {
    world.ticket({ customer: "FREMD", units: [30], closedAt: "2026-10-05T10:00:00Z" });
    world.ticket({ units: [10], closedAt: "2026-10-06T10:00:00Z" });
    await world.draft();
    const other = await createWorld({ sample: false, now: "2026-10-07T08:00:00Z" });
    try {
      await world.configure({ helpdesk: { url: other.helpdesk.baseUrl } });
      await bindAgain(world.loaded.config, { tickets: "new", dryRun: false }, () => undefined);
      await world.sync();
      const ticket = other.ticket({ units: [20], closedAt: "2026-10-08T10:00:00Z" });
      expect(await world.draft()).toMatchObject({ ticketsBilled: 1, minutesBilled: "20.00", inbox: { open: 0 } });
      expect((await billedUnits(world))[ticket.number]).toEqual({ K10001: 2000 });
      expect(await openQuestions(world)).toEqual([]);
      expect(await ask(world, "select count(*)::integer as drafts from public.drafts")).toEqual([{ drafts: 2 }]);
    } finally {
      await other.end();
    }
  });
});
