import { ok, reject, type Outcome } from "../../crypto/outcome.ts";
import type { GamePlan, GameSetting } from "../measures/htlc-game/curves.ts";
import {
  GAME_PARAMETERS,
  MAX_LOG_DEVIATION,
  RATES,
  type GameParameter,
  type GameParameterName,
  type GameRate,
  type HtlcGame,
} from "../measures/htlc-game/parameters.ts";
import { printable, quote, SETS_FILE, type ScenarioProblem } from "../problem.ts";
import { oneOf } from "./words.ts";

/** Curves of one run: more would not be told apart in a plot. */
export const MAX_CURVES = 12;

/** Agreed prices of one curve: finer than a plot has pixels. */
export const MAX_POINTS = 1_000;

/** Agreed prices that are highlighted. */
const MAX_HIGHLIGHTED = 12;

/** Where the agreed price runs by default, and which ones the paper highlights. */
const AXIS = {
  from: { default: 0.196, min: 0, max: 1e6, aboveMin: true },
  to: { default: 3, min: 0, max: 1e6, aboveMin: true },
  points: { default: 50, min: 1, max: MAX_POINTS, whole: true },
} as const;

const HIGHLIGHTED = "1.6,2,2.4";

type Bounds = Pick<GameParameter, "min" | "max" | "aboveMin"> & { readonly whole?: true };

const NAMES = Object.keys(GAME_PARAMETERS) as readonly GameParameterName[];
const AXIS_NAMES = Object.keys(AXIS) as readonly (keyof typeof AXIS)[];
const ALL_NAMES: readonly string[] = [...NAMES, "rate", ...AXIS_NAMES, "highlight"];

const NUMBER = /^-?[0-9]{1,12}(\.[0-9]{1,15})?(e-?[0-9]{1,2})?$/;

/**
 * Reads `--set name=value` for the game. A parameter may be given several values, separated by commas:
 * each combination is a curve of its own. Of one name the last `--set` counts.
 */
export function readGamePlan(
  sets: readonly string[],
): Outcome<GamePlan, readonly ScenarioProblem[]> {
  const problems: ScenarioProblem[] = [];
  const written = new Map<string, { readonly text: string; readonly number: number }>();
  for (const [i, set] of sets.entries()) {
    const equals = set.indexOf("=");
    const name = equals === -1 ? set : set.slice(0, equals);
    if (equals === -1 || !ALL_NAMES.includes(name)) {
      const found = quote(name);
      problems.push(problemAt(i + 1, "", found, `${oneOf(ALL_NAMES, name)}, as in sigma=0.2`));
    } else written.set(name, { text: set.slice(equals + 1), number: i + 1 });
  }
  const numbersOf = (name: string, bounds: Bounds, otherwise: string, most: number): number[] => {
    const { text, number } = written.get(name) ?? { text: otherwise, number: 0 };
    const parts = text.split(",").map((part) => part.trim());
    const isSound = parts.length <= most && parts.every((part) => isWithin(part, bounds));
    if (!isSound) problems.push(problemAt(number, name, quote(text), allowed(bounds, most)));
    return isSound ? parts.map(Number) : [];
  };
  const values = NAMES.map((name) => {
    const parameter: GameParameter = GAME_PARAMETERS[name];
    return numbersOf(name, parameter, String(parameter.default), MAX_CURVES);
  });
  const [from = 0, to = 0, points = 0] = AXIS_NAMES.flatMap((name) =>
    numbersOf(name, AXIS[name], String(AXIS[name].default), 1),
  );
  const highlighted = numbersOf("highlight", AXIS.from, HIGHLIGHTED, MAX_HIGHLIGHTED);
  const rates = ratesOf(written.get("rate"), problems);
  if (problems.length === 0 && to < from) {
    const { number = 0 } = written.get("to") ?? written.get("from") ?? {};
    problems.push(problemAt(number, "to", String(to), `at least from, ${from}`));
  }
  const settings = problems.length === 0 ? combine(values, rates, problems) : [];
  if (problems.length > 0) return reject(problems);
  const step = points === 1 ? 0 : (to - from) / (points - 1);
  const agreed = Array.from({ length: points }, (_, i) => from + i * step);
  return ok({ settings, agreed, highlighted: highlighted.toSorted((a, b) => a - b) });
}

function isWithin(text: string, { min, max, aboveMin, whole }: Bounds): boolean {
  const value = Number(text);
  if (!NUMBER.test(text) || (whole === true && !Number.isInteger(value))) return false;
  return value <= max && (aboveMin === true ? value > min : value >= min);
}

function allowed({ min, max, aboveMin, whole }: Bounds, most: number): string {
  const kind = whole === true ? "a whole number" : "a number";
  const range = aboveMin === true ? `above ${min} and up to ${max}` : `from ${min} to ${max}`;
  return `${kind} ${range}${most > 1 ? `, or up to ${most} of them separated by commas` : ""}`;
}

function ratesOf(
  written: { readonly text: string; readonly number: number } | undefined,
  problems: ScenarioProblem[],
): readonly GameRate[] {
  if (written === undefined) return ["fixed"];
  const parts = written.text.split(",");
  const rates = RATES.filter((rate) => parts.includes(rate));
  if (parts.length === rates.length) return rates;
  const choice = `${RATES.join(" or ")}, or both separated by a comma`;
  problems.push(problemAt(written.number, "rate", quote(written.text), choice));
  return [];
}

/** Every combination of the values; its name says what differs from the others. */
function combine(
  values: readonly (readonly number[])[],
  rates: readonly GameRate[],
  problems: ScenarioProblem[],
): readonly GameSetting[] {
  const count = values.reduce((product, { length }) => product * length, rates.length);
  if (count > MAX_CURVES) {
    problems.push(problemAt(0, "", `${count} combinations`, `at most ${MAX_CURVES}`));
    return [];
  }
  let settings = rates.map((rate) => ({
    rate,
    words: rates.length > 1 ? [`${rate} rate`] : [],
    game: {} as Partial<Record<GameParameterName, number>>,
  }));
  for (const [i, name] of NAMES.entries()) {
    const those = values[i] ?? [];
    settings = settings.flatMap(({ rate, words, game }) =>
      those.map((value) => ({
        rate,
        words: those.length > 1 ? [...words, `${name} ${value}`] : words,
        game: { ...game, [name]: value },
      })),
    );
  }
  return settings.map(({ rate, words, game }) => {
    const setting = { rate, game: game as HtlcGame, name: words.join(", ") || `${rate} rate` };
    checkTogether(setting, problems);
    return setting;
  });
}

/** What only shows when several parameters are taken together. */
function checkTogether({ game, rate }: GameSetting, problems: ScenarioProblem[]): void {
  const { sigma, tauA, tauB, collateral } = game;
  const deviation = sigma * Math.sqrt(Math.max(tauA, tauB));
  if (deviation > MAX_LOG_DEVIATION) {
    const limit = `at most ${MAX_LOG_DEVIATION} over the longer of tauA and tauB`;
    problems.push(problemAt(0, "sigma", `${sigma} times the root of that time`, limit));
  }
  if (rate === "adjusted" && collateral > 0) {
    const found = `${collateral} with rate=adjusted`;
    problems.push(problemAt(0, "collateral", found, "0 there: the model has one or the other"));
  }
}

const problemAt = (
  line: number,
  path: string,
  found: string,
  allowedThere: string,
): ScenarioProblem => ({
  code: "scenario_invalid",
  file: SETS_FILE,
  line,
  column: 1,
  path,
  found: printable(found),
  allowed: allowedThere,
});
