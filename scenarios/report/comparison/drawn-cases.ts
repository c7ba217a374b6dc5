import type { ComparisonManifest } from "./comparison-result.ts";

/** More lines than this are not told apart; the files have all cases. */
export const MAX_DRAWN_CASES = 18;

/** The cases that plots draw, evenly spaced among all, with their places in the list. */
export function drawnCases({ cases }: Pick<ComparisonManifest, "cases">) {
  const step = Math.max(1, (cases.length - 1) / (MAX_DRAWN_CASES - 1));
  const count = Math.min(cases.length, MAX_DRAWN_CASES);
  return Array.from({ length: count }, (_, i) => {
    const place = Math.round(i * step);
    return { name: cases[place]?.name ?? "", place };
  });
}
