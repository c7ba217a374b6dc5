import type { Bytes } from "../../crypto/bytes.ts";
import { hashKey, type Hash } from "../../crypto/hash.ts";
import { valueOf } from "../../corridor/certified/slow-path.ts";
import {
  ABORT,
  COMMIT,
  CORRIDOR,
  type CorridorEntry,
  type CorridorEntryOf,
  type Decision,
  type EntryRef,
} from "../../corridor/entries.ts";
import { writeBlock } from "./puppet.ts";
import type { Told, World } from "./world.ts";

/** A bank that signs whatever it likes, and shows every other bank another log. */
export interface Liar {
  readonly bank: number;
  /** What it may show a seat next, by name. */
  readonly lies: (world: World, to: string) => readonly string[];
  /** Signs it for the seat; `undefined` when it cannot be made in this world. */
  readonly say: (world: World, what: string, to: string) => Bytes | undefined;
}

/**
 * A liar in view 1 of one swap. Each lie is one block at the end of the branch of its log that this seat
 * is shown, so the branches of two seats always conflict (equivocation), and none does by itself:
 *
 * - VOTE, with the LOCK of its leg if it has one; also after a STATUS without P (double voting)
 * - STATUS without P, or with P once every leg is LOCKed
 * - LEAD for COMMIT or ABORT as far as some q STATUSes allow it, the own one among them or not; to
 *   different seats different ones. LEAD for a value that the STATUSes it names do not allow.
 * - ACCEPT and CONFIRM of either value, both if it likes. They also stand beside a LEAD of that value:
 *   what a bank signs for a decision it loses nothing by showing.
 * - FORK: a second block at a height that this seat has seen, which convicts it
 */
export function liarAt(bank: number, start: { readonly seq: number; readonly head: Hash }): Liar {
  const toldTo = (world: World, to: string): Told =>
    world.told.get(to) ?? { lies: [], blocks: [], ...start };
  return {
    bank,
    lies: (world, to) => {
      const { lies } = toldTo(world, to);
      return NAMES.filter(
        (what) => !lies.includes(what) && entriesFor(world, bank, what, to) !== undefined,
      );
    },
    say: (world, what, to) => {
      const told = toldTo(world, to);
      const entries = entriesFor(world, bank, what, to);
      if (entries === undefined) return undefined;
      // A fork goes back by one block; it ends what this seat believes.
      const place = what === "FORK" ? start : { seq: told.seq, head: told.head };
      const written = writeBlock(
        world.corridor,
        { bank, seq: place.seq + 1, prev: place.head },
        entries,
      );
      const lies = [...told.lies, what];
      const blocks = [...told.blocks, hashKey(written.block.hash)];
      const grown = { seq: told.seq + 1, head: written.block.hash };
      world.told.set(to, { ...told, lies, blocks, ...(what === "FORK" ? {} : grown) });
      return written.push;
    },
  };
}

const NAMES = [
  "VOTE",
  "STATUS",
  "STATUS-P",
  "LEAD-C",
  "LEAD-A",
  "LEAD-unjust",
  "ACCEPT-C",
  "ACCEPT-A",
  "FORK",
] as const;

const VIEW = 1;

function entriesFor(
  world: World,
  bank: number,
  what: string,
  to: string,
): readonly CorridorEntry[] | undefined {
  const sid = swapOf(world);
  if (sid === undefined) return undefined;
  const [kind = "", value = ""] = what.split("-");
  const agreed = (decision: Decision): readonly CorridorEntry[] => [
    { kind: CORRIDOR.ACCEPT, sid, view: VIEW, decision },
    { kind: CORRIDOR.CONFIRM, sid, view: VIEW, decision },
  ];
  switch (kind) {
    case "VOTE": {
      const { announced } = world.chronicle.swaps.get(hashKey(sid)) ?? {};
      const leg = announced?.legBanks.indexOf(bank) ?? -1;
      const vote = { kind: CORRIDOR.VOTE, sid };
      return leg < 0 ? [vote] : [{ kind: CORRIDOR.LOCK, sid, leg }, vote];
    }
    case "STATUS": {
      const locks = value === "P" ? locksOf(world, sid) : null;
      if (locks === undefined) return undefined;
      return [{ kind: CORRIDOR.STATUS, sid, view: VIEW, locks, lock: null }];
    }
    case "LEAD": {
      const wanted = value === "unjust" ? undefined : decisionOf(value);
      const found = leadOf(world, bank, to, wanted);
      if (found === undefined) return undefined;
      return [{ kind: CORRIDOR.LEAD, sid, view: VIEW, ...found }, ...agreed(found.decision)];
    }
    case "ACCEPT":
      return agreed(decisionOf(value));
    default:
      return world.told.has(to) ? [] : undefined;
  }
}

const decisionOf = (value: string): Decision => (value === "A" ? ABORT : COMMIT);

/** The one swap of the world, once it is announced. */
function swapOf(world: World): Hash | undefined {
  for (const { entry } of world.chronicle.entries.values()) {
    if (entry.kind !== CORRIDOR.ANNOUNCE && entry.kind !== CORRIDOR.EVIDENCE) return entry.sid;
  }
  return undefined;
}

function locksOf(world: World, sid: Hash): readonly EntryRef[] | undefined {
  const { announced } = world.chronicle.swaps.get(hashKey(sid)) ?? {};
  const refs = announced?.legBanks.map((_, leg) => {
    for (const { ref, entry } of world.chronicle.entries.values()) {
      if (entry.kind === CORRIDOR.LOCK && entry.leg === leg) return ref;
    }
    return undefined;
  });
  const known = refs?.filter((ref) => ref !== undefined);
  return known !== undefined && known.length === refs?.length ? known : undefined;
}

type Status = CorridorEntryOf<typeof CORRIDOR.STATUS>;

/** STATUSes of q banks that allow the value; without a value, ones that forbid what is said. */
function leadOf(
  world: World,
  bank: number,
  to: string,
  wanted: Decision | undefined,
): { readonly decision: Decision; readonly statuses: readonly EntryRef[] } | undefined {
  const { quorum } = world.corridor.genesis;
  const shown = world.told.get(to)?.blocks ?? [];
  const seen: { readonly ref: EntryRef; readonly entry: Status }[] = [];
  for (const { ref, entry } of world.chronicle.entries.values()) {
    if (entry.kind !== CORRIDOR.STATUS || entry.view !== VIEW) continue;
    // Of its own STATUSes it names those that this seat was shown.
    if (ref.bank !== bank || shown.includes(hashKey(ref.blockHash))) seen.push({ ref, entry });
  }
  seen.sort((a, b) => a.ref.bank - b.ref.bank);
  for (const chosen of subsets(seen, quorum)) {
    if (new Set(chosen.map(({ ref }) => ref.bank)).size < quorum) continue;
    const value = valueOf(chosen);
    const statuses = chosen.map(({ ref }) => ref);
    if (wanted === undefined) return { decision: value === COMMIT ? ABORT : COMMIT, statuses };
    if (value === wanted) return { decision: value, statuses };
  }
  return undefined;
}

function* subsets<T>(all: readonly T[], size: number): Generator<readonly T[]> {
  if (size === 0) {
    yield [];
    return;
  }
  for (const [i, first] of all.entries()) {
    for (const rest of subsets(all.slice(i + 1), size - 1)) yield [first, ...rest];
  }
}
