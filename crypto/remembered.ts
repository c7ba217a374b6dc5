import type { Bytes } from "./bytes.ts";

/**
 * A pure function of bytes that computes its result once for each byte string, as long as anyone holds
 * that string: on its way through a bank the same one is asked about several times. It goes by the
 * object, so the bytes must not change, as is the rule for whatever was decoded.
 */
export function remembered<T extends object>(compute: (bytes: Bytes) => T): (bytes: Bytes) => T {
  const known = new WeakMap<Bytes, T>();
  return (bytes) => {
    const before = known.get(bytes);
    if (before !== undefined) return before;
    const result = compute(bytes);
    known.set(bytes, result);
    return result;
  };
}
