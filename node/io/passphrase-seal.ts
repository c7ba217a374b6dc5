import { createCipheriv, createDecipheriv, randomBytes, scryptSync } from "node:crypto";
import { concatBytes, type Bytes } from "../../crypto/bytes.ts";

/**
 * Encryption of a short text under a passphrase: a key by scrypt (RFC 7914), AES-256-GCM (NIST SP
 * 800-38D) over the text and, authenticated only, its context. Bytes: salt 16, nonce 12, ciphertext,
 * tag 16. The costs are part of the format, so that no file can ask for another amount of memory.
 */
const SCRYPT = { N: 2 ** 17, r: 8, p: 1, maxmem: 2 ** 28 } as const;
const CIPHER = "aes-256-gcm";
const KEY_BYTES = 32;
const SALT_BYTES = 16;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/** Takes 128 MiB and some tenths of a second, as every guess at the passphrase does. */
const deriveKey = (passphrase: string, salt: Bytes): Bytes =>
  scryptSync(passphrase.normalize("NFC"), salt, KEY_BYTES, SCRYPT);

export function seal(text: string, passphrase: string, context: string): Bytes {
  const salt = randomBytes(SALT_BYTES);
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv(CIPHER, deriveKey(passphrase, salt), nonce, {
    authTagLength: TAG_BYTES,
  });
  cipher.setAAD(Buffer.from(context));
  const body = concatBytes(cipher.update(text, "utf8"), cipher.final());
  return concatBytes(salt, nonce, body, cipher.getAuthTag());
}

/** The text; nothing for another passphrase or context, or when a bit was changed. */
export function unseal(sealed: Bytes, passphrase: string, context: string): string | undefined {
  if (sealed.length < SALT_BYTES + NONCE_BYTES + TAG_BYTES) return undefined;
  const salt = sealed.subarray(0, SALT_BYTES);
  const nonce = sealed.subarray(SALT_BYTES, SALT_BYTES + NONCE_BYTES);
  const body = sealed.subarray(SALT_BYTES + NONCE_BYTES, -TAG_BYTES);
  const decipher = createDecipheriv(CIPHER, deriveKey(passphrase, salt), nonce, {
    authTagLength: TAG_BYTES,
  });
  decipher.setAAD(Buffer.from(context));
  decipher.setAuthTag(sealed.subarray(-TAG_BYTES));
  try {
    return Buffer.concat([decipher.update(body), decipher.final()]).toString("utf8");
  } catch {
    return undefined;
  }
}
