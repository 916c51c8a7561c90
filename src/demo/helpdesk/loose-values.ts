/** The helpdesk is written in Perl and takes JSON values as Perl takes scalars; these say what it makes of them. */
export type Fields = Record<string, unknown>;

/** Perl's truth: absent, null, "", "0" and 0 are false. */
export function isTrue(value: unknown): boolean {
  return !(value === undefined || value === null || value === "" || value === "0" || value === 0 || value === false);
}

/** The value as a string; booleans as 1 and "" as Perl's JSON reader gives them. */
export function textOf(value: unknown): string {
  if (typeof value === "string") return value;
  if (typeof value === "number") return String(value);
  return value === true ? "1" : "";
}

/** A string or number that is not empty, trimmed; undefined otherwise. */
export function filledText(value: unknown): string | undefined {
  if (typeof value !== "string" && typeof value !== "number") return undefined;
  const text = String(value);
  return text === "" ? undefined : text;
}

/** A JSON object with at least one key; undefined otherwise. */
export function filledFields(value: unknown): Fields | undefined {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return undefined;
  return Object.keys(value).length > 0 ? (value as Fields) : undefined;
}

/** A JSON array with at least one element; undefined otherwise. */
export function filledList(value: unknown): unknown[] | undefined {
  return Array.isArray(value) && value.length > 0 ? value : undefined;
}

/** What is given as one value or as a list of values, as a list of strings; undefined when there is none. */
export function textsOf(value: unknown): string[] | undefined {
  const list = filledList(value);
  if (list !== undefined) return list.map(textOf);
  const text = filledText(value);
  return text === undefined ? undefined : [text];
}

/** A copy whose string values have lost their leading and trailing blanks. */
export function trimmedFields(fields: Fields): Fields {
  return Object.fromEntries(
    Object.entries(fields).map(([key, value]) => [key, typeof value === "string" ? value.trim() : value]),
  );
}

/** JSON with sorted keys at every level, as the helpdesk writes it. */
export function sortedJson(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) => {
    if (typeof inner !== "object" || inner === null || Array.isArray(inner)) return inner;
    return Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)));
  });
}
