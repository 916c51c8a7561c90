import type { HelpdeskInfo } from "../model/index.ts";
import type { Reply } from "./classify.ts";
import type { Client } from "./client.ts";
import { InfoAnswer, ProtocolAnswer } from "./schemas.ts";
import { assertZone } from "./zone.ts";

/** The protocol of docs/addon-protocol.md that this client speaks. */
const neededProtocol = 1;

export interface InfoReader {
  /** Asks the add-on. */
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
    const protocol = reply.value.KivitendoBridge.Protocol;
    if (protocol < neededProtocol) {
      const detail = `it speaks protocol ${protocol}, needed is ${neededProtocol}`;
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
  return {
    addonVersion: told.AddonVersion,
    product: told.Product,
    productVersion: told.ProductVersion,
    helpdeskId: told.HelpdeskId,
    timeZone: assertZone(told.TimeZone),
    timeUnitLabel: told.TimeUnitLabel,
    agent: told.Agent,
    states: told.States.map((state) => ({ name: state.Name, type: state.Type, valid: state.Valid })),
    queues: told.Queues.map((queue) => ({ name: queue.Name, valid: queue.Valid, readable: queue.Readable })),
    sequence: told.Sequence,
  };
}
