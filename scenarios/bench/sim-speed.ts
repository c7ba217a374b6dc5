import process from "node:process";
import v8 from "node:v8";
import vm from "node:vm";
import { FREE } from "../costs.ts";
import { NO_NETWORK } from "../network/network.ts";
import type { Signatures } from "../scenario.ts";
import { WINDOW_PER_BANK } from "./loads.ts";
import { SimulatedCorridor } from "./sim-load.ts";

/** How fast virtual time goes on one core, members and all. */
export interface SimSpeed {
  readonly n: number;
  readonly signatures: Signatures;
  readonly swaps: number;
  readonly swapsPerSecond: number;
  readonly eventsPerSecond: number;
  /** What the last quarter of the run took for a swap, against the first quarter after the warm-up. */
  readonly growth: number;
  readonly bytesPerSwap: number;
}

/** Costs that make banks write blocks of several swaps, as under load. */
const COSTS = { ...FREE, signUs: 50, verifyUs: 140, entryUs: 5, messageUs: 60, fsyncUs: 300 };
const CHUNK = 500;
const CHUNKS_AT_LEAST = 8;

/** Settles swaps for about this long. */
export function measureSimulation(n: number, signatures: Signatures, ms: number): SimSpeed {
  const corridor = new SimulatedCorridor({
    n,
    costs: COSTS,
    network: NO_NETWORK,
    signatures,
    seed: 1,
  });
  const settle = (): number => {
    const before = performance.now();
    corridor.saturate(CHUNK, WINDOW_PER_BANK * n);
    return performance.now() - before;
  };
  settle();
  settle();
  const events = corridor.world.events;
  const memory = residentBytes();
  const took: number[] = [];
  while (took.length < CHUNKS_AT_LEAST || sum(took) < ms) took.push(settle());
  const quarter = Math.floor(took.length / 4);
  const swaps = took.length * CHUNK;
  const seconds = sum(took) / 1000;
  return {
    n,
    signatures,
    swaps,
    swapsPerSecond: swaps / seconds,
    eventsPerSecond: (corridor.world.events - events) / seconds,
    growth: sum(took.slice(-quarter)) / sum(took.slice(0, quarter)),
    bytesPerSwap: (residentBytes() - memory) / swaps,
  };
}

/** What is in use of heap and buffers, after the garbage has been collected. */
function residentBytes(): number {
  collectGarbage();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

v8.setFlagsFromString("--expose-gc");
const collectGarbage = vm.runInNewContext("gc") as () => void;

const sum = (values: readonly number[]): number =>
  values.reduce((total, value) => total + value, 0);
