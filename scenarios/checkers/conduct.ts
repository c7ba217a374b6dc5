import { decode } from "../../crypto/canonical-layout.ts";
import { equalHash, hashKey, ZERO_HASH, type Hash } from "../../crypto/hash.ts";
import {
  ABORT,
  COMMIT,
  CORRIDOR,
  corridorEntryLayout,
  isCertificate,
  type CorridorEntry,
  type Decision,
  type SwapEntry,
} from "../../corridor/entries.ts";
import { DOMESTIC, domesticEntryLayout } from "../../node/ledger/domestic-entries.ts";
import type { Block, FullBlock } from "../../node/ledger/block.ts";

/** A property of protocols.md, section 5, or a rule of 3.5 and 3.6, that did not hold. */
export class Violation extends Error {
  override readonly name = "Violation";
  constructor(property: string, detail: string) {
    super(`${property}: ${detail}`);
  }
}

export function demand(condition: boolean, property: string, detail: string): asserts condition {
  if (!condition) throw new Violation(property, detail);
}

interface SwapConduct {
  readonly locked: Set<number>;
  refused: boolean;
  voted: boolean;
  view: number;
  /** LEAD, ACCEPT and CONFIRM, as "kind view". */
  readonly acts: Set<string>;
  confirmed: { readonly view: number; readonly decision: Decision } | undefined;
  readonly closed: Map<number, Decision>;
}

/**
 * What one honest bank's durable blocks say, entry by entry, against the rules of protocols.md written
 * down a second time and as simply as possible. It sees full blocks only, never the machine.
 */
export interface Conduct {
  seq: number;
  head: Hash;
  readonly hashes: Set<string>;
  readonly swaps: Map<string, SwapConduct>;
  /** Holds by "sid leg": placed, or closed. */
  readonly holds: Map<string, "placed" | "posted" | "voided">;
}

export const newConduct = (): Conduct => ({
  seq: 0,
  head: ZERO_HASH,
  hashes: new Set(),
  swaps: new Map(),
  holds: new Map(),
});

export function conductOf(conduct: Conduct, sid: string): SwapConduct {
  let swap = conduct.swaps.get(sid);
  if (swap === undefined) {
    swap = {
      locked: new Set(),
      refused: false,
      voted: false,
      view: 0,
      acts: new Set(),
      confirmed: undefined,
      closed: new Map(),
    };
    conduct.swaps.set(sid, swap);
  }
  return swap;
}

/** Takes the next block that became durable; throws a `Violation`. */
export function observeOwnBlock(conduct: Conduct, block: FullBlock): void {
  const { seq, prev } = block.header;
  demand(seq === conduct.seq + 1, "SignOnce", `block ${seq} after ${conduct.seq}`);
  demand(
    equalHash(prev, conduct.head),
    "JournalChain",
    `block ${seq} names another block before it`,
  );
  conduct.seq = seq;
  conduct.head = block.hash;
  conduct.hashes.add(hashKey(block.hash));
  const entries = entriesOf(block);
  demand(entries.length === block.corridor.length, "CanonicalBytes", `an entry of block ${seq}`);
  const halves = domesticHalves(conduct, block);
  for (const entry of entries) {
    if (entry.kind === CORRIDOR.ANNOUNCE || entry.kind === CORRIDOR.EVIDENCE) continue;
    for (const half of halvesOf(conduct, entry)) {
      demand(halves.delete(half), "HoldOnce", `${half} is not in block ${seq}`);
    }
    observe(conductOf(conduct, hashKey(entry.sid)), entry);
  }
  for (const half of halves) demand(false, "HoldOnce", `${half} without its corridor entry`);
}

function domesticHalves(conduct: Conduct, block: FullBlock): Set<string> {
  const halves = new Set<string>();
  for (const bytes of block.domestic) {
    const entry = decode(domesticEntryLayout, bytes);
    demand(entry.ok, "CanonicalBytes", "a domestic entry");
    const { value } = entry;
    if (value.kind === DOMESTIC.HOLD) {
      const key = `${hashKey(value.sid)} ${value.leg}`;
      demand(!conduct.holds.has(key), "HoldOnce", `hold ${key} is placed again`);
      conduct.holds.set(key, "placed");
      halves.add(`HOLD ${key}`);
    } else if (value.kind === DOMESTIC.POST || value.kind === DOMESTIC.UNHOLD) {
      const key = `${hashKey(value.sid)} ${value.leg}`;
      demand(conduct.holds.get(key) === "placed", "HoldOnce", `hold ${key} is not there to close`);
      const posted = value.kind === DOMESTIC.POST;
      conduct.holds.set(key, posted ? "posted" : "voided");
      halves.add(`${posted ? "POST" : "UNHOLD"} ${key}`);
    }
  }
  return halves;
}

