import process from "node:process";
import { describe, expect, it } from "vitest";
import { Chaos, LIES, planOf } from "./chaos.ts";

/**
 * `WORLD_SEED` runs one seed alone, with its log; `WORLD_SEEDS` runs that many instead of the usual
 * number, from `WORLD_FROM` on.
 */
const ONE = integerFromEnv("WORLD_SEED");
const FROM = ONE ?? integerFromEnv("WORLD_FROM") ?? 1;
const COUNT = ONE === undefined ? (integerFromEnv("WORLD_SEEDS") ?? 1_000) : 1;
const SHARDS = ONE === undefined ? 10 : 1;

const minutes = (n: number): number => n * 60_000;

describe("any schedule, with loss, repetition, reordering, crashes, late timers and lies (D1, N3, N8, R1)", () => {
  const settled = new Map<string, number>();

  it.each(Array.from({ length: SHARDS }, (_, shard) => [shard]))(
    "keeps every rule, and ends with one outcome everywhere (part %i)",
    (shard) => {
      const last = FROM + COUNT;
      for (let seed = FROM + shard; seed < last; seed += SHARDS) run(seed, settled);
    },
    Math.max(minutes(5), COUNT * 1_000),
  );

  it("such schedules do reach both outcomes, under every kind of lie", (context) => {
    if (COUNT < 200) context.skip("too few seeds to expect all of them");
    for (const lie of LIES) {
      for (const outcome of ["COMMIT", "ABORT"]) {
        expect(settled.get(`${lie} ${outcome}`), `${lie} ${outcome}`).toBeGreaterThan(5);
      }
    }
  });
});

function run(seed: number, settled: Map<string, number>): void {
  const chaos = new Chaos(planOf(seed));
  try {
    chaos.anythingGoes();
    chaos.endWell();
  } catch (error) {
    const command = `WORLD_SEED=${seed} npm test -- test/corridor/random.test.ts`;
    const { log } = chaos.world;
    const tail = log.slice(ONE === undefined ? -40 : 0).join("\n");
    const plan = JSON.stringify(chaos.plan);
    throw new Error(`${command}\n${(error as Error).message}\n${plan}\n${tail}`, { cause: error });
  }
  for (const decision of chaos.world.outcomes.values()) {
    const key = `${chaos.plan.lie} ${decision === 1 ? "COMMIT" : "ABORT"}`;
    settled.set(key, (settled.get(key) ?? 0) + 1);
  }
}

function integerFromEnv(name: string): number | undefined {
  const text = process.env[name];
  if (text === undefined) return undefined;
  if (!/^[0-9]{1,10}$/.test(text)) throw new RangeError(`${name} is an integer, not ${text}`);
  return Number(text);
}
