/** That the measurements can be taken, at sizes that say nothing about speed; and the names that others rely on. */
import { execFile } from "node:child_process";
import { resolve } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { z } from "zod";

const Answer = z.object({
  rows: z.array(
    z.object({
      name: z.string(),
      figures: z.record(z.string(), z.number()),
      wanted: z.array(z.object({ what: z.string(), met: z.boolean() })),
    }),
  ),
  leftOut: z.array(z.object({ name: z.string(), why: z.string() })),
});

async function bench(...words: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  const { ZNUNY_URL: _, ...environment } = process.env;
  const program = resolve(import.meta.dirname, "main.ts");
  try {
    const done = await promisify(execFile)(process.execPath, [program, ...words], { env: environment });
    return { code: 0, ...done };
  } catch (error) {
    return z.object({ code: z.number(), stdout: z.string(), stderr: z.string() }).parse(error);
  }
}

const sizes = "--sizes 200 --changed 10/200 --drafts 12/4 --settled 40,80 --collect 100,3000 --stock-sample 200";
const small = `${sizes} --repeats 1`.split(" ");

test("rows have stable names; without a helpdesk those that need a real one are left out, with the reason", async () => {
  const { stdout } = await bench("--json", ...small);
  const { rows, leftOut } = Answer.parse(JSON.parse(stdout));
  expect(rows).toMatchObject([
    {
      name: "customers/nothing-to-do/200",
      figures: { contacts: 200, customers: 67, writingRequests: 0 },
      wanted: [{ what: "no writing request", met: true }],
    },
    {
      name: "customers/changed/10-of-200",
      figures: { contacts: 200, writingRequests: 1, written: 10 },
      wanted: [{ what: "exactly the 10 written", met: true }],
    },
    { name: "billing/drafts/12-of-4/bridge", figures: { tickets: 12, drafts: 4 } },
    { name: "billing/drafts/12-of-4/plain", figures: { tickets: 12, drafts: 4 } },
    { name: "billing/nothing-new/40", figures: { settled: 40 } },
    {
      name: "billing/nothing-new/80",
      figures: { settled: 80 },
      wanted: [{ what: "as many requests as with fewer tickets", met: true }, {}],
    },
  ]);
  for (const { figures } of rows) expect(figures["seconds"]).toBeGreaterThan(0);
  for (const { figures } of rows.filter(({ name }) => !name.startsWith("billing/drafts/"))) {
    expect(figures["megabytes"]).toBeGreaterThan(20);
    expect(figures["requests"]).toBeGreaterThan(0);
  }
  expect(leftOut.map(({ name }) => name)).toEqual([
    ...["bridge", "limit", "naive"].map((who) => `customers/first-load/10000/${who}`),
    ...["bridge", "stock", "limit"].map((who) => `billing/collect/100/${who}`),
    ...["bridge", "stock-from-200", "limit"].map((who) => `billing/collect/3000/${who}`),
  ]);
  expect(leftOut[0]?.why).toContain("ZNUNY_URL");
}, 180_000);

test("only the rows that are named; a name that is none is told with those that are", async () => {
  const { stdout } = await bench("--markdown", "customers/first-load/10000/naive");
  expect(stdout).toContain("| `customers/first-load/10000/naive` | – | left out: Set ZNUNY_URL");
  expect(stdout).not.toContain("nothing-to-do");
  const { code, stderr } = await bench("customers/later");
  expect([code, stderr]).toEqual([
    2,
    expect.stringContaining("No row is called customers/later. The rows are: customers/nothing-to-do/10000, "),
  ]);
});
