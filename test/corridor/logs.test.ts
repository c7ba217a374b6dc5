import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { equalHash, hashKey, ZERO_HASH, type Hash } from "../../crypto/hash.ts";
import {
  hashAt,
  headHash,
  holds as isHeld,
  markStored,
  newBankLog,
  placeBlock,
  rivalOf,
  storedAt,
  storedAtHeight,
  type BankLog,
} from "../../corridor/logs.ts";
import {
  MAX_BLOCKS_BEYOND_GAP,
  MAX_BRANCH_BLOCKS_PER_BANK,
  MAX_RECENT_HEADERS,
  MAX_WANTED_BLOCKS_PER_BANK,
} from "../../corridor/limits.ts";
import type { Block } from "../../node/ledger/block.ts";
import { bytesNamed } from "../bytes.ts";
import { holds } from "../property.ts";
import { range } from "../../scenarios/explore/corridor.ts";

/** A block as the log sees it: a name, a height and the block before. */
function blockNamed(name: string, seq: number, prev: Hash): Block {
  return {
    header: { bank: 1, seq, prev } as Block["header"],
    headerBytes: bytesNamed(`header ${name}`),
    hash: bytesNamed(name),
    signature: bytesNamed(`signature ${name}`) as never,
    corridor: [],
  };
}

/** A log without forks: block i follows block i - 1. */
function chain(length: number, name = "main", from?: Block): Block[] {
  const blocks: Block[] = [];
  for (let i = 1; i <= length; i++) {
    const before = blocks.at(-1) ?? from;
    const seq = (before?.header.seq ?? 0) + 1;
    blocks.push(blockNamed(`${name} ${seq}`, seq, before?.hash ?? ZERO_HASH));
  }
  return blocks;
}

const name = (block: Block): string => hashKey(block.hash);

/** The linked chain must follow block by block, and must not stop where a held block would go on. */
function checkChain(log: BankLog, held: ReadonlyMap<string, Block>): void {
  let prev: Hash = ZERO_HASH;
  for (let seq = 1; seq <= log.linked; seq++) {
    const hash = hashAt(log, seq) as Hash;
    const block = held.get(hashKey(hash));
    expect(block?.header.seq).toBe(seq);
    expect(equalHash(block?.header.prev as Hash, prev)).toBe(true);
    prev = hash;
  }
  expect(headHash(log)).toEqual(prev);
  const next = [...held.values()].filter((b) => b.header.seq === log.linked + 1);
  expect(next.filter((b) => equalHash(b.header.prev, prev))).toEqual([]);
}

