import { expect, test } from "vitest";
import { lookAtBilling } from "../../src/bridge/jobs.ts";
import { ConfigError, UnavailableError } from "../../src/model/index.ts";

test("a helpdesk that is away at the start hides no wrong setting of billing", async () => {
  const told: object[] = [];
  const findings = [new UnavailableError("no helpdesk", "Wait."), new ConfigError("no part", "Correct it.")];
  const looked = lookAtBilling(
    { checkBilling: () => Promise.resolve(findings) },
    { warn: (facts) => void told.push(facts) },
  );
  await expect(looked).rejects.toThrow("no helpdesk");
  expect(told).toEqual([{ problem: "no part", hint: "Correct it." }]);
});
