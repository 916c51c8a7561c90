export { createMailer } from "./mailer.ts";
export type { Mail, Mailer, MailerOptions } from "./mailer.ts";
export { tell } from "./tell.ts";
export type { Told } from "./tell.ts";
export { waitingMail } from "./waiting-mail.ts";
export type { MailLanguage, Waiting, WaitingDraft } from "./waiting-mail.ts";
