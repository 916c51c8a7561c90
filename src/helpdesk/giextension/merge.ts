import type { CustomerChange, Ownership, RecordKind } from "../../customer-sync/ports.ts";
import { contracts, textOf } from "./contract.ts";
import type { Stored } from "./contract.ts";

const validity = { valid: "1", temporarily: "3" } as const;

/** What a write would set, with only those fields that differ from what is stored; for a new record all that are filled. */
export function differingFields(
  change: CustomerChange,
  stored: Stored | null,
): Readonly<Record<string, string | number>> {
  const isNew = stored === null || change.expect === "unowned";
  const wanted = Object.entries(change.fields).filter(([name, value]) => {
    const before = textOf(stored?.[name]);
    if (!applies(change.modes[name] ?? "owned", before, isNew)) return false;
    if (name === "ValidID" && before === validity.temporarily && String(value) === validity.valid) return false;
    return comparable(change.record, before) !== comparable(change.record, String(value));
  });
  return Object.fromEntries(wanted);
}

function applies(mode: Ownership, before: string, isNew: boolean): boolean {
  if (mode === "owned") return true;
  return mode === "create-only" ? isNew : before === "";
}

/** For a user the helpdesk stores "0" as "". */
function comparable(kind: RecordKind, value: string): string {
  return kind === "user" && value === "0" ? "" : value;
}

/** What get tells and update must not be told: kept by the helpdesk itself, or of the user's company. */
const notWritten =
  /^(Create(Time|By)|Change(Time|By)|Source|Config|CompanyConfig|UserID|UserPassword|UserFullname|UserMailString|UserLast(Login|LoginTimestamp|ViewsLimit)|UserLoginFailed|UserAuthBackend|UserRefreshTime|UserShowTickets)$/;

/**
 * The whole record to send: an update replaces every mapped field, so what others have filled goes back as it came. Null
 * would do the same as leaving out, and is left out.
 */
export function mergedRecord(
  kind: RecordKind,
  stored: Stored,
  fields: Readonly<Record<string, string | number>>,
  key: string,
): Stored {
  const kept = Object.entries(stored).filter(
    ([name, value]) =>
      value !== null &&
      !notWritten.test(name) &&
      !(kind === "user" && (name.startsWith("CustomerCompany") || name === "CustomerID")),
  );
  return { ...Object.fromEntries(kept), ...fields, [contracts[kind].keyField]: key };
}
