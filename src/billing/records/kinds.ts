/** Words that the other records share. */

/**
 * What time is kept for: an article (its id and creation time: a restored helpdesk hands out ids again), a row without an
 * article (the row's id and booking time), or, with the stock operations, what a ticket has beyond its articles (`rest`:
 * the ticket's id and creation time). An article keeps its identity when a merge moves it, a row as well.
 */
export interface EntryKey {
  readonly kind: "article" | "row" | "rest";
  readonly sourceId: number;
  readonly createdAt: Temporal.Instant;
}

/**
 * | kind     | on a draft | what it means                                                        |
 * |----------|------------|----------------------------------------------------------------------|
 * | billed   | yes        | charged                                                              |
 * | goodwill | yes        | shown with price 0                                                   |
 * | rounding | yes        | rounds a whole draft; carries no time                                |
 * | included | no         | within the customer's included hours of that month                   |
 * | excluded | no         | a rule says: not billable                                            |
 * | waived   | no         | somebody decided not to bill it, or settled a difference by hand     |
 * | opening  | no         | billed by hand before the bridge                                     |
 * | transfer | no         | differences that cancel out (time that only changed its place), and  |
 * |          |            | time that rounding or a minimum has charged for before               |
 */
export type LineKind = "billed" | "goodwill" | "rounding" | "included" | "excluded" | "waived" | "opening" | "transfer";

export type Target = "invoice-draft" | "sales-order" | "recurring-order";
