/** One number of the game, as a user sets it. */
export interface GameParameter {
  readonly default: number;
  readonly unit: string;
  readonly meaning: string;
  readonly min: number;
  readonly max: number;
  /** The value itself must be above `min`. */
  readonly aboveMin?: true;
}

/** A week: confirmation takes minutes or hours, and the arithmetic stays within double precision. */
const MAX_HOURS = 168;

const premium = (whose: string): GameParameter => ({
  default: 0.3,
  unit: "",
  meaning: `Success premium of ${whose}: how much more than its price a completed swap is worth.`,
  min: 0,
  max: 100,
});
const discount = (whose: string): GameParameter => ({
  default: 0.01,
  unit: "per hour",
  meaning: `Discount rate of ${whose}.`,
  min: 0,
  max: 0.5,
});
const hours = (value: number, meaning: string): GameParameter => ({
  default: value,
  unit: "hours",
  meaning,
  min: 0,
  max: MAX_HOURS,
  aboveMin: true,
});

/**
 * What the game is played with, and by default with the numbers of Xu, Ackerer and Dubovitskaya (ICDCS
 * 2021, arXiv 2011.11325). Alice pays token a, which is what values are counted in, for one token b.
 */
export const GAME_PARAMETERS = {
  alphaA: premium("Alice, who starts and knows the secret"),
  alphaB: premium("Bob"),
  rA: discount("Alice"),
  rB: discount("Bob"),
  mu: {
    default: 0.002,
    unit: "per hour",
    meaning: "Drift of the price of token b, a geometric Brownian motion.",
    min: -0.5,
    max: 0.5,
  },
  sigma: {
    default: 0.1,
    unit: "per square root of an hour",
    meaning: "Volatility of that price.",
    min: 0,
    max: 5,
    aboveMin: true,
  },
  tauA: hours(3, "Time until a transaction on ledger a is confirmed."),
  tauB: hours(4, "Time until a transaction on ledger b is confirmed."),
  tauEpsilon: {
    default: 1,
    unit: "hours",
    meaning: "Time until a secret that was sent can be seen.",
    min: 0,
    max: MAX_HOURS,
  },
  price: {
    default: 2,
    unit: "token a for one token b",
    meaning: "Price when Alice decides whether to start.",
    min: 0,
    max: 1e6,
    aboveMin: true,
  },
  collateral: {
    default: 0,
    unit: "token a",
    meaning: "What each of the two deposits, and loses to the other by withdrawing; 0: nothing.",
    min: 0,
    max: 1e6,
  },
} as const satisfies Readonly<Record<string, GameParameter>>;

export type GameParameterName = keyof typeof GAME_PARAMETERS;
export type HtlcGame = Readonly<Record<GameParameterName, number>>;

/** How much the price may scatter while a transaction is confirmed: standard deviation of its logarithm. */
export const MAX_LOG_DEVIATION = 5;

/** Whether a price is agreed in advance, or Bob chooses the amount that he locks when he locks it. */
export const RATES = ["fixed", "adjusted"] as const;
export type GameRate = (typeof RATES)[number];
