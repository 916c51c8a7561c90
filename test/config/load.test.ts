import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { stringify } from "yaml";
import { loadConfig } from "../../src/config/index.ts";
import { ConfigError, periodForms } from "../../src/model/index.ts";

let directory: string;
beforeEach(() => (directory = mkdtempSync(join(tmpdir(), "kivi-otrs-config-"))));
afterEach(() => rmSync(directory, { recursive: true, force: true }));

const kivitendo = { databaseUrl: "postgresql://otrs_bridge@127.0.0.1/kivitendo" };
const helpdesk = { url: "https://helpdesk.example.org/znuny", userLogin: "bridge", password: "pw" };
const billing = { startDate: "2026-10-01", timeUnit: "minutes", partNumber: "ST-STD", draftOwner: "buchhaltung" };
const usable = { kivitendo, helpdesk, billing };

type Environment = Readonly<Record<string, string>>;

function load(settings: unknown, environment: Environment = {}): ReturnType<typeof loadConfig> {
  return loadText(stringify(settings), environment);
}

function loadText(text: string, environment: Environment = {}): ReturnType<typeof loadConfig> {
  const file = join(directory, "bridge.yaml");
  writeFileSync(file, text);
  return loadConfig({ file, environment, directory });
}

function put(name: string, text: string): string {
  const path = join(directory, name);
  writeFileSync(path, text);
  return path;
}

function loadManyProblems(): unknown {
  return load(
    {
      ...usable,
      helpdesk: { ...helpdesk, urll: "x", timeoutSeconds: -1 },
      billing: { ...billing, startDate: "x" },
    },
    { KIVI_OTRS_HELPDESK_USERLOGIN: "x" },
  );
}

/** The problems of a report, without its first line; the report must be a ConfigError. */
function problems(attempt: () => unknown): readonly string[] {
  try {
    attempt();
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigError);
    return error instanceof Error ? error.message.split("\n  - ").slice(1) : [];
  }
  throw new Error("the configuration was accepted");
}

describe("what is refused", () => {
  test.each([
    {
      name: "an unknown setting at the top",
      settings: { ...usable, helpdsk: {} },
      problem: "helpdsk is not a setting; did you mean helpdesk?",
    },
    {
      name: "an unknown setting inside",
      settings: { ...usable, billing: { ...billing, drftOwner: "x" } },
      problem: "billing.drftOwner is not a setting; did you mean draftOwner?",
    },
    {
      name: "one that resembles nothing",
      settings: { ...usable, customers: { colour: "red" } },
      problem: "customers.colour is not a setting",
    },
    {
      name: "a missing secret",
      settings: { ...usable, helpdesk: { ...helpdesk, password: undefined } },
      problem: "helpdesk.password: is required and missing (or give passwordFile)",
    },
    {
      name: "a missing setting",
      settings: { ...usable, billing: { ...billing, partNumber: undefined } },
      problem: "billing.partNumber: is required and missing",
    },
    {
      name: "a missing part",
      settings: { kivitendo, billing },
      problem: "helpdesk: is required and missing: billing reads its tickets",
    },
    {
      name: "an address of another kind",
      settings: { ...usable, kivitendo: { databaseUrl: "mysql://x@y/z" } },
      problem: "kivitendo.databaseUrl: expected postgresql://role@host:port/database",
    },
    {
      name: "a helpdesk without http",
      settings: { ...usable, helpdesk: { ...helpdesk, url: "helpdesk.example.org" } },
      problem: "helpdesk.url: expected https://host/znuny",
    },
    {
      name: "a time unit that is none",
      settings: { ...usable, billing: { ...billing, timeUnit: "fortnights" } },
      problem: "billing.timeUnit: expected minutes, hours, or a number of minutes such as 15 minutes",
    },
    {
      name: "a time unit of nothing",
      settings: { ...usable, billing: { ...billing, timeUnit: "0 minutes" } },
      problem: "billing.timeUnit: expected minutes, hours, or a number of minutes such as 15 minutes",
    },
    {
      name: "a start date that is no day",
      settings: { ...usable, billing: { ...billing, startDate: "2026-02-30" } },
      problem: "billing.startDate: expected a day such as 2026-10-01",
    },
    {
      name: "a period that no run could use",
      settings: { ...usable, billing: { ...billing, period: "last-month" } },
      problem: `billing.period: expected ${periodForms}`,
    },
    {
      name: "states both by type and by name",
      settings: { ...usable, billing: { ...billing, states: { types: ["closed"], names: ["closed successful"] } } },
      problem: "billing.states: give either types, names or preset",
    },
    {
      name: "no states at all",
      settings: { ...usable, billing: { ...billing, states: { types: [] } } },
      problem: "billing.states: give either types, names or preset",
    },
    {
      name: "a zone that does not exist",
      settings: { ...usable, schedule: { timeZone: "Europe/Köln" } },
      problem: "schedule.timeZone: expected a time zone such as Europe/Berlin",
    },
    {
      name: "a schedule with seconds",
      settings: { ...usable, schedule: { customers: "0 */5 * * * *" } },
      problem: "schedule.customers: expected five cron fields, or off",
    },
    {
      name: "an instance that the helpdesk's marks cannot carry",
      settings: { ...usable, instance: "Main Office" },
      problem: "instance: expected lower-case letters, digits and hyphens",
    },
  ])("$name", ({ settings, problem }) => {
    expect(problems(() => load(settings))).toEqual([problem]);
  });

  test("all problems stand in one report that names the file and what to type next", () => {
    expect(problems(loadManyProblems).map((problem) => problem.split(" ")[0])).toEqual([
      "KIVI_OTRS_HELPDESK_USERLOGIN",
      "helpdesk.timeoutSeconds:",
      "helpdesk.urll",
      "billing.startDate:",
    ]);
    expect(loadManyProblems).toThrow(`The configuration in ${join(directory, "bridge.yaml")} has 4 problems:`);
    expect(loadManyProblems).toThrow(
      expect.objectContaining({ hint: expect.stringContaining("kivi-otrs config check") }),
    );
  });
});

