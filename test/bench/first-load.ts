/**
 * The first load of a real helpdesk by the bridge, beside a naive script and beside the limit: the helpdesk's own classes
 * called in a loop in one of its processes. All write into the same growing tables, in turns.
 */
import { Caller, type HelpdeskUnderTest } from "../contracts/helpdesk-under-test.ts";
import type { Step } from "../../src/demo/helpdesk/index.ts";
import { contactsPerCustomer, customersOf, growCompany } from "./company.ts";
import { median, rounded, type Row } from "./rows.ts";
import { createBenchWorld, type HelpdeskAccount } from "./world.ts";

export interface FirstLoadSizes {
  readonly contacts: number;
  /** Records that the naive script writes. */
  readonly sample: number;
}

/** Contacts (with their customers) that are written before it is the other's turn. */
const turn = 1000;

const nameOf = ({ contacts }: FirstLoadSizes, who: "bridge" | "limit" | "naive"): string =>
  `customers/first-load/${contacts}/${who}`;

export function firstLoadNames(sizes: FirstLoadSizes): readonly string[] {
  return [nameOf(sizes, "bridge"), nameOf(sizes, "limit"), nameOf(sizes, "naive")];
}

/** Objects and the seconds that they took. */
interface Stretch {
  readonly objects: number;
  readonly seconds: number;
}

export async function measureFirstLoad(
  postgresUrl: string,
  account: HelpdeskAccount,
  sizes: FirstLoadSizes,
  say: (line: string) => void,
): Promise<readonly Row[]> {
  const caller = await logIn(account);
  const world = await createBenchWorld(postgresUrl, account);
  const bridge: Stretch[] = [];
  const limit: Stretch[] = [];
  try {
    for (let before = 0; before < sizes.contacts; before += turn) {
      const after = Math.min(before + turn, sizes.contacts);
      await growCompany(world.adminUrl, world.tag, before, after);
      const objects = after - before + customersOf(after) - customersOf(before);
      const { written, seconds } = await world.sync();
      if (written !== objects) throw new Error(`The bridge wrote ${written} of ${objects} records.`);
      bridge.push({ objects, seconds });
      limit.push(await loopInHelpdesk(caller, `${world.tag}l`, before, after));
      say(
        `first load: ${after} of ${sizes.contacts} contacts, objects/s: bridge ${speeds(bridge).at(-1)}, limit ${speeds(limit).at(-1)}`,
      );
    }
    const naive = await naively(caller, `${world.tag}n`, sizes.sample);
    return rowsOf(sizes, bridge, limit, naive);
  } finally {
    await world.end();
  }
}

function rowsOf(
  sizes: FirstLoadSizes,
  bridge: readonly Stretch[],
  limit: readonly Stretch[],
  naive: Stretch,
): readonly Row[] {
  const figures = (stretches: readonly Stretch[]): Row["figures"] => ({
    objects: sum(stretches, "objects"),
    seconds: rounded(sum(stretches, "seconds")),
    objectsPerSecond: rounded(speedOf(stretches)),
    objectsPerSecondByTurn: speeds(stretches),
  });
  const toNaive = speedOf(bridge) / speedOf([naive]);
  const toLimit = speedOf(bridge) / speedOf(limit);
  // Of the share of the limit in the first and the last third: a slow-down of the limit itself does not count.
  const shares = bridge.map((stretch, at) => speedOf([stretch]) / speedOf(limit.slice(at, at + 1)));
  const third = Math.ceil(shares.length / 3);
  const drift = median(shares.slice(-third)) / median(shares.slice(0, third));
  return [
    {
      name: nameOf(sizes, "bridge"),
      figures: {
        ...figures(bridge),
        timesNaive: rounded(toNaive),
        shareOfLimit: rounded(toLimit),
        drift: rounded(drift),
      },
      wanted: [
        { what: "at least 8 times the naive script", met: toNaive >= 8 },
        { what: "at least 0.8 of the limit", met: toLimit >= 0.8 },
        {
          what: "no slow-down beyond the limit's own (share of the limit, last third to first: 0.9 or more)",
          met: drift >= 0.9,
        },
      ],
    },
    { name: nameOf(sizes, "limit"), figures: figures(limit), wanted: [] },
    { name: nameOf(sizes, "naive"), figures: figures([naive]), wanted: [] },
  ];
}

