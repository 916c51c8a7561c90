/**
 * Builds the helpdesk package: `npm run build:addon` writes dist/KivitendoBridge-<version>.opm.
 * The same sources give the same bytes, so a package can be compared with one built elsewhere.
 */
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";

const ADDON_DIRECTORY = import.meta.dirname;
const SOURCE_DIRECTORY = path.join(ADDON_DIRECTORY, "KivitendoBridge");
const DESCRIPTION_FILE = "KivitendoBridge.sopm";
const VERSION_FILE = "Kernel/System/KivitendoBridge.pm";
// In this directory the helpdesk's web-service page offers it for import.
const WEB_SERVICE_LOCATION = "var/webservices/examples/KivitendoBridge.yml";
const WEB_SERVICE_FILE = path.join("..", "webservice", "KivitendoBridge.yml");
const FILE_LINE = /^( *)<File Permission="644" Location="([^"]+)" \/>$/gm;

/** The package as text, and where it belongs. */
export interface AddonPackage {
  version: string;
  fileName: string;
  /** Paths of the packed files as they will lie in the helpdesk, sorted. */
  files: string[];
  xml: string;
}

/**
 * Reads the sources and makes the package of them.
 * @throws Error when the description and the directory do not name the same files, or the change log lacks the version
 */
export async function buildAddonPackage(sourceDirectory: string = SOURCE_DIRECTORY): Promise<AddonPackage> {
  const description = await readFile(path.join(sourceDirectory, DESCRIPTION_FILE), "utf8");
  const version = await readVersion(sourceDirectory);
  const listed = [...description.matchAll(FILE_LINE)].map(([, , location]) => location ?? "");
  const files = await listSources(sourceDirectory);
  assertSameFiles(listed, files);

  const contents = new Map<string, string>();
  for (const file of files) {
    const source = file === WEB_SERVICE_LOCATION ? WEB_SERVICE_FILE : file;
    contents.set(file, await readFile(path.join(sourceDirectory, source), "base64"));
  }

  const xml = description
    .replace("<Version>0.0.0</Version>", `<Version>${version}</Version>\n    ${buildTags(description, version)}`)
    .replace(FILE_LINE, (_line, indent: string, location: string) => {
      const content = contents.get(location) ?? "";
      return `${indent}<File Permission="644" Location="${location}" Encode="Base64">${content}</File>`;
    });
  return { version, fileName: `KivitendoBridge-${version}.opm`, files, xml };
}

async function readVersion(sourceDirectory: string): Promise<string> {
  const perl = await readFile(path.join(sourceDirectory, VERSION_FILE), "utf8");
  const version = /^our \$VERSION = '(\d+\.\d+\.\d+)';$/m.exec(perl)?.[1];
  if (version === undefined)
    throw new Error(`${VERSION_FILE} has no line "our $VERSION = '<number>.<number>.<number>';"`);
  return version;
}

/** Build date and host are those of the release, not of this machine and minute: otherwise no two builds were alike. */
function buildTags(description: string, version: string): string {
  const entry = new RegExp(`<ChangeLog Version="${version.replaceAll(".", "\\.")}" Date="([^"]+)">`).exec(description);
  const date = entry?.[1];
  if (date === undefined) {
    throw new Error(
      `${DESCRIPTION_FILE} has no <ChangeLog Version="${version}" Date="…">: write what is new in this version`,
    );
  }
  return `<BuildDate>${date}</BuildDate>\n    <BuildHost>kivitendo-otrs-bridge</BuildHost>`;
}

async function listSources(sourceDirectory: string): Promise<string[]> {
  const entries = await readdir(path.join(sourceDirectory, "Kernel"), { recursive: true, withFileTypes: true });
  const sources = entries
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(sourceDirectory, path.join(entry.parentPath, entry.name)).replaceAll(path.sep, "/"));
  return [...sources, WEB_SERVICE_LOCATION].sort();
}

function assertSameFiles(listed: string[], present: string[]): void {
  const notListed = present.filter((file) => !listed.includes(file));
  const notPresent = listed.filter((file) => !present.includes(file));
  if (notListed.length + notPresent.length > 0) {
    throw new Error(
      `${DESCRIPTION_FILE} and the sources differ: not listed [${notListed.join(", ")}], not present [${notPresent.join(", ")}]`,
    );
  }
}

async function main(): Promise<void> {
  const built = await buildAddonPackage();
  const target = path.join(ADDON_DIRECTORY, "..", "dist", built.fileName);
  await mkdir(path.dirname(target), { recursive: true });
  await writeFile(target, built.xml);
  process.stdout.write(`${path.relative(process.cwd(), target)}\n`);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await main();