describe("the file", () => {
  test("is looked for in the named place only", () => {
    expect(() => loadConfig({ file: "other.yaml", environment: {}, directory })).toThrow(
      "There is no configuration file (looked for other.yaml).",
    );
  });

  test("is named by the environment, unless by the command line", () => {
    const [one, other] = ["one", "other"].map((instance) =>
      put(`${instance}.yaml`, stringify({ ...usable, instance })),
    );
    const environment = { KIVI_OTRS_CONFIG: String(one) };
    expect(loadConfig({ environment, directory }).config.instance).toBe("one");
    expect(loadConfig({ file: other, environment, directory }).config.instance).toBe("other");
  });

  test.each([
    { name: "broken", text: "helpdesk:\n  url: [\n", wanted: /not valid YAML: .*at line 3, column 1/s },
    { name: "with a key twice", text: "instance: a\ninstance: b\n", wanted: /Map keys must be unique at line 2/ },
    { name: "with an alias to nothing", text: "instance: *main\n", wanted: /not valid YAML: .*main/ },
    { name: "that is a list", text: "- a\n", wanted: /holds no settings/ },
    { name: "that is empty", text: "", wanted: /kivitendo: is required and missing/ },
  ])("a file $name is told", ({ text, wanted }) => {
    expect(() => loadText(text)).toThrow(ConfigError);
    expect(() => loadText(text)).toThrow(wanted);
  });

  test("a directory in its place is told, too", () => {
    expect(() => loadConfig({ file: directory, environment: {}, directory })).toThrow(
      expect.objectContaining({ name: "ConfigError", message: `${directory} cannot be read (EISDIR).` }),
    );
  });
});

