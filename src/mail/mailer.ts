import { ConfigError, RejectedError, UnavailableError } from "../model/index.ts";

export interface MailerOptions {
  readonly host: string;
  readonly port: number;
  /** `starttls` is required, not only tried; `tls` is from the first byte. */
  readonly encryption: "starttls" | "tls" | "none";
  /** Null sends without a login. */
  readonly login: { readonly user: string; readonly password: string } | null;
  /** PEM text of the relay's certificate authority, when it is not a public one. */
  readonly ca?: string | undefined;
  readonly from: string;
  readonly to: readonly string[];
  /** Longest wait for each answer of the relay. */
  readonly answerMs?: number;
}

export interface Mail {
  /** The same for the same news: a relay or reader that gets it twice can tell (letters, digits, dots, dashes). */
  readonly id?: string;
  readonly subject: string;
  /** Plain text. */
  readonly text: string;
}

export interface Mailer {
  /**
   * Hands one mail to the relay, for all (or the given ones) of its people; answers who it was not taken for. Throws
   * UnavailableError (out of reach), ConfigError (login or certificate) or RejectedError (taken for nobody); none of them
   * names a secret.
   */
  send(mail: Mail, to?: readonly string[]): Promise<{ readonly refused: readonly string[] }>;
}

/** Sends through an SMTP relay. Nothing is connected yet. */
export function createMailer(options: MailerOptions): Mailer {
  return { send: (mail, to = options.to) => send({ ...options, to }, mail) };
}

async function send(options: MailerOptions, mail: Mail): Promise<{ readonly refused: readonly string[] }> {
  const { host, port, encryption, login, ca, from, to, answerMs = 20_000 } = options;
  // Its forty modules are read when there is a mail, not at the start of every command.
  const { createTransport } = await import("nodemailer");
  const transport = createTransport({
    host,
    port,
    secure: encryption === "tls",
    requireTLS: encryption === "starttls",
    ignoreTLS: encryption === "none",
    tls: { minVersion: "TLSv1.2", ...(ca === undefined ? {} : { ca }) },
    ...(login === null ? {} : { auth: { user: login.user, pass: login.password } }),
    connectionTimeout: answerMs,
    greetingTimeout: answerMs,
    socketTimeout: answerMs,
    dnsTimeout: answerMs,
    // Texts are texts: nothing in them names a file or address to read.
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  try {
    const { rejected } = await transport.sendMail({
      from: addressOf(from),
      to: to.map(addressOf),
      ...(mail.id === undefined ? {} : { messageId: `<${mail.id}@${from.slice(from.lastIndexOf("@") + 1)}>` }),
      subject: oneLine(mail.subject),
      text: mail.text,
      // No answers from people's absence notes.
      headers: { "Auto-Submitted": "auto-generated", "X-Auto-Response-Suppress": "All" },
    });
    return { refused: rejected };
  } catch (error) {
    throw mailErrorOf(error, options);
  } finally {
    transport.close();
  }
}

/** Given in parts, so that nothing in it is read as a second address. */
function addressOf(address: string): { name: string; address: string } {
  return { name: "", address: oneLine(address) };
}

function oneLine(text: string): string {
  return text.replace(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, " ").trim();
}

/** Codes of nodemailer (`lib/smtp-connection`): login refused, none possible; TLS refused or not offered. */
const loginCodes = new Set(["EAUTH", "ENOAUTH", "EOAUTH2"]);
const refusedCodes = new Set(["EENVELOPE", "EMESSAGE"]);
/** Certificates that do not hold (Node's TLS codes). */
const certificateCode =
  /^(ETLS|ERR_TLS_|ERR_SSL_|CERT_|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_|ERR_OSSL)|certificate|wrong version number/i;

function mailErrorOf(error: unknown, options: MailerOptions): Error {
  const relay = `${options.host}:${options.port}`;
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  const why = oneLine(withoutSecrets(error instanceof Error ? error.message : String(error), options));
  if (loginCodes.has(code)) {
    return new ConfigError(
      `The mail relay ${relay} refused the login: ${why}`,
      "Check billing.mail.user and its password.",
    );
  }
  if (certificateCode.test(code) || certificateCode.test(why)) {
    return new ConfigError(
      `No encrypted connection to the mail relay ${relay}: ${why}`,
      "Check billing.mail.host, port and encryption, and billing.mail.caFile for a certificate authority of your own.",
    );
  }
  if (refusedCodes.has(code)) {
    return new RejectedError(
      `The mail relay ${relay} did not take the mail: ${why}`,
      "Check billing.mail.from and billing.mail.to, and whether the relay takes mail from this machine.",
    );
  }
  return new UnavailableError(
    `The mail relay ${relay} cannot be reached: ${why}`,
    "Check billing.mail.host and port, and that the relay runs.",
  );
}

/** Servers have been seen to repeat what they were sent. */
function withoutSecrets(text: string, { login }: MailerOptions): string {
  if (login === null) return text;
  const { user, password } = login;
  const secrets = [
    password,
    Buffer.from(password).toString("base64"),
    Buffer.from(`\u0000${user}\u0000${password}`).toString("base64"),
  ];
  return secrets.reduce((clean, secret) => clean.replaceAll(secret, "***"), text);
}
