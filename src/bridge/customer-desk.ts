import { confirmMatches, explainCustomers, findMatches, verifyCustomers } from "../customer-sync/index.ts";
import type {
  CustomerPorts,
  CustomerRules,
  ExplainedRecord,
  MatchChoice,
  MatchReport,
  RecordedDecision,
  RecordKind,
  VerifyReport,
} from "../customer-sync/index.ts";
import { ConfigError } from "../model/index.ts";
import type { FlowContext } from "../model/index.ts";

/** Rows that a person names; empty lists mean all. */
export interface CustomerChoice {
  readonly customerNumbers: readonly string[];
  readonly contacts: readonly string[];
}

/** What people do with customers and contacts besides syncing them. */
export interface CustomerDesk {
  matches(context: FlowContext): Promise<MatchReport>;
  /** All or nothing; the next run adopts the pairs. */
  confirmMatches(choices: readonly MatchChoice[], by: string, context: FlowContext): Promise<void>;
  verify(mode: "look" | "repair", choice: CustomerChoice, context: FlowContext): Promise<VerifyReport>;
  explain(choice: CustomerChoice, context: FlowContext): Promise<readonly ExplainedRecord[]>;
  /** `id` as `inbox` shows it: company-1127, user-1501. */
  decide(id: string, decision: PersonalDecision): Promise<void>;
}

export interface DeskParts {
  readonly ports: CustomerPorts;
  readonly rules: (choice: CustomerChoice) => CustomerRules;
  /** Runs what writes while no other run does. */
  readonly exclusively: <T>(context: FlowContext, run: (guarded: FlowContext) => Promise<T>) => Promise<T>;
}

export type PersonalDecision = Omit<RecordedDecision, "at">;

const everything: CustomerChoice = { customerNumbers: [], contacts: [] };

export function createCustomerDesk({ ports, rules, exclusively }: DeskParts): CustomerDesk {
  return {
    matches: (context) => findMatches(ports, rules(everything), context),
    confirmMatches: (choices, by, context) =>
      exclusively(context, ({ signal }) => confirmMatches(ports, rules(everything), choices, { by, signal })),
    verify: (mode, choice, context) => {
      const run = (guarded: FlowContext): Promise<VerifyReport> => verifyCustomers(ports, rules(choice), mode, guarded);
      return mode === "look" ? run(context) : exclusively(context, run);
    },
    explain: (choice, context) => explainCustomers(ports, rules(choice), context),
    decide: async (id, decision) => {
      const { record, rowId } = recordOf(id);
      // A run that is under way would take the decision for carried out.
      await exclusively(unwatched(), () => ports.state.decide(record, rowId, { ...decision, at: ports.now() }));
    },
  };
}

function unwatched(): FlowContext {
  return { report: () => undefined, signal: new AbortController().signal };
}

function recordOf(id: string): { readonly record: RecordKind; readonly rowId: number } {
  const [, record, rowId] = /^(company|user)-([1-9]\d{0,9})$/.exec(id) ?? [];
  if ((record === "company" || record === "user") && rowId !== undefined) return { record, rowId: Number(rowId) };
  throw new ConfigError(
    `${id} is not the id of a customer or contact in the inbox.`,
    "`kivi-otrs inbox` lists what waits, with ids such as user-1501 and the choices that each has.",
  );
}
