import type { GameCurve } from "../../measures/htlc-game/curves.ts";
import {
  GAME_PARAMETERS,
  type GameParameterName,
  type GameRate,
  type HtlcGame,
} from "../../measures/htlc-game/parameters.ts";
import type { GameOutcome } from "../../measures/htlc-game/withdrawal-game.ts";
import { count, number, text, type Column, type Columns } from "../columns.ts";

/** One agreed price of one curve. What is not there, such as an upper bound, is `null`. */
export interface SuccessRow extends HtlcGame {
  readonly curve: string;
  readonly rate: GameRate;
  readonly agreed: number;
  readonly revealAbove: number;
  readonly lockRanges: number;
  readonly lockFrom: number | null;
  readonly lockTo: number | null;
  readonly gainA: number;
  readonly gainB: number;
  readonly starts: number;
  readonly successRate: number | null;
}

const TOKEN_A = "token a";
const PRICE = "token a for one token b";

const parameterColumns = Object.fromEntries(
  Object.entries(GAME_PARAMETERS).map(([name, { unit, meaning }]) => [name, number(unit, meaning)]),
) as Record<GameParameterName, Column>;

export const SUCCESS_COLUMNS: Columns<SuccessRow> = {
  curve: text("The setting's name: what tells it from the others of the run."),
  rate: text("Whether a rate is agreed, or Bob adjusts his amount to the price.", [
    "fixed",
    "adjusted",
  ]),
  ...parameterColumns,
  agreed: number(PRICE, "P*: what Alice pays for one token b."),
  revealAbove: number(PRICE, "k: Alice reveals her secret if the price is above it then."),
  lockRanges: count("How many ranges of the price there are in which Bob locks."),
  lockFrom: number(PRICE, "The least price at which Bob locks."),
  lockTo: number(PRICE, "The greatest price at which Bob locks; empty: none, or no bound."),
  gainA: number(TOKEN_A, "What starting is worth to Alice beyond not starting."),
  gainB: number(
    TOKEN_A,
    "The same for Bob, who decides about it only where there is a collateral.",
  ),
  starts: count("1: the swap is started; 0: it is not."),
  successRate: number("", "Probability that it completes; empty: not started, or Bob never locks."),
};

export const successRows = (curves: readonly GameCurve[]): readonly SuccessRow[] =>
  curves.flatMap(({ name, game, rate, outcomes }) =>
    outcomes.map((outcome) => ({ curve: name, rate, ...game, ...plain(outcome) })),
  );

function plain({ agreed, revealAbove, lockWithin, gainA, gainB, starts, ...rest }: GameOutcome) {
  const finite = (value: number | undefined): number | null =>
    value === undefined || !Number.isFinite(value) ? null : value;
  return {
    agreed,
    revealAbove,
    lockRanges: lockWithin.length,
    lockFrom: finite(lockWithin[0]?.[0]),
    lockTo: finite(lockWithin.at(-1)?.[1]),
    gainA,
    gainB,
    starts: Number(starts),
    successRate: finite(rest.successRate),
  };
}
