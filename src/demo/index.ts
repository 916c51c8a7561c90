export { runDemo } from "./demo.ts";
export type { DemoAudience, DemoOptions, DemoResult } from "./demo.ts";
