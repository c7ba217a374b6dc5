import { parentPort, workerData } from "node:worker_threads";
import { useFastSha256 } from "../../node/io/fast-sha256.ts";
import { writePart } from "./part-file.ts";
import { scenarioOf, taskAt, type ComparisonPlan } from "./plan.ts";
import { playPart } from "./run-part.ts";

/** What a worker is given at its start. */
export interface CompareWork {
  readonly plan: ComparisonPlan;
  readonly folder: string;
}

/** What it answers for each index of the plan that it is sent; the part is in its file. */
export type CompareAnswer =
  | { readonly index: number; readonly settled: number; readonly swaps: number }
  /** A bug of ours: an invariant of the code, or an error. */
  | { readonly index: number; readonly error: string };

const { plan, folder } = workerData as CompareWork;
await useFastSha256();
const port = parentPort;
port?.on("message", (index: number) => port.postMessage(answerTo(index)));

function answerTo(index: number): CompareAnswer {
  try {
    const part = playPart(scenarioOf(plan, taskAt(plan, index)), plan.volatility);
    writePart(folder, index, part);
    return { index, settled: part.values.settled ?? 0, swaps: part.swaps.length };
  } catch (error) {
    return { index, error: (error as Error).stack ?? String(error) };
  }
}
