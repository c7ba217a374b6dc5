import type { RunMeasureName } from "../../measures/run-measures.ts";
import { LEAST_RUNS } from "../../measures/statistics/paired.ts";
import { counted } from "../format.ts";
import { brokenRuns, type CaseResult, type ComparisonManifest } from "./comparison-result.ts";
import { measureText } from "./measure-text.ts";

/** Cases that are told about in sentences. */
const MAX_TOLD = 8;

/** What a difference is about, for a reader who does not know the project. */
const TOLD: readonly (readonly [measure: RunMeasureName, words: string])[] = [
  ["ledgerP50", "the median time on the ledgers"],
  ["ledgerP95", "its 95th percentile"],
  ["settled", "the number of swaps that settle"],
  ["heldDollarHours", "the money held, times how long"],
  ["atRiskPeakDollars", "the principal at risk"],
  ["messages", "the messages per swap"],
];

/** The comparison in plain words. */
export function summary(manifest: ComparisonManifest): readonly string[] {
  const { cases, runs } = manifest;
  const [base, ...others] = cases;
  if (base === undefined) return [];
  const text = [
    `${counted(cases.length, "case")} of one scenario ran ${counted(runs, "time")} each, with the same ` +
      "seeds: the same members ask for the same swaps at the same times, so that what differs is " +
      "what the cases make of them.",
    ...cases.slice(0, MAX_TOLD).map(caseSentence),
  ];
  if (cases.length > MAX_TOLD) text.push(`The tables have all ${cases.length} cases.`);
  if (others.length === 0) return text;
  if (runs < LEAST_RUNS) {
    text.push(
      `With fewer than ${LEAST_RUNS} runs nothing is said about differences: by chance alone all ` +
        "would point one way too often.",
    );
    return text;
  }
  return [...text, ...others.slice(0, MAX_TOLD).map((other) => differenceSentence(base, other))];
}

function caseSentence({ name, estimates, properties }: CaseResult): string {
  const mean = (measure: RunMeasureName): number | null => estimates[measure]?.mean ?? null;
  const p50 = mean("ledgerP50");
  const times =
    p50 === null
      ? "no swap settled"
      : `half of the settled swaps were final on both ledgers within ${measureText("ledgerP50", p50)} after the ` +
        `instruction arrived, 95 per cent within ${measureText("ledgerP95", mean("ledgerP95"))}`;
  const risk = mean("atRiskPeakDollars");
  const atRisk =
    risk === null
      ? ""
      : risk === 0
        ? " No principal was ever at risk."
        : ` At most ${measureText("atRiskPeakDollars", risk)} US dollars of principal were at risk at once.`;
  const broken = properties.filter((property) => brokenRuns(property) > 0);
  const names = broken.map((property) => property.name).join(", ");
  const violations = broken.length === 0 ? "" : ` Broken in some runs: ${names}.`;
  return (
    `${name}: ${times}; of the swaps of a run ${measureText("settled", mean("settled"))} settled, ` +
    `${measureText("voided", mean("voided"))} were voided, ${measureText("rejected", mean("rejected"))} ` +
    `rejected.${atRisk}${violations}`
  );
}

function differenceSentence(base: CaseResult, { name, differences }: CaseResult): string {
  const shown: string[] = [];
  const none: string[] = [];
  for (const [measure, words] of TOLD) {
    const found = differences?.[measure] ?? null;
    if (found?.interval === null || found === null) continue;
    if (found.verdict === "no difference") none.push(words);
    else {
      const [low, high] = [found.interval.low, found.interval.high].sort(
        (a, b) => Math.abs(a) - Math.abs(b),
      );
      const range = [low ?? 0, high ?? 0].map((end) => measureText(measure, Math.abs(end)));
      const by = range[0] === range[1] ? range[0] : range.join(" to ");
      shown.push(`${words} is ${found.verdict}, by ${by ?? ""}`);
    }
  }
  const differs = shown.length === 0 ? "nothing is shown to differ" : shown.join("; ");
  const same = none.length === 0 ? "" : `. No difference is shown in ${none.join(", ")}`;
  return `${name} against ${base.name}: ${differs}${same}.`;
}
