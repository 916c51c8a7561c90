import { z } from "zod";

/** The part `billing.mail`: telling people that drafts wait. */
export const Mail = z
  .strictObject({
    to: z.array(z.email("expected an e-mail address")).default([]).meta({
      description: "Who is told; empty: nobody.",
    }),
    from: z
      .email("expected an e-mail address")
      .optional()
      .meta({ description: "Sender.", examples: ["kivitendo@example.org"] }),
    host: z
      .string()
      .min(1)
      .optional()
      .meta({ description: "Relay that takes the mail.", examples: ["mail.example.org"] }),
    port: z.number().int().min(1).max(65535).default(587).meta({ description: "Its port." }),
    language: z.enum(["de", "en"]).default("de").meta({ description: "Language of the mail." }),
    encryption: z.enum(["starttls", "tls", "none"]).default("starttls").meta({
      description: "starttls (required, not only tried), tls from the first byte, or none.",
    }),
    user: z
      .string()
      .min(1)
      .optional()
      .meta({ description: "Login at the relay.", examples: ["kivitendo"] }),
    password: z.string().min(1).optional().meta({ description: "Password of that login.", secret: true }),
    passwordFile: z
      .string()
      .min(1)
      .optional()
      .meta({
        description: "File that holds that password; use this or the value itself.",
        examples: ["/etc/kivitendo-otrs-bridge/mail-password"],
      }),
    caFile: z
      .string()
      .min(1)
      .optional()
      .meta({
        description: "PEM file with the certificate authority of the relay, when it is not a public one.",
        examples: ["/etc/ssl/our-ca.pem"],
      }),
  })
  .superRefine((mail, context) => {
    if (mail.to.length === 0) return;
    for (const field of ["from", "host"] as const) {
      if (mail[field] === undefined) {
        context.addIssue({ code: "custom", path: [field], message: "is required where mail.to names somebody" });
      }
    }
  })
  .prefault({})
  .meta({ description: "Tells accountants that drafts wait: kivitendo shows them in a dialog only." });
