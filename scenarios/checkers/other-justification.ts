import { equalHash } from "../../crypto/hash.ts";
import {
  ABORT,
  COMMIT,
  CORRIDOR,
  entryName,
  type CorridorEntryOf,
  type SwapEntry,
} from "../../corridor/entries.ts";
import { opens } from "../../corridor/htlc/secret.ts";
import { allLocked, type SignedEntries, type SignedSwap } from "./signed-swap.ts";

type HashLock = CorridorEntryOf<typeof CORRIDOR.HLOCK>;

/**
 * Why nothing in the world lets an honest bank sign this entry, of a swap that is not certified: the rules
 * of protocols.md 2.1, 2.2 and 2.4, written down once more.
 */
export function unfounded(
  entry: SwapEntry,
  swap: SignedSwap,
  bank: number,
  record: SignedEntries,
): string | undefined {
  const { announced, others } = swap;
  if (announced === undefined) return "an entry without an announcement";
  const has = (is: (other: SwapEntry, by: number) => boolean): boolean =>
    others.some((other) => is(other.entry, other.bank));
  const lockOf = (leg: number): HashLock | undefined =>
    others.flatMap((other) =>
      other.entry.kind === CORRIDOR.HLOCK &&
      other.entry.leg === leg &&
      other.bank === announced.legBanks[leg]
        ? [other.entry]
        : [],
    )[0];
  const hub = announced.arrangement === "two-phase" ? announced.params.hub : undefined;
  const name = entryName(entry.kind);
  switch (entry.kind) {
    case CORRIDOR.HLOCK:
      if (entry.leg === 0) return undefined;
      return lockOf(entry.leg - 1) === undefined ? "HLOCK before the leg before" : undefined;
    case CORRIDOR.CLAIM: {
      const hash = lockOf(entry.leg)?.hash;
      return hash !== undefined && opens(entry.secret, hash)
        ? undefined
        : "CLAIM that opens nothing";
    }
    case CORRIDOR.PREPARE:
      return bank === hub ? undefined : "PREPARE by another than the hub";
    case CORRIDOR.DECIDE:
      if (bank !== hub) return "DECIDE by another than the hub";
      return entry.decision === ABORT || allLocked(swap) ? undefined : "COMMIT without all LOCKs";
    case CORRIDOR.PAY: {
      const isPaid = (leg: number): boolean =>
        has((other) => other.kind === CORRIDOR.PAY && other.leg === leg);
      const before = Array.from({ length: entry.leg }, (_, leg) => leg);
      return before.every(isPaid) ? undefined : "PAY before the legs before";
    }
    case CORRIDOR.SETTLE: {
      const { grounds, leg } = entry;
      if (hub !== undefined) {
        const isDecided = has(
          (o, by) => o.kind === CORRIDOR.DECIDE && o.decision === COMMIT && by === hub,
        );
        return isDecided ? undefined : "SETTLE without the hub's COMMIT";
      }
      const lock = lockOf(leg);
      if (lock === undefined || !("secret" in grounds)) return "SETTLE without a secret";
      const isInTime = grounds.timeMs < lock.untilMs;
      const isClaimed = has((o) => o.kind === CORRIDOR.CLAIM && o.leg === leg);
      return isInTime && isClaimed && opens(grounds.secret, lock.hash)
        ? undefined
        : "SETTLE without a claim in time";
    }
    case CORRIDOR.VOID: {
      const { grounds } = entry;
      if ("blockHash" in grounds) {
        const shown = record.entryAt(grounds);
        const isNo =
          shown?.kind === CORRIDOR.REFUSE ||
          (shown?.kind === CORRIDOR.DECIDE && shown.decision === ABORT && grounds.bank === hub);
        return isNo && equalHash(shown.sid, swap.sid) ? undefined : "VOID without a no";
      }
      const until = lockOf(entry.leg)?.untilMs ?? Infinity;
      return "timeMs" in grounds && grounds.timeMs >= until ? undefined : "VOID before its time";
    }
    case CORRIDOR.LOCK:
    case CORRIDOR.REFUSE:
    case CORRIDOR.INQUIRE:
      return undefined;
    case CORRIDOR.VOTE:
    case CORRIDOR.STATUS:
    case CORRIDOR.LEAD:
    case CORRIDOR.ACCEPT:
    case CORRIDOR.CONFIRM:
      return `${name} under another arrangement`;
    default:
      return entry satisfies never;
  }
}
