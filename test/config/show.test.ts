import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { parse } from "yaml";
import { generatedFiles } from "../../scripts/build-docs.ts";
import { exampleConfig, loadConfig, redactConfig, showConfig } from "../../src/config/index.ts";
import type { Config } from "../../src/config/index.ts";

let directory: string;
beforeAll(() => (directory = mkdtempSync(join(tmpdir(), "kivi-otrs-config-"))));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

function load(text: string, environment: Readonly<Record<string, string>> = {}): Config {
  const file = join(directory, "bridge.yaml");
  writeFileSync(file, text);
  return loadConfig({ file, environment, directory }).config;
}

const secrets = {
  KIVI_OTRS_HELPDESK_PASSWORD: "helpdesk-secret",
  KIVI_OTRS_KIVITENDO_PASSWORD: "database-secret",
  KIVI_OTRS_KIVITENDO_ADMIN_PASSWORD: "admin-secret",
};

test("no secret is shown, neither as a setting nor inside an address", () => {
  const config = load(exampleConfig(), {
    ...secrets,
    KIVI_OTRS_KIVITENDO_DATABASE_URL: "postgresql://otrs_bridge:p%40ss-secret@127.0.0.1:5432/kivitendo",
    KIVI_OTRS_KIVITENDO_ADMIN_URL: "postgresql://kivitendo@127.0.0.1/kivitendo?password=param-secret&sslmode=require",
    KIVI_OTRS_HELPDESK_URL: "https://user:odd@secret@helpdesk.example.org/znuny",
  });
  for (const shown of [showConfig(config), JSON.stringify(redactConfig(config))]) {
    expect(shown).not.toMatch(/secret/);
    expect(shown).toContain("postgresql://otrs_bridge:(not shown)@127.0.0.1:5432/kivitendo");
    expect(shown).toContain("?password=(not shown)&sslmode=require");
    expect(shown).toContain("https://user:(not shown)@helpdesk.example.org/znuny");
  }
  expect(redactConfig(config)).toMatchObject({
    helpdesk: { password: "(set, not shown)" },
    kivitendo: { password: "(set, not shown)", adminPassword: "(set, not shown)" },
  });
});

test("what is not secret is shown as it is in force, and loads again", () => {
  const config = load(exampleConfig(), { ...secrets, KIVI_OTRS_SCHEDULE_BILLING: "off" });
  const shown: unknown = parse(showConfig(config));
  expect(shown).toEqual(redactConfig(config));
  expect(shown).toMatchObject({ schedule: { billing: "off", customers: "*/5 * * * *" } });
});

test("the committed files are the printed ones; `npm run build:docs` writes them", async () => {
  const files = await generatedFiles();
  expect([...files.keys()]).toEqual(["config/bridge.example.yaml", "docs/json-output.schema.json"]);
  for (const [path, text] of files) {
    expect(readFileSync(new URL(`../../${path}`, import.meta.url), "utf8"), path).toBe(text);
  }
});

test("the example loads once the secrets are given", () => {
  expect(() => load(exampleConfig())).toThrow(/helpdesk.password: is required and missing/);
  expect(load(exampleConfig(), secrets).billing?.partNumber).toBe("ST-STD");
});

test("every optional setting of the example, uncommented, loads too", () => {
  const passwordFile = join(directory, "password");
  writeFileSync(passwordFile, "from-file\n");
  const optional = exampleConfig()
    .split("\n")
    .flatMap((line) => /^ *#- (\w+): /.exec(line)?.[1] ?? []);
  expect(optional).toEqual([
    "password",
    "passwordFile",
    "adminUrl",
    "adminPassword",
    "adminPasswordFile",
    "password",
    "passwordFile",
    "timeZone",
    "caFile",
    "readerRole",
    "placeholderName",
    "contactFlag",
    "customerFlag",
    "customerNumbers",
    "sentinel",
    "types",
    "names",
    "preset",
    "description",
    "longDescription",
    "description",
    "longDescription",
    "invoiceNumberField",
    "from",
    "host",
    "user",
    "password",
    "passwordFile",
    "caFile",
  ]);
  for (const kept of [/password$/i, /passwordFile$/i]) {
    const dropped = kept.test("password") ? /passwordFile$/i : /password$/i;
    const text = exampleConfig().replace(
      /^( *)#- (\w+): (.*)$/gm,
      (line, indent: string, name: string, value: string) =>
        // Of the three ways to say which states are billed, one can be given.
        dropped.test(name) || /^(names|preset)$/.test(name)
          ? line
          : `${indent}${name}: ${name.endsWith("File") ? JSON.stringify(passwordFile) : value}`,
    );
    const { helpdesk, kivitendo } = load(text);
    expect(kivitendo.adminUrl).toBe("postgresql://kivitendo@127.0.0.1:5432/kivitendo");
    expect(helpdesk?.caFile).toBe(passwordFile);
    const secret = kept.test("password") ? "…" : "from-file";
    expect([kivitendo.password, kivitendo.adminPassword, helpdesk?.password]).toEqual([secret, secret, secret]);
  }
});
