import { playAdjusted } from "./adjusted-rate.ts";
import type { GameRate, HtlcGame } from "./parameters.ts";
import { playGame, type GameOutcome } from "./withdrawal-game.ts";

/** One way of setting the game, with the name that tells it from the others of a run. */
export interface GameSetting {
  readonly name: string;
  readonly game: HtlcGame;
  readonly rate: GameRate;
}

export interface GamePlan {
  readonly settings: readonly GameSetting[];
  /** Agreed prices, ascending. */
  readonly agreed: readonly number[];
  /** Agreed prices that tables always show. */
  readonly highlighted: readonly number[];
}

export interface GameCurve extends GameSetting {
  readonly outcomes: readonly GameOutcome[];
  readonly highlighted: readonly GameOutcome[];
}

/** Plays each setting once for each agreed price. */
export function gameCurves({ settings, agreed, highlighted }: GamePlan): readonly GameCurve[] {
  return settings.map((setting) => {
    const play = (price: number): GameOutcome =>
      setting.rate === "fixed" ? playGame(setting.game, price) : playAdjusted(setting.game, price);
    return { ...setting, outcomes: agreed.map(play), highlighted: highlighted.map(play) };
  });
}

/** Agreed prices of a curve for which the swap is started, from least to greatest; `null` if there are none. */
export function startedWithin({ outcomes }: Pick<GameCurve, "outcomes">) {
  const started = outcomes.filter(({ successRate }) => !Number.isNaN(successRate));
  const [first, last] = [started[0], started.at(-1)];
  return first === undefined || last === undefined ? null : ([first.agreed, last.agreed] as const);
}

/** The outcome with the highest success rate; `null` if no swap is started. */
export function likeliest({ outcomes }: Pick<GameCurve, "outcomes">): GameOutcome | null {
  return outcomes.reduce<GameOutcome | null>(
    (best, outcome) => (outcome.successRate > (best?.successRate ?? -1) ? outcome : best),
    null,
  );
}
