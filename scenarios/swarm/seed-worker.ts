import { parentPort, workerData } from "node:worker_threads";
import { useFastSha256 } from "../../node/io/fast-sha256.ts";
import { openScenario } from "../resolve.ts";
import { judgeSeed, type SeedResult } from "./campaign.ts";

/** What a worker is given at its start: the scenario as the user named it. */
export interface SeedWork {
  readonly scenario: string;
  readonly sets: readonly string[];
}

/** What it answers for each seed that it is sent. */
export type SeedAnswer =
  | { readonly seed: number; readonly result: SeedResult }
  /** A bug of ours rather than a broken property: an invariant of the code, or an error. */
  | { readonly seed: number; readonly error: string };

const { scenario: name, sets } = workerData as SeedWork;
await useFastSha256();
const opened = openScenario(name, sets);
if (!opened.ok) throw new TypeError(`${name} cannot be opened`);
const { value: scenario } = opened;
const port = parentPort;
port?.on("message", (seed: number) => port.postMessage(answerTo(seed)));

function answerTo(seed: number): SeedAnswer {
  try {
    return { seed, result: judgeSeed(scenario, seed) };
  } catch (error) {
    return { seed, error: (error as Error).stack ?? String(error) };
  }
}
