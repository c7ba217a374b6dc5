import { createSHA256 } from "hash-wasm";
import { accelerateSha256 } from "../../crypto/hash.ts";

/**
 * Computes SHA-256 in WebAssembly from now on in this process. A bank hashes some hundred short inputs
 * for each swap, and on those it takes half the time of OpenSSL, whose calls cost more than the work.
 */
export async function useFastSha256(): Promise<void> {
  const hasher = await createSHA256();
  accelerateSha256((bytes) => {
    hasher.init();
    hasher.update(bytes);
    return hasher.digest("binary");
  });
}
