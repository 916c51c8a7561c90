import type { EntryTime, TicketSnapshot, TimeRow } from "../../billing/ports.ts";
import { CompanyKey, TicketNumber } from "../../model/index.ts";
import type { HundredthUnits } from "../../model/index.ts";
import { instantOf } from "../zone.ts";
import type { FieldsAnswer } from "./schemas.ts";

/** What both ways tell alike: everything but closes, dynamic fields and time. */
export function fieldsOf(
  record: FieldsAnswer,
  timeZone: string,
): Omit<TicketSnapshot, "closedAt" | "firstClosedAt" | "dynamicFields" | "entries"> {
  return {
    ticketId: record.TicketID,
    ticketNumber: TicketNumber.parse(record.TicketNumber),
    title: record.Title,
    queue: record.Queue,
    service: record.Service,
    sla: record.SLA,
    type: record.Type,
    priority: record.Priority,
    state: record.State,
    stateType: record.StateType,
    companyKey: record.CustomerID === "" ? null : CompanyKey.parse(record.CustomerID),
    customerUser: record.CustomerUserID,
    createdAt: instantOf(record.Created, timeZone),
    changedAt: instantOf(record.Changed, timeZone),
  };
}

export function instantIfAny(stamp: string | null | undefined, timeZone: string): Temporal.Instant | null {
  return stamp ? instantOf(stamp, timeZone) : null;
}

/** An entry of these rows; none when they cancel each other out, as the stock operations tell no rows. */
export function entryOf(key: EntryTime["key"], rows: readonly TimeRow[]): readonly EntryTime[] {
  const units = rows.reduce((sum, row) => sum + row.units, 0) as HundredthUnits;
  return units === 0 ? [] : [{ key, units, rows }];
}
