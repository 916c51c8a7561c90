export { hoursOf, minutesLeft, percentOf, settlements, totalsOf } from "./activity.ts";
export type {
  ActivityEntry,
  ActivityLine,
  ActivityLineKind,
  ActivityReport,
  ActivityTicket,
  ActivityTotals,
  Settlement,
} from "./activity.ts";
export { activityCsv } from "./activity-csv.ts";
export { activityPdf } from "./activity-pdf.ts";
export { activityXlsx } from "./activity-xlsx.ts";
