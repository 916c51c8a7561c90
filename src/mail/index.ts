export { createMailer } from "./mailer.ts";
export type { Mail, Mailer, MailerOptions } from "./mailer.ts";
export { waitingMail } from "./waiting-mail.ts";
export type { MailLanguage, Waiting, WaitingDraft } from "./waiting-mail.ts";
