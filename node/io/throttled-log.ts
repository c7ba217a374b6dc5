/** What recurs with every attempt of a peer or a stranger is logged once in this time. */
export const LOG_PAUSE_MS = 60_000;

export interface HostLogEntry {
  readonly code: string;
  readonly [detail: string]: unknown;
}

export type HostLog = (entry: HostLogEntry) => void;

/**
 * Passes on the first entry of a code and bank, then one in `LOG_PAUSE_MS`, with the number of
 * those that were left out. A `peer` that is not a bank's number does not make an entry distinct:
 * strangers choose their names.
 */
export function throttledLog(onLog: HostLog): HostLog {
  const seen = new Map<string, { readonly at: number; leftOut: number }>();
  return (entry) => {
    const bank = entry["peer"];
    const kind = typeof bank === "number" ? `${entry.code} ${bank}` : entry.code;
    const last = seen.get(kind);
    const now = performance.now();
    if (last !== undefined && now - last.at < LOG_PAUSE_MS) {
      last.leftOut += 1;
      return;
    }
    seen.set(kind, { at: now, leftOut: 0 });
    onLog(last === undefined ? entry : { ...entry, leftOut: last.leftOut });
  };
}
