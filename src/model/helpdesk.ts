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
  /** Highest sequence that a writing upsert of this instance has brought. */
  readonly sequence: number;
}

export interface TicketState {
  readonly name: string;
  readonly type: string;
  readonly valid: boolean;
}

/** Who is on the other side: what `otrs_bridge` is bound to. */
export interface HelpdeskIdentity {
  readonly helpdeskId: string;
  readonly sequence: number;
}
