import type { Bytes } from "../../crypto/bytes.ts";
import { encode } from "../../crypto/canonical-layout.ts";
import { ZERO_HASH, type Hash } from "../../crypto/hash.ts";
import { EPOCH } from "../../corridor/bank-state.ts";
import { corridorEntryLayout, type CorridorEntry, type EntryRef } from "../../corridor/entries.ts";
import { encodePush } from "../../corridor/messages.ts";
import { encodePublicBlock, sealBlock, type Block } from "../../node/ledger/block.ts";
import { EPOCH_START_MS, signerOf, type FixedCorridor } from "./corridor.ts";

// Blocks by hand, as a bank that lies could make them.

export interface WrittenBlock {
  readonly block: Block;
  readonly publicBytes: Bytes;
  readonly push: Bytes;
  readonly refs: readonly EntryRef[];
}

export interface BlockPlace {
  readonly bank: number;
  readonly seq: number;
  readonly prev: Hash;
}

export function writeBlock(
  corridor: FixedCorridor,
  place: BlockPlace,
  entries: readonly (CorridorEntry | Bytes)[],
): WrittenBlock {
  const block = sealBlock(
    {
      ...place,
      net: corridor.genesis.net,
      epoch: EPOCH,
      timeMs: EPOCH_START_MS,
      corridor: entries.map((e) => (e instanceof Uint8Array ? e : encode(corridorEntryLayout, e))),
      domestic: [],
    },
    signerOf(corridor, place.bank),
  );
  const publicBytes = encodePublicBlock(block);
  const refs = entries.map((_, index) => ({
    bank: place.bank,
    seq: place.seq,
    index,
    blockHash: block.hash,
  }));
  return { block, publicBytes, push: encodePush(publicBytes), refs };
}

/** A bank that is played by hand: it writes whatever it is told, on one branch or several. */
export class Puppet {
  readonly corridor: FixedCorridor;
  readonly bank: number;
  readonly #hashes: Hash[] = [ZERO_HASH];

  constructor(corridor: FixedCorridor, bank: number, hashes: readonly Hash[] = [ZERO_HASH]) {
    this.corridor = corridor;
    this.bank = bank;
    this.#hashes = [...hashes];
  }

  get seq(): number {
    return this.#hashes.length - 1;
  }

  write(...entries: readonly (CorridorEntry | Bytes)[]): WrittenBlock {
    const place = { bank: this.bank, seq: this.seq + 1, prev: this.#hashes.at(-1) as Hash };
    const written = writeBlock(this.corridor, place, entries);
    this.#hashes.push(written.block.hash);
    return written;
  }

  /** The same bank on another branch, which goes on after block `seq`. */
  forkAfter(seq: number): Puppet {
    return new Puppet(this.corridor, this.bank, this.#hashes.slice(0, seq + 1));
  }
}
