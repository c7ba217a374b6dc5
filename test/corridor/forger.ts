import { concatBytes, type Bytes } from "../../crypto/bytes.ts";
import type { Hash } from "../../crypto/hash.ts";
import {
  ABORT,
  COMMIT,
  CORRIDOR,
  type CorridorEntry,
  type EntryRef,
} from "../../corridor/entries.ts";
import { encodeHeads } from "../../corridor/messages.ts";
import {
  encodeBothForms,
  encodePublicBlock,
  parseFullBlock,
  type Block,
} from "../../node/ledger/block.ts";
import { encodeRecord, OWN_BLOCK, parseLedgerFile, PEER_BLOCK } from "../../node/ledger/record.ts";
import { toMs } from "../../node/time.ts";
import type { Prng } from "../../scenarios/sim/prng.ts";
import { bytesNamed } from "../bytes.ts";
import { announcementOf, type AgreedSwap } from "../../scenarios/explore/agreed-swaps.ts";
import { type Puppet, type WrittenBlock } from "../../scenarios/explore/puppet.ts";
import { isUp } from "../../scenarios/explore/seat.ts";
import { type World } from "../../scenarios/explore/world.ts";

/** A bank that signs anything: entries of every kind, true and false references, several branches. */
export class Forger {
  readonly #branches: Puppet[];
  readonly #deals: readonly AgreedSwap[];
  readonly #written: WrittenBlock[] = [];
  readonly #founded: Bytes;

  constructor(puppet: Puppet, deals: readonly AgreedSwap[], founded: Bytes) {
    this.#branches = [puppet];
    this.#deals = deals;
    this.#founded = founded;
  }

  /** Its own blocks of all branches, after copies of all that the others have written. */
  ledger(world: World): Bytes {
    const copies = [...world.seats.values()].flatMap(({ file }) =>
      ownBlocks(file).map((block) => encodeRecord(PEER_BLOCK, encodePublicBlock(block))),
    );
    const own = this.#written.map(({ block }) =>
      encodeRecord(OWN_BLOCK, encodeBothForms({ ...block, domestic: [] }).full),
    );
    return concatBytes(this.#founded, ...copies, ...own);
  }

