import { digestOf } from "./digest.ts";
import type { Ownership, RecordKind, Selection, SourceOptions } from "./ports.ts";

/** What the configuration and the command line say about one run. */
export interface CustomerRules {
  /** Name of this installation: tells our marks in the helpdesk from another bridge's. */
  readonly instance: string;
  readonly selection: Selection;
  readonly source: SourceOptions;
  readonly mapping: MappingRules;
  /**
   * What becomes of records that stand in the helpdesk already: `never` taken over, with the `same-key` only, or when
   * somebody `matched` them.
   */
  readonly adopt: "never" | "same-key" | "matched";
  /** Whether the CustomerID follows a changed customer number. */
  readonly followCustomerNumber: boolean;
  /** Whether a contact's move to another customer, which takes its tickets along, waits for somebody's word. */
  readonly moves: "ask" | "allow";
  readonly limits: GuardLimits;
  /** The token of a refused plan that an operator allows; null allows none. */
  readonly allow: string | null;
}

export interface MappingRules {
  /** Stands for a given or family name that kivitendo does not have; null holds such contacts. */
  readonly placeholderName: string | null;
  /** `english`: as the helpdesk's own forms name countries. */
  readonly countries: "english" | "as-typed";
  /** Fields that are not simply ours. */
  readonly ownership: Readonly<Record<RecordKind, Readonly<Record<string, Ownership>>>>;
  readonly extra: readonly ExtraField[];
}

/** A column of the views, or a custom variable, that goes into a field of the helpdesk. */
export interface ExtraField {
  readonly record: RecordKind;
  /** By the name in SourceOptions. */
  readonly column: string;
  /** A mapped field of the site, or a dynamic field. */
  readonly target: { readonly field: string } | { readonly dynamicField: string };
  readonly ownership: Ownership;
}

/** Shares are parts of one: 0.1 is 10 %. */
export interface GuardLimits {
  readonly maxDeactivations: number;
  readonly maxDeactivationShare: number;
  /** Changes of CustomerID or login. */
  readonly maxKeyChanges: number;
  readonly maxKeyChangeShare: number;
  readonly maxAdoptions: number;
  readonly maxAdoptionShare: number;
  /** The limits count only from this many known records up. */
  readonly ignoreBelow: number;
  /** A source that lost more than this share of its rows since the last run is not believed. */
  readonly maxSourceShrink: number;
}

/** Version of the mapping in mapping.ts, to be raised when it changes. */
export const mappingVersion = "2";

/**
 * Names the mapping as this configuration has it. Part of every recorded hash: when it changes, the next run compares
 * every record with the helpdesk again. What only limits a run is not part of it.
 */
export async function mappingOf(rules: CustomerRules): Promise<string> {
  const { mapping, source, adopt, followCustomerNumber, moves } = rules;
  const { scope } = source;
  return `${mappingVersion}-${await digestOf({ mapping, scope, adopt, followCustomerNumber, moves })}`;
}
