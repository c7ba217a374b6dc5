import { stringify } from "yaml";
import type { Manifest, RunResult } from "../../run-result.ts";
import { renderCount, renderDuration } from "../format.ts";
import { htmlTable } from "./html-table.ts";
import { html, type Content, type Markup } from "./markup.ts";

const numeric = (head: string): { readonly head: string; readonly numeric: true } => ({
  head,
  numeric: true,
});

/** Expectations and faults of the run. */
export function eventsSection({ manifest }: RunResult): Markup {
  const { expectations, faults } = manifest;
  return html`<section id="expectations">
<h2>Expectations and faults</h2>
${htmlTable(
  "What the scenario expects of the run",
  [{ head: "Expectation" }, { head: "Outcome" }, { head: "Detail" }],
  expectations.map(({ name, holds, detail }) => [
    name,
    holds ? html`<span class="good">met</span>` : html`<strong class="bad">not met</strong>`,
    detail,
  ]),
  { nothing: "The scenario expects nothing." },
)}
${htmlTable(
  "What happened to banks, from the start of the run",
  [{ head: "No." }, numeric("After"), { head: "Bank" }, { head: "What happened" }],
  faults.map(({ atMs, bank, what }, i) => [i + 1, renderDuration(atMs), bank, what]),
  { nothing: "No faults were part of the run." },
)}
</section>`;
}

/** Who could see what of the swaps. */
export function visibilitySection({ manifest }: RunResult): Markup | null {
  if (manifest.visibility.length === 0) return null;
  return html`<section id="visibility">
<h2>Who could see what</h2>
<p class="lead">Counted in what each role actually received in this run. An announcement says who settles, until when, and holds a salted hash of the rest; amounts and parties go only to the banks taking part.</p>
${htmlTable(
  "Swaps of which a role saw ...",
  [
    { head: "Role" },
    ...["that they exist", "the amounts", "the parties", "the outcome"].map(numeric),
    { head: "Note" },
  ],
  manifest.visibility.map(({ role, announcements, amounts, parties, outcomes, note }) => [
    role,
    ...[announcements, amounts, parties, outcomes].map((n) => renderCount(n)),
    note,
  ]),
)}
</section>`;
}

/** The banks, and what the run was made of: parameters and versions. */
export function parametersSection({ manifest }: RunResult): Markup {
  const { banks, versions, document } = manifest;
  return html`<section id="parameters">
<h2>Banks and parameters</h2>
${htmlTable(
  "Central banks of the corridor",
  [{ head: "Bank" }, { head: "Name" }, { head: "Currency" }, numeric("Decimals"), numeric("Members")],
  banks.map(({ id, name, currency, decimals, members }) => [
    id,
    html`<bdi>${name}</bdi>`,
    currency,
    decimals,
    renderCount(members),
  ]),
)}
<dl>${parameters(manifest).map(([name, value]) => html`<dt>${name}</dt><dd>${value}</dd>\n`)}</dl>
<h3>Versions</h3>
<p class="lead">For bug reports; no verdict depends on them.</p>
<dl>${Object.entries(versions).map(([name, version]) => html`<dt>${name}</dt><dd>${version}</dd>\n`)}</dl>
${
  document === undefined
    ? null
    : html`<details><summary>The whole scenario, after every change from the command line</summary><pre>${stringify(document)}</pre></details>`
}
</section>`;
}

function parameters(manifest: Manifest): readonly (readonly [string, Content])[] {
  return [
    ["Scenario", manifest.scenario],
    ["Mode", manifest.mode],
    ["Arrangement", manifest.arrangement],
    ["Seed", String(manifest.seed)],
    ["Started", manifest.startedAt],
    ["Duration", renderDuration(manifest.durationMs)],
    ["Until all banks had linked", renderDuration(manifest.connectedMs)],
    ...flatten(corridorOf(manifest.document), "corridor"),
  ];
}

function corridorOf(document: unknown): unknown {
  if (typeof document !== "object" || document === null) return undefined;
  return (document as Readonly<Record<string, unknown>>)["corridor"];
}

/** Single values of a plain JSON value, each with its path. */
function flatten(value: unknown, path: string): readonly (readonly [string, string])[] {
  if (typeof value === "object" && value !== null) {
    return Object.entries(value).flatMap(([key, inner]) => flatten(inner, `${path}.${key}`));
  }
  return value === undefined ? [] : [[path, String(value)]];
}
