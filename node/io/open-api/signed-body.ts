import type { Bytes } from "../../../crypto/bytes.ts";
import { SIGNATURE_BYTES, type Signature } from "../../../crypto/ed25519.ts";
import { ok, type Outcome } from "../../../crypto/outcome.ts";
import { refuse, type Problem } from "./problem.ts";

/** Something signed as it stands in a request: both parts in base64. */
export interface SignedBody {
  readonly body: string;
  readonly signature: string;
}

/** The bytes of a text that its schema has found to be base64. */
export const bytesOf = (base64: string): Bytes => Uint8Array.from(Buffer.from(base64, "base64"));

export function readSigned(
  { body, signature }: SignedBody,
  code: Problem["code"] = "document_invalid",
): Outcome<{ readonly body: Bytes; readonly signature: Signature }, Problem> {
  const bytes = bytesOf(signature);
  if (bytes.length === SIGNATURE_BYTES) {
    return ok({ body: bytesOf(body), signature: bytes as Signature });
  }
  const allowed = `a signature of ${SIGNATURE_BYTES} bytes`;
  return refuse(code, { found: `one of ${bytes.length} bytes`, allowed });
}
