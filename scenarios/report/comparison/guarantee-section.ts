import { guaranteeOf } from "../../compare/guarantees.ts";
import { quoted } from "../../swarm/as-sets.ts";
import { htmlTable } from "../page/html-table.ts";
import { html, type Content, type Markup } from "../page/markup.ts";
import {
  brokenRuns,
  type CaseResult,
  type ComparisonManifest,
  type PropertyCount,
} from "./comparison-result.ts";

/** What each arrangement of the comparison guarantees, and on what condition. */
export function guaranteeSection({ cases }: ComparisonManifest): Markup {
  const arrangements = [...new Set(cases.map(({ arrangement }) => arrangement))];
  return html`<section id="guarantees">
    <h2>What each arrangement promises</h2>
    <p class="lead">
      From the protocols' specification, not from these runs. D is one message delay with signing,
      flushing and checking; b banks may lie and c more be down.
    </p>
    ${htmlTable(
      "What an arrangement promises, and on what condition",
      [
        { head: "Arrangement" },
        { head: "Safe with" },
        { head: "Goes on with" },
        { head: "Final after" },
        { head: "A bank that takes no part is down" },
        { head: "Given up after" },
        { head: "Proof for outsiders" },
        { head: "Does not promise" },
      ],
      arrangements.map((name) => {
        const { safety, liveness, delay, oneBankDown, abort, proof, notPromised } =
          guaranteeOf(name);
        const missing = notPromised.join(", ") || "nothing of P1 to P15";
        return [name, safety, liveness, delay, oneBankDown, abort, proof, missing];
      }),
    )}
  </section>`;
}

/** Which properties the checkers of the runs saw broken. */
export function observedSection(manifest: ComparisonManifest): Markup {
  const { cases, runs } = manifest;
  const rows = cases.flatMap((one) =>
    one.properties
      .filter((property) => brokenRuns(property) > 0)
      .map((property) => [
        one.name,
        `${property.name} ${property.meaning}`,
        brokenRuns(property),
        judgement(property),
        example(property, one, manifest),
      ]),
  );
  const watched = cases[0]?.properties.filter(({ held }) => held > 0) ?? [];
  return html`<section id="observed">
    <h2>Which violations were observed</h2>
    <p class="lead">
      In each of the ${runs} runs of a case the checkers watched every block, message and step for
      the properties P1 to P15 as far as they
      apply${watched.length === 0 ? "" : `; in the first case ${watched.map(({ name }) => name).join(", ")} held in some run`}.
    </p>
    ${htmlTable(
      "Properties that were broken",
      [
        { head: "Case" },
        { head: "Property" },
        { head: "Runs", numeric: true },
        { head: "What that is" },
        { head: "First, and how to look at it" },
      ],
      rows,
      { nothing: "None: no property was seen broken in any run." },
    )}
  </section>`;
}

/** What was seen first, with the command that tells that run again. */
function example(
  { example: first }: PropertyCount,
  { arrangement, values }: CaseResult,
  { asked, paths }: ComparisonManifest,
): Content {
  if (first === null) return "";
  const varied = paths.map((path, i) => `${path}=${values[i] ?? ""}`);
  const sets = [...asked.sets, ...varied].map((set) => ` --set ${quoted(set)}`).join("");
  const command = `npm run daliz -- replay ${quoted(asked.scenario)} --arrangement ${arrangement} --seed ${first.seed}${sets}`;
  return html`${first.detail} <code>${command}</code>`;
}

function judgement({ violated, documented }: PropertyCount): string {
  if (violated > 0) return "a failure";
  return documented > 0
    ? "a result: the arrangement does not promise it"
    : "a result: more faults than the corridor is built to withstand";
}
