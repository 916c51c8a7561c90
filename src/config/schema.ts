import { z } from "zod";
import { Billing } from "./billing.ts";
import { Customers } from "./customers.ts";
import { timeZone } from "./zone.ts";

/**
 * The whole configuration. `config/bridge.example.yaml` is printed from here: descriptions become comments, defaults and
 * examples become values. `secret` marks what is never shown, and gets a `…File` twin that names a file to read.
 */

function secret(description: string): z.ZodOptional<z.ZodString> {
  return z.string().min(1).optional().meta({ description, secret: true });
}

function secretFile(of: string, name: string): z.ZodOptional<z.ZodString> {
  return z
    .string()
    .min(1)
    .optional()
    .meta({
      description: `File that holds ${of}; use this or the value itself.`,
      examples: [`/etc/kivitendo-otrs-bridge/${name}`],
    });
}

const cron = z
  .string()
  .refine((text) => text === "off" || text.trim().split(/\s+/).length === 5, "expected five cron fields, or off");

const Kivitendo = z.strictObject({
  databaseUrl: z.url({ protocol: /^postgres(ql)?$/, error: "expected postgresql://role@host:port/database" }).meta({
    description: "The client's database, with the bridge's own role and without a password.",
    examples: ["postgresql://otrs_bridge@127.0.0.1:5432/kivitendo"],
  }),
  password: secret("Password of that role."),
  passwordFile: secretFile("that password", "database-password"),
  adminUrl: z
    .url({ protocol: /^postgres(ql)?$/, error: "expected postgresql://role@host:port/database" })
    .optional()
    .meta({
      description:
        "Only for `kivi-otrs setup`: the same database as the owner of kivitendo's tables (or a superuser, who can also create the bridge's role).",
      examples: ["postgresql://kivitendo@127.0.0.1:5432/kivitendo"],
    }),
  adminPassword: secret("Password of the role in adminUrl."),
  adminPasswordFile: secretFile("that password", "admin-password"),
});

const Helpdesk = z.strictObject({
  url: z.url({ protocol: /^https?$/, error: "expected https://host/znuny" }).meta({
    description: "Address of the helpdesk up to and including /otrs, /znuny or /otobo.",
    examples: ["https://helpdesk.example.org/znuny"],
  }),
  webservice: z.string().min(1).default("KivitendoBridge").meta({
    description: "Name of the web service that was imported with the add-on.",
  }),
  userLogin: z
    .string()
    .min(1)
    .meta({
      description:
        "Agent of the bridge: in group kivitendo_bridge (rw), and with read access to every queue that is billed.",
      examples: ["bridge"],
    }),
  password: z.string().min(1).meta({ description: "Password of that agent.", secret: true }),
  passwordFile: secretFile("that password", "helpdesk-password"),
  customerOperations: z.enum(["kivitendo-bridge", "giextension"]).default("kivitendo-bridge").meta({
    description:
      "What customers go through: the bridge's own add-on, or the public package GIExtension, with weaker protection (docs/giextension.md).",
  }),
  timeZone: timeZone.optional().meta({
    description:
      "Only with giextension and billing: the helpdesk's own zone (OTRSTimeZone), which the add-on would tell.",
    examples: ["UTC"],
  }),
  caFile: z
    .string()
    .min(1)
    .optional()
    .meta({
      description: "PEM file with the certificate authority of the helpdesk, when it is not a public one.",
      examples: ["/etc/ssl/our-ca.pem"],
    }),
  timeoutSeconds: z.number().positive().max(600).default(60).meta({ description: "Longest wait for one answer." }),
  maxResponseMegabytes: z.number().positive().default(64).meta({ description: "Larger answers are refused." }),
  batchSize: z
    .number()
    .int()
    .min(1)
    .max(1000)
    .default(200)
    .meta({ description: "Customers or contacts in one request." }),
  concurrency: z.number().int().min(1).max(16).default(2).meta({ description: "Writing requests under way at once." }),
  ticketsPerRequest: z.number().int().min(1).max(500).default(50).meta({ description: "Tickets read in one request." }),
});

const Schedule = z.strictObject({
  timeZone: timeZone.default("Europe/Berlin").meta({ description: "Zone of the times below." }),
  customers: cron
    .default("*/5 * * * *")
    .meta({ description: "When customers are synced (cron: minute hour day month weekday), or off." }),
  billing: cron.default("30 4 2 * *").meta({ description: "When drafts are made, or off." }),
  followUp: cron.default("15 5 * * *").meta({
    description: "When the bridge looks what became of drafts (posted, changed, thrown away), or off.",
  }),
  stopSeconds: z.number().int().min(1).max(600).default(60).meta({
    description: "How long a run in progress may take to finish the record in hand after SIGTERM.",
  }),
});

export const Config = z
  .strictObject({
    instance: z
      .string()
      .regex(/^[a-z0-9][a-z0-9-]{0,29}$/, "expected lower-case letters, digits and hyphens")
      .default("main")
      .meta({ description: "Name of this installation; records in the helpdesk are marked with it." }),
    kivitendo: Kivitendo.meta({ description: "The ERP." }),
    helpdesk: Helpdesk.optional().meta({
      description:
        "Znuny, OTOBO or OTRS, reached through its REST interface. Leave the whole part out where nothing calls it: with customers.way read-only and without billing, or for `customers export` alone.",
    }),
    customers: Customers.prefault({}).meta({ description: "Flow 1: customers and contacts to the helpdesk." }),
    billing: Billing.optional().meta({
      description: "Flow 2: accounted time to draft invoices. Leave the whole part out to sync customers only.",
    }),
    schedule: Schedule.prefault({}).meta({ description: "When `kivi-otrs run` does what." }),
    log: z
      .strictObject({
        level: z
          .enum(["debug", "info", "warn", "error"])
          .default("info")
          .meta({ description: "debug, info, warn or error." }),
      })
      .prefault({})
      .meta({ description: "Log of the service: JSON lines on standard error." }),
  })
  .refine(({ billing, helpdesk }) => billing === undefined || helpdesk !== undefined, {
    path: ["helpdesk"],
    message: "is required and missing: billing reads its tickets",
  });
export type Config = z.infer<typeof Config>;
