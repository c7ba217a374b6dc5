import { CORRIDOR, isCertificate } from "../../../corridor/entries.ts";
import { unreachable } from "../../../crypto/outcome.ts";
import type { Instant } from "../../../node/time.ts";
import type { MakeChecker } from "../checker.ts";
import type { RunConditions } from "../run-conditions.ts";
import { shownSid, type SwapNote } from "../signed-record.ts";
import { allLocked } from "../signed-swap.ts";

/** Greatest delays from the announcement to the last closing entry, with two legs (protocols.md 2.6). */
const DELAYS = { certified: 3, htlc: 4, "two-phase": 4, gross: 1 } as const;

/**
 * P4: in a run without faults every swap that all banks taking part have LOCKed settles on the fast
 * path, within as many of the network's greatest delays after its announcement as its arrangement takes
 * (three when certified), and eps. As eps counts what the banks in turn, one more than delays, need to handle a message at the most, by the run's costs, with as much before
 * it as ever waited at a bank. Where delays have no bound, only the path is judged.
 */
export const abortNonTriviality: MakeChecker = ({ conditions, now, violated }) => {
  const { choice } = conditions;
  const delays = DELAYS[choice.arrangement];
  const patienceMs = patienceOf(conditions);
  const load = { waiting: 0, bytes: 0, entries: 0 };
  /** Swaps under way: when the first LOCK, which stands beside the announcement, was durable. */
  const announcedAt = new Map<number, Instant>();
  const openLegs = new Map<number, number>();
  let slowest = { us: 0, name: "" };
  const bound = (): number | undefined =>
    conditions.greatestDelayUs === undefined
      ? undefined
      : delays * conditions.greatestDelayUs +
        (delays + 1) * conditions.handlingUs(load) +
        (choice.arrangement === "gross" ? choice.lagMs * 1000 : 0);
  const notApplicable = (): string | undefined => {
    if (conditions.hasFaults) return "there were faults";
    if (conditions.isLossy) return "the network loses messages";
    const us = bound() ?? 0;
    return us < patienceMs * 1000
      ? undefined
      : `${delays} delays may take longer than banks wait (${patienceMs} ms)`;
  };
  const isJudged = notApplicable() === undefined;
  const judgePath = (swap: SwapNote, view: number): void => {
    if (view > 0) violated("P4", undefined, `swap ${shownSid(swap)} settles in view ${view}`);
  };
  if (!isJudged) return { property: "P4", notApplicable };
  return {
    property: "P4",
    notApplicable,
    onStep: (seat, input) => {
      load.waiting = Math.max(load.waiting, seat.inbox.length - seat.taken);
      if ("bytes" in input) load.bytes = Math.max(load.bytes, input.bytes.length);
    },
    onBlock: ({ block, domestic }) => {
      load.entries = Math.max(load.entries, block.corridor.length + domestic.length);
    },
    onEntry: (entry, swap) => {
      const isLock = entry.kind === CORRIDOR.LOCK || entry.kind === CORRIDOR.HLOCK;
      if ((isLock || entry.kind === CORRIDOR.PAY) && !announcedAt.has(swap.key)) {
        announcedAt.set(swap.key, now());
      }
      if (entry.kind === CORRIDOR.VOID) {
        announcedAt.delete(swap.key);
        openLegs.delete(swap.key);
        if (allLocked(swap)) violated("P4", undefined, `swap ${shownSid(swap)} is voided`);
      } else if (entry.kind === CORRIDOR.SETTLE || entry.kind === CORRIDOR.PAY) {
        if ("grounds" in entry && isCertificate(entry.grounds)) judgePath(swap, entry.grounds.view);
        const us = now() - (announcedAt.get(swap.key) ?? now());
        if (us > slowest.us) slowest = { us, name: shownSid(swap) };
        // The first bank to SETTLE does not know of the others: the entry goes with the last leg.
        const left = (openLegs.get(swap.key) ?? swap.announced?.legBanks.length ?? 1) - 1;
        if (left > 0) openLegs.set(swap.key, left);
        else {
          openLegs.delete(swap.key);
          announcedAt.delete(swap.key);
        }
      }
    },
    atEnd: () => {
      const us = bound();
      if (us === undefined || slowest.us <= us) return;
      violated("P4", undefined, `swap ${slowest.name} takes ${slowest.us} us; the bound is ${us}`);
    },
  };
};

/** How long a swap may take until some bank gives it up. */
function patienceOf({ choice, ttlMs }: RunConditions): number {
  switch (choice.arrangement) {
    case "certified":
      return ttlMs;
    case "htlc":
      return DELAYS.htlc * choice.deltaMaxMs;
    case "two-phase":
      return choice.prepareMs;
    case "gross":
      return Infinity;
    default:
      return unreachable(choice);
  }
}
