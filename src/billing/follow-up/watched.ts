import type { StoredDraft, WatchedDraft } from "../ports.ts";
import { recordedNumbers } from "./claims.ts";

/** What kivitendo is asked about a draft; nothing about one that was never written. */
export function watchedOf(draft: StoredDraft): WatchedDraft[] {
  const { draftId, target, kivitendoId, formMd5, customerId, createdAt, lines } = draft;
  if (kivitendoId === null) return [];
  return [
    {
      draftId,
      target,
      kivitendoId,
      formMd5,
      customerId,
      createdAt,
      invoiceId: draft.invoiceId,
      invoiceNumbers: recordedNumbers(draft),
      lines: lines.map(({ lineId, ticketNumber, partNumber, quantity, kivitendoRow }) => ({
        lineId,
        ticketNumber,
        partNumber,
        quantity,
        kivitendoRow,
      })),
    },
  ];
}
