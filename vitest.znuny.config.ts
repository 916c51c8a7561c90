import { defineConfig } from "vitest/config";

/**
 * The suite against a real Znuny: the one named in ZNUNY_URL, else a container. One helpdesk for all, so one file at a
 * time: where one empties the helpdesk's caches, Znuny 6.5.1 may fail to write another's.
 */
export default defineConfig({
  test: {
    include: ["test/znuny/**/*.test.ts"],
    globalSetup: ["test/support/postgres-server.ts", "test/znuny/global-setup.ts"],
    pool: "forks",
    fileParallelism: false,
    testTimeout: 120_000,
    hookTimeout: 300_000,
  },
});
