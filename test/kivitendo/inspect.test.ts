import { expect, test } from "vitest";
import { inspectKivitendo, neededColumns } from "../../src/kivitendo/index.ts";
import { withPool } from "../support/bridge-setup.ts";
import {
  createEmptyDatabase,
  createKivitendoDatabase,
  type KivitendoRelease,
  withClient,
} from "../support/database.ts";

test.each<KivitendoRelease>(["3.5.8", "3.9.2", "4.0.0", "4.1.0"])(
  "kivitendo %s has what is needed",
  async (release) => {
    const database = await createKivitendoDatabase(release, { sample: false });
    try {
      expect(await withPool(database.ownerUrl, inspectKivitendo)).toEqual({
        release,
        owner: database.ownerRole,
        missing: [],
        postgresVersion: expect.stringMatching(/^\d+/) as unknown,
      });
    } finally {
      await database.drop();
    }
  },
);

test("releases are compared by their numbers, and missing columns are named", async () => {
  const database = await createKivitendoDatabase("3.5.8", { sample: false });
  try {
    await withClient(database.ownerUrl, async (owner) => {
      await owner.query("insert into schema_info (tag, login) values ('release_3_10_0', 'admin')");
      await owner.query("alter table customer drop column ustid, drop column country");
    });
    expect(await withPool(database.ownerUrl, inspectKivitendo)).toMatchObject({
      release: "3.10.0",
      missing: [
        "customer.ustid",
        "customer.country|customer.country_id",
        "customer.country|countries.iso2",
        "customer.country|countries.description_de",
      ],
    });
  } finally {
    await database.drop();
  }
});

test("a database without kivitendo has no owner and lacks everything", async () => {
  const database = await createEmptyDatabase();
  try {
    expect(await withPool(database.ownerUrl, inspectKivitendo)).toMatchObject({
      release: null,
      owner: null,
      missing: neededColumns,
    });
  } finally {
    await database.drop();
  }
});
