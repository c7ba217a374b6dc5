import { encode } from "../../../crypto/canonical-layout.ts";
import { equalBytes, type Bytes } from "../../../crypto/bytes.ts";
import { equalHash, ZERO_HASH, type Hash } from "../../../crypto/hash.ts";
import { corridorEntryLayout } from "../../../corridor/entries.ts";
import { headerLayout, parseFullBlock, encodeBothForms } from "../../../node/ledger/block.ts";
import { domesticEntryLayout } from "../../../node/ledger/domestic-entries.ts";
import type { MakeChecker, SeenBlock } from "../checker.ts";

/** One block in so many is encoded again, byte for byte. */
const ENCODED_AGAIN_EVERY = 16;

/**
 * P11: the durable blocks of an honest bank's key count up one by one, each naming the one before,
 * across crashes, and however many seats the key has; every entry decodes, and encodes to the same bytes.
 */
export const hashChain: MakeChecker = ({ violated }) => {
  const heads = new Map<number, { readonly seq: number; readonly hash: Hash }>();
  return {
    property: "P11",
    onBlock: (seen) => {
      const { seat, block, entries, domestic } = seen;
      const { bank, seq, prev } = block.header;
      const head = heads.get(bank) ?? { seq: 0, hash: ZERO_HASH };
      const broken = (what: string): void => violated("P11", seat, `block ${seq}: ${what}`);
      if (seq !== head.seq + 1) broken(`it comes after block ${head.seq}`);
      else if (!equalHash(prev, head.hash)) broken("it names another block before it");
      heads.set(bank, { seq, hash: block.hash });
      if (entries.includes(undefined)) broken("a corridor entry that does not decode");
      if (domestic.includes(undefined)) broken("a domestic entry that does not decode");
      if (seq % ENCODED_AGAIN_EVERY === 1 && !isCanonical(seen)) broken("bytes in another form");
    },
  };
};

function isCanonical({ block, entries, domestic }: SeenBlock): boolean {
  const again: (readonly [Bytes | undefined, Bytes | undefined])[] = [
    [encode(headerLayout, block.header), block.headerBytes],
    ...entries.map((e, i) => [e && encode(corridorEntryLayout, e), block.corridor[i]] as const),
    ...domestic.map((e, i) => [e && encode(domesticEntryLayout, e), block.domestic[i]] as const),
  ];
  const isSame = again.every(([a, b]) => a !== undefined && b !== undefined && equalBytes(a, b));
  const parsed = parseFullBlock(encodeBothForms(block).full);
  return isSame && parsed.ok && equalHash(parsed.value.hash, block.hash);
}
