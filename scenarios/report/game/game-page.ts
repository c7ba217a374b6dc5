import { likeliest, startedWithin, type GameCurve } from "../../measures/htlc-game/curves.ts";
import { GAME_PARAMETERS, type GameParameterName } from "../../measures/htlc-game/parameters.ts";
import { figure } from "../page/figure.ts";
import { htmlTable } from "../page/html-table.ts";
import { html, type Markup } from "../page/markup.ts";
import { offlinePage } from "../page/offline-page.ts";
import { GAME_LABELS, GAME_QUESTION, GAME_SOURCE, GAME_TITLE } from "./game-manifest.ts";
import { priceText, rateText } from "./game-tables.ts";
import { successPlot } from "./success-plot.ts";

/** The report of a run of the game: one page that works offline. */
export async function renderGamePage(curves: readonly GameCurve[]): Promise<string> {
  return offlinePage(
    GAME_TITLE,
    html`<header>
        <p class="eyebrow">A model of behaviour</p>
        <h1>${GAME_TITLE}</h1>
        <p class="question">${GAME_QUESTION}</p>
        <aside class="labels" aria-label="What is modelled">
          <strong>A simulation, not money.</strong>
          <ul>
            ${GAME_LABELS.map((label) => html`<li>${label}</li>`)}
          </ul>
        </aside>
      </header>
      <main>
        <section id="result" class="summary">
          <h2>The result in brief</h2>
          ${curves.map((curve) => html`<p>${sentence(curve, curves.length === 1)}</p>`)}
          <p>
            In all other cases a price that has moved makes one side withdraw, and both have their
            own token back, later; a collateral is lost to the other side.
          </p>
        </section>
        <section id="success">
          <h2>Success rate against the agreed price</h2>
          ${await figure(
            successPlot(curves),
            "success-plot",
            "Success rate of a swap that was started",
            html`Where a line ends, Alice does not start, or with a collateral one of the two does
            not. Dots: agreed prices that are highlighted.`,
          )}
          ${highlightTable(curves)}
        </section>
        ${rulesSection()} ${parametersSection(curves)}
      </main>
      <footer>Source: ${GAME_SOURCE}. No result here is a forecast.</footer>`,
  );
}

function sentence(curve: GameCurve, isOnly: boolean): string {
  const name = isOnly ? "" : `${curve.name}: `;
  const [within, best] = [startedWithin(curve), likeliest(curve)];
  if (within === null || best === null) {
    return `${name}at none of the agreed prices looked at is the swap started.`;
  }
  return (
    `${name}of the agreed prices looked at, the swap is started from ${priceText(within[0])} to ` +
    `${priceText(within[1])}. It is likeliest to complete at ${priceText(best.agreed)}: in ` +
    `${rateText(best)} of cases.`
  );
}

function highlightTable(curves: readonly GameCurve[]): Markup {
  const [first] = curves;
  return htmlTable(
    "Success rate at highlighted agreed prices (empty: not started)",
    [
      { head: "Setting" },
      ...(first?.highlighted ?? []).map(({ agreed }) => ({ head: agreed, numeric: true })),
    ],
    curves.map(({ name, highlighted }) => [name, ...highlighted.map(rateText)]),
  );
}

const RULES = {
  "First, Alice":
    "starts if what she expects of the swap is worth more than the price she would pay.",
  "Then Bob":
    "locks token b only while the price is in a range: above it he would rather keep the token, below it Alice is too likely to withdraw.",
  "Last, Alice":
    "reveals her secret only if token b has not become too cheap. Until then she holds an option for which she paid nothing.",
} as const;

const rulesSection = (): Markup =>
  html`<section id="rules">
    <h2>Who may withdraw when</h2>
    <dl>
      ${Object.entries(RULES).map(
        ([who, what]) =>
          html`<dt>${who}</dt>
            <dd>${what}</dd> `,
      )}
    </dl>
  </section>`;

function parametersSection(curves: readonly GameCurve[]): Markup {
  return html`<section id="parameters">
    <h2>Parameters</h2>
    ${htmlTable(
      "What the game was played with",
      [
        { head: "Parameter" },
        { head: "Meaning" },
        { head: "Unit" },
        { head: "Values", numeric: true },
      ],
      [
        ...Object.entries(GAME_PARAMETERS).map(([name, { meaning, unit }]) => [
          name,
          meaning,
          unit,
          listed(curves.map(({ game }) => String(game[name as GameParameterName]))),
        ]),
        [
          "rate",
          "fixed: agreed in advance. adjusted: Bob chooses his amount when he locks it.",
          "",
          listed(curves.map(({ rate }) => rate)),
        ],
      ],
    )}
  </section>`;
}

/** Each value once, in order of appearance. */
const listed = (values: readonly string[]): string => [...new Set(values)].join(", ");
