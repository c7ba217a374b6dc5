import { describe, expect, it as test } from "vitest";
import { ZERO_HASH, digest } from "../../crypto/hash.ts";
import { LEDGER_MAGIC } from "../../node/ledger/record.ts";
import type { ChainBlock } from "../../corridor/shared-ledger/block.ts";
import { encodeStatus } from "../../corridor/shared-ledger/messages.ts";
import { DELTA_MS, EPOCH_START_MS } from "../../scenarios/explore/corridor.ts";
import { Lab } from "./shared-lab.ts";

/**
 * protocols.md 2.3, sentence by sentence, on one validator. Banks are 1 to 4, q = 3. With a term of 1,
 * the leader of view v is bank 1 + (v mod 4); bank 1 is on the bench, so it leads views 4, 8, 12.
 */
/** Here bank 1 leads no view before the seventh. */
const SEVEN = { n: 7, b: 2, c: 0 };
const TAU_MS = 6 * DELTA_MS;

for (const chain of [2, 3] as const)
  describe(`one validator, chain = ${chain}`, () => {
    const it = (title: string, body: (lab: Lab) => void): void =>
      test(title, () => body(new Lab(1, { chain, term: 1 })));

    /** Blocks of views 1 to `count`, each on the certificate of the one before. */
    const chainOf = (lab: Lab, count: number): readonly ChainBlock[] => {
      const blocks: ChainBlock[] = [];
      for (let view = 1; view <= count; view++) {
        const parent = blocks.at(-1);
        blocks.push(lab.block(view, parent === undefined ? lab.genesisQc : lab.qc(parent)));
      }
      return blocks;
    };

    it("votes for a block of the view's leader, and sends the vote to the next leader", (lab) => {
      lab.hearBlock(lab.block(1, lab.genesisQc));
      expect(lab.said("vote")).toMatchObject([{ to: lab.leader(2), message: { view: 1 } }]);
    });

    it("leader(v) = v mod n, with a term of 1", (lab) => {
      expect([1, 2, 3, 4, 5].map((view) => lab.leader(view))).toEqual([2, 3, 4, 1, 2]);
    });

    it("sends no vote before D[lastVoted, highQC, lock]", (lab) => {
      const block = lab.block(1, lab.genesisQc);
      lab.feed({ kind: "frame", from: 2 as never, bytes: Uint8Array.of(34, ...block.bytes) });
      lab.feed({ kind: "idle" });
      expect(lab.said("vote")).toEqual([]);
      lab.flush();
      expect(lab.said("vote")).toHaveLength(1);
    });

    it("votes once in a view: v > lastVoted", (lab) => {
      lab.hearBlock(lab.block(1, lab.genesisQc));
      lab.hearBlock(lab.block(1, lab.genesisQc, { timeMs: EPOCH_START_MS + 1 }));
      expect(lab.votes()).toEqual([1]);
    });

    it("never votes in a view that it has let time out", (lab) => {
      lab.hearTransaction(2, lab.batch(2, 1));
      lab.wait(TAU_MS);
      expect(lab.said("timeout")[0]?.message.view).toBe(1);
      lab.hearBlock(lab.block(1, lab.genesisQc));
      expect(lab.votes()).toEqual([]);
    });

    it("never votes in a view up to lastVoted after a restart", (lab) => {
      const block = lab.block(1, lab.genesisQc);
      lab.hearBlock(block);
      lab.restart();
      lab.hearBlock(lab.block(1, lab.genesisQc, { timeMs: EPOCH_START_MS + 1 }));
      expect(lab.votes()).toEqual([]);
      expect(lab.state.safety.lastVoted).toBe(1);
      lab.hearBlock(lab.block(2, lab.qc(block)));
      expect(lab.votes()).toEqual([2]);
    });

    it("recovers view, lastVoted, lock, highQC and the final prefix from its journal", (lab) => {
      for (const block of chainOf(lab, 3)) lab.hearBlock(block);
      const { safety, tree } = lab.state;
      const before = structuredClone({ ...safety, final: tree.final.height });
      lab.restart();
      expect({ ...lab.state.safety, final: lab.state.tree.final.height }).toEqual(before);
    });

    it("does not vote for a block of another than the leader", (lab) => {
      const block = lab.block(2, lab.genesisQc, { timeouts: lab.tc(1) });
      const forged = { ...block, bytes: block.bytes.slice() };
      forged.bytes[forged.bytes.length - 70] = (forged.bytes[forged.bytes.length - 70] ?? 0) ^ 1;
      lab.hearBlock(forged);
      expect(lab.votes()).toEqual([]);
    });

    it("does not vote in a view that neither a certificate nor timeouts of the view before open", (lab) => {
      lab.hearBlock(lab.block(3, lab.genesisQc));
      lab.hearBlock(lab.block(3, lab.genesisQc, { timeouts: lab.tc(1) }));
      expect(lab.votes()).toEqual([]);
      lab.hearBlock(lab.block(3, lab.genesisQc, { timeouts: lab.tc(2) }));
      expect(lab.votes()).toEqual([3]);
    });

    it("takes q votes of distinct banks for a certificate, and no fewer", (lab) => {
      const first = lab.block(1, lab.genesisQc);
      lab.hearBlock(first);
      lab.hearBlock(lab.block(2, lab.qc(first, [1, 2])));
      lab.hearBlock(lab.block(2, lab.qc(first, [1, 2, 2])));
      expect(lab.votes()).toEqual([1]);
      lab.hearBlock(lab.block(2, lab.qc(first, [2, 3, 4])));
      expect(lab.votes()).toEqual([1, 2]);
    });

    it("takes q timeouts of distinct banks for a timeout certificate, and no fewer", (lab) => {
      lab.hearBlock(lab.block(2, lab.genesisQc, { timeouts: lab.tc(1, 0, [1, 2]) }));
      lab.hearBlock(lab.block(2, lab.genesisQc, { timeouts: lab.tc(1, 0, [2, 2, 3]) }));
      expect(lab.votes()).toEqual([]);
      lab.hearBlock(lab.block(2, lab.genesisQc, { timeouts: lab.tc(1, 0, [2, 3, 4]) }));
      expect(lab.votes()).toEqual([2]);
    });

    it("does not vote for other results than its own execution has", (lab) => {
      lab.hearBlock(lab.block(1, lab.genesisQc, { finalRoot: digest(ZERO_HASH) }));
      lab.hearBlock(lab.block(1, lab.genesisQc, { finalHeight: 1 }));
      expect(lab.votes()).toEqual([]);
    });

    it("does not vote for a time before the parent's, or far ahead of its own clock", (lab) => {
      const first = lab.block(1, lab.genesisQc, { timeMs: EPOCH_START_MS + 1 });
      lab.hearBlock(first);
      lab.hearBlock(lab.block(2, lab.qc(first), { timeMs: EPOCH_START_MS }));
      lab.hearBlock(lab.block(2, lab.qc(first), { timeMs: EPOCH_START_MS + 4 * DELTA_MS + 1 }));
      expect(lab.votes()).toEqual([1]);
      lab.hearBlock(lab.block(2, lab.qc(first), { timeMs: EPOCH_START_MS + 4 * DELTA_MS }));
      expect(lab.votes()).toEqual([1, 2]);
    });

    it("does not vote for a transaction that its bank has not endorsed", (lab) => {
      const good = lab.batch(2, 1);
      const bytes = good.bytes.slice();
      bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) ^ 1;
      lab.hearBlock(lab.block(1, lab.genesisQc, { transactions: [{ ...good, bytes }] }));
      expect(lab.votes()).toEqual([]);
      lab.hearBlock(lab.block(1, lab.genesisQc, { transactions: [good] }));
      expect(lab.votes()).toEqual([1]);
    });

    it("a block is final with the chain's certificates in consecutive views, and its ancestors with it", () => {
      const lab = new Lab(1, { chain, term: 1 }, SEVEN);
      const blocks = chainOf(lab, 5);
      const finals = blocks.map((block) => {
        lab.hearBlock(block);
        return lab.state.tree.final.height;
      });
      // The certificate of view v comes with the block of view v + 1.
      expect(finals).toEqual(chain === 2 ? [0, 0, 1, 2, 3] : [0, 0, 0, 1, 2]);
    });

    it("views that are not consecutive make nothing final", (lab) => {
      const first = lab.block(1, lab.genesisQc);
      const second = lab.block(2, lab.qc(first));
      const fourth = lab.block(5, lab.qc(second), { timeouts: lab.tc(4, 2) });
      const fifth = lab.block(6, lab.qc(fourth), { finalHeight: chain === 2 ? 1 : 0 });
      for (const block of [first, second, fourth]) lab.hearBlock(block);
      expect(lab.state.tree.final.height).toBe(chain === 2 ? 1 : 0);
      lab.hearBlock(fifth);
      expect(lab.state.tree.final.height).toBe(chain === 2 ? 1 : 0);
    });

    it("collects q votes as the next leader, and proposes with their certificate", () => {
      const lab = new Lab(3, { chain, term: 1 });
      const first = lab.block(1, lab.genesisQc, { transactions: [lab.batch(2, 1)] });
      lab.hearBlock(first);
      lab.hearVote(1, first).hearVote(1, first);
      expect(lab.said("propose")).toEqual([]);
      lab.hearVote(2, first);
      const proposals = lab.said("propose");
      expect(proposals.map(({ to }) => to)).toEqual([1, 2, 4]);
      expect(proposals[0]?.message.block.header).toMatchObject({ view: 2, justify: { view: 1 } });
    });

    it("does not count a vote with a wrong signature, or a second one of the same bank", () => {
      const lab = new Lab(3, { chain, term: 1 });
      const first = lab.block(1, lab.genesisQc, { transactions: [lab.batch(2, 1)] });
      const other = lab.block(1, lab.genesisQc);
      lab.hearBlock(first);
      lab.hearVote(2, other).hearVote(2, first);
      lab.hearVote(1, { ...first, header: { ...first.header, view: 1 }, hash: other.hash });
      expect(lab.said("propose")).toEqual([]);
    });

    it("proposes once in a view, and nothing while there is nothing to do", () => {
      const lab = new Lab(2, { chain, term: 1 });
      lab.settle();
      expect(lab.said("propose")).toEqual([]);
      lab.hearTransaction(1, lab.batch(1, 1));
      lab.hearTransaction(1, lab.batch(1, 2));
      expect(new Set(lab.said("propose").map(({ message }) => message.block.header.view))).toEqual(
        new Set([1]),
      );
    });

    it("lets a view time out after tau_1 * 2^m, and sends TIMEOUT with its highest certificate to all", (lab) => {
      const first = lab.block(1, lab.genesisQc, { transactions: [lab.batch(2, 1)] });
      lab.hearBlock(first);
      lab.wait(TAU_MS - 1);
      expect(lab.said("timeout")).toEqual([]);
      lab.wait(1);
      expect(lab.said("timeout").map(({ to, message }) => [to, message.view])).toEqual([
        [2, 2],
        [3, 2],
        [4, 2],
      ]);
      lab.hearTimeout(2, 2).hearTimeout(3, 2);
      expect(lab.state.safety).toMatchObject({ view: 3, failed: 1 });
      lab.sent.length = 0;
      lab.wait(2 * TAU_MS - 1);
      expect(lab.said("timeout")).toEqual([]);
      lab.wait(1);
      expect(lab.said("timeout")[0]?.message.view).toBe(3);
    });

    it("sends no TIMEOUT before it is durable", (lab) => {
      lab.hearTransaction(2, lab.batch(2, 1));
      lab.now = (lab.now + TAU_MS * 1000) as never;
      lab.feed({ kind: "wake" });
      lab.feed({ kind: "idle" });
      expect(lab.said("timeout")).toEqual([]);
      lab.flush();
      expect(lab.said("timeout")).toHaveLength(3);
    });

    it("joins b + 1 others whose view has run out, and not b of them", (lab) => {
      lab.hearTimeout(2, 5);
      expect(lab.said("timeout")).toEqual([]);
      lab.hearTimeout(3, 5);
      expect(lab.said("timeout")[0]?.message.view).toBe(5);
      expect(lab.state.safety.lastVoted).toBe(5);
    });

    it("enters v + 1 on q TIMEOUTs of v", (lab) => {
      lab.hearTimeout(2, 3).hearTimeout(3, 3);
      expect(lab.state.safety.view).toBe(4);
    });

    it("keeps a transaction until it is final", () => {
      const lab = new Lab(1, { chain, term: 1 }, SEVEN);
      const transaction = lab.batch(2, 1);
      lab.hearTransaction(2, transaction);
      const first = lab.block(1, lab.genesisQc, { transactions: [transaction] });
      lab.hearBlock(first);
      expect(lab.state.pool.waiting.size).toBe(1);
      let block = first;
      for (let view = 2; view <= chain + 1; view++) {
        block = lab.block(view, lab.qc(block));
        lab.hearBlock(block);
      }
      expect(lab.state.pool.waiting.size).toBe(0);
      expect(lab.state.ledger.nextBatch.get(2)).toBe(2);
    });

    it("fetches the blocks that it lacks by hash, and places them when they come", (lab) => {
      const [first, second, third] = chainOf(lab, 3) as [ChainBlock, ChainBlock, ChainBlock];
      lab.hearBlock(third);
      expect(lab.said("get")).toMatchObject([{ to: lab.leader(3), message: { tip: second.hash } }]);
      lab.hearBlock(second);
      lab.hearBlock(first);
      expect(lab.state.safety.highQc.view).toBe(2);
    });

    it("stops when it is shown a vote of its own that its journal lacks", (lab) => {
      const first = lab.block(1, lab.genesisQc);
      lab.hearBlock(first);
      lab.journal = LEDGER_MAGIC;
      lab.restart();
      const [vote] = lab.qc(first, [1]).votes;
      const yours = {
        kind: 1 as const,
        view: 1,
        block: first.hash,
        signature: vote?.signature as never,
      };
      lab.hear(2, statusWith(lab, yours));
      expect(lab.stopped).toBe("stale_state");
    });
  });

