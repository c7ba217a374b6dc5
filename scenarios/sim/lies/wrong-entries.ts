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
      switch (entry.kind) {
        case CORRIDOR.VOTE:
          return [
            entry,
            { kind: CORRIDOR.STATUS, sid: entry.sid, view: 1, locks: null, lock: null },
          ];
        case CORRIDOR.STATUS:
          return [entry, { ...entry, locks: null, lock: null }];
        case CORRIDOR.ACCEPT:
        case CORRIDOR.CONFIRM:
          return [entry, { ...entry, decision: opposite(entry.decision) }];
        default:
          return [entry];
      }
    }),
};

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
