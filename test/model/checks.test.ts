import { expect, test, vi } from "vitest";
import { BugError, ConfigError, findingsOf, UnavailableError } from "../../src/model/index.ts";

const wrong = new ConfigError("no such part", "Correct it.");

test("all findings are collected; a fault of the program is thrown", async () => {
  const checks = [() => Promise.reject(wrong), () => undefined, () => Promise.reject(wrong)];
  expect(await findingsOf(checks)).toEqual([wrong, wrong]);
  await expect(findingsOf([() => Promise.reject(new BugError("oops"))])).rejects.toThrow("oops");
});

test("what is out of reach is asked once: each further look would wait as long", async () => {
  const away = new UnavailableError("no database", "Start it.");
  const asked = vi.fn(() => Promise.reject(away));
  expect(await findingsOf([() => Promise.reject(wrong), asked, asked])).toEqual([wrong, away]);
  expect(asked).toHaveBeenCalledTimes(1);
});
