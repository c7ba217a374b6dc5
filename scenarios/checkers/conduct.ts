import { decode } from "../../crypto/canonical-layout.ts";
import { equalHash, hashKey, ZERO_HASH, type Hash } from "../../crypto/hash.ts";
import { CORRIDOR, type CorridorEntry, type SwapEntry } from "../../corridor/entries.ts";
import { readEntries } from "../../corridor/messages.ts";
import { DOMESTIC, domesticEntryLayout } from "../../node/ledger/domestic-entries.ts";
import type { Block, FullBlock } from "../../node/ledger/block.ts";
import {
  act,
  brokenFinality,
  brokenRule,
  newSwapConduct,
  type SwapConduct,
} from "./swap-conduct.ts";

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

/** Demands that a judge found nothing wrong; what it found says which rule did not hold. */
export function demandNone(found: string | undefined, where: string): void {
  if (found !== undefined) throw new Violation(found, where);
}

/** What one honest bank's durable blocks say. It knows full blocks only, never the machine. */
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

/** Takes the next block that became durable; throws a `Violation`. */
export function observeOwnBlock(conduct: Conduct, block: FullBlock): void {
  const { bank, seq, prev } = block.header;
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
    const swap = swapConductOf(conduct, hashKey(entry.sid));
    const late = brokenFinality(entry, swap);
    demand(late === undefined, "Finality", `${late ?? ""}: block ${bank}/${seq}`);
    demandNone(brokenRule(entry, swap), `block ${bank}/${seq}`);
    act(swap, entry);
  }
  for (const half of halves) demand(false, "HoldOnce", `${half} without its corridor entry`);
}

function swapConductOf({ swaps }: Conduct, sid: string): SwapConduct {
  let swap = swaps.get(sid);
  if (swap === undefined) swaps.set(sid, (swap = newSwapConduct()));
  return swap;
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

/** The corridor entries of a block, those that do not decode left out. */
export const entriesOf = (block: Block): readonly CorridorEntry[] =>
  readEntries(block).filter((entry) => entry !== undefined);
