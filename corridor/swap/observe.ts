import { equalHash } from "../../crypto/hash.ts";
import { parseAnnouncement, swapIdOf, type Announcement, type SwapId } from "../announcement.ts";
import type { Bytes } from "../../crypto/bytes.ts";
import { EPOCH, sidKeyOf, warn, type Step } from "../bank-state.ts";
import { isDecided, recordOver } from "../decided.ts";
import type { EntryRef, SwapEntry } from "../entries.ts";
import { MAX_OPEN_SWAPS, MAX_STUB_ENTRIES_PER_BANK, MAX_STUBS_PER_BANK } from "../limits.ts";
import { armTimer, machineFor, machineOf, pump, whyUnusable } from "./arrangements.ts";
import { keepNewest, newSwap, noted, type Swap } from "./swap.ts";
import { askSoon, useOffer } from "./terms-exchange.ts";

/**
 * Opens a swap when its announcement is first seen. A swap that was decided never opens again, and an
 * announcement already expired gets a view's time in which its certificate may still arrive (3.10).
 */
export function observeAnnouncement(step: Step, author: number, bytes: Bytes): Swap | undefined {
  const sid = swapIdOf(bytes);
  const known = step.state.swaps.get(sidKeyOf(sid));
  if (known?.announcement !== undefined) return known;
  if (isDecided(step.state.decided, sid)) return undefined;
  const parsed = parseAnnouncement(bytes);
  const why = parsed.ok ? whyNotOurs(step, author, parsed.value) : parsed.error.code;
  if (!parsed.ok || why !== undefined) {
    warn(step, "announcement_invalid", author, why ?? "");
    return undefined;
  }
  if (!machineFor(parsed.value).concerns(parsed.value, step.config.self)) {
    recordOver(step.state.decided, sid);
    if (known !== undefined) forgetStub(step, known);
    return undefined;
  }
  const swap = known ?? openSwap(step, sid);
  if (swap === undefined) {
    warn(step, "busy", author, `more than ${MAX_OPEN_SWAPS} open swaps`);
    return undefined;
  }
  setAnnouncement(step, swap, parsed.value);
  return swap;
}

/** One entry about a swap, by a bank that validly signed the block it stands in. */
export function observeEntry(step: Step, author: number, ref: EntryRef, entry: SwapEntry): void {
  const key = sidKeyOf(entry.sid);
  let swap = step.state.swaps.get(key);
  if (swap === undefined) {
    if (isDecided(step.state.decided, entry.sid)) return;
    swap = openStub(step, author, entry.sid);
    if (swap === undefined) return;
  }
  if (swap.announcement === undefined) {
    return keepNewest(swap.early, { author, ref, entry }, MAX_STUB_ENTRIES_PER_BANK, {
      isRival: (seen) => seen.author === author,
    });
  }
  machineOf(swap)?.record(step, swap, { author, ref, entry });
  pump(step, swap);
}

function openSwap(step: Step, sid: SwapId): Swap | undefined {
  if (step.state.swaps.size >= MAX_OPEN_SWAPS) return undefined;
  const key = sidKeyOf(sid);
  const swap = newSwap(sid, key);
  step.state.swaps.set(key, swap);
  return swap;
}

function openStub(step: Step, author: number, sid: SwapId): Swap | undefined {
  const { stubsBy } = step.state;
  const count = stubsBy.get(author) ?? 0;
  if (count >= MAX_STUBS_PER_BANK) return undefined;
  const swap = openSwap(step, sid);
  if (swap === undefined) return undefined;
  stubsBy.set(author, count + 1);
  swap.stubOf = author;
  if (step.state.phase !== "opening") askSoon(step, swap);
  return swap;
}

/** A swap of others, of which an entry came before the announcement. */
function forgetStub(step: Step, swap: Swap): void {
  leaveStubs(step, swap);
  step.state.swaps.delete(swap.key);
}

function leaveStubs(step: Step, swap: Swap): void {
  const { stubsBy } = step.state;
  if (swap.stubOf !== undefined) stubsBy.set(swap.stubOf, (stubsBy.get(swap.stubOf) ?? 1) - 1);
  swap.stubOf = undefined;
}

function setAnnouncement(step: Step, swap: Swap, announcement: Announcement): void {
  const { state, config, now } = step;
  leaveStubs(step, swap);
  swap.announcement = announcement;
  swap.course = machineFor(announcement).newCourse(announcement);
  swap.myLegs = announcement.legBanks.flatMap((bank, leg) => (bank === config.self ? [leg] : []));
  swap.locks.push(...announcement.legBanks.map(() => []));
  noted(swap.times, "announced", now);
  if (swap.myLegs.length > 0) useOffer(step, swap);
  if (state.phase !== "opening") armTimer(step, swap);
  for (const seen of swap.early.splice(0)) machineOf(swap)?.record(step, swap, seen);
}

function whyNotOurs(step: Step, author: number, announcement: Announcement): string | undefined {
  const { genesis } = step.config;
  if (announcement.legBanks[0] !== author) return "announced by another bank than leg 0's";
  if (!equalHash(announcement.net, genesis.net)) return "another corridor";
  if (announcement.epoch !== EPOCH) return `epoch ${announcement.epoch}`;
  if (announcement.legBanks.some((bank) => !step.banks.has(bank)))
    return "a bank not in the corridor";
  if (announcement.expiryMs <= announcement.createdMs) return "expires before it was created";
  return whyUnusable(announcement, genesis);
}
