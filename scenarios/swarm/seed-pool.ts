import type { SeedAnswer, SeedWork } from "./seed-worker.ts";
import { runPool } from "./worker-pool.ts";

export interface SeedPoolOptions {
  readonly work: SeedWork;
  readonly from: number;
  readonly to: number;
  readonly onAnswer: (answer: SeedAnswer) => void;
  readonly signal: AbortSignal;
}

/** Judges the seeds on all cores. Which core took which seed changes no answer. */
export const judgeSeeds = ({ work, from, to, onAnswer, signal }: SeedPoolOptions): Promise<void> =>
  runPool<number, SeedAnswer>({
    script: new URL("seed-worker.ts", import.meta.url),
    work,
    count: to - from + 1,
    taskAt: (place) => from + place,
    ahead: 2,
    onAnswer,
    signal,
  });
