import { randomBytes } from "node:crypto";
import { authenticate, inGroup, mayUseQueue } from "./accounts.ts";
import { fieldNames } from "./customer-fields.ts";
import { textOf } from "./loose-values.ts";
import { failureOf, type Call } from "./operation.ts";
import type { Simulation } from "./simulation.ts";
import { priorities, type Agent, type RecordType } from "./world-state.ts";

const instancePattern = /^[a-z0-9][a-z0-9-]{0,29}$/;
const groupName = "kivitendo_bridge";

/** The agent behind a call of the add-on; throws AuthFail or AccessDenied. */
export function requireBridgeAgent(sim: Simulation, call: Call, operation: string): Agent {
  const failure = failureOf(operation);
  const caller = authenticate(sim, call);
  if (caller?.kind !== "agent") throw failure("AuthFail", "Authorization failing!");
  if (!inGroup(sim, caller.agent, groupName, "rw"))
    throw failure("AccessDenied", `The agent ${caller.agent.login} has no rw permission in the group ${groupName}.`);
  return caller.agent;
}

/** The instance named in a request; undefined when it names none and may do so. Throws InvalidParameter. */
export function requestedInstance(call: Call, operation: string, required: boolean): string | undefined {
  if (!("Instance" in call.data) && !required) return undefined;
  const instance = textOf(call.data["Instance"]);
  if (instancePattern.test(instance)) return instance;
  const sentence = "Instance must be 1 to 30 lower-case letters, digits or hyphens, and not begin with a hyphen.";
  throw failureOf(operation)("InvalidParameter", sentence);
}

/** `KivitendoBridge::Info` */
export function bridgeInfo(sim: Simulation, call: Call): unknown {
  const operation = "KivitendoBridgeInfo";
  const agent = requireBridgeAgent(sim, call, operation);
  const instance = requestedInstance(call, operation, false);
  if (sim.state.helpdeskId === null) {
    sim.state.helpdeskId = randomBytes(16).toString("hex");
    sim.save();
  }
  return {
    KivitendoBridge: {
      Protocol: 3,
      AddonVersion: "0.3.0",
      Product: sim.settings.product,
      ProductVersion: sim.settings.productVersion,
      HelpdeskId: sim.state.helpdeskId,
      TimeZone: sim.settings.timeZone,
      Now: sim.clock.epoch(),
      TimeUnitLabel: sim.settings.timeUnitLabel,
      Agent: agent.login,
      AgentId: agent.id,
      States: sim.state.states.map((state) => ({
        Name: state.name,
        Type: state.type,
        Valid: state.validId === 1 ? 1 : 0,
      })),
      Queues: sim.state.queues.map((queue) => ({
        Name: queue.name,
        Valid: queue.validId === 1 ? 1 : 0,
        Readable: mayUseQueue(sim, agent, queue.id, "ro") ? 1 : 0,
      })),
      TicketDynamicFields: sim.state.dynamicFields.ticket
        .toSorted()
        .map((Name) => ({ Name, Type: sim.state.ticketFieldTypes[Name] ?? "Text" })),
      Services: named(sim.state.services),
      SLAs: named(sim.state.slas),
      Types: named(sim.state.types),
      Priorities: named(priorities.map((name) => ({ name, validId: 1 }))),
      DatabaseKind: sim.settings.databaseKind,
      Fields: {
        Company: ["CustomerID", ...fieldNames(sim, "Company")],
        User: ["UserLogin", ...fieldNames(sim, "User")],
      },
      DynamicFields: { Company: validFields(sim, "Company"), User: validFields(sim, "User") },
      Countries: countries,
      CheckMXRecord: 0,
      Sequence: instance === undefined ? 0 : (sim.state.sequences[instance] ?? 0),
    },
  };
}

function named(rows: { name: string; validId: number }[]): object[] {
  const told = rows.map(({ name, validId }) => ({ Name: name, Valid: validId === 1 ? 1 : 0 }));
  return told.toSorted((a, b) => (a.Name < b.Name ? -1 : 1));
}

function validFields(sim: Simulation, type: RecordType): object[] {
  const valid = sim.state.customerFields[type].filter((field) => field.validId === 1);
  return valid.map(({ name, type: fieldType }) => ({ Name: name, Type: fieldType }));
}

// The list of the helpdesk's forms: English names of the countries of ISO 3166. Regions that are none are left out.
const noCountries = new Set(["EU", "EZ", "QO", "UN", "XA", "XB", "XK", "ZZ"]);
const letters = Array.from("ABCDEFGHIJKLMNOPQRSTUVWXYZ");
const countryName = new Intl.DisplayNames("en", { type: "region", fallback: "none" });
const countries = [
  ...new Set(
    letters
      .flatMap((first) => letters.map((second) => first + second))
      .filter((code) => !noCountries.has(code))
      .flatMap((code) => countryName.of(code) ?? []),
  ),
].sort();
