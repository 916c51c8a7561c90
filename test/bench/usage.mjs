/** Loaded before the program that is measured (`node --import`): at its end, writes the most memory it had, in bytes. */
import { writeFileSync } from "node:fs";

const file = process.env["BENCH_USAGE_FILE"];
process.on("exit", () => {
  if (file !== undefined) writeFileSync(file, String(process.resourceUsage().maxRSS * 1024));
});
