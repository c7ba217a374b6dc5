import type { AuditReport } from "../../corridor/audit/audit.ts";
import type { Instant } from "../../node/time.ts";
import type { PropertyRow } from "../run-result.ts";
import type { Watcher, World } from "../sim/world.ts";
import type { Violation } from "./checker.ts";

/** The checkers of one simulated run, whatever its arrangement. */
export interface RunSuite {
  readonly watcher: Watcher;
  /** The first of what must never be. */
  readonly violations: readonly Violation[];
  /** The world that is watched, as soon as it is there. */
  begin(world: World): void;
  /** The last fault is over: the liveness phase begins. */
  healed(): void;
  /** When the liveness phase is over at the latest; now, when nothing is left to wait for. */
  livenessBound(): Instant;
  /** Nothing more happens in the world. */
  end(): void;
  audited(audit: AuditReport): void;
  verdicts(): readonly PropertyRow[];
}
