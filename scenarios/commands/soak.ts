import fs from "node:fs";
import path from "node:path";
import process from "node:process";
import { stringify } from "csv-stringify/sync";
import { useFastSha256 } from "../../node/io/fast-sha256.ts";
import { BENCH_SIZES } from "../bench/corridor-shape.ts";
import { judgeSoak, soak, type SoakSample } from "../bench/soak.ts";
import { badInput } from "../exit.ts";
import { createRunFolder } from "../report/output-path.ts";
import { shownFolder } from "../report/run-folder.ts";
import { html, trusted } from "../report/page/markup.ts";
import { offlinePage } from "../report/page/offline-page.ts";
import { renderPlot } from "../report/plots/render-plot.ts";
import { soakPlot } from "../report/plots/soak-plot.ts";
import { listenForInterruption } from "./interruption.ts";

export interface SoakCommandOptions {
  readonly banks: string;
  readonly minutes: string;
  readonly load: string;
  readonly out?: string;
}

const MAX_HEAP_MB_PER_HOUR = 1;

/** A p95 this many times as high at the end as at the beginning has drifted. */
const MAX_DRIFT = 1.25;

/** Anything shorter shows how the banks warm up, and no trend. */
const MIN_MINUTES = 10;

/** `daliz soak`: a live corridor under an even load for a long time, and what became of it. */
export async function runSoak(options: SoakCommandOptions): Promise<void> {
  const banks = numberOf("--banks", options.banks, BENCH_SIZES);
  const minutes = rangeOf("--minutes", options.minutes, 0.1, 1_440);
  const loadPercent = rangeOf("--load", options.load, 1, 90);
  const folder = createRunFolder({
    name: "soak",
    out: options.out,
    workingFolder: process.cwd(),
  });
  // Banks collect their garbage before they tell how much memory they use.
  process.env["DALIZ_BANK_NODE_OPTIONS"] = "--expose-gc";
  await useFastSha256();
  const interruption = listenForInterruption();
  try {
    print(`${banks} banks, ${minutes} minutes at ${loadPercent} % of what they can do`);
    const { perSecond, samples } = await soak({
      banks,
      minutes,
      loadPercent,
      signal: interruption.signal,
      onSample: (sample) => print(renderSample(sample)),
    });
    const lines = verdictLines(samples);
    for (const line of lines) print(line);
    const title = `${banks} banks, ${Math.round(perSecond)} swaps/s for ${minutes} minutes`;
    fs.writeFileSync(path.join(folder, "samples.csv"), stringify([...samples], { header: true }));
    fs.writeFileSync(path.join(folder, "report.html"), await soakPage(title, samples, lines));
    print(`Folder: ${shownFolder(folder, process.cwd())}`);
  } finally {
    interruption.end();
  }
}

function renderSample(sample: SoakSample): string {
  const { minute, swaps, p50Ms, p95Ms, heapMb, rssMb, descriptors } = sample;
  const settle = `p50 ${p50Ms.toFixed(1)} ms, p95 ${p95Ms.toFixed(1)} ms`;
  const memory = `heap ${heapMb.toFixed(1)} MB, rss ${rssMb.toFixed(0)} MB`;
  return `  ${minute.toFixed(2).padStart(7)} min  ${swaps} swaps, ${settle}, ${memory}, ${descriptors} descriptors`;
}

function verdictLines(samples: readonly SoakSample[]): readonly string[] {
  if ((samples.at(-1)?.minute ?? 0) < MIN_MINUTES) {
    return [`under ${MIN_MINUTES} minutes: too short to see a trend`];
  }
  const { heapMbPerHour, moreDescriptors, latencyDrift } = judgeSoak(samples);
  const verdict = (reached: boolean): string => (reached ? "reached" : "NOT reached");
  return [
    `heap slope under 1 MB an hour: ${heapMbPerHour.toFixed(1)} MB: ${verdict(heapMbPerHour < MAX_HEAP_MB_PER_HOUR)}`,
    `no more descriptors: ${moreDescriptors}: ${verdict(moreDescriptors <= 0)}`,
    `no drift in latency (p95 at the end, in p95s at the start): ${latencyDrift.toFixed(2)}: ${verdict(latencyDrift < MAX_DRIFT)}`,
  ];
}

async function soakPage(
  title: string,
  samples: readonly SoakSample[],
  lines: readonly string[],
): Promise<string> {
  const plot = trusted(await renderPlot(soakPlot(samples)));
  return offlinePage(
    "Soak",
    html`<header><h1>${title}</h1></header>
      <main>
        <figure>${plot}</figure>
        <ul>
          ${lines.map((line) => html`<li>${line}</li>`)}
        </ul>
      </main>`,
  );
}

function numberOf(flag: string, text: string, allowed: readonly number[]): number {
  const number = Number(text);
  if (!allowed.includes(number))
    throw badInput(`${flag} ${text}: want one of ${allowed.join(", ")}`);
  return number;
}

function rangeOf(flag: string, text: string, least: number, most: number): number {
  const number = Number(text);
  if (!(number >= least && number <= most)) {
    throw badInput(`${flag} ${text}: want ${least} to ${most}`);
  }
  return number;
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
