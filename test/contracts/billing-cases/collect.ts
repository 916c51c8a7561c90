/** How time is read (`billing.collect`). */
export type Collect = "add-on" | "stock";
