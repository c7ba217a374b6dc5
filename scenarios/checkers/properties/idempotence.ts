import { openBank } from "../../../corridor/replay.ts";
import { parsePublicBlock } from "../../../node/ledger/block.ts";
import { PEER_BLOCK, type LedgerRecord } from "../../../node/ledger/record.ts";
import type { MakeChecker } from "../checker.ts";
import { derivedState } from "../derived-state.ts";
import { anySeat, firstRecords, sample } from "../samples.ts";

const RECORDS_READ = 400;
const ORDERS = 2;

/**
 * P14: a bank that reads the blocks of its honest peers in any order, some of them twice, derives the
 * same state. Sampled at the end, on the first blocks that one bank was sent in this run.
 */
export const idempotence: MakeChecker = ({ isHonest, isHonestBank, prng, violated }) => {
  const draws = prng.fork("P14");
  let judged = 0;
  return {
    property: "P14",
    atEnd: (world) => {
      const seat = anySeat(world, isHonest, draws);
      if (seat === undefined) return;
      const records = firstRecords(seat, RECORDS_READ).filter((record) => isHonestPeers(record));
      judged = records.length;
      const derive = (order: readonly LedgerRecord[]): string => {
        const opened = openBank(seat.config, order);
        return opened.ok ? derivedState(opened.value) : `not opened: ${opened.error.why}`;
      };
      const asTheyCame = derive(records);
      for (let i = 0; i < ORDERS; i++) {
        const again = sample(records, Math.ceil(records.length / 4), draws);
        if (derive(draws.shuffle([...records, ...again])) === asTheyCame) continue;
        violated("P14", seat, `${records.length} blocks in another order lead to another state`);
      }
    },
    notApplicable: () => (judged === 0 ? "no bank has a block of another to sample" : undefined),
  };

  function isHonestPeers({ kind, payload }: LedgerRecord): boolean {
    const parsed = kind === PEER_BLOCK ? parsePublicBlock(payload) : undefined;
    return parsed?.ok === true && isHonestBank(parsed.value.header.bank);
  }
};
