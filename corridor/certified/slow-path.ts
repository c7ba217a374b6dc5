import { readU32 } from "../../crypto/bytes.ts";
import type { Genesis } from "../../node/genesis.ts";
import { after, durationMs, instant, type DurationMs } from "../../node/time.ts";
import type { BankMachine, Step } from "../bank-state.ts";
import { addDeadline } from "../deadlines.ts";
import {
  ABORT,
  COMMIT,
  CORRIDOR,
  sameRef,
  type Decision,
  type EntryRef,
  type LockReport,
} from "../entries.ts";
import { wantEntry } from "../fetch.ts";
import { MAX_VIEW } from "../limits.ts";
import { locksOfAllLegs } from "./fast-path.ts";
import { appendAbout } from "../swap/own-entries.ts";
import { includes } from "../swap/small-set.ts";
import { ballotKey, firstOfEach, type SeenStatus, type Swap } from "../swap/swap.ts";

/** The first view's time: six message delays (protocols.md 3.6); it doubles with every view. */
export const viewTimeout = (machine: BankMachine, view: number): DurationMs =>
  durationMs(6 * machine.config.genesis.deltaMs * 2 ** (view - 1));

/** leader(sid, v) = (first 8 bytes of sid + v) mod n, among the banks in order of their numbers. */
export function leaderOf(
  machine: { readonly config: { readonly genesis: Genesis } },
  swap: Pick<Swap, "sid">,
  view: number,
): number {
  const numbers = machine.config.genesis.banks.map((bank) => bank.number as number).sort(byNumber);
  const first = (BigInt(readU32(swap.sid, 0)) << 32n) | BigInt(readU32(swap.sid, 4));
  return numbers[Number((first + BigInt(view)) % BigInt(numbers.length))] as number;
}

/** A participant refused before P was known here: the fast path cannot succeed. */
export function askToLeaveFastPath(swap: Swap): void {
  if (swap.participantRefused && swap.wantedView === 0 && locksOfAllLegs(swap) === undefined) {
    swap.wantedView = 1;
  }
}

/** Joins a view when b + 1 banks are in it or beyond: at least one of them is honest. */
export function tryJoin(step: Step, swap: Swap): void {
  const highest = new Map<number, number>();
  for (const { author, entry } of swap.statuses) {
    if (entry.view <= swap.view) continue;
    highest.set(author, Math.max(entry.view, highest.get(author) ?? 0));
  }
  const { byzantine } = step.config.genesis;
  if (highest.size <= byzantine) return;
  const views = [...highest.values()].sort((a, b) => b - a);
  swap.wantedView = Math.max(swap.wantedView, views[byzantine] as number);
}

/** Enters the wanted view: reports P (always, if this bank voted: S3) and the highest own lock. */
export function tryEnter(step: Step, swap: Swap): void {
  if (swap.wantedView <= swap.view || swap.wantedView > MAX_VIEW) return;
  // References to own entries need their block's hash, so pending ones come first.
  if (swap.unsealed > 0) return;
  const view = swap.wantedView;
  const locks = locksOfAllLegs(swap) ?? null;
  const lock = reportOfLock(step, swap);
  // S3: better no STATUS than one that leaves out what this bank has signed.
  if ((swap.voted && locks === null) || lock === undefined) return;
  appendAbout(step, swap, {
    corridor: [{ kind: CORRIDOR.STATUS, sid: swap.sid, view, locks, lock }],
  });
  const at = after(instant(step.now), viewTimeout(step, view));
  addDeadline(step.state.deadlines, at, { kind: "swap-view", key: swap.key, view });
}

/** The own lock with the ACCEPTs that allowed it; `undefined` when they are not known here. */
function reportOfLock(step: Step, { lock, accepts }: Swap): LockReport | null | undefined {
  if (lock === undefined) return null;
  const { quorum } = step.config.genesis;
  const places = firstOfEach(accepts.get(ballotKey(lock.view, lock.decision)), quorum);
  return places.length < quorum ? undefined : { ...lock, accepts: places };
}

