import type { HelpdeskInfo } from "../model/index.ts";
import type { Reply } from "./classify.ts";
import type { Client } from "./client.ts";
import { supportedProduct } from "./products.ts";
import { InfoAnswer, ProtocolAnswer } from "./schemas.ts";
import { assertZone } from "./zone.ts";

/** The protocol of docs/addon-protocol.md that this client speaks. */
const neededProtocol = 3;
/** The first version of the add-on that speaks it. */
const neededAddon = "0.3.0";

export interface InfoReader {
  /** Asks the add-on. Throws ConfigError for a product or version that the bridge does not support. */
  ask(): Promise<Reply<HelpdeskInfo>>;
  /** The last answer, or asks. */
  known(): Promise<Reply<HelpdeskInfo>>;
}

export function createInfoReader(
  client: Client,
  options: { readonly route: string; readonly instance: string },
): InfoReader {
  let last: HelpdeskInfo | null = null;

  async function ask(): Promise<Reply<HelpdeskInfo>> {
    const { route, instance } = options;
    const reply = await client.call({ route, payload: { Instance: instance }, schema: ProtocolAnswer });
    if (!reply.ok) return reply;
    const { Protocol: protocol, AddonVersion: version } = reply.value.KivitendoBridge;
    if (protocol < neededProtocol) {
      const detail = `version ${version} speaks protocol ${protocol}; needed is protocol ${neededProtocol}: install version ${neededAddon}`;
      return { ok: false, fault: { kind: "addon-missing", route, detail, maybeDone: false } };
    }
    const parsed = InfoAnswer.safeParse(reply.value);
    if (!parsed.success) {
      const detail = parsed.error.issues.map((issue) => `${issue.path.join(".")}: ${issue.message}`).join("; ");
      return { ok: false, fault: { kind: "malformed", route, detail, maybeDone: false } };
    }
    last = infoOf(parsed.data);
    return { ok: true, value: last };
  }

  return { ask, known: async () => (last ? { ok: true, value: last } : ask()) };
}

function infoOf({ KivitendoBridge: told }: ReturnType<typeof InfoAnswer.parse>): HelpdeskInfo {
  const product = supportedProduct(told.Product, told.ProductVersion);
  const dynamicFieldsOf = (fields: typeof told.DynamicFields.Company) =>
    fields.map(({ Name, Type }) => ({ name: Name, type: Type }));
  const namesOf = (values: typeof told.Services) => values.map(({ Name, Valid }) => ({ name: Name, valid: Valid }));
  return {
    addonVersion: told.AddonVersion,
    product: told.Product,
    productVersion: told.ProductVersion,
    helpdeskId: told.HelpdeskId,
    timeZone: assertZone(told.TimeZone, product.timeZoneSetting),
    timeUnitLabel: told.TimeUnitLabel,
    agent: told.Agent,
    states: told.States.map((state) => ({ name: state.Name, type: state.Type, valid: state.Valid })),
    queues: told.Queues.map((queue) => ({ name: queue.Name, valid: queue.Valid, readable: queue.Readable })),
    ticketDynamicFields: dynamicFieldsOf(told.TicketDynamicFields),
    services: namesOf(told.Services),
    slas: namesOf(told.SLAs),
    types: namesOf(told.Types),
    priorities: namesOf(told.Priorities),
    databaseKind: told.DatabaseKind,
    fields: { company: told.Fields.Company, user: told.Fields.User },
    dynamicFields: {
      company: dynamicFieldsOf(told.DynamicFields.Company),
      user: dynamicFieldsOf(told.DynamicFields.User),
    },
    countries: told.Countries,
    sequence: told.Sequence,
  };
}
