/** The first 12 hex digits of the SHA-256 of a plain value. */
export async function digestOf(value: unknown): Promise<string> {
  const bytes = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(JSON.stringify(value)));
  return new Uint8Array(bytes).toHex().slice(0, 12);
}