/** At the leader of the current view: proposes the value that q verified STATUSes allow. */
export function tryLead(step: Step, swap: Swap): void {
  const { view } = swap;
  if (view === 0 || swap.wantedView > view || includes(swap.led, view)) return;
  if (leaderOf(step, swap, view) !== step.config.self) return;
  const chosen: SeenStatus[] = [];
  const authors = new Set<number>();
  for (const status of swap.statuses) {
    const { author, entry } = status;
    if (entry.view !== view || authors.has(author)) continue;
    // A bank that forked its log may show others another STATUS; the honest ones are a quorum.
    if (step.state.convicted.has(author) || !isVerified(step, swap, status, author)) continue;
    authors.add(author);
    chosen.push(status);
    if (chosen.length === step.config.genesis.quorum) break;
  }
  if (chosen.length < step.config.genesis.quorum) return;
  const decision = valueOf(chosen);
  const statuses = chosen.map((status) => status.ref);
  appendAbout(step, swap, {
    corridor: [{ kind: CORRIDOR.LEAD, sid: swap.sid, view, decision, statuses }],
  });
}

/** S4: ACCEPTs the leader's value only if it follows from the STATUSes that the LEAD names. */
export function tryAccept(step: Step, swap: Swap): void {
  const { view, sid } = swap;
  if (view === 0 || swap.wantedView > view || includes(swap.accepted, view)) return;
  for (const lead of swap.leads) {
    if (lead.entry.view !== view || lead.author !== leaderOf(step, swap, view)) continue;
    const statuses = referencedStatuses(step, swap, lead.entry.statuses, lead.author);
    if (statuses === undefined || valueOf(statuses) !== lead.entry.decision) continue;
    const { decision } = lead.entry;
    appendAbout(step, swap, { corridor: [{ kind: CORRIDOR.ACCEPT, sid, view, decision }] });
    return;
  }
}

/** CONFIRMs a value that q banks accepted in the current view; from then on it is this bank's lock. */
export function tryConfirm(step: Step, swap: Swap): void {
  const { view, sid } = swap;
  if (view === 0 || swap.wantedView > view || includes(swap.confirmed, view)) return;
  for (const decision of [COMMIT, ABORT] as const) {
    const box = swap.accepts.get(ballotKey(view, decision));
    if (box === undefined || box.size < step.config.genesis.quorum) continue;
    appendAbout(step, swap, { corridor: [{ kind: CORRIDOR.CONFIRM, sid, view, decision }] });
    return;
  }
}

/** S5: the reported lock of the highest view decides; without a lock, COMMIT if anybody reports P. */
export function valueOf(statuses: readonly Pick<SeenStatus, "entry">[]): Decision {
  let highest: LockReport | undefined;
  for (const { entry } of statuses) {
    if (entry.lock !== null && (highest === undefined || entry.lock.view > highest.view)) {
      highest = entry.lock;
    }
  }
  if (highest !== undefined) return highest.decision;
  return statuses.some(({ entry }) => entry.locks !== null) ? COMMIT : ABORT;
}

/** Whether what a STATUS reports is backed by entries that were seen; asks `peer` for the others. */
function isVerified(step: Step, swap: Swap, { entry }: SeenStatus, peer: number): boolean {
  const unseen: EntryRef[] = [];
  if (entry.locks !== null) {
    if (entry.locks.length !== swap.locks.length) return false;
    unseen.push(...entry.locks.filter((ref, leg) => !isAmong(ref, swap.locks[leg])));
  }
  if (entry.lock !== null) {
    const { view, decision, accepts } = entry.lock;
    if (view < 1 || view >= entry.view) return false;
    if (new Set(accepts.map((ref) => ref.bank)).size < step.config.genesis.quorum) return false;
    const box = swap.accepts.get(ballotKey(view, decision));
    unseen.push(...accepts.filter((ref) => !isAmong(ref, box?.get(ref.bank))));
  }
  for (const ref of unseen) if (step.state.logs.has(ref.bank)) wantEntry(step, peer, ref);
  return unseen.length === 0;
}

const isAmong = (ref: EntryRef, seen: readonly EntryRef[] | undefined): boolean =>
  seen?.some((known) => sameRef(known, ref)) === true;

function referencedStatuses(
  step: Step,
  swap: Swap,
  refs: readonly EntryRef[],
  leader: number,
): readonly SeenStatus[] | undefined {
  const found: SeenStatus[] = [];
  const authors = new Set<number>();
  for (const ref of refs) {
    const status = swap.statuses.find((seen) => sameRef(seen.ref, ref));
    if (status === undefined) {
      if (step.state.logs.has(ref.bank)) wantEntry(step, leader, ref);
      return undefined;
    }
    if (status.entry.view !== swap.view || authors.has(status.author)) return undefined;
    // Whoever signed the LEAD has verified this, and serves what that takes.
    if (!isVerified(step, swap, status, leader)) return undefined;
    authors.add(status.author);
    found.push(status);
  }
  return found.length >= step.config.genesis.quorum ? found : undefined;
}

const byNumber = (a: number, b: number): number => a - b;
