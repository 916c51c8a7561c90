/** Texts that must not reach a log or a message: the password and the sessions. */
export interface Secrets {
  add(secret: string): void;
  /** The text with every secret replaced, also where it stands escaped for JSON or a URL. */
  clean(text: string): string;
}

/** More than two sessions are never alive at once; what the helpdesk forgot is harmless. */
const sessionsRemembered = 8;

/** Starts with the password, which is never forgotten. */
export function createSecrets(password: string): Secrets {
  const sessions: string[] = [];
  return {
    add(secret) {
      sessions.push(secret);
      if (sessions.length > sessionsRemembered) sessions.shift();
    },
    clean(text) {
      return [password, ...sessions].reduce(blank, text);
    },
  };
}

function blank(text: string, secret: string): string {
  if (secret === "") return text;
  const shapes = new Set([secret, JSON.stringify(secret).slice(1, -1), encodeURIComponent(secret)]);
  return [...shapes].reduce((cleaned, shape) => cleaned.replaceAll(shape, "[secret]"), text);
}
