import type { RunResult } from "../run-result.ts";
import { heldFigure, timesSection } from "./page/figures-section.ts";
import { hasHome, homeSection } from "./page/home-section.ts";
import { html } from "./page/markup.ts";
import { offlinePage } from "./page/offline-page.ts";
import { moneySection, paymentsSection } from "./page/money-section.ts";
import { masthead, resultSection } from "./page/overview.ts";
import {
  eventsSection,
  parametersSection,
  propertiesSection,
  visibilitySection,
} from "./page/run-section.ts";
import { sequenceSection } from "./page/sequence-section.ts";
import { swapsSection } from "./page/swaps-section.ts";
import { tagsSection } from "./page/tags-section.ts";
import { verifySection } from "./page/verify-section.ts";
import { wordsSection } from "./page/words-section.ts";

/** The report of a run. `folder` is how the reader names the run folder in the commands that the page shows. */
export async function renderReport(result: RunResult, folder: string): Promise<string> {
  const { title, scenario, versions } = result.manifest;
  return offlinePage(
    title,
    html`${masthead(result)}
      <main>
        ${resultSection(result)} ${contents(result)} ${await timesSection(result)}
        ${swapsSection(result)} ${sequenceSection(result)}
        ${moneySection(result, await heldFigure(result))} ${paymentsSection(result)}
        ${tagsSection(result)} ${await homeSection(result)} ${visibilitySection(result)}
        ${eventsSection(result)} ${propertiesSection(result)} ${verifySection(result, folder)}
        ${parametersSection(result)} ${wordsSection()}
      </main>
      <footer>
        Daliz ${versions["daliz"] ?? ""}, scenario ${scenario}. A simulation, not money: no central
        bank took part, and no result here is a forecast.
      </footer>`,
  );
}

function contents({ diagram, payments, manifest }: RunResult) {
  const links = [
    ["distribution", "Settlement times"],
    ["swaps", "Pairs"],
    ...(diagram === null ? [] : [["sequence", "One swap"]]),
    ["money", "Money"],
    ...(payments.length === 0 ? [] : [["payments", "Payments"]]),
    ...((manifest.tags ?? []).length === 0 ? [] : [["tags", "Tagged money"]]),
    ...(hasHome(manifest) ? [["home", "At home"]] : []),
    ...(manifest.visibility.length === 0 ? [] : [["visibility", "Who sees what"]]),
    ["expectations", "Expectations and faults"],
    ...(manifest.properties === undefined ? [] : [["properties", "Properties"]]),
    ["verify", "Check it yourself"],
    ["parameters", "Banks and parameters"],
    ["words", "Words"],
  ] as const;
  return html`<nav aria-label="Contents">
    ${links.map(([id = "", name = ""]) => html`<a href="#${id}">${name}</a> `)}
  </nav>`;
}
