import { stringify } from "yaml";
import type { Manifest, RunResult } from "../../run-result.ts";
import { renderCount, renderDuration } from "../format.ts";
import { expectationText } from "../expectation-text.ts";
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
      [{ head: "Expectation" }, { head: "In words" }, { head: "Outcome" }, { head: "Detail" }],
      expectations.map(({ name, holds, detail }) => [
        name,
        expectationText(name),
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

/** What the checkers of a simulated run say of the protocol's properties. */
export function propertiesSection({ manifest }: RunResult): Markup | null {
  const { properties } = manifest;
  if (properties === undefined) return null;
  return html`<section id="properties">
    <h2>Properties</h2>
    <p class="lead">
      Watched at every block, message and step of this run, over everything that any bank signed;
      P9, P10, P13 and P14 on samples at its end.
    </p>
    ${htmlTable(
      "What the protocol promises, and what this run says of it",
      [{ head: "Property" }, { head: "In words" }, { head: "Verdict" }, { head: "Detail" }],
      properties.map(({ name, meaning, verdict, detail }) => [
        name,
        meaning,
        verdict === "violated"
          ? html`<strong class="bad">violated</strong>`
          : verdict === "holds"
            ? html`<span class="good">holds</span>`
            : verdict,
        detail,
      ]),
    )}
  </section>`;
}

/** Who could see what of the swaps. */
export function visibilitySection({ manifest }: RunResult): Markup | null {
  if (manifest.visibility.length === 0) return null;
  return html`<section id="visibility">
    <h2>Who could see what</h2>
    <p class="lead">
      Counted in what each role actually received in this run. An announcement says which banks
      settle and until when, and holds a salted hash of the rest.
    </p>
    ${htmlTable(
      "In how many cases a bank in this role saw of a swap ...",
      [
        { head: "Role" },
        ...["that it exists", "the amounts", "the parties", "the outcome"].map(numeric),
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
      [
        { head: "Bank" },
        { head: "Name" },
        { head: "Currency" },
        numeric("Decimals"),
        numeric("Members"),
      ],
      banks.map(({ id, name, currency, decimals, members }) => [
        id,
        html`<bdi>${name}</bdi>`,
        currency,
        decimals,
        renderCount(members),
      ]),
    )}
    <dl>
      ${parameters(manifest).map(
        ([name, value]) =>
          html`<dt>${name}</dt>
            <dd>${value}</dd> `,
      )}
    </dl>
    <h3>Versions</h3>
    <p class="lead">For bug reports; no verdict depends on them.</p>
    <dl>
      ${Object.entries(versions).map(
        ([name, version]) =>
          html`<dt>${name}</dt>
            <dd>${version}</dd> `,
      )}
    </dl>
    ${
      document === undefined
        ? null
        : html`<details>
            <summary>The whole scenario, after every change from the command line</summary>
            <pre>${stringify(document)}</pre>
          </details>`
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
    ...corridorParameters(manifest.document),
  ];
}

/** What the settings of a corridor mean; another one is shown by its own name. */
const CORRIDOR_WORDS: ReadonlyMap<string, string> = new Map([
  ["byzantine", "Banks that may lie"],
  ["crashed", "Further banks that may be down"],
  ["deltaMs", "Working figure for one message delay"],
  ["ttlMs", "How long a swap waits for its fast path"],
]);

function corridorParameters(document: unknown): readonly (readonly [string, string])[] {
  if (typeof document !== "object" || document === null) return [];
  const { corridor } = document as { readonly corridor?: unknown };
  if (typeof corridor !== "object" || corridor === null) return [];
  return Object.entries(corridor).map(([key, value]: readonly [string, unknown]) => {
    const isTime = typeof value === "number" && key.endsWith("Ms");
    const shown = isTime ? renderDuration(value) : JSON.stringify(value);
    return [CORRIDOR_WORDS.get(key) ?? `corridor.${key}`, shown];
  });
}
