import os from "node:os";
import process from "node:process";
import fs from "node:fs";
import path from "node:path";
import { useFastSha256 } from "../../node/io/fast-sha256.ts";
import { LoadedCorridor, type BankUsage } from "../bench/live-load.ts";
import { ratePerSecond, settleQuantiles, WARM_UP, WINDOW_PER_BANK } from "../bench/loads.ts";
import {
  DAY_MEMBERS,
  DAY_PAYMENTS,
  measureDays,
  TIGHT_PERCENT,
  type DaySpeed,
} from "../bench/day-speed.ts";
import { measureSimulation, type SimSpeed } from "../bench/sim-speed.ts";
import { measureMachine, type MachineLimits } from "../bench/machine-limits.ts";
import { measureStartUp, type StartUp } from "../bench/start-up.ts";
import { measureRules, type RuleSpeed } from "../bench/rule-speed.ts";
import { listenForInterruption, type Interruption } from "./interruption.ts";
import { readLoadOptions, type LoadOptions } from "./load-options.ts";

/** Accounts of the books on which a bank's rules are timed. */
const RULE_ACCOUNTS = 100_000;

/** Accounts of the ledger that a bank is timed opening: the most that one bank keeps. */
const MOST_ACCOUNTS = 1_000_000;

/** How long the simulator is timed at most, for each size and kind of signature. */
const SIM_SECONDS = 5;
const SIM_TARGET = 20_000;

/** How long each queue rule is timed on a day, at ample and at tight liquidity. */
const DAY_MS = 200;

type Quantiles = ReturnType<typeof settleQuantiles>;

interface Measured {
  readonly n: number;
  readonly connectedMs: number;
  readonly perSecond: number;
  /** Settle times in milliseconds, at saturation and at 10 % of it. */
  readonly saturated: Quantiles;
  readonly low: Quantiles;
  readonly cpuMsPerSwap: number;
  readonly syncsPerSwap: number;
  readonly rssMb: number;
}

/** `daliz bench`: what this machine does, and what corridors of 2, 4 and 6 banks do on it, in one run. */
export async function runBench(options: LoadOptions): Promise<void> {
  const { sizes, seconds } = readLoadOptions(options);
  print(
    `Node.js ${process.versions.node}, OpenSSL ${process.versions.openssl ?? "?"}, ` +
      `${os.cpus().length} cores (${os.cpus()[0]?.model.trim() ?? "?"})`,
  );
  await useFastSha256();
  const interruption = listenForInterruption();
  try {
    await measure(sizes, seconds, interruption);
  } finally {
    interruption.end();
  }
}

async function measure(
  sizes: readonly number[],
  seconds: number,
  interruption: Interruption,
): Promise<void> {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "daliz-bench-"));
  const limits = await measureMachine(folder, 3_000).finally(() =>
    fs.rmSync(folder, { recursive: true, force: true }),
  );
  printLimits(limits);
  const results: Measured[] = [];
  for (const n of sizes) {
    await interruption.check();
    const result = await measureCorridor(n, seconds, interruption.signal);
    printCorridor(result);
    results.push(result);
  }
  // Last: what is left of them in memory would slow the load generator down.
  for (const n of sizes.filter((size) => size === 4 || size === 6)) {
    for (const signatures of ["modelled", "real"] as const) {
      printSimulation(measureSimulation(n, signatures, 1000 * Math.min(seconds, SIM_SECONDS)));
    }
  }
  printRules(measureRules(RULE_ACCOUNTS, 3_000));
  printDays(measureDays(DAY_MS));
  printStartUp(measureStartUp(MOST_ACCOUNTS));
  printTargets(results);
}

async function measureCorridor(n: number, seconds: number, signal: AbortSignal): Promise<Measured> {
  const corridor = new LoadedCorridor(n, signal);
  try {
    const connectedMs = await corridor.start();
    const window = WINDOW_PER_BANK * n;
    const warm = await corridor.saturate(corridor.prepare(WARM_UP), window);
    const guess = ratePerSecond(warm.slice(WARM_UP / 2));
    const swaps = corridor.prepare(Math.ceil(guess * seconds));
    const before = await corridor.usage();
    const saturated = await corridor.saturate(swaps, window);
    const after = await corridor.usage();
    const perSecond = ratePerSecond(saturated);
    const low = await corridor.offer(
      corridor.prepare(Math.max(50, Math.ceil(0.1 * perSecond * seconds))),
      0.1 * perSecond,
    );
    const atEnd = await corridor.usage();
    const spent = (of: (usage: BankUsage) => number): number =>
      sum([...after].map(([bank, usage]) => of(usage) - of(before.get(bank) ?? usage)));
    return {
      n,
      connectedMs,
      perSecond,
      saturated: settleQuantiles(saturated),
      low: settleQuantiles(low),
      cpuMsPerSwap: spent((usage) => usage.cpuUs) / 1000 / swaps.length,
      syncsPerSwap: spent((usage) => usage.syncs) / swaps.length,
      rssMb: Math.max(...[...after.values(), ...atEnd.values()].map((usage) => usage.rss)) / 1e6,
    };
  } finally {
    await corridor.stop();
  }
}

const whole = (value: number): string => Math.round(value).toLocaleString("en-GB");

function printRules(speed: RuleSpeed): void {
  const { accounts, tags, buildMs, rssMb } = speed;
  print(`One bank's rules, on ${whole(accounts)} accounts and ${whole(tags)} tags (one core)`);
  print(`  untagged payments      ${whole(speed.untaggedPerSecond)} decisions/s`);
  print(`  tagged payments        ${whole(speed.taggedPerSecond)} decisions/s`);
  print(`  filling the books      ${whole(buildMs)} ms, ${whole(rssMb)} MB`);
}

