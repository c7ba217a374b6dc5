import { digestParts, hashKey } from "../../crypto/hash.ts";
import type { Verifier } from "../../crypto/ed25519.ts";

type Verdict = ReturnType<Verifier["verify"]>;

/** Signatures that are remembered: all that are under way at once, with room to spare. */
const MAX_REMEMBERED = 16_384;

/**
 * Verifies a signature once, however many simulated banks are shown it: the verdict is a function of
 * key, message and signature alone. What it remembers longest ago it forgets first.
 */
export function rememberingVerifier(inner: Verifier): Verifier {
  const known = new Map<string, Verdict>();
  return {
    verify: (key, message, signature) => {
      const name = hashKey(digestParts(key, signature, message));
      const before = known.get(name);
      if (before !== undefined) return before;
      const verdict = inner.verify(key, message, signature);
      known.set(name, verdict);
      if (known.size > MAX_REMEMBERED) {
        const [oldest] = known.keys();
        if (oldest !== undefined) known.delete(oldest);
      }
      return verdict;
    },
  };
}
