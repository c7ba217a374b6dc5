import { ABORT, CORRIDOR, type EntryRef } from "../../../corridor/entries.ts";
import { DOMESTIC } from "../../../node/ledger/domestic-entries.ts";
import { leaderByFormula } from "../../../scenarios/checkers/justification.ts";
import { SALT, type Stage } from "./stage.ts";

/** Three banks leave the fast path, and the leader of view 1 proposes ABORT. */
export function openSlowPath(stage: Stage): {
  readonly statuses: readonly EntryRef[];
  leader: number;
} {
  stage.lock(1);
  const statuses = [1, 2, 3].flatMap((bank) => stage.status(bank, 1));
  const leader = leaderByFormula(stage.sid, 1, stage.corridor.genesis);
  if (leader === 4) stage.status(4, 1);
  return { statuses, leader };
}

export function abortInViewOne(stage: Stage): readonly EntryRef[] {
  const { sid } = stage;
  const { statuses, leader } = openSlowPath(stage);
  stage.block(leader, [{ kind: CORRIDOR.LEAD, sid, view: 1, decision: ABORT, statuses }]);
  for (const bank of [1, 2, 3]) {
    stage.block(bank, [{ kind: CORRIDOR.ACCEPT, sid, view: 1, decision: ABORT }]);
  }
  return [1, 2, 3].flatMap(
    (bank) => stage.block(bank, [{ kind: CORRIDOR.CONFIRM, sid, view: 1, decision: ABORT }]).refs,
  );
}

export function voidLeg(
  stage: Stage,
  bank: number,
  refs: readonly EntryRef[],
  isLocked: boolean,
): void {
  const { sid } = stage;
  const leg = bank - 1;
  const certificate = { view: 1, decision: ABORT, refs } as const;
  stage.block(
    bank,
    [{ kind: CORRIDOR.VOID, sid, leg, grounds: certificate }],
    isLocked ? [{ kind: DOMESTIC.UNHOLD, sid, leg, salt: SALT }] : [],
  );
}
