/** An exact ratio of two sums; `null` stands where there is nothing to divide by. */
export interface Ratio {
  readonly numerator: bigint;
  readonly denominator: bigint;
}

export const ratio = (numerator: bigint, denominator: bigint): Ratio | null =>
  denominator === 0n ? null : { numerator, denominator };

/** The ratio, which is not negative, as a decimal number, rounded half up to so many decimals. */
export function roundRatio({ numerator, denominator }: Ratio, decimals: number): string {
  const scale = 10n ** BigInt(decimals);
  const scaled = (2n * numerator * scale + denominator) / (2n * denominator);
  const fraction = String(scaled % scale).padStart(decimals, "0");
  return decimals === 0 ? `${scaled}` : `${scaled / scale}.${fraction}`;
}