describe("the lock of chain = 3", () => {
  /** Views 1 to 4, then a certificate of view 4: the lock is the block of view 3. */
  const lockedLab = () => {
    const lab = new Lab(1, { chain: 3, term: 1 });
    const blocks: ChainBlock[] = [];
    for (const view of [1, 2, 3]) {
      const parent = blocks.at(-1);
      const block = lab.block(view, parent === undefined ? lab.genesisQc : lab.qc(parent));
      blocks.push(block);
      lab.hearBlock(block);
    }
    return { lab, blocks: blocks as [ChainBlock, ChainBlock, ChainBlock] };
  };

  test("is the highest block whose child has a certificate", () => {
    const { lab } = lockedLab();
    expect(lab.state.safety.highQc.view).toBe(2);
    expect(lab.state.safety.lock.view).toBe(1);
  });

  test("forbids a block that neither extends it nor has a higher certificate", () => {
    const { lab } = lockedLab();
    lab.hearBlock(lab.block(5, lab.genesisQc, { timeouts: lab.tc(4) }));
    expect(lab.votes()).toEqual([1, 2, 3]);
  });

  test("allows a block that extends it", () => {
    const { lab, blocks } = lockedLab();
    lab.hearBlock(lab.block(5, lab.qc(blocks[0]), { timeouts: lab.tc(4, 1) }));
    expect(lab.votes()).toEqual([1, 2, 3, 5]);
  });

  test("allows a block beside it with a certificate of a higher view", () => {
    const { lab } = lockedLab();
    const beside = lab.block(5, lab.genesisQc, { timeouts: lab.tc(4) });
    lab.hearBlock(beside);
    lab.hearBlock(lab.block(6, lab.qc(beside)));
    expect(lab.votes()).toEqual([1, 2, 3, 6]);
  });

  test("is kept by a restart", () => {
    const { lab } = lockedLab();
    lab.restart();
    lab.hearBlock(lab.block(5, lab.genesisQc, { timeouts: lab.tc(4) }));
    expect(lab.votes()).toEqual([]);
  });
});

describe("the vote rule of chain = 2", () => {
  test("wants a certificate not below the highest that the timeouts report", () => {
    const lab = new Lab(1, { chain: 2, term: 1 });
    const first = lab.block(1, lab.genesisQc);
    lab.hearBlock(first);
    lab.hearBlock(lab.block(3, lab.genesisQc, { timeouts: lab.tc(2, 1) }));
    expect(lab.votes()).toEqual([1]);
    lab.hearBlock(lab.block(3, lab.qc(first), { timeouts: lab.tc(2, 1) }));
    expect(lab.votes()).toEqual([1, 3]);
  });
});

function statusWith(lab: Lab, yours: Parameters<typeof encodeStatus>[0]["yours"]) {
  return encodeStatus({ highQc: lab.genesisQc, timeouts: null, yours });
}
