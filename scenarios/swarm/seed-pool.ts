import os from "node:os";
import { Worker } from "node:worker_threads";
import type { SeedAnswer, SeedWork } from "./seed-worker.ts";

export interface PoolOptions {
  readonly work: SeedWork;
  readonly from: number;
  readonly to: number;
  readonly onAnswer: (answer: SeedAnswer) => void;
  readonly signal: AbortSignal;
}

/** Seeds that a worker has under way: the next one is there when it has finished one. */
const AHEAD = 2;

/** Judges the seeds on all cores. Which core took which seed changes no answer. */
export async function judgeSeeds(options: PoolOptions): Promise<void> {
  const { work, from, to } = options;
  const count = Math.min(os.availableParallelism(), to - from + 1);
  let next = from;
  const seeds = { take: (): number | undefined => (next <= to ? next++ : undefined) };
  await Promise.all(Array.from({ length: count }, () => runWorker(work, seeds, options)));
}

function runWorker(
  work: SeedWork,
  seeds: { take(): number | undefined },
  { onAnswer, signal }: PoolOptions,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL("seed-worker.ts", import.meta.url), { workerData: work });
    let underWay = 0;
    const send = (): void => {
      const seed = signal.aborted ? undefined : seeds.take();
      if (seed === undefined) {
        if (underWay === 0) void worker.terminate();
        return;
      }
      underWay++;
      // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread, not a window
      worker.postMessage(seed);
    };
    worker.on("message", (answer: SeedAnswer) => {
      underWay--;
      onAnswer(answer);
      send();
    });
    worker.on("error", reject);
    worker.on("exit", () => resolve());
    for (let i = 0; i < AHEAD; i++) send();
  });
}
