/** What an administrator types about single records: the options count wherever they stand, and typing errors are told. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createWorld, type World } from "../support/bridge.ts";
import { bothSides, documentOf, failureOf, inWorld, kiviOtrs } from "./kivi-otrs.ts";

let world: World;
beforeAll(async () => {
  world = await createWorld();
  await world.sync();
  await world.erp.query("update customer_contacts set customer_id = 1150, main = false where contact_id = 1205");
  await world.sync();
});
afterAll(() => world.end());

describe("inbox decide", () => {
  const decide = ["inbox", "decide", "user-1205"];
  const why = ["--why", "neue Stelle"];

  test.each([
    { name: "an id that is none", words: ["inbox", "decide", "foo", "move", ...why], message: /^foo is not the id/ },
    {
      name: "a question that is none",
      words: ["inbox", "decide", "billing-1", "waive", ...why],
      message: /^There is no question billing-1/,
    },
    {
      name: "a choice of customers for billing",
      words: ["inbox", "decide", "billing-1", "rename", ...why],
      message: /^rename is not a choice/,
    },
    { name: "nothing that waits", words: ["inbox", "decide", "user-1", "move", ...why], message: /^Nothing waits/ },
    {
      name: "a choice that does not fit",
      words: [...decide, "recreate", ...why],
      message: /waits because of move-waits/,
    },
    { name: "a choice that is none", words: [...decide, "fly", ...why], message: /^fly is not a choice/ },
    { name: "no reason", words: [...decide, "move"], message: /needs its reason/ },
    { name: "no name", words: [...decide, "move", ...why, "--by", " "], message: /needs who made it/ },
    { name: "a rename without a key", words: [...decide, "rename", ...why], message: /needs --value/ },
  ])("$name: told, and nothing is written", async ({ words, message }) => {
    const before = await bothSides(world);
    const failure = failureOf(await inWorld(world, [...words, "--json"]));
    expect(failure).toMatchObject({ code: 2, message: expect.stringMatching(message) as unknown });
    expect(await bothSides(world)).toEqual(before);
  });

  test("takes --config and --json before and after its name", async () => {
    const expected = { id: "user-1205", choice: "move", why: "neue Stelle" };
    const after = await inWorld(world, [...decide, "move", ...why, "--json"]);
    expect(documentOf("inbox decide", after)).toMatchObject(expected);
    const before = await kiviOtrs(
      ["inbox", "--config", "changed.yaml", "--json", "decide", "user-1205", "move", ...why],
      { directory: world.directory },
    );
    expect(documentOf("inbox decide", before)).toMatchObject(expected);
  });
});

describe("a customer or contact that is not there", () => {
  test.each([
    [["customers", "plan", "--customer", "K9"]],
    [["customers", "sync", "--contact", "nobody@example.org"]],
    [["customers", "verify", "--customer", "K9"]],
    [["customers", "verify", "--contact", "99999", "--repair"]],
    [["explain", "customer", "K9"]],
    [["explain", "contact", "nobody@example.org"]],
  ])("%s: ends with 2 and names it", async (words) => {
    const failure = failureOf(await inWorld(world, [...words, "--json"]));
    expect(failure).toMatchObject({
      code: 2,
      message: expect.stringMatching(/K9|nobody@example\.org|99999/) as unknown,
    });
  });
});
