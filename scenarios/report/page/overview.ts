import { distribution } from "../../measures/distribution.ts";
import { countOutcomes } from "../../measures/outcomes.ts";
import { countReasons } from "../../measures/reasons.ts";
import { settleTimes } from "../../measures/settle-times.ts";
import { settledValue } from "../../measures/settled-value.ts";
import { USD } from "../../rates.ts";
import type { Manifest, RunResult } from "../../run-result.ts";
import { counted, renderCount, renderDuration, renderRoundMoney, renderShare } from "../format.ts";
import { html, type Content, type Markup } from "./markup.ts";

/** The top of the page: title, question, and what is modelled. */
export function masthead({ manifest }: RunResult): Markup {
  const { title, question, mode, arrangement, seed, startedAt, banks } = manifest;
  const how = mode === "live" ? "live run, one process a bank" : "simulated run, virtual time";
  const day = startedAt.slice(0, 16).replace("T", " ");
  return html`<header>
    <p class="eyebrow">Corridor of ${counted(banks.length, "central bank")}</p>
    <h1 dir="auto">${title}</h1>
    <p class="question" dir="auto">${question}</p>
    <p class="facts">
      ${how}, arrangement ${arrangement}, seed ${seed}, begun ${day} UTC, took
      ${renderDuration(manifest.durationMs)}
    </p>
    ${labels(manifest)}
  </header>`;
}

function labels({ modelled }: Manifest): Markup {
  return html`<aside class="labels" aria-label="What is modelled">
    <strong>A simulation, not money.</strong>${
      modelled.length === 0
        ? null
        : html` Modelled or counterfactual here:
            <ul>
              ${modelled.map((label) => html`<li dir="auto">${label}</li>`)}
            </ul>`
    }
  </aside>`;
}

/** The run in plain words, with its key figures. */
export const resultSection = (result: RunResult): Markup =>
  html`<section id="result" class="summary">
    <h2>The result in brief</h2>
    <p>${verdict(result.manifest)}</p>
    ${sentences(result).map((sentence) => html`<p>${sentence}</p>`)} ${keyFigures(result)}
  </section>`;

function verdict({ expectations, audit }: Manifest): Markup {
  const failed = expectations.filter(({ holds }) => !holds);
  if (!audit.passed) {
    const found = counted(audit.findings.length, "thing");
    return html`<span class="verdict bad">The offline audit found ${found} wrong</span>`;
  }
  if (failed.length > 0) {
    const of = counted(expectations.length, "expectation");
    return html`<span class="verdict bad"
      >${failed.length} of ${of} not met: ${failed.map(({ name }) => name).join(", ")}</span
    >`;
  }
  const all = expectations.length > 0 ? "All expectations are met, and the" : "The";
  return html`<span class="verdict good">${all} offline audit passed</span>`;
}

/** What happened, in sentences for a reader who does not know the project. */
function sentences({ manifest, swaps }: RunResult): readonly string[] {
  const { banks, faults, conservation } = manifest;
  const counts = countOutcomes(swaps);
  const { usdCents } = settledValue(swaps);
  const { instruction, ledger } = settleTimes(swaps);
  const text: string[] = [];
  if (swaps.length > 0) {
    text.push(
      `${inWords(banks.length)} kept a ledger of ${banks.length === 1 ? "its" : "their"} own. ${counts.settled} of ` +
        `${counted(swaps.length, "swap")} of two currencies settled on both ledgers, worth ` +
        `${renderRoundMoney(usdCents, USD.decimals)} US dollars together.${unsettled(swaps)}`,
    );
  }
  if (ledger !== null && instruction !== null) {
    text.push(
      `Half of the settled swaps were final on both ledgers within ${renderDuration(ledger.p50)} after the ` +
        `instruction arrived, 95 per cent within ${renderDuration(ledger.p95)}; the slowest took ` +
        `${renderDuration(ledger.max)}. Counted from the decision to trade, with the screening of ` +
        `customers that is modelled here, half took at most ${renderDuration(instruction.p50)}.`,
    );
  }
  const even = conservation.filter(({ holds }) => holds).length;
  if (conservation.length > 0) {
    text.push(
      even === conservation.length
        ? `In ${conservation.length === 1 ? "the one currency" : `each of the ${conservation.length} currencies`} ` +
            `the money in accounts and on hold is exactly what was issued less what was redeemed.`
        : `In ${conservation.length - even} of ${conservation.length} currencies the money in accounts is ` +
            `not what was issued less what was redeemed.`,
    );
  }
  if (faults.length > 0) {
    const what = faults.slice(0, 6).map(({ atMs, bank, what: how }) => {
      return `${bank} ${how} after ${renderDuration(atMs)}`;
    });
    const more = faults.length > what.length ? `; and ${faults.length - what.length} more` : "";
    text.push(`Faults were part of the run: ${what.join("; ")}${more}.`);
  }
  return text;
}

