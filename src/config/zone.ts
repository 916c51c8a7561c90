import { z } from "zod";

/** An IANA time zone such as Europe/Berlin. */
export const timeZone = z.string().refine(isTimeZone, "expected a time zone such as Europe/Berlin");

function isTimeZone(name: string): boolean {
  try {
    Temporal.Now.zonedDateTimeISO(name);
    return true;
  } catch (error) {
    if (error instanceof RangeError) return false;
    throw error;
  }
}
