import type { Helpdesk, HelpdeskOptions } from "../../src/helpdesk/index.ts";
import type { HelpdeskUnderTest } from "./helpdesk-under-test.ts";

/** What the parts of the suite share. */
export interface ClientContract {
  readonly under: HelpdeskUnderTest;
  /** A client of the bridge's agent; its instance is new to the helpdesk. */
  readonly helpdesk: Helpdesk;
  /** Another one; closed by the suite. */
  connect(options?: Partial<HelpdeskOptions>): Helpdesk;
}
