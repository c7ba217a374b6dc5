import { likeliest, startedWithin, type GameCurve } from "../../measures/htlc-game/curves.ts";
import type { GameOutcome } from "../../measures/htlc-game/withdrawal-game.ts";
import { grid, WIDTH, wrap } from "../terminal-grid.ts";
import { GAME_LABELS, GAME_SOURCE, GAME_TITLE } from "./game-manifest.ts";

/** Rows of one table on a terminal; the file has all. */
const MAX_ROWS = 60;

/** The game's result as text of at most 100 columns. */
export function renderGameTables(curves: readonly GameCurve[]): string {
  const parts = [heading(), summaryTable(curves)];
  const [only, second] = curves;
  if (only !== undefined && second === undefined) parts.push(priceTable(only));
  return `${parts.join("\n\n")}\n`;
}

function heading(): string {
  const lines = [GAME_TITLE, ...wrap(GAME_SOURCE, WIDTH)];
  for (const label of GAME_LABELS) {
    const [first = "", ...rest] = wrap(label, WIDTH - 4);
    lines.push(`  - ${first}`, ...rest.map((line) => `    ${line}`));
  }
  return lines.join("\n");
}

/** What each setting comes to: where the swap is started, and how likely it then is to complete. */
function summaryTable(curves: readonly GameCurve[]): string {
  const [first] = curves;
  const body = grid(
    [
      ["Setting", "left", 38],
      ["Started at", "left", 16],
      ["Best", "right"],
      ["at", "right"],
      ...(first?.highlighted ?? []).map(({ agreed }) => [`at ${agreed}`, "right"] as const),
    ],
    curves.map((curve) => {
      const best = likeliest(curve);
      const within = startedWithin(curve);
      return [
        curve.name,
        within === null ? "never" : `${priceText(within[0])} to ${priceText(within[1])}`,
        best === null ? "" : rateText(best),
        best === null ? "" : priceText(best.agreed),
        ...curve.highlighted.map(rateText),
      ];
    }),
  );
  return `Success rate by agreed price (empty: the swap is not started)\n${body}`;
}

function priceTable({ outcomes }: GameCurve): string {
  const step = Math.max(1, Math.ceil(outcomes.length / MAX_ROWS));
  return grid(
    [
      ["Agreed", "right"],
      ["Success", "right"],
      ["Alice reveals above", "right"],
      ["Bob locks within", "left"],
      ["Alice gains", "right"],
      ["Bob gains", "right"],
    ],
    outcomes
      .filter((_, i) => i % step === 0)
      .map((outcome) => [
        priceText(outcome.agreed),
        rateText(outcome),
        priceText(outcome.revealAbove),
        outcome.lockWithin.map(([from, to]) => `${priceText(from)} to ${priceText(to)}`).join(", "),
        priceText(outcome.gainA),
        priceText(outcome.gainB),
      ]),
  );
}

/** A price or amount with four digits after the point. */
export const priceText = (price: number): string =>
  Number.isFinite(price) ? price.toFixed(4) : "any price";

/** A success rate in per cent; empty when there is none. */
export const rateText = ({ successRate }: Pick<GameOutcome, "successRate">): string =>
  Number.isNaN(successRate) ? "" : `${(100 * successRate).toFixed(2)} %`;
