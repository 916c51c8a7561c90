import { configDefaults, defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    // Each of these has a command of its own: a real helpdesk, Docker.
    exclude: [...configDefaults.exclude, "test/znuny/**", "test/containers/**"],
    globalSetup: ["test/support/postgres-server.ts"],
    pool: "forks",
    maxWorkers: 2,
    testTimeout: 60_000,
    hookTimeout: 120_000,
  },
});
