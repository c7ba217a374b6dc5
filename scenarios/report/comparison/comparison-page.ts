import { stringify } from "yaml";
import { VERDICTS } from "../../measures/statistics/paired.ts";
import { RUN_MEASURES, RUN_MEASURE_NAMES } from "../../measures/run-measures.ts";
import { counted } from "../format.ts";
import { figure } from "../page/figure.ts";
import { htmlTable } from "../page/html-table.ts";
import { html, type Markup } from "../page/markup.ts";
import { offlinePage } from "../page/offline-page.ts";
import type { CaseResult, ComparisonManifest, ComparisonResult } from "./comparison-result.ts";
import { TABLES } from "./comparison-tables.ts";
import { MAX_DRAWN_CASES } from "./drawn-cases.ts";
import { ecdfPlot } from "./ecdf-plot.ts";
import { guaranteeSection, observedSection } from "./guarantee-section.ts";
import { liquidityPlot } from "./liquidity-plot.ts";
import { estimateText } from "./measure-text.ts";
import { parameterPlot } from "./parameter-plot.ts";
import { summary } from "./summary.ts";

/** Cases that a table of the page lists; the files have all. */
const MAX_TABLE_CASES = 60;

/** The plots of a comparison, by the names of their files. */
export const comparisonPlots = (result: ComparisonResult) => ({
  "settle-ecdf": ecdfPlot(result),
  "delay-liquidity": liquidityPlot(result),
  parameter: parameterPlot(result.manifest),
});

/** The report of a comparison: one page that works offline. */
export async function renderComparisonPage(result: ComparisonResult): Promise<string> {
  const { manifest } = result;
  return offlinePage(
    `Comparison: ${manifest.title}`,
    html`${masthead(manifest)}
      <main>
        <section id="result" class="summary">
          <h2>The result in brief</h2>
          ${summary(manifest).map((sentence) => html`<p>${sentence}</p>`)}
        </section>
        ${contents(manifest)} ${await timesSection(result)} ${await parameterSection(result)}
        ${tablesSection(manifest)} ${differencesSection(manifest)} ${await liquiditySection(result)}
        ${guaranteeSection(manifest)} ${observedSection(manifest)} ${parametersSection(manifest)}
        ${measuresSection()}
      </main>
      <footer>
        Daliz ${manifest.versions["daliz"] ?? ""}, scenario ${manifest.scenario}. A simulation, not
        money: no central bank took part, and no result here is a forecast.
      </footer>`,
  );
}

function masthead(manifest: ComparisonManifest): Markup {
  const { title, question, cases, runs, firstSeed, signatures, modelled } = manifest;
  return html`<header>
    <p class="eyebrow">Comparison of ${counted(cases.length, "case")}</p>
    <h1 dir="auto">${title}</h1>
    <p class="question" dir="auto">${question}</p>
    <p class="facts">
      ${counted(runs, "run")} of each case, seeds from ${firstSeed} on, the same for all; virtual
      time, signatures ${signatures}
    </p>
    <aside class="labels" aria-label="What is modelled">
      <strong>A simulation, not money.</strong> Modelled or counterfactual here:
      <ul>
        ${modelled.map((label) => html`<li dir="auto">${label}</li>`)}
      </ul>
    </aside>
  </header>`;
}

const contents = ({ cases, paths }: ComparisonManifest): Markup => {
  const links = [
    ["times", "Settlement times"],
    ...(paths.length === 0 ? [] : [["parameter", "Against the parameter"]]),
    ["tables", "Measures"],
    ...(cases.length === 1 ? [] : [["differences", "Differences"]]),
    ["liquidity", "Delay and liquidity"],
    ["guarantees", "What is promised"],
    ["observed", "What was broken"],
    ["parameters", "Parameters"],
    ["measures", "Definitions"],
  ] as const;
  return html`<nav aria-label="Contents">
    ${links.map(([id = "", name = ""]) => html`<a href="#${id}">${name}</a> `)}
  </nav>`;
};

async function timesSection(result: ComparisonResult): Promise<Markup> {
  const { cases } = result.manifest;
  const left = cases.length - MAX_DRAWN_CASES;
  return html`<section id="times">
    <h2>How long settlement took</h2>
    ${await figure(
      ecdfPlot(result),
      "ecdf-plot",
      "Share of all swaps settled within a time",
      html`All runs of a case together. A line that ends below 100 % has swaps that did not
      settle.${left > 0 ? ` ${left} more cases are not drawn.` : ""}`,
    )}
  </section>`;
}

async function parameterSection({ manifest }: ComparisonResult): Promise<Markup | null> {
  const { paths } = manifest;
  if (paths.length === 0) return null;
  return html`<section id="parameter">
    <h2>Against the parameter</h2>
    ${await figure(
      parameterPlot(manifest),
      "parameter-plot",
      `Measures against ${paths.join(", ")}`,
      html`Means over the runs; bars: their intervals.`,
    )}
  </section>`;
}

