import type { BankMachine, EntryGroup } from "../../../corridor/bank-state.ts";
import {
  ABORT,
  COMMIT,
  CORRIDOR,
  type CorridorEntry,
  type Decision,
} from "../../../corridor/entries.ts";
import type { Lie } from "./lie.ts";

/** Votes for both outcomes: a second, opposite entry beside each vote of its own. */
export const DOUBLE_VOTE: Lie = {
  beforeFlush: (machine) =>
    rewrite(machine, (entry) => {
      const contrary = contraryOf(entry);
      return contrary === undefined ? [entry] : [entry, contrary];
    }),
};

function contraryOf(entry: CorridorEntry): CorridorEntry | undefined {
  const nothing = { locks: null, lock: null };
  if (entry.kind === CORRIDOR.VOTE) {
    return { kind: CORRIDOR.STATUS, sid: entry.sid, view: 1, ...nothing };
  }
  if (entry.kind === CORRIDOR.STATUS) return { ...entry, ...nothing };
  const isBallot = entry.kind === CORRIDOR.ACCEPT || entry.kind === CORRIDOR.CONFIRM;
  return isBallot ? { ...entry, decision: opposite(entry.decision) } : undefined;
}

/** As a leader proposes the value that does not follow from the STATUSes. */
export const WRONG_LEAD: Lie = {
  beforeFlush: (machine) =>
    rewrite(machine, (entry) =>
      entry.kind === CORRIDOR.LEAD ? [{ ...entry, decision: opposite(entry.decision) }] : [entry],
    ),
};

const opposite = (decision: Decision): Decision => (decision === COMMIT ? ABORT : COMMIT);

function rewrite(
  { state }: BankMachine,
  change: (entry: CorridorEntry) => readonly CorridorEntry[],
): void {
  for (const [i, group] of state.pending.entries()) {
    const corridor = group.corridor.flatMap(change);
    state.pending[i] = { ...group, corridor } satisfies EntryGroup;
  }
}
