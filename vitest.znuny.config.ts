import { basename } from "node:path";
import { defineConfig } from "vitest/config";
import { BaseSequencer, type TestSpecification } from "vitest/node";

/** What takes longest comes first, so that the others fill the time beside it. */
const longestFirst = ["customer-cases", "contract", "billing-cases", "flows"];

class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const place = ({ moduleId }: TestSpecification): number => {
      const found = longestFirst.indexOf(basename(moduleId, ".test.ts"));
      return found === -1 ? longestFirst.length : found;
    };
    return (await super.sort(files)).toSorted((a, b) => place(a) - place(b));
  }
}

/**
 * The suite against a real Znuny: the one named in ZNUNY_URL, else a container. One helpdesk for all: each file keeps to
 * names of its own. Two at a time, because one waits for the helpdesk most of its time.
 */
export default defineConfig({
  test: {
    include: ["test/znuny/**/*.test.ts"],
    globalSetup: ["test/support/postgres-server.ts", "test/znuny/global-setup.ts"],
    pool: "forks",
    maxWorkers: 2,
    sequence: { sequencer: LongestFirst },
    testTimeout: 120_000,
    hookTimeout: 300_000,
  },
});
