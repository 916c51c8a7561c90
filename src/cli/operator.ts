import { userInfo } from "node:os";

/** Who is at the keyboard, for decisions that are kept; a container may run as a user without a name. */
export function operatorName(): string {
  try {
    return userInfo().username;
  } catch {
    return `uid ${process.getuid?.() ?? "unknown"}`;
  }
}
