import { stringify } from "yaml";
import { configFields, environmentName } from "./fields.ts";
import type { Field } from "./fields.ts";

const header = `# Configuration of kivitendo-otrs-bridge.
# Printed by \`kivi-otrs config example\`; every setting with its default, or with an example where it has none.
# Lines that begin with #- are optional settings.
#
# Each setting can also come from the environment or a .env file: ${environmentName(["helpdesk", "userLogin"])} overrides
# helpdesk.userLogin. Secrets too, and as ${environmentName(["helpdesk", "password"])}_FILE with the name of a file.
`;

/** The example configuration as YAML, comments taken from the schema. */
export function exampleConfig(): string {
  return `${header}\n${configFields().map(part).join("\n")}`;
}

function part(field: Field): string {
  return `${lines(field, 0).join("\n")}\n`;
}

function lines(field: Field, depth: number): readonly string[] {
  const indent = "  ".repeat(depth);
  const name = field.path.at(-1) ?? "";
  const comment = wrap(field.description, 116 - indent.length).map((line) => `${indent}# ${line}`);
  if (field.children.length > 0) {
    return [...comment, `${indent}${name}:`, ...field.children.flatMap((child) => lines(child, depth + 1))];
  }
  if (field.sample === undefined) return [...comment, `${indent}#- ${name}: …`];
  // An optional setting without a default has an example only, and is shown commented out.
  const marker = field.required || field.hasDefault ? "" : "#- ";
  return [...comment, `${indent}${marker}${name}: ${stringify(field.sample, { collectionStyle: "flow" }).trimEnd()}`];
}

function wrap(text: string, width: number): readonly string[] {
  const result: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    if (line !== "" && line.length + word.length + 1 > width) {
      result.push(line);
      line = word;
    } else {
      line = line === "" ? word : `${line} ${word}`;
    }
  }
  return line === "" ? result : [...result, line];
}
