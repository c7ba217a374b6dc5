import { unreachable } from "../../crypto/outcome.ts";
import { equalHash } from "../../crypto/hash.ts";
import { after, durationMs, toMs } from "../../node/time.ts";
import {
  parseAnnouncement,
  participantsOf,
  swapIdOf,
  type Announcement,
  type SwapId,
} from "../announcement.ts";
import type { Bytes } from "../../crypto/bytes.ts";
import { EPOCH, sidKeyOf, warn, type Step } from "../bank-state.ts";
import { addDeadline } from "../deadlines.ts";
import { isDecided } from "../decided.ts";
import { CORRIDOR, sameRef, type EntryRef, type SwapEntry } from "../entries.ts";
import { wantBlock } from "../fetch.ts";
import {
  MAX_OPEN_SWAPS,
  MAX_STUB_ENTRIES_PER_BANK,
  MAX_STUBS_PER_BANK,
  MAX_VERSIONS_PER_VIEW,
} from "../limits.ts";
import { pump } from "./pump.ts";
import { leaderOf, viewTimeout } from "./slow-path.ts";
import { castBallot, newSwap, noted, notePlace, type SeenEntry, type Swap } from "./swap.ts";
import { useOffer } from "./terms-exchange.ts";

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
  record(step, swap, author, ref, entry);
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

function setAnnouncement(step: Step, swap: Swap, announcement: Announcement): void {
  const { state, config, now } = step;
  if (swap.stubOf !== undefined) {
    state.stubsBy.set(swap.stubOf, (state.stubsBy.get(swap.stubOf) ?? 1) - 1);
    swap.stubOf = undefined;
  }
  swap.announcement = announcement;
  swap.myLegs = announcement.legBanks.flatMap((bank, leg) => (bank === config.self ? [leg] : []));
  swap.locks.push(...announcement.legBanks.map(() => []));
  noted(swap.times, "announced", now);
  if (swap.myLegs.length > 0) useOffer(step, swap);
  if (state.phase !== "opening") armTimer(step, swap);
  for (const { author, ref, entry } of swap.early.splice(0)) record(step, swap, author, ref, entry);
}

/**
 * Starts the timer of the phase a swap is in: when it is first seen, and afresh after a restart. An
 * announcement already expired gets a view's time, in which a certificate may still arrive.
 */
export function armTimer(step: Step, swap: Swap): void {
  const { announcement, key, view } = swap;
  if (announcement === undefined) return askSoon(step, swap);
  const { state, now } = step;
  if (view > 0) {
    const at = after(now, viewTimeout(step, view));
    return addDeadline(state.deadlines, at, { kind: "swap-view", key, view });
  }
  const leftMs = announcement.expiryMs - toMs(now);
  const wait = leftMs > 0 ? Math.min(announcement.params.ttlMs, leftMs) : viewTimeout(step, 1);
  addDeadline(state.deadlines, after(now, durationMs(wait)), { kind: "swap-ttl", key });
  if (swap.myLegs.length > 0 && swap.terms === undefined) askSoon(step, swap);
}

/** Terms or an announcement normally come with the block that made them wanted; ask if they do not. */
function askSoon(step: Step, swap: Swap): void {
  const waitMs = step.config.genesis.deltaMs;
  const at = after(step.now, durationMs(waitMs));
  addDeadline(step.state.deadlines, at, { kind: "swap-missing", key: swap.key, waitMs });
}

function record(step: Step, swap: Swap, author: number, ref: EntryRef, entry: SwapEntry): void {
  const { announcement } = swap;
  if (announcement === undefined) return;
  switch (entry.kind) {
    case CORRIDOR.LOCK: {
      const seen = swap.locks[entry.leg];
      if (seen === undefined || announcement.legBanks[entry.leg] !== author) return;
      return notePlace(seen, ref);
    }
    case CORRIDOR.REFUSE:
      if (participantsOf(announcement).includes(author)) swap.participantRefused = true;
      return;
    case CORRIDOR.VOTE:
      if (!swap.votes.has(author)) swap.votes.set(author, ref);
      return;
    case CORRIDOR.STATUS:
      return keepNewest(swap.statuses, { author, ref, entry }, MAX_VERSIONS_PER_VIEW, {
        isRival: (seen) => seen.author === author && seen.entry.view === entry.view,
      });
    case CORRIDOR.LEAD:
      if (author !== leaderOf(step, swap, entry.view)) return;
      return keepNewest(swap.leads, { author, ref, entry }, MAX_VERSIONS_PER_VIEW, {
        isRival: (seen) => seen.entry.view === entry.view,
      });
    case CORRIDOR.ACCEPT:
      castBallot(swap.accepts, entry.view, entry.decision, author, ref);
      return;
    case CORRIDOR.CONFIRM:
      castBallot(swap.confirms, entry.view, entry.decision, author, ref);
      return;
    case CORRIDOR.SETTLE:
    case CORRIDOR.VOID:
      // The outcome is learnt from the certificate's own entries: make sure that they come.
      for (const part of entry.certificate.refs) {
        if (step.state.logs.has(part.bank)) wantBlock(step, author, part);
      }
      return;
    default:
      unreachable(entry);
  }
}

/**
 * Keeps an entry once, and of entries that an honest bank would not sign side by side the newest: what
 * another bank refers to can be asked for again and then counts at once (3.8).
 */
function keepNewest<S extends SeenEntry<unknown>>(
  seen: S[],
  entry: S,
  limit: number,
  { isRival }: { readonly isRival: (other: S) => boolean },
): void {
  const rivals = seen.filter(isRival);
  if (rivals.some((rival) => sameRef(rival.ref, entry.ref))) return;
  const [oldest] = rivals;
  if (oldest !== undefined && rivals.length >= limit) seen.splice(seen.indexOf(oldest), 1);
  seen.push(entry);
}

function whyNotOurs(step: Step, author: number, announcement: Announcement): string | undefined {
  const { genesis } = step.config;
  if (announcement.legBanks[0] !== author) return "announced by another bank than leg 0's";
  if (!equalHash(announcement.net, genesis.net)) return "another corridor";
  if (announcement.epoch !== EPOCH) return `epoch ${announcement.epoch}`;
  if (announcement.arrangement !== "certified") return `arrangement ${announcement.arrangement}`;
  if (announcement.legBanks.some((bank) => !step.banks.has(bank)))
    return "a bank not in the corridor";
  if (announcement.expiryMs <= announcement.createdMs) return "expires before it was created";
  return undefined;
}
