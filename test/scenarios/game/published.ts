/**
 * Success rates that the authors of arXiv 2011.11325 published as drawings (repository
 * xujiahuayz/AtomicSwapGameTheory, folder `figure`, files success_plot_sigma-1.tex and
 * success_plot_col-1.tex), read off the coordinates of the lines: y = 128.38 is 0 and 407.90 is 1, a
 * hundredth of a point is less than 0.0001. The agreed prices are points of their grid of 50 from 0.196 to
 * 3; a line begins and ends where the swap is started.
 */
interface PublishedLine {
  readonly name: string;
  readonly sigma: number;
  readonly collateral: number;
  /** The first point's place in the grid, from 0. */
  readonly first: number;
  readonly heights: readonly number[];
}

const LINES: readonly PublishedLine[] = [
  {
    name: "the default parameters",
    sigma: 0.1,
    collateral: 0,
    first: 24,
    heights: [
      226.41, 246.41, 265.56, 283.02, 298.09, 310.33, 319.63, 325.9, 329.31, 330.19, 328.76, 325.41,
      320.47, 314.23, 307.02, 299.06, 290.58,
    ],
  },
  {
    name: "low volatility",
    sigma: 0.05,
    collateral: 0,
    first: 25,
    heights: [
      234.49, 278.44, 319.45, 352.56, 375.93, 390.32, 397.83, 400.55, 400.04, 397.13, 392.18,
      385.23, 376.25, 365.2,
    ],
  },
  {
    name: "high volatility",
    sigma: 0.15,
    collateral: 0,
    first: 26,
    heights: [
      225.78, 234.07, 241.43, 247.76, 253.0, 257.12, 260.14, 262.11, 263.08, 263.14, 262.34, 260.81,
      258.63, 255.9, 252.7, 249.11,
    ],
  },
  {
    name: "a small collateral",
    sigma: 0.1,
    collateral: 0.01,
    first: 24,
    heights: [
      230.03, 250.13, 269.31, 286.69, 301.55, 313.62, 322.64, 328.72, 331.97, 332.65, 331.09,
      327.65, 322.63, 316.36, 309.12, 301.15, 292.68,
    ],
  },
  {
    name: "a large collateral",
    sigma: 0.1,
    collateral: 0.1,
    first: 24,
    heights: [
      261.57, 281.84, 300.2, 316.22, 329.32, 339.39, 346.55, 350.94, 352.69, 352.21, 349.77, 345.65,
      340.18, 333.61, 326.16, 318.05,
    ],
  },
];

export const PUBLISHED = LINES.map(({ name, sigma, collateral, first, heights }) => ({
  name,
  sigma,
  collateral,
  points: heights.map((height, i) => ({
    agreed: gridPrice(first + i),
    success: (height - 128.38) / (407.9 - 128.38),
  })),
}));

export function gridPrice(place: number): number {
  return 0.196 + (place * (3 - 0.196)) / 49;
}

/** The level stretch of the line "uncertain exchange" (Overleaf/figures/success_val_unknx-1.tex). */
export const PUBLISHED_ADJUSTED = (350.23 - 128.38) / (407.9 - 128.38);
