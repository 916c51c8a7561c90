/** The command line itself, without anything behind it. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import packageJson from "../../package.json" with { type: "json" };
import { exampleConfig } from "../../src/config/index.ts";
import { documentOf, failureOf, kiviOtrs, repository, type Said, start } from "./kivi-otrs.ts";

let directory: string;
beforeAll(() => (directory = mkdtempSync(join(tmpdir(), "kivi-otrs-usage-"))));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

function run(line: string, environment: Readonly<Record<string, string>> = {}): Promise<Said> {
  return kiviOtrs(line === "" ? [] : line.split(" "), { directory, environment });
}

test("--version and --help answer on standard output", async () => {
  expect(await run("--version")).toMatchObject({ code: 0, stdout: `${packageJson.version}\n`, stderr: "" });
  const help = await run("--help");
  expect(help).toMatchObject({ code: 0, stderr: "" });
  for (const command of ["demo", "setup", "config", "customers", "billing", "inbox", "runs", "helpdesk", "run"])
    expect(help.stdout).toMatch(new RegExp(`^  ${command}\\b`, "m"));
});

test.each([
  { line: "", stderr: /Usage: kivi-otrs/ },
  { line: "customers", stderr: /Usage: kivi-otrs customers/ },
  { line: "customers snyc", stderr: /unknown command 'snyc'\n\(Did you mean sync\?\)\n/ },
  { line: "customers plan --nope", stderr: /unknown option '--nope'/ },
  { line: "customers sync K10001", stderr: /too many arguments/ },
  { line: "billing draft --period", stderr: /'--period <period>' argument missing/ },
])("wrong use ends with 2 and says how it goes: kivi-otrs $line", async ({ line, stderr }) => {
  const said = await run(line);
  expect(said).toMatchObject({ code: 2, stdout: "" });
  expect(said.stderr).toMatch(stderr);
  expect(said.stderr).toMatch(/--help/);
});

test("wrong use with --json is a document, too", async () => {
  const said = await run("billing plan --json --nope");
  expect(documentOf("error", said).error).toEqual({
    kind: "ConfigError",
    message: "unknown option '--nope'",
    hint: "Run the same command with --help: it tells the options.",
    exitCode: 2,
  });
  expect(said.code).toBe(2);
});

test.each([
  { line: "customers plan --json", message: /There is no configuration file \(looked for config\/bridge\.yaml, / },
  { line: "config check --json --config nowhere.yaml", message: /\(looked for nowhere\.yaml\)/ },
  { line: "setup --json --print --remove", message: /exclude each other/ },
  { line: "runs --json --last many", message: /--last many is not a number of runs/ },
  { line: "demo --json --once --directory /dev/null/demo", message: /The demo's directory cannot be made/ },
])("$line ends with 2", async ({ line, message }) => {
  const failure = failureOf(await run(line));
  expect(failure.code).toBe(2);
  expect(failure.message).toMatch(message);
});

test("a reader that has seen enough is no fault", async () => {
  const line = `{ sleep 0.2; ${join(repository, "bin", "kivi-otrs")} config example; echo "ended with $?" >&2; } | true`;
  const said = await start("sh", ["-c", line], { directory }).said;
  expect(said).toMatchObject({ code: 0, stderr: "ended with 0\n" });
});

describe("config", () => {
  const secret = { KIVI_OTRS_HELPDESK_PASSWORD: "very-secret" };
  beforeAll(() => writeFileSync(join(directory, "bridge.yaml"), exampleConfig()));

  test("example prints the example", async () => {
    expect(await run("config example")).toEqual({ code: 0, signal: null, stdout: exampleConfig(), stderr: "" });
    expect(documentOf("config example", await run("config example --json")).example).toBe(exampleConfig());
  });

  test("check says that the file is in order", async () => {
    const file = join(directory, "bridge.yaml");
    expect(await run("config check --offline --config bridge.yaml", secret)).toMatchObject({
      code: 0,
      stdout: `${file} is in order. Database and helpdesk were not asked.\n`,
    });
    const said = await run("config check --offline --config bridge.yaml --json", secret);
    expect(documentOf("config check", said)).toEqual({ file, problems: [], hints: [], offline: true });
  });

  test("check names every problem, and both schedules when both are none", async () => {
    const missing = failureOf(await run("config check --json --config bridge.yaml"));
    expect(missing.message).toMatch(/has a problem:\n {2}- helpdesk\.password: is required and missing/);
    const schedules = failureOf(
      await run("config check --json --config bridge.yaml", {
        ...secret,
        KIVI_OTRS_SCHEDULE_CUSTOMERS: "*/5 * * 13 *",
        KIVI_OTRS_SCHEDULE_BILLING: "99 4 2 * *",
      }),
    );
    expect(schedules.code).toBe(2);
    expect(schedules.message).toMatch(/schedule\.customers: .*\nschedule\.billing: /);
  });

  test("show tells what is in force and no secret", async () => {
    const said = await run("config show --config bridge.yaml", { ...secret, KIVI_OTRS_INSTANCE: "from-environment" });
    expect(said).toMatchObject({ code: 0, stderr: "" });
    expect(said.stdout).toContain("instance: from-environment");
    expect(said.stdout).not.toContain("very-secret");
    const json = await run("config show --json --config bridge.yaml", secret);
    expect(documentOf("config show", json).config).toMatchObject({ helpdesk: { password: "(set, not shown)" } });
    expect(json.stdout).not.toContain("very-secret");
  });

  test("a secret named by …_FILE is read", async () => {
    writeFileSync(join(directory, "secret"), "from-file\n");
    const said = await run("config check --offline --config bridge.yaml", {
      KIVI_OTRS_HELPDESK_PASSWORD_FILE: "secret",
    });
    expect(said.code).toBe(0);
  });
});

test("the printed configuration of `setup --print` needs no database", async () => {
  const said = await run("setup --print --config bridge.yaml", { KIVI_OTRS_HELPDESK_PASSWORD: "x" });
  expect(said).toMatchObject({ code: 0, stderr: "" });
  expect(said.stdout).toMatch(/^-- Sets up a kivitendo client's database/);
  expect(said.stdout).toContain("create schema");
});

test("helpdesk webservice prints the definition", async () => {
  const text = (await run("helpdesk webservice")).stdout;
  expect(text).toContain("KivitendoBridge::Upsert");
  expect(documentOf("helpdesk webservice", await run("helpdesk webservice --json")).webservice).toBe(text);
});
