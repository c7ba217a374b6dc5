import crypto from "node:crypto";
import { createSHA256 } from "hash-wasm";
import { accelerateSha256 } from "../../crypto/hash.ts";

/** From about here on OpenSSL's speed outweighs what calling it costs, some two microseconds. */
const LONG_BYTES = 384;

/**
 * Computes SHA-256 from now on in this process in WebAssembly, and that of long inputs in OpenSSL. A
 * bank hashes some forty short inputs for each swap, on which WebAssembly takes half the time.
 */
export async function useFastSha256(): Promise<void> {
  const hasher = await createSHA256();
  accelerateSha256((bytes) => {
    if (bytes.length >= LONG_BYTES) {
      const digest = crypto.hash("sha256", bytes, "buffer");
      return new Uint8Array(digest.buffer, digest.byteOffset, digest.length);
    }
    hasher.init();
    hasher.update(bytes);
    return hasher.digest("binary");
  });
}
