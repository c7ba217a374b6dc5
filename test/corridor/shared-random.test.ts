import process from "node:process";
import { describe, expect, it } from "vitest";
import { playSharedChaos, sharedPlanOf } from "./shared-chaos.ts";

/** `SHARED_SEED` runs one seed alone; `SHARED_SEEDS` runs that many instead of the usual number. */
const ONE = integerFromEnv("SHARED_SEED");
const FROM = ONE ?? integerFromEnv("SHARED_FROM") ?? 1;
const COUNT = ONE === undefined ? (integerFromEnv("SHARED_SEEDS") ?? 120) : 1;
const SHARDS = ONE === undefined ? 6 : 1;

describe("a shared ledger under crashes, partitions, loss, repetition and reordering (R7)", () => {
  const closed = new Map<string, number>();

  it.each(Array.from({ length: SHARDS }, (_, shard) => [shard]))(
    "never forks, loses no money, and closes every swap once it has healed (part %i)",
    (shard) => {
      for (let seed = FROM + shard; seed < FROM + COUNT; seed += SHARDS) run(seed, closed);
    },
    Math.max(240_000, COUNT * 1_000),
  );

  it("such runs do settle and do void swaps", (context) => {
    if (COUNT < 100) context.skip("too few seeds to expect both");
    expect(closed.get("settled")).toBeGreaterThan(100);
    expect(closed.get("voided")).toBeGreaterThan(20);
  });
});

function run(seed: number, closed: Map<string, number>): void {
  const plan = sharedPlanOf(seed);
  try {
    const shared = playSharedChaos(plan);
    for (const { report } of shared.reports) {
      if (report.kind !== "swap") continue;
      closed.set(report.outcome, (closed.get(report.outcome) ?? 0) + 1);
    }
  } catch (error) {
    const command = `SHARED_SEED=${seed} npm test -- test/corridor/shared-random.test.ts`;
    const { message } = error as Error;
    throw new Error(`${command}\n${message}\n${JSON.stringify(plan)}`, { cause: error });
  }
}

function integerFromEnv(name: string): number | undefined {
  const text = process.env[name];
  if (text === undefined) return undefined;
  if (!/^[0-9]{1,10}$/.test(text)) throw new RangeError(`${name} is an integer, not ${text}`);
  return Number(text);
}
