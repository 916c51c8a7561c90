import { fieldLengths } from "../model/index.ts";
import { cut, lengthOf } from "./text.ts";

export const numberNotice = "CustomerCompanyName with the customer number: another company has the name";

/**
 * Company names are unique in the helpdesk, in kivitendo they are not: "Name (10002)", cut so that the number is whole.
 * A name that has it already stays as it is.
 */
export function nameWithNumber(name: string, number: string): string {
  const suffix = ` (${number})`;
  if (number === "" || name.endsWith(suffix)) return name;
  const room = fieldLengths.company.CustomerCompanyName - lengthOf(suffix);
  // What was cut before has its ellipsis already.
  const whole = name.endsWith("…") ? name.slice(0, -1) : name;
  return `${lengthOf(name) > room ? cut(`${whole}…`, room) : name}${suffix}`;
}
