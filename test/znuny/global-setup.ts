/**
 * The real Znuny of a test run: the one named in the environment (`ZNUNY_URL`, such as http://127.0.0.1:8521/otrs, with
 * `ZNUNY_LOGIN` and `ZNUNY_PASSWORD`; add-on and web service installed), else one in a container, built from
 * test/znuny/Dockerfile on the image in `DEBIAN_IMAGE`.
 */
import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import type { ProvidedContext } from "vitest";

export interface TestZnuny {
  /** Up to and including /otrs. */
  url: string;
  /** The agent that the bridge is. */
  userLogin: string;
  password: string;
}

declare module "vitest" {
  interface ProvidedContext {
    znuny: TestZnuny;
  }
}

interface TestProject {
  provide<Key extends keyof ProvidedContext>(key: Key, value: ProvidedContext[Key]): void;
}

const root = fileURLToPath(new URL("../..", import.meta.url));
const agent = { userLogin: "bridge", password: "throwaway-bridge" };
const bootTimeoutMs = 120_000;

/** Called by vitest before the first test file; the returned function after the last one. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const url = process.env["ZNUNY_URL"];
  if (url !== undefined && url !== "") {
    project.provide("znuny", {
      url,
      userLogin: process.env["ZNUNY_LOGIN"] ?? agent.userLogin,
      password: process.env["ZNUNY_PASSWORD"] ?? agent.password,
    });
    console.log(`Znuny for the tests: ${url}, named in ZNUNY_URL`);
    return async () => {};
  }
  const container = await startContainer();
  project.provide("znuny", { ...agent, url: container.url });
  console.log(`Znuny for the tests: ${container.url}, in a container`);
  return container.stop;
}

async function startContainer(): Promise<{ url: string; stop: () => Promise<void> }> {
  // Ryuk is an image of its own that cannot be pulled everywhere; the container is stopped at the end of the run.
  process.env["TESTCONTAINERS_RYUK_DISABLED"] ??= "true";
  await promisify(execFile)(process.execPath, ["helpdesk-addon/build.ts"], { cwd: root });
  const { GenericContainer, Wait } = await import("testcontainers");
  const image = await GenericContainer.fromDockerfile(root, "test/znuny/Dockerfile")
    .withBuildArgs({ BASE_IMAGE: process.env["DEBIAN_IMAGE"] ?? "debian:bookworm-slim" })
    .build("kivi-otrs/znuny-test", { deleteOnExit: false });
  const container = await image
    .withExposedPorts(8080)
    .withWaitStrategy(Wait.forHttp("/otrs/public.pl", 8080).forStatusCode(200))
    .withStartupTimeout(bootTimeoutMs)
    .start();
  return {
    url: `http://${container.getHost()}:${container.getMappedPort(8080)}/otrs`,
    stop: async () => {
      await container.stop();
    },
  };
}
