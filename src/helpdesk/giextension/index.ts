import type { HelpdeskCustomers } from "../../customer-sync/ports.ts";
import type { Client } from "../client.ts";
import type { InfoReader } from "../info.ts";
import { createGiExtensionCustomers, helpdeskIdOf } from "./customers.ts";
import { createAssumedInfo } from "./info.ts";

export interface GiExtensionSettings {
  readonly url: string;
  readonly webservice: string;
  readonly userLogin: string;
  readonly timeZone: string | null;
  readonly concurrency: number;
}

/** What takes the place of the add-on where the package GIExtension is installed instead (docs/giextension.md). */
export function createGiExtension(
  client: Client,
  { userLogin, timeZone, ...options }: GiExtensionSettings,
): { readonly customers: HelpdeskCustomers; readonly info: InfoReader } {
  return {
    customers: createGiExtensionCustomers(client, options),
    info: createAssumedInfo({ helpdeskId: helpdeskIdOf(options), agent: userLogin, timeZone }),
  };
}
