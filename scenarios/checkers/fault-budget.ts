import type { Scenario } from "../scenario.ts";
import type { Property } from "./checker.ts";

/** Who of a scenario's banks lies and who is gone for good, against what its corridor tolerates. */
export interface FaultBudget {
  /** Ids of banks that may sign anything: they lie, run on an old disk, or on one that forgets or rots. */
  readonly lying: readonly string[];
  /** Ids of further banks that stay away at the end. */
  readonly gone: readonly string[];
  /** b and c of the corridor. */
  readonly byzantine: number;
  readonly crashed: number;
}

/**
 * Counts a scenario's faults. A bank that comes back from a whole disk is a correct one all along; one
 * whose disk lost or changed what was durable counts as Byzantine (protocols.md 3.10).
 */
export function budgetOf({ faults, corridor }: Pick<Scenario, "faults" | "corridor">): FaultBudget {
  const lying = new Set<string>();
  const gone = new Set<string>();
  for (const fault of faults) {
    if (fault.kind === "byzantine") lying.add(fault.bank);
    else if (fault.kind === "disk" && (fault.damage === "rot" || fault.damage === "lost-tail")) {
      lying.add(fault.bank);
    } else if (fault.kind === "disk" && fault.damage === "full") gone.add(fault.bank);
    else if (fault.kind === "away") gone.add(fault.bank);
    else if (fault.kind === "kill" && fault.restartAfterMs === null) gone.add(fault.bank);
  }
  return {
    lying: [...lying],
    gone: [...gone].filter((bank) => !lying.has(bank)),
    byzantine: corridor.byzantine,
    crashed: corridor.crashed,
  };
}

/** Safety needs no more than b lying banks; whoever is down does no harm to it. */
export const isSafeBudget = ({ lying, byzantine }: FaultBudget): boolean =>
  lying.length <= byzantine;

/** Liveness needs q correct banks that are up: no more than b + c others, of which b may lie. */
export const isLiveBudget = (budget: FaultBudget): boolean =>
  isSafeBudget(budget) &&
  budget.lying.length + budget.gone.length <= budget.byzantine + budget.crashed;

/** Whether a violation of this property is a failure of ours, rather than what the faults must lead to. */
export const isWithinBudget = (budget: FaultBudget, property: Property): boolean =>
  property === "P8" ? isLiveBudget(budget) : isSafeBudget(budget);

export const renderBudget = ({ lying, gone, byzantine, crashed }: FaultBudget): string =>
  `${lying.length} lying (b = ${byzantine}), ${gone.length} gone (c = ${crashed})`;