function printDays(speeds: readonly DaySpeed[]): void {
  print(
    `One bank's day, ${whole(DAY_PAYMENTS)} payments of ${DAY_MEMBERS} members; tight: they open with ` +
      `${TIGHT_PERCENT} % of what they need to pay at once (one core)`,
  );
  const width = Math.max(...speeds.map(({ rule }) => rule.length));
  for (const { rule, hasClasses, amplePerSecond, tightPerSecond } of speeds) {
    const classes = hasClasses ? ", one in ten of a higher class" : "";
    print(
      `  ${rule.padEnd(width)}    ${whole(amplePerSecond)} payments/s ample, ${whole(tightPerSecond)} tight${classes}`,
    );
  }
  const ample = Math.min(...speeds.map(({ amplePerSecond }) => amplePerSecond));
  const tight = Math.min(
    ...speeds
      .filter(({ rule }) => rule === "gridlock-resolution")
      .map(({ tightPerSecond }) => tightPerSecond),
  );
  const verdict = (reached: boolean): string => (reached ? "reached" : "NOT reached");
  print(
    `  150,000/s at ample liquidity by any rule   ${whole(ample)}: ${verdict(ample >= 150_000)}`,
  );
  print(
    `  20,000/s at tight, gridlock resolution     ${whole(tight)}: ${verdict(tight >= 20_000)}`,
  );
}

function printStartUp({ accounts, ms, heapMb }: StartUp): void {
  print(`A bank that opens a ledger of ${whole(accounts)} accounts`);
  print(`  start-up               ${(ms / 1000).toFixed(1)} s, ${whole(heapMb)} MB of heap`);
}

function printLimits(limits: MachineLimits): void {
  print("This machine");
  print(
    `  Ed25519 with OpenSSL   ${whole(limits.opensslSignsPerSecond)} signs/s, ${whole(limits.opensslVerifiesPerSecond)} verifies/s (one core)`,
  );
  print(
    `  Ed25519 with noble     ${whole(limits.nobleSignsPerSecond)} signs/s, ${whole(limits.nobleVerifiesPerSecond)} verifies/s (one core)`,
  );
  print(
    `  append and fdatasync   ${whole(limits.fdatasyncsPerSecond)}/s, p50 ${limits.fdatasyncP50Ms.toFixed(2)} ms, p99 ${limits.fdatasyncP99Ms.toFixed(2)} ms`,
  );
  print(
    `  TCP round trip         ${whole(limits.tcpRoundTripsPerSecond)}/s, p50 ${limits.tcpRoundTripP50Ms.toFixed(3)} ms`,
  );
}

function printSimulation(speed: SimSpeed): void {
  const { n, signatures, swaps, swapsPerSecond, eventsPerSecond, growth, bytesPerSwap } = speed;
  const whole = (value: number): string => Math.round(value).toLocaleString("en-GB");
  print(`${n} banks simulated on one core, ${signatures} signatures, ${whole(swaps)} swaps`);
  print(
    `  speed                  ${whole(swapsPerSecond)} swaps/s, ${whole(eventsPerSecond)} events/s`,
  );
  print(`  last quarter to first  ${growth.toFixed(2)} times the cost per swap`);
  print(`  memory                 ${whole(bytesPerSwap)} MB per million swaps, ledgers and all`);
  if (n !== 4 || signatures !== "modelled") return;
  const verdict = swapsPerSecond >= SIM_TARGET ? "reached" : "NOT reached";
  print(`  20,000 swaps/s         ${whole(swapsPerSecond)}: ${verdict}`);
}

function printCorridor(m: Measured): void {
  const ms = (value: number): string => `${value.toFixed(1)} ms`;
  print(`${m.n} banks, real signatures, durable journals, load generator on the same machine`);
  print(`  connected after        ${(m.connectedMs / 1000).toFixed(2)} s`);
  print(
    `  at saturation          ${m.perSecond.toFixed(0)} swaps/s, settle time p50 ${ms(m.saturated.p50)}, p95 ${ms(m.saturated.p95)}`,
  );
  print(`  at 10 % of that        settle time p50 ${ms(m.low.p50)}, p95 ${ms(m.low.p95)}`);
  print(
    `  per swap               ${m.cpuMsPerSwap.toFixed(2)} ms of CPU and ${m.syncsPerSwap.toFixed(2)} fdatasyncs, all banks together`,
  );
  print(`  memory                 ${m.rssMb.toFixed(0)} MB in the largest bank process`);
}

function printTargets(results: readonly Measured[]): void {
  const four = results.find((result) => result.n === 4);
  const verdict = (reached: boolean): string => (reached ? "reached" : "NOT reached");
  if (four !== undefined) {
    print("Targets for 4 banks");
    print(
      `  1,000 swaps/s          ${four.perSecond.toFixed(0)}: ${verdict(four.perSecond >= 1000)} (aim: 2,500)`,
    );
    print(`  p50 under 10 ms        ${four.low.p50.toFixed(1)}: ${verdict(four.low.p50 < 10)}`);
    print(`  p95 under 25 ms        ${four.low.p95.toFixed(1)}: ${verdict(four.low.p95 < 25)}`);
  }
  const memory = Math.max(...results.map((result) => result.rssMb));
  print(`  under 150 MB a bank    ${memory.toFixed(0)}: ${verdict(memory < 150)}`);
  const six = results.find((result) => result.n === 6);
  if (six !== undefined) {
    const seconds = six.connectedMs / 1000;
    print(`  6 banks within 5 s     ${seconds.toFixed(2)}: ${verdict(seconds < 5)}`);
  }
}

const sum = (values: readonly number[]): number =>
  values.reduce((total, value) => total + value, 0);

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
