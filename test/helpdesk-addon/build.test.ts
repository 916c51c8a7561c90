import { execFile } from "node:child_process";
import { cp, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { parse } from "yaml";
import { z } from "zod";
import { buildAddonPackage } from "../../helpdesk-addon/build.ts";

const run = promisify(execFile);
const addonDirectory = path.join(import.meta.dirname, "..", "..", "helpdesk-addon");
const sourceDirectory = path.join(addonDirectory, "KivitendoBridge");

/** Name and attributes of every element in the order of their start; throws where the text is not well-formed. */
function readElements(xml: string): { name: string; attributes: Map<string, string> }[] {
  const token =
    /<\?[^>]*\?>|<!--[^]*?-->|<!\[CDATA\[[^]*?\]\]>|<(\/?)([A-Za-z_]\w*)((?:\s+[A-Za-z_]\w*="[^"<]*")*)\s*(\/?)>|[^<]+/y;
  const open: string[] = [];
  const elements: { name: string; attributes: Map<string, string> }[] = [];
  let roots = 0;
  while (token.lastIndex < xml.length) {
    const at = token.lastIndex;
    const match = token.exec(xml);
    if (match === null) throw new Error(`not well-formed at ${at}: ${xml.slice(at, at + 40)}`);
    const [text, closing, name, attributes, selfClosing] = match;
    if (name === undefined) {
      if (/&(?!(?:amp|lt|gt|quot|apos);)/.test(text) && !text.startsWith("<")) throw new Error(`bare & in ${text}`);
    } else if (closing === "/") {
      if (open.pop() !== name) throw new Error(`unexpected </${name}>`);
    } else {
      if (open.length === 0) roots += 1;
      const pairs = [...(attributes ?? "").matchAll(/(\w+)="([^"]*)"/g)].map(
        ([, key, value]) => [key ?? "", value ?? ""] as const,
      );
      elements.push({ name, attributes: new Map(pairs) });
      if (selfClosing !== "/") open.push(name);
    }
  }
  if (open.length > 0 || roots !== 1) throw new Error(`${roots} root elements, open: ${open.join(" ")}`);
  return elements;
}

function contentOf(xml: string, location: string): string {
  const content = new RegExp(`<File Permission="644" Location="${location}" Encode="Base64">([^<]+)</File>`).exec(
    xml,
  )?.[1];
  return Buffer.from(content ?? "", "base64").toString("utf8");
}

describe("the package", () => {
  test("is the same, byte for byte, whenever and in whatever zone it is built", async () => {
    const first = await buildAddonPackage();
    const elsewhere = await run(
      process.execPath,
      [
        "-e",
        `import(${JSON.stringify(path.join(addonDirectory, "build.ts"))}).then(async (m) => process.stdout.write((await m.buildAddonPackage()).xml))`,
      ],
      { env: { ...process.env, TZ: "Pacific/Auckland", LANG: "C" }, maxBuffer: 10_000_000 },
    );
    expect(elsewhere.stdout).toBe(first.xml);
  });

  test("is well-formed and installs on every product line", async () => {
    const { xml, version } = await buildAddonPackage();
    const elements = readElements(xml);
    expect(elements[0]?.name).toBe("otrs_package");
    expect(elements.map(({ name }) => name)).toContain("BuildDate");
    expect(xml).toContain(`<Version>${version}</Version>`);
    for (const framework of [
      "6.0.x",
      "6.5.x",
      "7.0.x",
      "7.1.x",
      "7.2.x",
      "7.3.x",
      "10.0.x",
      "10.1.x",
      "11.0.x",
      "11.1.x",
    ]) {
      expect(xml).toContain(`<Framework>${framework}</Framework>`);
    }
  });

  test("holds every source file with its content", async () => {
    const { xml, files } = await buildAddonPackage();
    const entries = await readdir(path.join(sourceDirectory, "Kernel"), { recursive: true, withFileTypes: true });
    const sources = entries
      .filter((entry) => entry.isFile())
      .map((entry) => path.relative(sourceDirectory, path.join(entry.parentPath, entry.name)));
    expect(sources.length).toBeGreaterThan(10);
    for (const source of sources)
      expect(contentOf(xml, source), source).toBe(await readFile(path.join(sourceDirectory, source), "utf8"));
    expect(files).toEqual([...sources, "var/webservices/examples/KivitendoBridge.yml"].sort());
    expect(contentOf(xml, "var/webservices/examples/KivitendoBridge.yml")).toBe(
      await readFile(path.join(addonDirectory, "webservice", "KivitendoBridge.yml"), "utf8"),
    );
  });

  test("never holds the test operation", async () => {
    const { xml, files } = await buildAddonPackage();
    expect(files.join("\n")).not.toContain("KivitendoBridgeTest");
    for (const file of files) expect(contentOf(xml, file), file).not.toContain("KivitendoBridgeTest");
  });
});

describe("a faulty source directory is refused", () => {
  let directory: string;
  beforeEach(async () => {
    directory = await mkdtemp(path.join(tmpdir(), "kivi-addon-"));
    await cp(addonDirectory, directory, { recursive: true });
  });
  afterEach(() => rm(directory, { recursive: true }));

  test("a file that the description does not name", async () => {
    await writeFile(path.join(directory, "KivitendoBridge", "Kernel", "System", "Extra.pm"), "1;\n");
    await expect(buildAddonPackage(path.join(directory, "KivitendoBridge"))).rejects.toThrow(
      "not listed [Kernel/System/Extra.pm]",
    );
  });

  test("a file that the description names and that is missing", async () => {
    await rm(path.join(directory, "KivitendoBridge", "Kernel", "System", "KivitendoBridge", "Owner.pm"));
    await expect(buildAddonPackage(path.join(directory, "KivitendoBridge"))).rejects.toThrow(
      "not present [Kernel/System/KivitendoBridge/Owner.pm]",
    );
  });

  test("a version without an entry in the change log", async () => {
    const file = path.join(directory, "KivitendoBridge", "Kernel", "System", "KivitendoBridge.pm");
    await writeFile(file, (await readFile(file, "utf8")).replace(/VERSION = '[^']+'/, "VERSION = '99.0.0'"));
    await expect(buildAddonPackage(path.join(directory, "KivitendoBridge"))).rejects.toThrow(
      'no <ChangeLog Version="99.0.0"',
    );
  });
});

const WebService = z.object({
  Debugger: z.object({ DebugThreshold: z.string() }),
  Provider: z.object({
    Operation: z.record(z.string(), z.object({ Type: z.string() })),
    Transport: z.object({
      Type: z.literal("HTTP::REST"),
      Config: z.object({
        MaxLength: z.string(),
        RouteOperationMapping: z.record(
          z.string(),
          z.object({ Route: z.string(), RequestMethod: z.array(z.string()) }),
        ),
      }),
    }),
  }),
});

describe("the web service", () => {
  test("has a route for each operation, and never logs a password", async () => {
    const text = await readFile(path.join(addonDirectory, "webservice", "KivitendoBridge.yml"), "utf8");
    const { Debugger, Provider } = WebService.parse(parse(text));
    const routes = Provider.Transport.Config.RouteOperationMapping;
    expect(Object.keys(routes).sort()).toEqual(Object.keys(Provider.Operation).sort());
    expect(routes["KivitendoBridgeInfo"]).toMatchObject({ Route: "/KivitendoBridge/Info", RequestMethod: ["POST"] });
    for (const operation of ["Upsert", "Records"])
      expect(routes[`KivitendoBridge${operation}`]).toMatchObject({
        Route: `/KivitendoBridge/${operation}`,
        RequestMethod: ["POST"],
      });
    expect(Debugger.DebugThreshold, "debug writes every request into the database").toBe("error");
  });

  test("takes a request of 1000 records with the longest values", async () => {
    const text = await readFile(path.join(addonDirectory, "webservice", "KivitendoBridge.yml"), "utf8");
    const longestRecord = 4_000 * 6; // 13 fields hold less than 4000 characters, six bytes each as \uXXXX
    expect(Number(WebService.parse(parse(text)).Provider.Transport.Config.MaxLength)).toBeGreaterThanOrEqual(
      1000 * longestRecord,
    );
  });

  test("names the operations and event modules that the package brings", async () => {
    const { xml } = await buildAddonPackage();
    const settings = contentOf(xml, "Kernel/Config/Files/XML/KivitendoBridge.xml");
    const names = readElements(settings).flatMap(({ name, attributes }) =>
      name === "Setting" ? [attributes.get("Name")] : [],
    );
    expect(names).toEqual([
      ...["Info", "Upsert", "Records", "Tickets"].map(
        (name) => `GenericInterface::Operation::Module###KivitendoBridge::${name}`,
      ),
      ...["CustomerCompany", "CustomerUser"].map((name) => `${name}::EventModulePost###9500-KivitendoBridge`),
    ]);
    expect(settings).toContain('<Item Key="Module">Kernel::System::KivitendoBridge::KeyFollow</Item>');
    expect(
      readElements(settings)
        .slice(0, 2)
        .map(({ name }) => name),
    ).toEqual(["otrs_config", "otobo_config"]);
  });
});
