/** What the add-on tells about the helpdesk; see docs/addon-protocol.md. */
export interface HelpdeskInfo {
  readonly addonVersion: string;
  readonly product: string;
  readonly productVersion: string;
  /** Made once and kept in the helpdesk's database: tells one helpdesk from another behind the same address. */
  readonly helpdeskId: string;
  /** IANA zone of every time stamp that goes in and out. */
  readonly timeZone: string;
  readonly timeUnitLabel: string;
  readonly agent: string;
  readonly states: readonly TicketState[];
  readonly queues: readonly { readonly name: string; readonly valid: boolean; readonly readable: boolean }[];
  /** Valid dynamic fields of tickets. */
  readonly ticketDynamicFields: readonly DynamicField[];
  /** Names that tickets can carry, so that a rule about one that does not exist is noticed; empty where nobody tells them. */
  readonly services: readonly NamedValue[];
  readonly slas: readonly NamedValue[];
  readonly types: readonly NamedValue[];
  readonly priorities: readonly NamedValue[];
  /** What the database calls itself: `postgresql`, `mysql` (MariaDB too), … */
  readonly databaseKind: string;
  /** Fields that the writable customer source maps, key included; empty when there is no such source. */
  readonly fields: { readonly company: readonly string[]; readonly user: readonly string[] };
  /** Valid dynamic fields of customers and customer users. */
  readonly dynamicFields: { readonly company: readonly DynamicField[]; readonly user: readonly DynamicField[] };
  /** Names that the helpdesk offers for countries. */
  readonly countries: readonly string[];
  /** Highest sequence that a writing upsert of this instance has brought; null where nobody keeps it. */
  readonly sequence: number | null;
}

export interface DynamicField {
  readonly name: string;
  readonly type: string;
}

/** An invalid one can still stand on older tickets. */
export interface NamedValue {
  readonly name: string;
  readonly valid: boolean;
}

export interface TicketState {
  readonly name: string;
  readonly type: string;
  readonly valid: boolean;
}

/** Who is on the other side: what `otrs_bridge` is bound to. */
export interface HelpdeskIdentity {
  readonly helpdeskId: string;
  /** Null where the helpdesk keeps none: a restored backup then goes unnoticed. */
  readonly sequence: number | null;
}