  move(world: World, prng: Prng): void {
    const up = [...world.seats.values()].filter(isUp);
    if (up.length === 0) return;
    const to = prng.pick(up);
    const { bank } = this.#branches[0] as Puppet;
    const die = prng.int(0, 9);
    if (die === 0) {
      const heads = world.corridor.genesis.banks.map(({ number }) => ({
        bank: number,
        seq: prng.pick([1, 5, 1_000_000]),
        hash: new Uint8Array(32) as Hash,
      }));
      return world.inject(bank, to.id, encodeHeads({ heads, yours: null }));
    }
    if (die <= 2 && this.#written.length > 0) {
      return world.inject(bank, to.id, prng.pick(this.#written).push);
    }
    let branch = prng.pick(this.#branches);
    if (die === 3 && this.#branches.length < 4) {
      branch = branch.forkAfter(Math.max(1, branch.seq - prng.int(0, 2)));
      this.#branches.push(branch);
    }
    const entries = Array.from({ length: prng.int(1, 4) }, () => this.#entry(world, prng));
    const written = branch.write(...entries);
    this.#written.push(written);
    for (const seat of up) {
      if (seat === to || prng.int(0, 1) === 0) world.inject(bank, seat.id, written.push);
    }
  }

  #entry(world: World, prng: Prng): CorridorEntry | Bytes {
    const { bank } = this.#branches[0] as Puppet;
    const odd = prng.int(0, 19);
    if (odd === 0) return bytesNamed("no entry");
    if (odd === 1) return this.#evidence(world, prng);
    if (odd === 2) {
      const deal = prng.pick(this.#deals);
      const useless = { createdMs: deal.expiryMs };
      const { bytes } = announcementOf(world.corridor, deal, useless);
      return { kind: CORRIDOR.ANNOUNCE, announcement: bytes };
    }
    const known = [...world.chronicle.swaps].filter(([, swap]) => swap.announced !== undefined);
    if (known.length === 0 || prng.int(0, 9) === 0) {
      const deal = prng.pick(this.#deals);
      const createdMs = toMs(world.now) - prng.pick([0, 10_000]);
      const params = { ttlMs: prng.pick([0, 500, 2_000]) };
      const { bytes } = announcementOf(world.corridor, deal, { createdMs, params });
      return { kind: CORRIDOR.ANNOUNCE, announcement: bytes };
    }
    const [key, { announced }] = prng.pick(known);
    const sid = Uint8Array.from(Buffer.from(key, "hex")) as Hash;
    const view = prng.pick([1, 1, 2, 3]);
    const decision = prng.pick([COMMIT, ABORT] as const);
    const refs = (kind: number, count: number): EntryRef[] => {
      const names = [...world.chronicle.entries].filter(([, { entry }]) => entry.kind === kind);
      const picked = prng.shuffle(names.map(([name]) => name)).slice(0, count);
      const random = { bank, seq: 3, index: 0, blockHash: sid };
      return [...picked.map(refOf), random].slice(0, Math.max(1, picked.length - prng.int(0, 1)));
    };
    const legs = announced?.legBanks.length ?? 2;
    const mine = announced?.legBanks.indexOf(bank) ?? -1;
    const { quorum } = world.corridor.genesis;
    const certificate = { view, decision, refs: refs(CORRIDOR.CONFIRM, quorum) };
    const choices: readonly CorridorEntry[] = [
      { kind: CORRIDOR.LOCK, sid, leg: Math.max(0, mine) },
      { kind: CORRIDOR.LOCK, sid, leg: Math.max(0, mine) },
      { kind: CORRIDOR.REFUSE, sid },
      { kind: CORRIDOR.VOTE, sid },
      { kind: CORRIDOR.VOTE, sid },
      {
        kind: CORRIDOR.STATUS,
        sid,
        view,
        locks: prng.int(0, 1) === 0 ? null : refs(CORRIDOR.LOCK, legs),
        lock:
          prng.int(0, 1) === 0 ? null : { view, decision, accepts: refs(CORRIDOR.ACCEPT, quorum) },
      },
      { kind: CORRIDOR.STATUS, sid, view, locks: null, lock: null },
      { kind: CORRIDOR.LEAD, sid, view, decision, statuses: refs(CORRIDOR.STATUS, quorum) },
      { kind: CORRIDOR.ACCEPT, sid, view, decision },
      { kind: CORRIDOR.CONFIRM, sid, view, decision },
      { kind: CORRIDOR.SETTLE, sid, leg: 0, grounds: certificate },
      { kind: CORRIDOR.VOID, sid, leg: 0, grounds: certificate },
    ];
    return prng.pick(choices);
  }

  /** Two headers of one bank, its own or an honest one's; they may prove something or nothing. */
  #evidence(world: World, prng: Prng): CorridorEntry {
    const { file } = prng.pick([...world.seats.values()]);
    const own = this.#written.map(({ block }) => block);
    const from = own.length > 0 && prng.int(0, 1) === 0 ? own : ownBlocks(file);
    const [a, b] = [prng.pick(from), prng.pick(from)];
    return {
      kind: CORRIDOR.EVIDENCE,
      headerA: a.headerBytes,
      signatureA: a.signature,
      headerB: b.headerBytes,
      signatureB: b.signature,
    };
  }
}

function ownBlocks(file: Bytes): readonly Block[] {
  return parseLedgerFile(file).records.flatMap(({ kind, payload }) => {
    const block = kind === OWN_BLOCK ? parseFullBlock(payload) : undefined;
    return block?.ok === true ? [block.value] : [];
  });
}

function refOf(name: string): EntryRef {
  const [bank = "", seq = "", index = "", hash = ""] = name.split("/");
  const blockHash = Uint8Array.from(Buffer.from(hash, "hex")) as Hash;
  return { bank: Number(bank), seq: Number(seq), index: Number(index), blockHash };
}
