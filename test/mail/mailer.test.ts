import { readFileSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { SMTPServer, type SMTPServerOptions } from "smtp-server";
import { describe, expect, onTestFinished, test } from "vitest";
import { createMailer, type MailerOptions } from "../../src/mail/index.ts";
import { ConfigError, RejectedError, UnavailableError } from "../../src/model/index.ts";

const pem = (name: string): string => readFileSync(new URL(`../fixtures/tls/${name}`, import.meta.url), "utf8");
const certificate = { key: pem("server.key"), cert: pem("server.pem") };
const mail = { subject: "Entwürfe warten", text: "Zeile 1\n\n.\nüöä €\n" };
const login = { user: "kivitendo", password: "geheim + secret/9" };

interface Received {
  readonly from: string;
  readonly to: readonly string[];
  readonly source: string;
  readonly secure: boolean;
  readonly user: string | undefined;
}

interface Relay {
  readonly received: readonly Received[];
  readonly options: (changes?: Partial<MailerOptions>) => MailerOptions;
}

/** A relay on 127.0.0.1; without a certificate unless one is given. */
async function relay(options: SMTPServerOptions = {}): Promise<Relay> {
  const received: Received[] = [];
  const server = new SMTPServer({
    authOptional: true,
    // Without one it would offer STARTTLS with a certificate of its own.
    ...(options.cert === undefined ? { disabledCommands: ["STARTTLS"] } : {}),
    allowInsecureAuth: true,
    onAuth: ({ username, password }, _session, callback) => {
      if (username === login.user && password === login.password) callback(null, { user: username });
      else callback(new Error(`No such login: ${username ?? ""} with ${password ?? ""}`));
    },
    onData: (stream, { envelope, secure, user }, callback) => {
      const chunks: Buffer[] = [];
      stream.on("data", (chunk: Buffer) => chunks.push(chunk));
      stream.on("end", () => {
        received.push({
          from: envelope.mailFrom === false ? "" : envelope.mailFrom.address,
          to: envelope.rcptTo.map(({ address }) => address),
          source: Buffer.concat(chunks).toString("utf8"),
          secure,
          user: user === undefined ? undefined : String(user),
        });
        callback();
      });
    },
    ...options,
  });
  // Connections that a client breaks off on purpose.
  server.on("error", () => undefined);
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  onTestFinished(
    () =>
      new Promise((resolve) => {
        server.close(() => resolve());
      }),
  );
  const { port } = server.server.address() as AddressInfo;
  return {
    received,
    options: (changes = {}) => ({
      host: "127.0.0.1",
      port,
      encryption: "none",
      login: null,
      from: "kivitendo@example.org",
      to: ["buchhaltung@example.org"],
      answerMs: 3_000,
      ...changes,
    }),
  };
}

test("a mail arrives whole, as one that no machine answers", async () => {
  const { received, options } = await relay();
  const to = ["buchhaltung@example.org", "chef@example.org"];
  expect(await createMailer(options({ to })).send(mail)).toEqual({ refused: [] });
  expect(received).toMatchObject([{ from: "kivitendo@example.org", to, secure: false, user: undefined }]);
  const [head = "", body = ""] = received[0]?.source.split(/\r\n\r\n/, 2) ?? [];
  expect(head).toContain("Auto-Submitted: auto-generated");
  expect(head).toMatch(/^Subject: =\?UTF-8\?Q\?Entw=C3=BCrfe_warten\?=/m);
  expect(head).toMatch(/^Content-Type: text\/plain; charset=utf-8/m);
  const encoding = /^Content-Transfer-Encoding: (.*)$/m.exec(head)?.[1];
  expect([encoding, body.trim()]).toEqual(["quoted-printable", "Zeile 1"]);
  expect(received[0]?.source).toContain("=C3=BC=C3=B6=C3=A4 =E2=82=AC");
});

test("no line of a subject becomes a header of its own", async () => {
  const { received, options } = await relay();
  await createMailer(options()).send({ subject: "a\r\nBcc: boese@example.org\r\n\r\nb", text: "x" });
  expect(received[0]?.to).toEqual(["buchhaltung@example.org"]);
  expect(received[0]?.source).not.toMatch(/^Bcc:/im);
  expect(received[0]?.source).toContain("Subject: a Bcc: boese@example.org b");
});

describe("encryption", () => {
  test("STARTTLS with a login, the relay's authority given", async () => {
    const { received, options } = await relay(certificate);
    await createMailer(options({ encryption: "starttls", ca: pem("ca.pem"), login })).send(mail);
    expect(received).toMatchObject([{ secure: true, user: login.user }]);
  });

  test("TLS from the first byte", async () => {
    const { received, options } = await relay({ ...certificate, secure: true });
    await createMailer(options({ encryption: "tls", ca: pem("ca.pem"), login })).send(mail);
    expect(received).toMatchObject([{ secure: true, user: login.user }]);
  });

  test.each([
    ["an authority that nobody knows", certificate, undefined],
    ["a certificate for another name", { ...certificate, cert: pem("other-name.pem") }, pem("ca.pem")],
    ["a certificate that ended", { ...certificate, cert: pem("expired.pem") }, pem("ca.pem")],
  ])("%s is refused before the login", async (_name, served, ca) => {
    const { received, options } = await relay(served);
    const sent = createMailer(options({ encryption: "starttls", ca, login })).send(mail);
    await expect(sent).rejects.toThrow(ConfigError);
    expect(received).toEqual([]);
  });

  test("a relay without STARTTLS gets neither login nor mail", async () => {
    const logins: unknown[] = [];
    const { received, options } = await relay({ onAuth: (auth) => void logins.push(auth) });
    const sent = createMailer(options({ encryption: "starttls", login })).send(mail);
    await expect(sent).rejects.toThrow(/No encrypted connection to the mail relay/);
    expect([logins, received]).toEqual([[], []]);
  });
});

describe("failures", () => {
  test("a login that is refused, and no word of its password", async () => {
    const { options } = await relay();
    const password = "falsch + geheim";
    const error: unknown = await createMailer(options({ login: { ...login, password } }))
      .send(mail)
      .catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(ConfigError);
    expect(String(error)).toContain("with ***");
    expect(String(error)).not.toContain(password);
  });

  test("somebody whom the relay does not know misses it, the others get it", async () => {
    const { received, options } = await relay({
      onRcptTo: ({ address }, _session, callback) =>
        callback(address.startsWith("weg@") ? new Error("unknown") : undefined),
    });
    const mailer = createMailer(options({ to: ["weg@example.org", "buchhaltung@example.org"] }));
    expect(await mailer.send(mail)).toEqual({ refused: ["weg@example.org"] });
    expect(received[0]?.to).toEqual(["buchhaltung@example.org"]);
    await expect(createMailer(options({ to: ["weg@example.org"] })).send(mail)).rejects.toThrow(RejectedError);
  });

  test("nobody listens", async () => {
    const { options } = await relay();
    const sent = createMailer(options({ port: 1 })).send(mail);
    await expect(sent).rejects.toThrow(UnavailableError);
    await expect(sent).rejects.toThrow("127.0.0.1:1");
  });

  test("a relay that does not answer is not waited for", async () => {
    const { options } = await relay({ onConnect: () => undefined });
    const sent = createMailer(options({ answerMs: 200 })).send(mail);
    await expect(sent).rejects.toThrow(UnavailableError);
  });
});
