import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import process from "node:process";
import { useFastSha256 } from "../../node/io/fast-sha256.ts";
import { fitCosts, type CostSample } from "../bench/fit.ts";
import { LoadedCorridor, type BankUsage } from "../bench/live-load.ts";
import {
  ratePerSecond,
  settleQuantiles,
  WARM_UP,
  WINDOW_PER_BANK,
  type SettledSwap,
} from "../bench/loads.ts";
import { measureMachine } from "../bench/machine-limits.ts";
import { benchBanks, SimulatedCorridor } from "../bench/sim-load.ts";
import { COST_NAMES, FREE, type ScenarioCosts } from "../costs.ts";
import { badInput } from "../exit.ts";
import { shapesOf } from "../live/shape-file.ts";
import { NO_NETWORK, TOPOLOGIES, type ScenarioNetwork } from "../network/network.ts";
import { listenForInterruption, type Interruption } from "./interruption.ts";
import { readLoadOptions, type LoadOptions } from "./load-options.ts";

export interface CalibrateOptions extends LoadOptions {
  readonly topology: string;
  readonly out?: string;
}

/** The loads at which the simulator is held against the live run, as shares of saturation. */
const LOADS = [
  { name: "low load (10 %)", share: 0.1 },
  { name: "half load (50 %)", share: 0.5 },
] as const;

const SEED = 1;

/** How far the simulator may be off to count as calibrated, at p50 and at p95. */
const TOLERANCE = { p50: 0.1, p95: 0.2 } as const;

interface Measured {
  readonly n: number;
  readonly load: string;
  readonly perSecond: number;
  readonly count: number;
  readonly live: readonly SettledSwap[];
  readonly cpuUs: number;
}

/** `daliz calibrate`: fits the costs of simulated work to this machine, and says how well they predict it. */
export async function runCalibrate(options: CalibrateOptions): Promise<void> {
  const { sizes, seconds } = readLoadOptions(options);
  const { out } = options;
  if (out !== undefined && fs.existsSync(out)) throw badInput(`--out ${out}: it is there already`);
  const network = networkOf(options.topology);
  await useFastSha256();
  const interruption = listenForInterruption();
  try {
    await calibrate(sizes, seconds, network, out, interruption);
  } finally {
    interruption.end();
  }
}

async function calibrate(
  sizes: readonly number[],
  seconds: number,
  network: ScenarioNetwork,
  out: string | undefined,
  interruption: Interruption,
): Promise<void> {
  const machine = await machineCosts();
  print(
    `signUs ${machine.signUs}, verifyUs ${machine.verifyUs}, fsyncUs ${machine.fsyncUs}, cores ${machine.cores}: measured`,
  );
  const measured: Measured[] = [];
  for (const n of sizes) {
    await interruption.check();
    measured.push(...(await measureLive(n, seconds, network, interruption.signal)));
  }
  const samples = measured.map((m) => sampleOf(m, machine, network));
  const costs: ScenarioCosts = { ...machine, ...fitCosts(samples) };
  print(
    `messageUs ${costs.messageUs}, entryUs ${costs.entryUs}: fitted to the CPU time of ${samples.length} loads`,
  );
  print("");
  print(
    "n  load               swaps/s   live p50     p95    sim p50     p95    off at p50  at p95",
  );
  const verdicts = measured.map((m) => compare(m, costs, network));
  print("");
  print(
    verdicts.every(Boolean)
      ? "within 10 % at p50 and 20 % at p95: reached"
      : "within 10 % at p50 and 20 % at p95: NOT reached",
  );
  const text = `costs: { ${COST_NAMES.map((name) => `${name}: ${costs[name]}`).join(", ")} }\n`;
  print("Simulated with modelled signatures, whose cost is that of real ones.");
  print("For a scenario file:");
  print(text.trimEnd());
  if (out !== undefined) fs.writeFileSync(out, text, { flag: "wx" });
}

async function machineCosts(): Promise<ScenarioCosts> {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "daliz-calibrate-"));
  const limits = await measureMachine(folder, 3_000).finally(() =>
    fs.rmSync(folder, { recursive: true, force: true }),
  );
  return {
    ...FREE,
    signUs: Math.round(1e6 / limits.opensslSignsPerSecond),
    verifyUs: Math.round(1e6 / limits.opensslVerifiesPerSecond),
    fsyncUs: Math.round(1000 * limits.fdatasyncP50Ms),
    cores: os.cpus().length,
  };
}

