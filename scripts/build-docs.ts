/** Prints what is generated from the sources: the example configuration and the schema of `--json`. */
import { writeFile } from "node:fs/promises";
import { format } from "prettier";
import { outputSchema } from "../src/cli/json.ts";
import { exampleConfig } from "../src/config/index.ts";

/** Path in the repository and contents of each generated file. */
export async function generatedFiles(): Promise<ReadonlyMap<string, string>> {
  return new Map([
    ["config/bridge.example.yaml", exampleConfig()],
    ["docs/json-output.schema.json", await format(JSON.stringify(outputSchema()), { parser: "json", printWidth: 120 })],
  ]);
}

if (import.meta.main) {
  for (const [path, text] of await generatedFiles()) await writeFile(new URL(`../${path}`, import.meta.url), text);
}
