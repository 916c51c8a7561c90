// Reads a JSON report of vitest, prints its figures in words, and appends "passed failed" to a file of counts.
//   count-tests.mjs REPORT COUNTS [true: refuse skipped tests]
import { appendFileSync, readFileSync } from "node:fs";

const [, , reportFile, countsFile, strict] = process.argv;
const report = JSON.parse(readFileSync(reportFile, "utf8"));
const { numPassedTests: passed, numFailedTests: failed, numTotalTests: total } = report;
const skipped = total - passed - failed;
appendFileSync(countsFile, `${passed} ${failed}\n`);
process.stdout.write(
  `${passed} tests in ${report.testResults.length} files${skipped > 0 ? `, ${skipped} SKIPPED` : ""}\n`,
);
if (passed === 0) throw new Error("No test ran.");
if (skipped > 0 && strict === "true") throw new Error(`${skipped} tests were skipped, and CI=true allows none.`);
