// Who may import whom: design and reasons in docs/architecture.md.
const adapters = "(kivitendo|helpdesk|state|mail)";
const flows = "(customer-sync|billing)";
const composers = "(bridge|cli|daemon|web|demo)";

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    { name: "no-circular", severity: "error", from: {}, to: { circular: true } },
    { name: "resolvable", severity: "error", from: {}, to: { couldNotResolve: true } },
    {
      name: "model-is-pure",
      comment: "model imports nothing but zod and the decimal type",
      severity: "error",
      from: { path: "^src/model/" },
      to: { pathNot: ["^src/model/", "node_modules/(zod|big\\.js|@types/big\\.js)/"] },
    },
    {
      name: "flows-see-only-ports",
      comment: "a flow sees the outside only through its ports.ts",
      severity: "error",
      from: { path: `^src/${flows}/` },
      to: { path: `^src/(?!model/)`, pathNot: [`^src/$1/`, "^src/$1\\b"] },
    },
    {
      name: "flows-do-no-io",
      severity: "error",
      from: { path: `^src/${flows}/` },
      to: { dependencyTypes: ["core"] },
    },
    {
      name: "adapters-do-not-know-each-other",
      comment: "an adapter knows model and the types of the ports, nothing else of ours",
      severity: "error",
      from: { path: `^src/${adapters}/` },
      to: { path: "^src/(?!model/)", pathNot: ["^src/$1/", `^src/${flows}/ports\\.ts$`] },
    },
    {
      name: "only-composers-compose",
      severity: "error",
      from: { path: `^src/(?!${composers}/|main\\.ts)` },
      to: { path: `^src/${composers}/` },
    },
    {
      name: "config-only-for-composers",
      comment: "adapters and flows take plain option objects",
      severity: "error",
      from: { path: `^src/(${flows}|${adapters}|model)/` },
      to: { path: "^src/config/" },
    },
    {
      name: "report-only-renders",
      comment: "report turns values into files: it knows model, and alone the packages that write files",
      severity: "error",
      from: { path: "^src/report/" },
      to: { path: "^src/(?!model/|report/)" },
    },
    {
      name: "file-formats-only-in-report",
      severity: "error",
      from: { path: "^src/(?!report/)" },
      to: { path: "node_modules/(@types/)?(pdfkit|hucre)/" },
    },
    {
      name: "enter-by-index",
      comment: "every folder is entered by its index.ts (a flow's ports.ts is for the adapters)",
      severity: "error",
      from: { path: "^src/([^/]+)/" },
      to: { path: "^src/[^/]+/", pathNot: ["^src/$1/", "^src/[^/]+/index\\.ts$", `^src/${flows}/ports\\.ts$`] },
    },
    {
      name: "pg-only-in-database-adapters",
      severity: "error",
      from: { path: "^src/(?!(kivitendo|state|demo)/)" },
      to: { path: "node_modules/(@types/)?pg/" },
    },
    {
      name: "http-only-in-helpdesk",
      severity: "error",
      from: { path: "^src/(?!helpdesk/)" },
      to: { path: "node_modules/(got|p-retry)/" },
    },
    {
      name: "smtp-only-in-mail",
      severity: "error",
      from: { path: "^src/(?!mail/)" },
      to: { path: "node_modules/nodemailer/" },
    },
    {
      name: "cron-only-in-daemon",
      severity: "error",
      from: { path: "^src/(?!daemon/)" },
      to: { path: "node_modules/node-cron/" },
    },
    {
      name: "no-test-code-in-src",
      severity: "error",
      from: { path: "^src/" },
      to: { path: "^test/" },
    },
    {
      name: "not-to-dev-dependency",
      severity: "error",
      from: { path: "^src/" },
      to: { dependencyTypes: ["npm-dev"], dependencyTypesNot: ["type-only"], pathNot: "node_modules/@types/" },
    },
  ],
  options: {
    parser: "swc",
    doNotFollow: { path: "node_modules" },
    tsPreCompilationDeps: true,
    exclude: { path: "^test/fixtures" },
    enhancedResolveOptions: {
      exportsFields: ["exports"],
      extensions: [".ts", ".js", ".cjs", ".mjs", ".json"],
      conditionNames: ["import", "node", "types", "default"],
    },
  },
};
