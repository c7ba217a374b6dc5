import { BENCH_SIZES } from "../bench/corridor-shape.ts";
import { badInput } from "../exit.ts";

/** How large the corridors of a load are, and how long each load lasts, as a user types it. */
export interface LoadOptions {
  readonly banks: string;
  readonly seconds: string;
}

export function readLoadOptions({ banks, seconds }: LoadOptions) {
  const sizes = banks.split(",").map(Number);
  if (!sizes.every((n) => BENCH_SIZES.includes(n))) {
    throw badInput(`--banks ${banks}: want some of ${BENCH_SIZES.join(", ")}, separated by commas`);
  }
  const duration = Number(seconds);
  if (!(duration >= 1 && duration <= 600)) {
    throw badInput(`--seconds ${seconds}: want 1 to 600`);
  }
  return { sizes, seconds: duration };
}
