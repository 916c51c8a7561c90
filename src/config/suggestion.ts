import { distance } from "fastest-levenshtein";

/** `; did you mean …?` when something known is near, else nothing. */
export function suggestion(given: string, known: readonly string[]): string {
  const near = known
    .map((candidate) => ({ candidate, far: distance(given.toLowerCase(), candidate.toLowerCase()) }))
    .filter(({ candidate, far }) => far <= Math.max(2, Math.ceil(candidate.length / 3)))
    .sort((a, b) => a.far - b.far)[0];
  return near ? `; did you mean ${near.candidate}?` : "";
}
