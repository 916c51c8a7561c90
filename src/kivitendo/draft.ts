import { createHash, randomBytes } from "node:crypto";
import type { ClientBase } from "pg";
import type { DraftContent, WrittenTarget } from "../billing/ports.ts";
import { draftForm, draftName } from "./draft-form.ts";

/**
 * Writes an invoice draft (kivitendo's "Entwurf") on the caller's connection, inside the caller's transaction. Answers
 * the md5 of what was written, by which a later touch by somebody else shows.
 */
export async function insertDraft(client: ClientBase, content: DraftContent): Promise<WrittenTarget> {
  const form = draftForm(content);
  // kivitendo's own ids begin the same way; `drafts.id` is a varchar(50).
  const draftId = `is-invoice-otrs-${content.customer.customerId}-${randomBytes(10).toString("hex")}`;
  await client.query(
    `insert into public.drafts (id, module, submodule, description, employee_id, form)
     values ($1, 'is', 'invoice', $2, $3, $4)`,
    [draftId, draftName(content.description), content.ownerId, form],
  );
  const formMd5 = createHash("md5").update(form, "utf8").digest("hex");
  return { kivitendoId: draftId, number: null, formMd5, rowIds: [] };
}
