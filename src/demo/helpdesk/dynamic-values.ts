import { textOf, type Fields } from "./loose-values.ts";
import type { Simulation } from "./simulation.ts";
import type { CustomerDynamicField, RecordType } from "./world-state.ts";

const longest = 3800;
const patterns: Readonly<Record<string, RegExp>> = {
  Checkbox: /^[01]$/,
  Date: /^\d{4}-\d{2}-\d{2}$/,
  DateTime: /^\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2}$/,
};
const takesText = new Set(["Checkbox", "Date", "DateTime", "Dropdown", "Text", "TextArea"]);

/** The values of a record's dynamic fields; only fields that are valid. */
export function dynamicValues(sim: Simulation, type: RecordType, key: string): Readonly<Record<string, string>> {
  const valid = new Set(sim.state.customerFields[type].filter(({ validId }) => validId === 1).map(({ name }) => name));
  return Object.fromEntries(Object.entries(storedValues(sim, type, key)).filter(([name]) => valid.has(name)));
}

function storedValues(sim: Simulation, type: RecordType, key: string): Readonly<Record<string, string>> {
  return sim.state.customerValues[type][key] ?? {};
}

/** Sets one value; an empty one is removed. */
export function putDynamicValue(
  sim: Simulation,
  at: { type: RecordType; key: string; name: string },
  value: string,
): void {
  const { [at.name]: _, ...others } = storedValues(sim, at.type, at.key);
  sim.state.customerValues[at.type][at.key] = value === "" ? others : { ...others, [at.name]: value };
}

/** Why these values cannot be stored, as a sentence; undefined when they can. */
export function dynamicFieldProblem(sim: Simulation, type: RecordType, values: Fields): string | undefined {
  for (const [name, value] of Object.entries(values).toSorted(([a], [b]) => (a < b ? -1 : 1))) {
    const field = sim.state.customerFields[type].find((known) => known.name === name && known.validId === 1);
    if (field === undefined) return `This helpdesk has no valid dynamic field ${name}.`;
    if (value === null || typeof value === "object") return `DynamicField_${name} must be a string.`;
    const problem = textOf(value) === "" ? undefined : valueProblem(field, textOf(value));
    if (problem !== undefined) return `DynamicField_${name} ${problem}`;
  }
  return undefined;
}

function valueProblem(field: CustomerDynamicField, value: string): string | undefined {
  if (!takesText.has(field.type)) return `is of the type ${field.type}, which takes more than a string.`;
  if (Array.from(value).length > longest) return `is longer than ${longest} characters.`;
  if (/(?![\t\n\r\u0080-\u009f])\p{Cc}/u.test(value)) return "contains a control character.";
  const pattern = patterns[field.type];
  if (pattern && !pattern.test(value)) return `takes no such value as '${value}'.`;
  if (field.type.startsWith("Date") && !isDay(value.slice(0, 10))) return "is refused: there is no such day.";
  if (field.type === "Dropdown" && !field.possibleValues.includes(value)) return `has no '${value}' in its list.`;
  return undefined;
}

function isDay(text: string): boolean {
  const [year = 0, month = 0, day = 0] = text.split("-").map(Number);
  const date = new Date(Date.UTC(year, month - 1, day));
  return date.getUTCMonth() === month - 1 && date.getUTCDate() === day;
}
