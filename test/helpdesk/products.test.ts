import { expect, test } from "vitest";
import { supportedProduct } from "../../src/helpdesk/products.ts";
import { ConfigError } from "../../src/model/index.ts";
import { answer, client, info, infoRoute, scripted, ticketsRoute } from "./scripted-server.ts";

test.each([
  { name: "Znuny", version: "6.5.1", is: "Znuny", timeZoneSetting: "OTRSTimeZone" },
  { name: "Znuny", version: "6.5.x", is: "Znuny", timeZoneSetting: "OTRSTimeZone" },
  { name: "Znuny LTS", version: "6.5.14", is: "Znuny", timeZoneSetting: "OTRSTimeZone" },
  { name: "Znuny", version: "7.0.1", is: "Znuny", timeZoneSetting: "OTRSTimeZone" },
  { name: "Znuny", version: "7.2.3", is: "Znuny", timeZoneSetting: "OTRSTimeZone" },
  { name: "Znuny", version: "7.x", is: "Znuny", timeZoneSetting: "OTRSTimeZone" },
  { name: "OTOBO", version: "10.1.12", is: "OTOBO", timeZoneSetting: "OTOBOTimeZone" },
  { name: "OTOBO", version: "11.0.4", is: "OTOBO", timeZoneSetting: "OTOBOTimeZone" },
  { name: "OTOBO", version: "11.1.x", is: "OTOBO", timeZoneSetting: "OTOBOTimeZone" },
  { name: "OTRS", version: "6.0.5", is: "OTRS", timeZoneSetting: "OTRSTimeZone" },
  { name: "((OTRS)) Community Edition", version: "6.0.30", is: "OTRS", timeZoneSetting: "OTRSTimeZone" },
])("$name $version is supported", ({ name, version, is, timeZoneSetting }) => {
  expect(supportedProduct(name, version)).toMatchObject({ name: is, timeZoneSetting });
});

test.each([
  { name: "Znuny", version: "6.0.48", hint: /Update the helpdesk to Znuny 6\.5 and 7/ },
  { name: "Znuny", version: "6.4.5", hint: /Update the helpdesk/ },
  { name: "Znuny", version: "8.0.1", hint: /newer release of the bridge/ },
  { name: "OTOBO", version: "10.0.19", hint: /Update the helpdesk to OTOBO 10\.1 to 11/ },
  { name: "OTOBO", version: "12.0.1", hint: /newer release of the bridge/ },
  { name: "OTRS", version: "5.0.42", hint: /Update the helpdesk to OTRS 6/ },
  { name: "OTRS", version: "7.0.1", hint: /another, closed product.*kivi-otrs customers export/ },
  { name: "OTRS", version: "2024.1.1", hint: /another, closed product/ },
  { name: "KIX", version: "18.5", hint: /KIX has customers and an interface of its own/ },
  { name: "Zammad", version: "6.3", hint: /helpdesk\.url/ },
  { name: "", version: "", hint: /helpdesk\.url/ },
  { name: "Znuny", version: "git", hint: /names no version/ },
])("$name $version is refused", ({ name, version, hint }) => {
  const refuse = (): unknown => supportedProduct(name, version);
  expect(refuse).toThrow(ConfigError);
  expect(refuse).toThrow(
    expect.objectContaining({
      message: `${name === "" ? "A product without a name" : `${name} ${version}`} is not supported: the bridge works with Znuny 6.5 and 7, OTOBO 10.1 to 11 and OTRS 6.`,
      hint: expect.stringMatching(hint),
    }),
  );
});

test("both flows are refused before they begin", async () => {
  const server = await scripted({ [infoRoute]: answer(info({ Product: "OTRS", ProductVersion: "8.0.1" })) });
  const { customers, tickets } = client(server.url);
  await expect(customers.identify()).rejects.toThrow(/OTRS 8\.0\.1 is not supported/);
  const closed = { stateNames: [], stateTypes: ["closed"], changedSince: null };
  const reading = Array.fromAsync(tickets.changed(closed, new AbortController().signal));
  await expect(reading).rejects.toThrow(/OTRS 8\.0\.1 is not supported/);
  expect(server.at(ticketsRoute)).toHaveLength(0);
});

test("a wrong zone names the setting of the product", async () => {
  const told = { Product: "OTOBO", ProductVersion: "11.0.4", TimeZone: "Mitteleuropa" };
  const server = await scripted({ [infoRoute]: answer(info(told)) });
  await expect(client(server.url).info()).rejects.toMatchObject({
    hint: expect.stringMatching(/Set OTOBOTimeZone in the helpdesk/),
  });
});
