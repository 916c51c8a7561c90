import type { HelpdeskSettings } from "../../../src/demo/helpdesk/index.ts";
import type { KivitendoRelease } from "../../support/database.ts";
import type { CustomerSettings } from "./open.ts";
import type { CaseWorld } from "./world.ts";

/** A row of the table in docs/customer-sync.md. */
export interface CustomerCase {
  /** Names the test. */
  readonly id: string;
  /** What happens, as the document says it. */
  readonly when: string;
  /** What becomes of it, as the document says it. */
  readonly result: string;
  /** Default 4.1.0. */
  readonly release?: KivitendoRelease;
  /** The part `customers` of the configuration. */
  readonly settings?: CustomerSettings;
  /** Only a simulated helpdesk can be like this. */
  readonly simulated?: Partial<HelpdeskSettings>;
  readonly run: (world: CaseWorld) => Promise<void>;
}

/** Cases under one heading. */
export interface CaseGroup {
  readonly title: string;
  readonly cases: readonly CustomerCase[];
}
