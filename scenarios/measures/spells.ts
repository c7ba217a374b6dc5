/** An amount that stands somewhere for a while; times in microseconds. */
export interface Spell {
  readonly fromUs: number;
  readonly toUs: number;
  readonly amount: bigint;
}

export interface SpellSum {
  /** The most that stood there at once. */
  readonly peak: bigint;
  /** Amount times microseconds, summed up. */
  readonly unitMicros: bigint;
}

/** Adds spells up over time: what ends when another begins does not count twice. */
export function sumSpells(spells: readonly Spell[]): SpellSum {
  const changes = new Map<number, bigint>();
  const change = (us: number, amount: bigint): void => {
    changes.set(us, (changes.get(us) ?? 0n) + amount);
  };
  let unitMicros = 0n;
  for (const { fromUs, toUs, amount } of spells) {
    if (toUs <= fromUs) continue;
    change(fromUs, amount);
    change(toUs, -amount);
    unitMicros += amount * BigInt(toUs - fromUs);
  }
  let [level, peak] = [0n, 0n];
  for (const [, amount] of [...changes].sort(([a], [b]) => a - b)) {
    level += amount;
    if (level > peak) peak = level;
  }
  return { peak, unitMicros };
}
