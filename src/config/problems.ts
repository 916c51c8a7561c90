import type { z } from "zod";
import { configFields } from "./fields.ts";
import type { Field } from "./fields.ts";
import { suggestion } from "./suggestion.ts";

/** One sentence a problem, each with the path of its setting; `told` are paths that need no second sentence. */
export function problemsOf(error: z.ZodError, told: ReadonlySet<string> = new Set()): readonly string[] {
  return error.issues.flatMap((issue) => {
    const path = issue.path.map(String);
    if (told.has(path.join("."))) return [];
    if (issue.code === "unrecognized_keys") {
      const known = childrenAt(path).map((field) => field.path.at(-1) ?? "");
      return issue.keys.map((key) => `${[...path, key].join(".")} is not a setting${suggestion(key, known)}`);
    }
    return [`${path.length > 0 ? path.join(".") : "the file"}: ${sentence(issue)}`];
  });
}

function sentence(issue: z.core.$ZodIssue): string {
  if (issue.code === "invalid_type" && issue.input === undefined) {
    return issue.path.at(-1) === "password"
      ? "is required and missing (or give passwordFile)"
      : "is required and missing";
  }
  return issue.message;
}

function childrenAt(path: readonly string[]): readonly Field[] {
  let fields = configFields();
  for (const name of path) fields = fields.find((field) => field.path.at(-1) === name)?.children ?? [];
  return fields;
}
