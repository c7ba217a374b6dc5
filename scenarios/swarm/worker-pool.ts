import os from "node:os";
import { Worker } from "node:worker_threads";

export interface PoolOptions<Task, Answer> {
  /** The worker's module: it gets `work` as its `workerData`, and a message for each task. */
  readonly script: URL;
  readonly work: unknown;
  /** How many tasks there are; `taskAt` gives each, from 0. */
  readonly count: number;
  readonly taskAt: (place: number) => Task;
  /** Tasks that a worker has under way: with two, the next one is there when it has finished one. */
  readonly ahead: number;
  /** One for each processor if not given. */
  readonly workers?: number | undefined;
  readonly onAnswer: (answer: Answer) => void;
  readonly signal: AbortSignal;
}

/** Hands tasks to worker threads and takes an answer for each. Which of them took which changes no answer. */
export async function runPool<Task, Answer>(options: PoolOptions<Task, Answer>): Promise<void> {
  const { script, work, count, taskAt, ahead, onAnswer, signal } = options;
  const wanted = options.workers ?? os.availableParallelism();
  let next = 0;
  const runWorker = (worker: Worker): Promise<void> =>
    new Promise((resolve, reject) => {
      let underWay = 0;
      const send = (): void => {
        if (signal.aborted || next >= count) {
          if (underWay === 0) void worker.terminate();
          return;
        }
        underWay++;
        // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread, not a window
        worker.postMessage(taskAt(next++));
      };
      worker.on("message", (answer: Answer) => {
        underWay--;
        onAnswer(answer);
        send();
      });
      worker.on("error", reject);
      worker.on("exit", () => resolve());
      for (let i = 0; i < ahead; i++) send();
    });
  const workers = Array.from(
    { length: Math.min(wanted, count) },
    () => new Worker(script, { workerData: work }),
  );
  try {
    await Promise.all(workers.map(runWorker));
  } finally {
    await Promise.all(workers.map((worker) => worker.terminate()));
  }
}
