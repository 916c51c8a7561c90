/** The hard cases of customer sync: each a row of the table in docs/customer-sync.md and a test. */
import { describe, test } from "vitest";
import type { CaseBench } from "./bench.ts";
import type { CaseGroup, CustomerCase } from "./case.ts";
import { agents } from "./agents.ts";
import { companyNames } from "./company-names.ts";
import { contactCustomers } from "./contact-customers.ts";
import { customerNumbers } from "./customer-numbers.ts";
import { found } from "./found.ts";
import { guards } from "./guards.ts";
import { leaving } from "./leaving.ts";
import { logins } from "./logins.ts";
import { scope } from "./scope.ts";
import { values } from "./values.ts";
import { CaseWorld } from "./world.ts";

export type { CaseBench } from "./bench.ts";
export type { CaseGroup } from "./case.ts";

export const caseGroups: readonly CaseGroup[] = [
  companyNames,
  customerNumbers,
  logins,
  contactCustomers,
  leaving,
  scope,
  found,
  agents,
  values,
  guards,
];

/** Registers all cases that this helpdesk can show. */
export function describeCustomerCases(bench: CaseBench): void {
  describe.each(caseGroups)("$title", ({ cases }) => {
    const possible = cases.filter(({ simulated }) => simulated === undefined || bench.simulated);
    test.each(possible)(`$id: $when (${bench.name})`, async (each) => runCase(bench, each));
  });
}

async function runCase(bench: CaseBench, { release, settings, simulated, run }: CustomerCase): Promise<void> {
  const { helpdesk, close } = await bench.open(simulated ?? {});
  try {
    const world = await CaseWorld.create({
      helpdesk,
      ...(release === undefined ? {} : { release }),
      ...(settings === undefined ? {} : { settings }),
    });
    try {
      await run(world);
    } finally {
      await world.end();
    }
  } finally {
    await close();
  }
}
