import { createHash } from "node:crypto";
import type { ClientBase } from "pg";
import type { InvoiceDraft } from "../billing/ports.ts";
import { BugError } from "../model/index.ts";
import { draftForm, draftName } from "./draft-form.ts";

/** `drafts.id` is a varchar(50). */
const longestDraftId = 50;

/**
 * Writes an invoice draft (kivitendo's "Entwurf") on the caller's connection, inside the caller's transaction. Answers
 * the md5 of what was written, by which a later touch by somebody else shows.
 */
export async function insertDraft(client: ClientBase, draft: InvoiceDraft): Promise<{ readonly formMd5: string }> {
  if (draft.draftId.length > longestDraftId) {
    throw new BugError(`draft id "${draft.draftId}" is longer than ${longestDraftId} characters`);
  }
  const form = draftForm(draft);
  await client.query(
    `insert into public.drafts (id, module, submodule, description, employee_id, form)
     values ($1, 'is', 'invoice', $2, $3, $4)`,
    [draft.draftId, draftName(draft.description), draft.ownerId, form],
  );
  return { formMd5: createHash("md5").update(form, "utf8").digest("hex") };
}
