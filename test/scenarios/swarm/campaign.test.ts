import process from "node:process";
import { expect, it } from "vitest";
import { judgeSeeds } from "../../../scenarios/swarm/seed-pool.ts";
import type { SeedAnswer } from "../../../scenarios/swarm/seed-worker.ts";

/** `SWARM_SEEDS` runs that many seeds of the main corridor instead. */
const SEEDS = Number(process.env["SWARM_SEEDS"] ?? 9_000);

interface Campaign {
  readonly name: string;
  readonly scenario: string;
  readonly sets: readonly string[];
  readonly seeds: number;
}

const CAMPAIGNS: readonly Campaign[] = [
  { name: "n = 4, one may lie", scenario: "swarm", sets: [], seeds: SEEDS },
  { name: "n = 2", scenario: "bilateral", sets: ["workload.swaps.count=3"], seeds: SEEDS / 18 },
  {
    name: "n = 6, one may lie and one may be away",
    scenario: "participant-crash",
    sets: ["workload.swaps.count=4", "faults=[]", "expect=[conservation]"],
    seeds: SEEDS / 18,
  },
];

const COMMON = ["mode=sim", "signatures=modelled"];

it.each(CAMPAIGNS)(
  "no seed breaks a promise: $name, $seeds seeds",
  async ({ scenario, sets, seeds }) => {
    const failed: string[] = [];
    let [settled, voided, events] = [0, 0, 0];
    const onAnswer = (answer: SeedAnswer): void => {
      const why = "error" in answer ? answer.error : (answer.result.violated[0]?.detail ?? "");
      if (why !== "") failed.push(`${commandFor(scenario, sets, answer.seed)}\n${why}`);
      if ("error" in answer) return;
      settled += answer.result.settled;
      voided += answer.result.voided;
      events += answer.result.events;
    };
    const work = { scenario, sets: [...COMMON, ...sets] };
    const { signal } = new AbortController();
    await judgeSeeds({ work, from: 1, to: seeds, onAnswer, signal });
    console.info(`${seeds} seeds, ${events} events: ${settled} swaps settled, ${voided} voided`);
    expect(failed.slice(0, 3)).toEqual([]);
    // A campaign in which everything settles, or nothing does, tries too little.
    expect(settled).toBeGreaterThan(seeds / 2);
    expect(voided).toBeGreaterThan(seeds / 50);
  },
  1_200_000,
);

function commandFor(scenario: string, sets: readonly string[], seed: number): string {
  const options = [...COMMON.slice(1), ...sets].map((set) => `--set '${set}'`).join(" ");
  return `npm run daliz -- explore ${scenario} --seeds ${seed}..${seed} ${options}`;
}
