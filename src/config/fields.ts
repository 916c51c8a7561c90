import { z } from "zod";
import { Config } from "./schema.ts";

/** One setting of the configuration, as the schema describes it. */
export interface Field {
  /** Path in the YAML file: `["helpdesk", "userLogin"]`. */
  readonly path: readonly string[];
  /** Comment lines for people. */
  readonly description: string;
  readonly secret: boolean;
  readonly required: boolean;
  readonly hasDefault: boolean;
  /** The default, else an example, else undefined. */
  readonly sample: unknown;
  /** Settings inside, for a part of the file. */
  readonly children: readonly Field[];
}

const JsonField = z.looseObject({
  description: z.string().default(""),
  secret: z.boolean().default(false),
  default: z.unknown().optional(),
  examples: z.array(z.unknown()).default([]),
  properties: z.record(z.string(), z.unknown()).optional(),
  required: z.array(z.string()).default([]),
});

/** The settings as a tree, in the order of the schema. */
export function configFields(): readonly Field[] {
  return childrenOf(z.toJSONSchema(Config, { io: "input", unrepresentable: "any" }), []);
}

/** All single settings, without the parts that hold them. */
export function leafFields(fields: readonly Field[] = configFields()): readonly Field[] {
  return fields.flatMap((field) => (field.children.length > 0 ? leafFields(field.children) : [field]));
}

/** The environment variable that overrides a setting: `helpdesk.userLogin` → `KIVI_OTRS_HELPDESK_USER_LOGIN`. */
export function environmentName(path: readonly string[]): string {
  return `KIVI_OTRS_${path.map((part) => part.replace(/([A-Z])/g, "_$1").toUpperCase()).join("_")}`;
}

function childrenOf(json: unknown, path: readonly string[]): readonly Field[] {
  const parent = JsonField.parse(json);
  return Object.entries(parent.properties ?? {}).map(([name, value]) => {
    const field = JsonField.parse(value);
    const here = [...path, name];
    return {
      path: here,
      description: field.description,
      secret: field.secret,
      required: parent.required.includes(name),
      hasDefault: field.default !== undefined,
      sample: field.default ?? field.examples[0],
      children: field.properties ? childrenOf(value, here) : [],
    };
  });
}
