import { describe, expect, it } from "vitest";
import { digest } from "../../crypto/hash.ts";
import { u32 } from "../../crypto/bytes.ts";
import {
  MAX_CLOSED_SWAPS,
  MAX_ORPHANS,
  MAX_POOLED_PER_BANK,
  MAX_REMEMBERED_CERTIFICATES,
  MAX_TRANSACTION_BYTES,
  MAX_VERSIONS_PER_VIEW,
  MAX_VIEWS_AHEAD,
  MAX_WANTED,
} from "../../corridor/shared-ledger/limits.ts";
import { addToPool, judgeForPool, newPool } from "../../corridor/shared-ledger/pool.ts";
import { parseTransaction } from "../../corridor/shared-ledger/transaction.ts";
import { EPOCH_START_MS } from "../../scenarios/explore/corridor.ts";
import { SharedWorld } from "./shared-kit.ts";
import { Lab } from "./shared-lab.ts";

const newLab = (self = 1): Lab => new Lab(self, { chain: 3, term: 1 });

describe("everything that a peer can grow is bounded", () => {
  it("the pool holds so many transactions of one bank, and another bank's still fit", () => {
    const lab = newLab();
    const pool = newPool();
    const { ledger } = lab.state;
    const one = lab.batch(2, 1);
    for (let number = 1; number <= MAX_POOLED_PER_BANK; number++) {
      const transaction = { ...one, key: `${number}`, number } as typeof one;
      expect(judgeForPool(pool, transaction, ledger)).toBe("new");
      addToPool(pool, transaction);
    }
    const more = { ...one, key: "more", number: MAX_POOLED_PER_BANK } as typeof one;
    expect(judgeForPool(pool, more, ledger)).toBe("full");
    expect(judgeForPool(pool, lab.batch(3, 1), ledger)).toBe("new");
  });

  it("a batch whose number is too far ahead is not kept", () => {
    const lab = newLab();
    const { ledger } = lab.state;
    expect(judgeForPool(newPool(), lab.batch(2, MAX_POOLED_PER_BANK), ledger)).toBe("new");
    expect(judgeForPool(newPool(), lab.batch(2, MAX_POOLED_PER_BANK + 1), ledger)).toBe("full");
  });

  it("a transaction has so many bytes", () => {
    const { genesis } = newLab();
    const parsed = parseTransaction(new Uint8Array(MAX_TRANSACTION_BYTES + 1), genesis);
    expect(parsed).toMatchObject({ ok: false, error: { code: "transaction_invalid" } });
  });

  it("blocks without a parent, and what is asked for, are kept up to a number", () => {
    const lab = newLab();
    for (let i = 0; i < MAX_ORPHANS + 5; i++) {
      const view = 4 * i + 2;
      const unknown = { ...lab.block(view, lab.genesisQc), hash: digest(u32(i)) };
      lab.hearBlock(lab.block(view + 1, lab.qc(unknown)));
    }
    const { orphans, wanted, unplaced, verified } = lab.state;
    expect(orphans.size).toBe(MAX_ORPHANS);
    expect(wanted.size).toBe(MAX_WANTED);
    expect(unplaced.size).toBe(MAX_WANTED);
    expect(verified.size).toBeLessThanOrEqual(MAX_REMEMBERED_CERTIFICATES);
  });

  it("versions of one view's block are kept up to a number", () => {
    const lab = newLab();
    for (let i = 0; i < MAX_VERSIONS_PER_VIEW + 3; i++) {
      lab.hearBlock(lab.block(1, lab.genesisQc, { timeMs: EPOCH_START_MS + i }));
    }
    const versions = [...lab.state.tree.nodes.values()].filter(({ view }) => view === 1);
    expect(versions).toHaveLength(MAX_VERSIONS_PER_VIEW);
  });

  it("votes are kept for so many views ahead", () => {
    const lab = new Lab(1, { chain: 3, term: 1 });
    // Bank 1 leads every fourth view and collects the votes of the view before.
    for (let view = 3; view <= MAX_VIEWS_AHEAD + 40; view += 4) {
      lab.hearVote(2, lab.block(view, lab.genesisQc));
    }
    expect(lab.state.votes.size).toBe(Math.floor((MAX_VIEWS_AHEAD - 3) / 4) + 1);
  });

  it("closed swaps are remembered up to a number: then an expired one goes, or nothing is closed", () => {
    const shared = new SharedWorld({ n: 4, b: 1, c: 0 }).found();
    const sid = digest(u32(0));
    const fill = (expiryMs: number): void => {
      for (const { validator } of shared.world.seats) {
        const closed = validator?.state.ledger.closed;
        closed?.clear();
        for (let i = 0; i < MAX_CLOSED_SWAPS; i++) closed?.set(`${i}`, { sid, expiryMs });
      }
    };
    fill(Number.MAX_SAFE_INTEGER);
    const turnedDown = shared.swap(1, 2);
    shared.runFor(3_000);
    expect(shared.outcome(1, turnedDown)).toBeUndefined();
    fill(0);
    const settled = shared.swap(1, 2);
    shared.runFor(3_000);
    expect(shared.outcome(1, settled)?.outcome).toBe("settled");
    expect(shared.seat(1).validator?.state.ledger.closed.size).toBeLessThanOrEqual(
      MAX_CLOSED_SWAPS,
    );
  });
});
