/** A helpdesk for one case of the table: one of its own, or the real one that all cases share. */
import type { HelpdeskSettings } from "../../../src/demo/helpdesk/index.ts";
import type { HelpdeskUnderTest } from "../helpdesk-under-test.ts";

export interface CaseHelpdesk {
  readonly helpdesk: HelpdeskUnderTest;
  readonly close: () => Promise<void>;
}

export interface CaseBench {
  readonly name: string;
  /** False: cases that need settings of the simulation do not run here. */
  readonly simulated: boolean;
  /** `settings` are those of a simulation. */
  open(settings: Partial<HelpdeskSettings>): Promise<CaseHelpdesk>;
}
