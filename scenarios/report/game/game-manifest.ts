import type { GameParameterName, GameRate } from "../../measures/htlc-game/parameters.ts";

/** The name with which `daliz run` plays the game. */
export const HTLC_GAME = "htlc-game";

export const GAME_TITLE = "Rational withdrawal from an HTLC swap";

export const GAME_QUESTION =
  "How likely is a hash-timelock swap to complete, once started, when either side withdraws as soon as " +
  "the price makes that worth more? And what do collateral, or a rate that follows the price, change?";

/** What is modelled: all of it. */
export const GAME_LABELS = [
  "A model of how two rational traders behave, solved as equations: no bank, ledger, message or money took part.",
  "Its default numbers are those of the paper's authors, for two public chains; none is of a central bank.",
  "The equations of the collateral, and the closed form of the adjusted rate, are derived here from the game; the rest is the paper's.",
] as const;

export const GAME_SOURCE =
  "Xu, Ackerer, Dubovitskaya: A Game-Theoretic Analysis of Cross-Chain Atomic Swaps with HTLCs, ICDCS 2021, arXiv 2011.11325";

/** `manifest.json` of a run of the game. */
export interface GameManifest {
  readonly format: "daliz-game/1";
  readonly game: typeof HTLC_GAME;
  readonly title: string;
  readonly question: string;
  readonly source: string;
  readonly modelled: readonly string[];
  readonly versions: Readonly<Record<string, string>>;
  readonly agreed: { readonly from: number; readonly to: number; readonly points: number };
  readonly curves: readonly {
    readonly name: string;
    readonly rate: GameRate;
    readonly parameters: Readonly<Record<GameParameterName, number>>;
    /** Agreed prices for which the swap is started, least and greatest. */
    readonly startedWithin: readonly [number, number] | null;
    readonly likeliest: { readonly agreed: number; readonly successRate: number } | null;
    /** `null` where the swap is not started. */
    readonly highlighted: readonly {
      readonly agreed: number;
      readonly successRate: number | null;
    }[];
  }[];
}
