import { equalBytes, type Bytes } from "../../../crypto/bytes.ts";
import { encode } from "../../../crypto/canonical-layout.ts";
import { signedBytes, type Signer } from "../../../crypto/ed25519.ts";
import { digest, DOMAIN } from "../../../crypto/hash.ts";
import { encodePush } from "../../../corridor/messages.ts";
import { stepBank } from "../../../corridor/participant.ts";
import { openBank } from "../../../corridor/replay.ts";
import {
  checkBlockSignature,
  encodePublicBlock,
  headerLayout,
  parsePublicBlock,
  type Block,
  type SignatureContext,
} from "../../../node/ledger/block.ts";
import { PEER_BLOCK } from "../../../node/ledger/record.ts";
import type { Seat } from "../../sim/seat.ts";
import type { MakeChecker } from "../checker.ts";
import { derivedState } from "../derived-state.ts";
import { signatureContext } from "../signature-context.ts";
import { anySeat, firstRecords, flipped, sample } from "../samples.ts";

const RECORDS_READ = 200;
const BLOCKS_SAMPLED = 8;
const FLIPS_PER_BLOCK = 16;

/**
 * P9: of blocks of this run, one with any bit changed, of another epoch or corridor, or signed with
 * another bank's key is refused, and a bank that is sent it derives nothing from it. Sampled at the end.
 */
export const unforgeability: MakeChecker = ({ genesis, verifier, isHonest, prng, violated }) => {
  const draws = prng.fork("P9");
  const context = signatureContext(genesis, verifier);
  let judged = 0;
  return {
    property: "P9",
    atEnd: (world) => {
      const seat = anySeat(world, isHonest, draws);
      if (seat === undefined) return;
      const others = world.seats.filter((other) => other.config.self !== seat.config.self);
      const records = firstRecords(seat, RECORDS_READ);
      const peers = records.filter((record) => record.kind === PEER_BLOCK);
      const forged: Bytes[] = [];
      for (const { payload } of sample(peers, BLOCKS_SAMPLED, draws)) {
        const parsed = parsePublicBlock(payload);
        if (!parsed.ok) continue;
        judged++;
        for (let i = 0; i < FLIPS_PER_BLOCK; i++) forged.push(flipped(payload, draws));
        forged.push(...impostures(parsed.value, others));
      }
      for (const bytes of forged) {
        if (isAccepted(bytes, context)) violated("P9", seat, "a forged block passes as genuine");
      }
      const opened = openBank(seat.config, records);
      if (!opened.ok) return violated("P9", seat, `its journal: ${opened.error.why}`);
      const [from] = others;
      if (from === undefined) return;
      const before = derivedState(opened.value);
      for (const bytes of forged) {
        stepBank(
          opened.value,
          { kind: "frame", from: from.config.self, bytes: encodePush(bytes) },
          opened.value.state.now,
        );
      }
      if (derivedState(opened.value) !== before) {
        violated("P9", seat, "its state depends on a forged block");
      }
    },
    notApplicable: () => (judged === 0 ? "no bank has a block of another to sample" : undefined),
  };
};

function isAccepted(bytes: Bytes, context: SignatureContext): boolean {
  const parsed = parsePublicBlock(bytes);
  return parsed.ok && checkBlockSignature(parsed.value, context).ok;
}

/** The same block under another key, of another epoch and of another corridor. */
function impostures(block: Block, others: readonly Seat[]): readonly Bytes[] {
  const author = others.find((seat) => seat.config.self === block.header.bank);
  const stranger = others.find((seat) => seat.config.self !== block.header.bank);
  const forged: Bytes[] = [];
  if (stranger !== undefined) forged.push(resigned(block, block.header, stranger.config.signer));
  if (author !== undefined) {
    const { signer } = author.config;
    forged.push(resigned(block, { ...block.header, epoch: block.header.epoch + 1 }, signer));
    forged.push(resigned(block, { ...block.header, net: digest(block.header.net) }, signer));
  }
  return forged.filter((bytes) => !equalBytes(bytes, encodePublicBlock(block)));
}

function resigned(block: Block, header: Block["header"], signer: Signer): Bytes {
  const headerBytes = encode(headerLayout, header);
  const signature = signer.sign(signedBytes(DOMAIN.block, headerBytes));
  return encodePublicBlock({ ...block, header, headerBytes, signature });
}