describe("the environment", () => {
  test.each([
    { name: "KIVI_OTRS_INSTANCE", value: "0815", at: ["instance"], want: "0815" },
    { name: "KIVI_OTRS_HELPDESK_USER_LOGIN", value: "other", at: ["helpdesk", "userLogin"], want: "other" },
    { name: "KIVI_OTRS_HELPDESK_PASSWORD", value: "123", at: ["helpdesk", "password"], want: "123" },
    { name: "KIVI_OTRS_HELPDESK_TIMEOUT_SECONDS", value: "7.5", at: ["helpdesk", "timeoutSeconds"], want: 7.5 },
    {
      name: "KIVI_OTRS_CUSTOMERS_MAX_DEACTIVATION_SHARE",
      value: "0.5",
      at: ["customers", "maxDeactivationShare"],
      want: 0.5,
    },
    {
      name: "KIVI_OTRS_BILLING_STATES_TYPES",
      value: "[closed, removed]",
      at: ["billing", "states", "types"],
      want: ["closed", "removed"],
    },
    {
      name: "KIVI_OTRS_CUSTOMERS_CHANGE_TRIGGERS",
      value: "true",
      at: ["customers", "changeTriggers"],
      want: true,
    },
    { name: "KIVI_OTRS_SCHEDULE_BILLING", value: "off", at: ["schedule", "billing"], want: "off" },
    { name: "KIVI_OTRS_LOG_LEVEL", value: "debug", at: ["log", "level"], want: "debug" },
  ])("$name overrides the file", ({ name, value, at, want }) => {
    const { config } = load(usable, { [name]: value });
    expect(at.reduce<unknown>((here, key) => (here as Record<string, unknown>)[key], config)).toEqual(want);
  });

  test("can bring a whole part that the file leaves out", () => {
    const { config } = load(
      { kivitendo, helpdesk },
      {
        KIVI_OTRS_BILLING_START_DATE: "2026-10-01",
        KIVI_OTRS_BILLING_TIME_UNIT: "15 minutes",
        KIVI_OTRS_BILLING_PART_NUMBER: "4711",
        KIVI_OTRS_BILLING_DRAFT_OWNER: "buchhaltung",
      },
    );
    expect(config.billing).toMatchObject({ timeUnit: "15 minutes", partNumber: "4711", period: "previous-month" });
  });

  test("beats .env, which beats the file", () => {
    put(".env", "KIVI_OTRS_INSTANCE=dotenv\nKIVI_OTRS_HELPDESK_USER_LOGIN=dotenv\n");
    const { config } = load({ ...usable, instance: "file" }, { KIVI_OTRS_HELPDESK_USER_LOGIN: "environment" });
    expect([config.instance, config.helpdesk?.userLogin]).toEqual(["dotenv", "environment"]);
  });

  test("an unknown name with the prefix is refused, others are nobody's business", () => {
    expect(problems(() => load(usable, { KIVI_OTRS_HELPDESK_URLL: "x", HOME: "/root" }))).toEqual([
      "KIVI_OTRS_HELPDESK_URLL (environment) is not a setting; did you mean KIVI_OTRS_HELPDESK_URL?",
    ]);
  });
});

describe("secrets", () => {
  const withoutPassword = { ...usable, helpdesk: { ...helpdesk, password: undefined } };

  test("come from a file, without the line break at its end", () => {
    const passwordFile = put("secret", "s3cret \n");
    const { config } = load({ ...usable, helpdesk: { ...withoutPassword.helpdesk, passwordFile } });
    expect(config.helpdesk?.password).toBe("s3cret ");
  });

  test.each([
    { name: "KIVI_OTRS_HELPDESK_PASSWORD_FILE", section: "helpdesk", setting: "password" },
    { name: "KIVI_OTRS_KIVITENDO_PASSWORD_FILE", section: "kivitendo", setting: "password" },
    { name: "KIVI_OTRS_KIVITENDO_ADMIN_PASSWORD_FILE", section: "kivitendo", setting: "adminPassword" },
  ] as const)("$name names a file", ({ name, section, setting }) => {
    put("secret", "from-file\n");
    const settings = section === "helpdesk" ? withoutPassword : usable;
    const { config } = load(settings, { [name]: "secret" });
    expect(config[section]).toMatchObject({ [setting]: "from-file" });
  });

  test("given in both ways are refused", () => {
    const both = { ...usable, helpdesk: { ...helpdesk, passwordFile: put("secret", "x") } };
    expect(problems(() => load(both))).toEqual([
      "helpdesk.password and helpdesk.passwordFile are both given: use one of them",
    ]);
  });

  test.each([
    { name: "missing", path: "nowhere", problem: "the file nowhere cannot be read (ENOENT)" },
    { name: "a directory", path: ".", problem: "the file . cannot be read (EISDIR)" },
    { name: "empty", path: "empty", problem: "the file empty is empty" },
  ])("a file that is $name is one problem", ({ path, problem }) => {
    put("empty", "\n");
    expect(problems(() => load(withoutPassword, { KIVI_OTRS_HELPDESK_PASSWORD_FILE: path }))).toEqual([
      `helpdesk.passwordFile: ${problem}`,
    ]);
  });
});
