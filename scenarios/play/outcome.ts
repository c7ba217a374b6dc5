import type { Corridor } from "./corridor-keys.ts";
import type { Recorder } from "./recorder.ts";

/** What a run shows while it works. */
export interface RunProgress {
  readonly phase: "starting" | "opening" | "running" | "closing";
  readonly done: number;
  readonly total: number;
  readonly line: string;
}

export interface FaultHappened {
  readonly atMs: number;
  readonly bank: string;
  readonly what: string;
}

/** A run that has ended: its ledgers, and what was seen of it. */
export interface RunOutcome {
  readonly corridor: Corridor;
  readonly recorder: Recorder;
  readonly ledgers: ReadonlyMap<string, Uint8Array>;
  readonly faults: readonly FaultHappened[];
  readonly connectedMs: number;
  readonly durationMs: number;
  readonly startedAt: string;
}
