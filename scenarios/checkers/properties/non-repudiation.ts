import { concatBytes } from "../../../crypto/bytes.ts";
import { equalHash } from "../../../crypto/hash.ts";
import { hashAt, storedAt, type BankLog } from "../../../corridor/logs.ts";
import {
  checkBlockSignature,
  parsePublicBlock,
  PUBLIC_BLOCK_HEAD,
  type SignatureContext,
} from "../../../node/ledger/block.ts";
import { isUp, type Seat } from "../../sim/seat.ts";
import type { MakeChecker } from "../checker.ts";
import { signatureContext } from "../signature-context.ts";

const BLOCKS_PER_LOG = 8;

/**
 * P10: of each block that an honest bank has accepted, its journal gives header and signature, and
 * they check with the corridor's genesis alone. Sampled at the end, some blocks of each log at each bank.
 */
export const nonRepudiation: MakeChecker = ({ genesis, verifier, isHonest, prng, violated }) => {
  const draws = prng.fork("P10");
  const context = signatureContext(genesis, verifier);
  return {
    property: "P10",
    atEnd: ({ seats }) => {
      for (const seat of seats) {
        if (!isUp(seat) || !isHonest(seat)) continue;
        for (const log of seat.machine?.state.logs.values() ?? []) {
          for (let i = 0; i < BLOCKS_PER_LOG && log.linked > 0; i++) {
            const seq = draws.int(1, log.linked);
            const wrong = whatIsWrong(seat, log, seq, context);
            if (wrong !== undefined) violated("P10", seat, `block ${log.bank}/${seq}: ${wrong}`);
          }
        }
      }
    },
  };
};

function whatIsWrong(
  seat: Seat,
  log: BankLog,
  seq: number,
  context: SignatureContext,
): string | undefined {
  const place = storedAt(log, seq, null);
  // What came last is still on its way to the disk.
  if (place === undefined || place.offset + place.length > seat.disk.durable) return undefined;
  const fields = seat.disk.read(place.offset, place.length);
  const block = parsePublicBlock(concatBytes(Uint8Array.of(PUBLIC_BLOCK_HEAD), fields));
  if (!block.ok) return `its journal has no block there (${block.error.code})`;
  const hash = hashAt(log, seq);
  if (hash === undefined || !equalHash(block.value.hash, hash))
    return "its journal has another one";
  const signed = checkBlockSignature(block.value, context);
  return signed.ok ? undefined : `its signature does not check (${signed.error.code})`;
}