/** The domestic halves that must stand in the same block as a corridor entry. */
function halvesOf(conduct: Conduct, entry: SwapEntry): readonly string[] {
  if (!("leg" in entry) || entry.kind === CORRIDOR.CLAIM) return [];
  const key = `${hashKey(entry.sid)} ${entry.leg}`;
  if (entry.kind === CORRIDOR.LOCK || entry.kind === CORRIDOR.HLOCK) return [`HOLD ${key}`];
  if (entry.kind === CORRIDOR.SETTLE) return [`POST ${key}`];
  if (entry.kind === CORRIDOR.PAY) return [`HOLD ${key}`, `POST ${key}`];
  return conduct.holds.has(key) ? [`UNHOLD ${key}`] : [];
}

function observe(
  swap: SwapConduct,
  entry: Exclude<CorridorEntry, { readonly kind: 4 | 15 }>,
): void {
  const inView = (): void => {
    if (!("view" in entry)) return;
    const act = `${entry.kind} ${entry.view}`;
    demand(entry.view === swap.view, "S2", `${act} in view ${swap.view}`);
    demand(!swap.acts.has(act), "S6", `a second ${act}`);
    swap.acts.add(act);
  };
  demand(swap.closed.size === 0 || "leg" in entry, "Finality", `kind ${entry.kind} after the end`);
  switch (entry.kind) {
    case CORRIDOR.LOCK:
    case CORRIDOR.HLOCK:
      demand(!swap.locked.has(entry.leg), "LOCK once", `leg ${entry.leg}`);
      demand(!swap.refused, "LOCK or REFUSE", "LOCK after REFUSE");
      demand(swap.view === 0, "S2", "LOCK after STATUS");
      swap.locked.add(entry.leg);
      return;
    case CORRIDOR.REFUSE:
      demand(
        !swap.refused && swap.locked.size === 0,
        "LOCK or REFUSE",
        "REFUSE after LOCK or REFUSE",
      );
      swap.refused = true;
      return;
    case CORRIDOR.VOTE:
      demand(!swap.voted && swap.view === 0, "S1", `VOTE in view ${swap.view}`);
      swap.voted = true;
      return;
    case CORRIDOR.STATUS: {
      demand(entry.view > swap.view, "S2", `STATUS ${entry.view} in view ${swap.view}`);
      demand(!swap.voted || entry.locks !== null, "S3", "STATUS without P after VOTE");
      const reported = entry.lock === null ? "" : `${entry.lock.view} ${entry.lock.decision}`;
      const { confirmed } = swap;
      const highest = confirmed === undefined ? "" : `${confirmed.view} ${confirmed.decision}`;
      demand(reported === highest, "S3", `STATUS reports lock "${reported}", not "${highest}"`);
      swap.view = entry.view;
      return;
    }
    case CORRIDOR.LEAD:
    case CORRIDOR.ACCEPT:
      return inView();
    case CORRIDOR.CONFIRM:
      inView();
      swap.confirmed = { view: entry.view, decision: entry.decision };
      return;
    case CORRIDOR.SETTLE:
    case CORRIDOR.VOID: {
      demand(!swap.closed.has(entry.leg), "Finality", `leg ${entry.leg} is closed twice`);
      const decision = entry.kind === CORRIDOR.SETTLE ? COMMIT : ABORT;
      const matches = !isCertificate(entry.grounds) || entry.grounds.decision === decision;
      demand(matches, "Finality", "the certificate says the opposite");
      swap.closed.set(entry.leg, decision);
      return;
    }
    case CORRIDOR.PAY:
      demand(!swap.refused, "LOCK or REFUSE", "PAY after REFUSE");
      demand(!swap.closed.has(entry.leg), "Finality", `leg ${entry.leg} is closed twice`);
      swap.closed.set(entry.leg, COMMIT);
      return;
    case CORRIDOR.CLAIM:
    case CORRIDOR.PREPARE:
    case CORRIDOR.DECIDE:
    case CORRIDOR.INQUIRE: {
      const act = `${entry.kind} ${"leg" in entry ? entry.leg : ""}`;
      demand(!swap.acts.has(act), "once", `a second ${act}`);
      swap.acts.add(act);
      return;
    }
    default:
      entry satisfies never;
  }
}

/** The corridor entries of a block, those that do not decode left out. */
export function entriesOf(block: Block): readonly CorridorEntry[] {
  return block.corridor.flatMap((bytes) => {
    const entry = decode(corridorEntryLayout, bytes);
    return entry.ok ? [entry.value] : [];
  });
}
