import type { CustomerChange, RecordKind } from "../../src/customer-sync/ports.ts";

/** A change that creates a record under a key, with differences. */
export function sampleChange(record: RecordKind, rowId: number, given: Partial<CustomerChange> = {}): CustomerChange {
  return {
    kind: "create",
    record,
    rowId,
    label: `Ä ${rowId}`,
    key: `k${rowId}`,
    newKey: null,
    expect: "absent",
    fields: { [record === "company" ? "CustomerCompanyName" : "UserFirstname"]: `Ä ${rowId}`, ValidID: 1 },
    modes: {},
    dynamicFields: {},
    companies: null,
    sourceHash: "h",
    customerId: null,
    sourceKey: null,
    situation: "absent",
    follows: false,
    notices: [],
    waitsFor: null,
    ...given,
  };
}
