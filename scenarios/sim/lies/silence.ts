import type { Lie } from "./lie.ts";

/** Sends nothing. */
export const SILENT: Lie = { onSend: () => [] };

/** Sends everything, too late to be of use on the fast path. */
export const lateBy = (delayUs: number): Lie => ({
  onSend: (to, bytes) => [{ to, bytes, delayUs }],
});