describe("a copy of a bank's log", () => {
  it("links an honest log in whatever order and however often its blocks come", () => {
    const arrival = fc.array(fc.nat(11), { maxLength: 40 });
    const linked = fc.property(arrival, (extra) => {
      const blocks = chain(12);
      const log = newBankLog(1);
      for (const i of [...extra, ...blocks.keys()]) {
        const block = blocks[i] as Block;
        expect(rivalOf(log, block)).toBeUndefined();
        placeBlock(log, block, false);
      }
      expect([log.linked, log.beyond.size, log.branches.length]).toEqual([12, 0, 0]);
      expect(blocks.map((block) => hashAt(log, block.header.seq))).toEqual(
        blocks.map((b) => b.hash),
      );
      expect(log.newest?.seq).toBe(12);
    });
    holds(linked, 300);
  });

  it("a forked log: what is held is held, the chain is whole and as long as it can be, rivals are seen", () => {
    const trunk = chain(4);
    const tree = [
      ...trunk,
      ...chain(4, "left", trunk[1]),
      ...chain(3, "right", trunk[3]),
      ...chain(2, "root"),
    ];
    const order = fc.shuffledSubarray([...tree.keys(), ...tree.keys()]);
    const wanted = fc.infiniteStream(fc.boolean());
    const consistent = fc.property(order, wanted, (arrivals, flags) => {
      const log = newBankLog(1);
      const held = new Map<string, Block>();
      const stored = new Map<string, { readonly offset: number; readonly length: number }>();
      for (const [at, i] of arrivals.entries()) {
        const block = tree[i] as Block;
        const { seq } = block.header;
        const rivals = [...held.values()].filter(
          (b) => b.header.seq === seq && name(b) !== name(block),
        );
        const rival = rivalOf(log, block);
        expect(rival !== undefined).toBe(rivals.length > 0);
        if (rival !== undefined) {
          const headers = rivals.map((b) => hashKey(b.headerBytes));
          expect(headers).toContain(rival.signed && hashKey(rival.signed.header));
        }
        const placement = placeBlock(log, block, flags.next().value as boolean);
        expect(placement === "duplicate").toBe(held.has(name(block)));
        held.set(name(block), block);
        if (at % 3 === 0) {
          const where = { offset: 100 + at, length: 10 + i };
          stored.set(name(block), where);
          markStored(log, seq, block.hash, where);
        }
        checkChain(log, held);
      }
      for (const block of tree) {
        const { seq } = block.header;
        expect(isHeld(log, seq, block.hash)).toBe(held.has(name(block)));
        expect(storedAt(log, seq, block.hash)).toEqual(stored.get(name(block)));
        const here = [...held.values()].filter((b) => b.header.seq === seq);
        const places = here.flatMap((b) => stored.get(name(b)) ?? []);
        expect(new Set(storedAtHeight(log, seq))).toEqual(new Set(places));
      }
      expect(log.newest?.seq ?? 0).toBe(
        Math.max(0, ...[...held.values()].map((b) => b.header.seq)),
      );
    });
    holds(consistent, 500);
  });

  it("height 0 is the beginning of every log, and no block", () => {
    const log = newBankLog(1);
    expect(hashAt(log, 0)).toEqual(ZERO_HASH);
    expect(hashAt(log, 1)).toBeUndefined();
    expect(storedAt(log, 0, null)).toBeUndefined();
    expect(placeBlock(log, blockNamed("zero", 0, ZERO_HASH), true)).toBe("refused");
  });

  it("without a tip the branch seen first is meant", () => {
    const [first, second] = [chain(2), chain(2, "other")];
    const log = newBankLog(1);
    for (const [i, block] of [...first, ...second].entries()) {
      placeBlock(log, block, false);
      markStored(log, block.header.seq, block.hash, { offset: 10 * (i + 1), length: 5 });
    }
    expect(storedAt(log, 2, null)?.offset).toBe(20);
    expect(storedAt(log, 2, second[1]?.hash ?? null)?.offset).toBe(40);
    expect(storedAt(log, 2, bytesNamed("no such block"))).toBeUndefined();
    expect(storedAt(log, 3, null)).toBeUndefined();
  });

  it("takes so many blocks beyond a gap, none farther, and more when they are wanted (A7)", () => {
    const log = newBankLog(1);
    const last = MAX_BLOCKS_BEYOND_GAP;
    const far = (seq: number): Block => blockNamed(`far ${seq}`, seq, bytesNamed(`far ${seq - 1}`));
    for (let seq = 2; seq <= last; seq++) expect(placeBlock(log, far(seq), false)).toBe("beyond");
    expect(placeBlock(log, far(last + 1), false)).toBe("refused");
    expect(isHeld(log, last + 1, far(last + 1).hash)).toBe(false);
    expect(placeBlock(log, far(last + 1), true)).toBe("beyond");
    expect(isHeld(log, last + 1, far(last + 1).hash)).toBe(true);
    expect(placeBlock(log, blockNamed("far 1", 1, ZERO_HASH), false)).toBe("linked");
    expect(log.linked, "the wanted block is linked when its turn comes").toBe(last + 1);
  });

  it("takes so many blocks beside the chain, and more when they are wanted, up to a bound", () => {
    const log = newBankLog(1);
    placeBlock(log, blockNamed("first", 1, ZERO_HASH), false);
    const rival = (i: number): Block => blockNamed(`rival ${i}`, 1, ZERO_HASH);
    for (let i = 0; i < MAX_BRANCH_BLOCKS_PER_BANK; i++) {
      expect(placeBlock(log, rival(i), false)).toBe("branch");
    }
    expect(placeBlock(log, rival(-1), false)).toBe("refused");
    for (let i = MAX_BRANCH_BLOCKS_PER_BANK; i < MAX_WANTED_BLOCKS_PER_BANK; i++) {
      expect(placeBlock(log, rival(i), true)).toBe("branch");
    }
    expect(placeBlock(log, rival(-1), true)).toBe("refused");
    expect(log.branches).toHaveLength(MAX_WANTED_BLOCKS_PER_BANK);
  });

  it("keeps the headers of the last blocks for EVIDENCE; an older rival is known without its header", () => {
    const log = newBankLog(1);
    const blocks = chain(MAX_RECENT_HEADERS + 10);
    for (const block of blocks) placeBlock(log, block, false);
    expect(log.recent.size).toBe(MAX_RECENT_HEADERS);
    const rivalAt = (seq: number) => rivalOf(log, blockNamed("rival", seq, ZERO_HASH));
    expect(rivalAt(10)).toEqual({ signed: undefined });
    expect(rivalAt(11)?.signed?.header).toEqual(blocks[10]?.headerBytes);
    expect(rivalAt(blocks.length + 1)).toBeUndefined();
  });

  it("grows", () => {
    const log = newBankLog(1);
    const blocks = chain(300);
    for (const [i, block] of blocks.entries()) {
      placeBlock(log, block, false);
      markStored(log, block.header.seq, block.hash, { offset: 2 ** 40 + i, length: i + 1 });
    }
    for (const seq of range(300)) {
      expect(storedAt(log, seq, null)).toEqual({ offset: 2 ** 40 + seq - 1, length: seq });
    }
  });
});