/** One corridor of real processes, at each load in turn. */
async function measureLive(
  n: number,
  seconds: number,
  network: ScenarioNetwork,
  signal: AbortSignal,
): Promise<readonly Measured[]> {
  const banks = benchBanks(n);
  const corridor = new LoadedCorridor(n, signal, (bank) =>
    shapesOf({ network, banks, seed: SEED }, banks[bank - 1]?.id ?? ""),
  );
  try {
    await corridor.start();
    const warm = await corridor.saturate(corridor.prepare(WARM_UP), WINDOW_PER_BANK * n);
    const saturated = ratePerSecond(warm.slice(WARM_UP / 2));
    const results: Measured[] = [];
    for (const { name, share } of LOADS) {
      const perSecond = share * saturated;
      const count = Math.max(100, Math.ceil(perSecond * seconds));
      const swaps = corridor.prepare(count);
      const before = await corridor.usage();
      const live = await corridor.offer(swaps, perSecond);
      const after = await corridor.usage();
      const cpuUs = cpuBetween(before, after) / count;
      results.push({ n, load: name, perSecond, count, live, cpuUs });
    }
    return results;
  } finally {
    await corridor.stop();
  }
}

function cpuBetween(
  before: ReadonlyMap<string, BankUsage>,
  after: ReadonlyMap<string, BankUsage>,
): number {
  let us = 0;
  for (const [bank, usage] of after) us += usage.cpuUs - (before.get(bank)?.cpuUs ?? 0);
  return us;
}

/** The same load simulated, to count what the banks do in it. */
function sampleOf(m: Measured, machine: ScenarioCosts, network: ScenarioNetwork): CostSample {
  const corridor = simulated(m.n, guessed(machine), network);
  const before = { ...corridor.world.done };
  corridor.offer(m.count, m.perSecond);
  const { done } = corridor.world;
  const per = (work: "signs" | "verifies" | "messages" | "entries"): number =>
    (done[work] - before[work]) / m.count;
  return {
    cpuUs: m.cpuUs,
    signaturesUs: per("signs") * machine.signUs + per("verifies") * machine.verifyUs,
    messages: per("messages"),
    entries: per("entries"),
  };
}

/** How much is done for a swap depends on how long things take: a first guess is near enough to count it. */
const guessed = (machine: ScenarioCosts): ScenarioCosts => ({
  ...machine,
  messageUs: machine.verifyUs / 2,
  entryUs: machine.verifyUs / 10,
});

function compare(m: Measured, costs: ScenarioCosts, network: ScenarioNetwork): boolean {
  const sim = simulated(m.n, costs, network).offer(m.count, m.perSecond);
  const [live, predicted] = [settleQuantiles(m.live), settleQuantiles(sim)];
  const off = { p50: predicted.p50 / live.p50 - 1, p95: predicted.p95 / live.p95 - 1 };
  const ms = (value: number): string => value.toFixed(1).padStart(7);
  const percent = (value: number): string =>
    `${value >= 0 ? "+" : ""}${(100 * value).toFixed(0)} %`.padStart(7);
  print(
    `${m.n}  ${m.load.padEnd(17)} ${m.perSecond.toFixed(0).padStart(8)}  ${ms(live.p50)} ${ms(live.p95)}  ` +
      `${ms(predicted.p50)} ${ms(predicted.p95)}    ${percent(off.p50)} ${percent(off.p95)}`,
  );
  return Math.abs(off.p50) <= TOLERANCE.p50 && Math.abs(off.p95) <= TOLERANCE.p95;
}

const simulated = (n: number, costs: ScenarioCosts, network: ScenarioNetwork): SimulatedCorridor =>
  new SimulatedCorridor({ n, costs, network, signatures: "modelled", seed: SEED });

function networkOf(topology: string): ScenarioNetwork {
  const kind = TOPOLOGIES.find((name) => name === topology);
  if (kind === undefined) {
    throw badInput(`--topology ${topology}: want one of ${TOPOLOGIES.join(", ")}`);
  }
  return { ...NO_NETWORK, topology: { kind } };
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
