/** How often one reason stood behind one outcome. */
export interface ReasonCount {
  readonly outcome: string;
  /** A code such as `FUNDS_INSUFFICIENT`; empty when none was given. */
  readonly reason: string;
  readonly count: number;
}

interface Explained {
  readonly outcome: string;
  readonly reason: string;
}

/** Counts outcomes by their reason, the most frequent first; what went well is left out. */
export function countReasons(
  items: readonly Explained[],
  wentWell: string,
): readonly ReasonCount[] {
  const counts = new Map<string, { outcome: string; reason: string; count: number }>();
  for (const { outcome, reason } of items) {
    if (outcome === wentWell) continue;
    const key = JSON.stringify([outcome, reason]);
    const known = counts.get(key);
    if (known === undefined) counts.set(key, { outcome, reason, count: 1 });
    else known.count += 1;
  }
  return [...counts.entries()]
    .sort(([keyA, a], [keyB, b]) => b.count - a.count || (keyA < keyB ? -1 : 1))
    .map(([, count]) => count);
}