/** CustomerCompanyAdd and CustomerUserAdd in one process of the web server, with the values that the bridge sends. */
async function loopInHelpdesk(caller: Caller, tag: string, before: number, after: number): Promise<Stretch> {
  const companies = numbers(customersOf(before), customersOf(after));
  const users = numbers(before, after);
  const Steps: Step[] = [
    ...companies.map((n): Step => ({ Do: "CompanyAdd", CustomerID: `${tag}-${n}`, ...companyFields(tag, n) })),
    ...users.map((n): Step => ({ Do: "UserAdd", UserLogin: loginOf(tag, n), ...userFields(tag, n) })),
  ];
  const began = performance.now();
  const answer = await caller.post("/KivitendoBridgeTest/Agent", { Steps });
  const seconds = (performance.now() - began) / 1000;
  if (!isObject(answer) || !Array.isArray(answer["Results"]) || answer["Results"].length !== Steps.length) {
    throw new Error(`The loop in the helpdesk failed: ${JSON.stringify(answer).slice(0, 500)}`);
  }
  return { objects: Steps.length, seconds };
}

/** One after the other, for each record one request that looks whether it is there and one that writes it. */
async function naively(caller: Caller, tag: string, sample: number): Promise<Stretch> {
  const companies = Math.ceil(sample / (contactsPerCustomer + 1));
  const records = [
    ...numbers(0, companies).map((n) => ({
      Type: "Company",
      Key: `${tag}-${n}`,
      RowId: String(n),
      Fields: companyFields(tag, n),
    })),
    ...numbers(0, sample - companies).map((n) => ({
      Type: "User",
      Key: loginOf(tag, n),
      RowId: String(n),
      Fields: userFields(tag, n),
    })),
  ];
  const began = performance.now();
  for (const record of records) {
    const found = await caller.post("/KivitendoBridge/Records", {
      Instance: tag,
      Type: record.Type,
      Keys: [record.Key],
    });
    if (!isObject(found) || !Array.isArray(found["Records"]) || found["Records"].length > 0) {
      throw new Error(`Looking for ${record.Key}: ${JSON.stringify(found).slice(0, 500)}`);
    }
    const done = await caller.post("/KivitendoBridge/Upsert", {
      Instance: tag,
      Records: [{ ...record, Expect: "absent" }],
    });
    if (!JSON.stringify(done).includes('"created"')) {
      throw new Error(`Writing ${record.Key}: ${JSON.stringify(done).slice(0, 500)}`);
    }
  }
  return { objects: records.length, seconds: (performance.now() - began) / 1000 };
}

function companyFields(tag: string, n: number): Record<string, string | number> {
  return {
    CustomerCompanyName: `Straßenwerk Größe ${n} ${tag} GmbH & Co. KG`,
    CustomerCompanyStreet: `Ährenweg ${n}`,
    CustomerCompanyZIP: String(n).padStart(5, "0"),
    CustomerCompanyCity: "Köln",
    CustomerCompanyCountry: "Germany",
    CustomerCompanyURL: `https://www.werk${n}-test.de`,
    ValidID: 1,
  };
}

function userFields(tag: string, n: number): Record<string, string | number> {
  return {
    UserCustomerID: `${tag}-${Math.ceil(n / contactsPerCustomer)}`,
    UserFirstname: `Änne ${n}`,
    UserLastname: "Müller-Lüdenscheidt",
    UserEmail: loginOf(tag, n),
    UserPhone: `+49 221 ${n}`,
    UserMobile: `+49 171 ${n}`,
    ValidID: 1,
  };
}

const loginOf = (tag: string, n: number): string => `${tag}-${n}@kontakt-test.de`;

/** The raw session of an account. */
export async function logIn(account: HelpdeskAccount): Promise<Caller> {
  const bridge = { UserLogin: account.userLogin, Password: account.password };
  const helpdesk: HelpdeskUnderTest = {
    url: account.url,
    bridge,
    stranger: bridge,
    byHand: () => Promise.reject(new Error("not here")),
  };
  return new Caller(helpdesk).logIn();
}

/** From + 1 to to. */
function numbers(from: number, to: number): number[] {
  return Array.from({ length: to - from }, (_, n) => from + n + 1);
}

function speeds(stretches: readonly Stretch[]): number[] {
  return stretches.map((stretch) => rounded(speedOf([stretch])));
}

function speedOf(stretches: readonly Stretch[]): number {
  return sum(stretches, "objects") / sum(stretches, "seconds");
}

function sum(stretches: readonly Stretch[], figure: keyof Stretch): number {
  return stretches.reduce((total, stretch) => total + stretch[figure], 0);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}