const NUMBERS = "One Two Three Four Five Six Seven Eight Nine Ten Eleven Twelve".split(" ");

const inWords = (banks: number): string => {
  const number = NUMBERS[banks - 1] ?? renderCount(banks);
  return banks === 1 ? "One central bank" : `${number} central banks each`;
};

function unsettled(swaps: RunResult["swaps"]): string {
  const reasons = countReasons(swaps, "settled");
  if (reasons.length === 0) return "";
  const parts = reasons
    .slice(0, 4)
    .map(
      ({ outcome, reason, count }) => `${count} ${outcome}${reason === "" ? "" : ` (${reason})`}`,
    );
  if (reasons.length > parts.length) parts.push("others for further reasons");
  const isOpen = reasons.some(({ outcome }) => outcome === "unresolved" || outcome === "split");
  return ` Not settled: ${parts.join(", ")}.${isOpen ? "" : " None of these moved money."}`;
}

function keyFigures(result: RunResult): Markup {
  const { manifest, swaps } = result;
  const { conservation, audit } = manifest;
  const counts = countOutcomes(swaps);
  const { instruction, ledger } = settleTimes(swaps);
  const { usdCents } = settledValue(swaps);
  const held = distribution(swaps.flatMap(({ heldMs }) => (heldMs === null ? [] : [heldMs])));
  const even = conservation.filter(({ holds }) => holds).length;
  const times = (of: typeof ledger): readonly [string, string] =>
    of === null
      ? ["none", "no swap settled"]
      : [
          renderDuration(of.p50),
          `95th percentile ${renderDuration(of.p95)}, longest ${renderDuration(of.max)}`,
        ];
  const [ledgerHalf, ledgerMore] = times(ledger);
  const [wholeHalf, wholeMore] = times(instruction);
  const share = renderShare(counts.settled, swaps.length);
  return html`<ul class="keys">
    ${key("Swaps settled", `${renderCount(counts.settled)} of ${renderCount(swaps.length)}`, share)}
    ${key("Value settled", `${renderRoundMoney(usdCents, USD.decimals)} USD`, "at the scenario's rates")}
    ${key("Median time on the ledgers", ledgerHalf, ledgerMore)}
    ${key("Median time from the decision", wholeHalf, wholeMore)}
    ${held === null ? null : key("Median time money was on hold", renderDuration(held.p50), `longest ${renderDuration(held.max)}`)}
    ${key("Money conserved", `${even} of ${counted(conservation.length, "currency", "currencies")}`, "to the last minor unit", even === conservation.length)}
    ${key("Offline audit", audit.passed ? "passed" : "failed", `${counted(audit.signatures, "signature")} in ${counted(audit.blocks, "block")}`, audit.passed)}
  </ul>`;
}

function key(name: string, value: Content, more: Content, isGood?: boolean): Markup {
  const tone = isGood === undefined ? "plain" : isGood ? "good" : "bad";
  return html`<li class="${tone}">
    <span class="name">${name}</span><span class="value">${value}</span
    ><span class="more">${more}</span>
  </li>`;
}