function tablesSection({ cases }: ComparisonManifest): Markup {
  const shown = cases.slice(0, MAX_TABLE_CASES);
  return html`<section id="tables">
    <h2>Measures</h2>
    <p class="lead">
      Mean over the runs of a case; in brackets its interval, where there are runs enough for one.
    </p>
    ${TABLES.map(({ title, columns }) =>
      htmlTable(
        title,
        [
          { head: "Case" },
          ...columns.map(([measure]) => ({ head: RUN_MEASURES[measure].title, numeric: true })),
        ],
        shown.map(({ name, estimates }) => [
          name,
          ...columns.map(([measure]) => estimateText(measure, estimates[measure], NBSP)),
        ]),
      ),
    )}
    ${
      shown.length < cases.length
        ? html`<p>${cases.length - shown.length} more cases are in estimates.csv.</p>`
        : null
    }
  </section>`;
}

const NBSP = "\u00a0";

function differencesSection({ cases, statistics }: ComparisonManifest): Markup | null {
  const [base, ...others] = cases;
  if (base === undefined || others.length === 0) return null;
  const shown = others.slice(0, MAX_TABLE_CASES).map((other) => [other, shownIn(other)] as const);
  return html`<section id="differences">
    <h2>Differences to ${base.name}</h2>
    <p class="lead">
      Run by run of the same seed. ${100 * statistics.level} % intervals of the mean difference by
      the bootstrap (BCa) with ${statistics.resamples} resamples. Each stands for itself: of twenty
      differences that are none, one is expected to look like one.
    </p>
    <dl>
      ${Object.entries(VERDICTS).map(
        ([word, meaning]) =>
          html`<dt>${word}</dt>
            <dd>${meaning}</dd> `,
      )}
    </dl>
    ${htmlTable(
      "Differences that are shown; all are in estimates.csv",
      [
        { head: "Case" },
        { head: "Measure" },
        { head: "Difference", numeric: true },
        { head: "Verdict" },
        { head: "Runs", numeric: true },
      ],
      shown.flatMap(([{ name }, differences]) =>
        differences.map(({ measure, found }) => [
          name,
          RUN_MEASURES[measure].title,
          estimateText(measure, found, NBSP),
          found.verdict,
          found.runs,
        ]),
      ),
      { nothing: "No difference is shown in any measure." },
    )}
  </section>`;
}

/** Differences of a case whose interval does not contain zero. */
const shownIn = ({ differences }: CaseResult) =>
  RUN_MEASURE_NAMES.flatMap((measure) => {
    const found = differences?.[measure] ?? null;
    const isShown = found?.verdict === "higher" || found?.verdict === "lower";
    return found !== null && isShown ? [{ measure, found }] : [];
  });

const liquiditySection = async (result: ComparisonResult): Promise<Markup> =>
  html`<section id="liquidity">
    <h2>Delay against liquidity</h2>
    ${await figure(
      liquidityPlot(result),
      "liquidity-plot",
      "Delay against liquidity",
      html`One dot for each run: to the right more money held for longer, upwards slower swaps.`,
    )}
  </section>`;

function parametersSection(manifest: ComparisonManifest): Markup {
  const { cases, paths, runs, firstSeed, statistics, versions, document } = manifest;
  return html`<section id="parameters">
    <h2>Parameters</h2>
    ${htmlTable(
      "The cases",
      [{ head: "Case" }, { head: "Arrangement" }, ...paths.map((head) => ({ head }))],
      cases
        .slice(0, MAX_TABLE_CASES)
        .map(({ name, arrangement, values }) => [name, arrangement, ...values]),
    )}
    <dl>
      <dt>Seeds</dt>
      <dd>${firstSeed} to ${firstSeed + runs - 1}, the same for every case</dd>
      <dt>Intervals</dt>
      <dd>
        ${statistics.method}; ${statistics.resamples} resamples, level ${statistics.level}, seed
        ${statistics.seed}
      </dd>
      ${Object.entries(versions).map(
        ([name, version]) =>
          html`<dt>${name}</dt>
            <dd>${version}</dd> `,
      )}
    </dl>
    <details>
      <summary>
        The whole scenario of the first run, after every change from the command line
      </summary>
      <pre>${stringify(document)}</pre>
    </details>
  </section>`;
}

const measuresSection = (): Markup =>
  html`<section id="measures">
    <h2>Definitions</h2>
    <dl>
      ${RUN_MEASURE_NAMES.map(
        (name) =>
          html`<dt>${RUN_MEASURES[name].title}</dt>
            <dd>${RUN_MEASURES[name].meaning}</dd> `,
      )}
    </dl>
  </section>`;
