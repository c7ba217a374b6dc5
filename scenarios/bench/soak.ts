import { linearRegression } from "simple-statistics";
import { LoadedCorridor } from "./live-load.ts";
import { ratePerSecond, settleQuantiles, WARM_UP, WINDOW_PER_BANK } from "./loads.ts";

export interface SoakOptions {
  readonly banks: number;
  readonly minutes: number;
  /** Per cent of what the corridor does at saturation. */
  readonly loadPercent: number;
  readonly signal: AbortSignal;
  readonly onSample: (sample: SoakSample) => void;
}

/** What was seen at the end of one slice of the load: of the bank that has most of each. */
export interface SoakSample {
  readonly minute: number;
  readonly swaps: number;
  readonly p50Ms: number;
  readonly p95Ms: number;
  readonly heapMb: number;
  readonly rssMb: number;
  readonly descriptors: number;
}

export interface SoakResult {
  readonly perSecond: number;
  readonly samples: readonly SoakSample[];
}

/** Each slice is signed before it is offered, so that memory of the load generator stays small. */
const SLICE_SECONDS = 20;

/** A short soak has shorter slices: fewer samples show no trend. */
const MIN_SLICES = 8;

/** Keeps a live corridor under an even load for a long time. */
export async function soak(options: SoakOptions): Promise<SoakResult> {
  const { banks, minutes, loadPercent, signal, onSample } = options;
  const corridor = new LoadedCorridor(banks, signal);
  try {
    await corridor.start();
    const window = WINDOW_PER_BANK * banks;
    const warm = await corridor.saturate(corridor.prepare(WARM_UP), window);
    const perSecond = (loadPercent / 100) * ratePerSecond(warm.slice(WARM_UP / 2));
    const sliceSeconds = Math.min(SLICE_SECONDS, (60 * minutes) / MIN_SLICES);
    const samples: SoakSample[] = [];
    const begun = performance.now();
    const elapsed = (): number => (performance.now() - begun) / 60_000;
    while (elapsed() < minutes) {
      const swaps = corridor.prepare(Math.max(1, Math.ceil(perSecond * sliceSeconds)));
      const { p50, p95 } = settleQuantiles(await corridor.offer(swaps, perSecond));
      const usage = [...(await corridor.usage()).values()];
      const sample: SoakSample = {
        minute: elapsed(),
        swaps: swaps.length,
        p50Ms: p50,
        p95Ms: p95,
        heapMb: Math.max(...usage.map(({ heapUsed }) => heapUsed)) / 1e6,
        rssMb: Math.max(...usage.map(({ rss }) => rss)) / 1e6,
        descriptors: Math.max(...usage.map(({ descriptors }) => descriptors)),
      };
      samples.push(sample);
      onSample(sample);
    }
    return { perSecond, samples };
  } finally {
    await corridor.stop();
  }
}

/** What is drawn of warming up is left out of the judgement: caches fill and code is compiled. */
const WARM_SHARE = 0.1;

export interface SoakVerdict {
  /** Of a straight line through the samples after the warm-up (least squares). */
  readonly heapMbPerHour: number;
  /** The last sample's less the first's. */
  readonly moreDescriptors: number;
  /** Mean p95 of the last third of the samples, in mean p95s of the first third. */
  readonly latencyDrift: number;
}

export function judgeSoak(samples: readonly SoakSample[]): SoakVerdict {
  const kept = samples.slice(Math.floor(samples.length * WARM_SHARE));
  const { m } = linearRegression(kept.map(({ minute, heapMb }) => [minute / 60, heapMb]));
  const third = Math.max(1, Math.floor(kept.length / 3));
  const meanP95 = (some: readonly SoakSample[]): number =>
    some.reduce((sum, { p95Ms }) => sum + p95Ms, 0) / some.length;
  return {
    heapMbPerHour: m,
    moreDescriptors: (kept.at(-1)?.descriptors ?? 0) - (kept[0]?.descriptors ?? 0),
    latencyDrift: meanP95(kept.slice(-third)) / meanP95(kept.slice(0, third)),
  };
}
