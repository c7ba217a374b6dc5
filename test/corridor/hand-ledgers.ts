import { concatBytes, type Bytes } from "../../crypto/bytes.ts";
import { encode } from "../../crypto/canonical-layout.ts";
import type { Signature } from "../../crypto/ed25519.ts";
import { hashKey, ZERO_HASH, type Hash } from "../../crypto/hash.ts";
import { auditRun } from "../../corridor/audit/audit.ts";
import type { Finding } from "../../corridor/audit/findings.ts";
import { EPOCH } from "../../corridor/bank-state.ts";
import {
  CORRIDOR,
  corridorEntryLayout,
  type CorridorEntry,
  type Decision,
  type EntryRef,
} from "../../corridor/entries.ts";
import { encodeBothForms, parseFullBlock, sealBlock } from "../../node/ledger/block.ts";
import {
  DOMESTIC,
  domesticEntryLayout,
  type DomesticEntry,
} from "../../node/ledger/domestic-entries.ts";
import {
  encodeRecord,
  OWN_BLOCK,
  parseLedgerFile,
  PEER_BLOCK,
  RECORD_HEAD_BYTES,
} from "../../node/ledger/record.ts";
import type { Amount } from "../../node/money.ts";
import { bytesNamed } from "../bytes.ts";
import { leaderByFormula } from "../../scenarios/checkers/justification.ts";
import {
  EPOCH_START_MS,
  range,
  signerOf,
  type FixedCorridor as TestCorridor,
} from "../../scenarios/explore/corridor.ts";
import {
  accountName,
  announcementOf,
  agreeSwap,
  ringLegs,
  type AgreedSwap,
} from "../../scenarios/explore/agreed-swaps.ts";
import { foundedOf } from "./kit.ts";

export interface HandSwap {
  readonly sid: Hash;
  readonly announcement: Bytes;
  readonly deal: AgreedSwap;
}

export interface Head {
  readonly seq: number;
  readonly hash: string;
  readonly bytes: number;
}

export interface HandBlock {
  readonly seq: number;
  readonly hash: Hash;
  readonly full: Bytes;
  readonly publicBytes: Bytes;
  readonly headerBytes: Bytes;
  readonly signature: Signature;
  readonly refs: readonly EntryRef[];
}

export interface BlockDraft {
  readonly corridor?: readonly (CorridorEntry | Bytes)[];
  readonly domestic?: readonly (DomesticEntry | Bytes)[];
  readonly timeMs?: number;
  /** Another height, or another block before it, than the ledger's end asks for. */
  readonly seq?: number;
  readonly prev?: Hash;
  /** Banks that get a copy; by default all others. */
  readonly to?: readonly number[];
}

const TIME_MS = EPOCH_START_MS + 10_000;
const SALT = bytesNamed("salt of an entry").slice(0, 16);
export const BANKS = range(4);

/**
 * The ledgers of four banks (b = 1, q = 3), founded by real banks and continued by hand: every block
 * is validly signed, and says whatever the test wants. A copy goes to every other bank at once.
 */
export class HandLedgers {
  readonly corridor: TestCorridor;
  readonly files = new Map<number, Bytes>();
  readonly #tips = new Map<number, { readonly seq: number; readonly hash: Hash }>();
  #number = 10;

  constructor() {
    const world = foundedOf(4);
    this.corridor = world.corridor;
    for (const { bank, file } of world.seats.values()) {
      this.files.set(bank, file);
      let tip = { seq: 0, hash: ZERO_HASH };
      for (const { kind, payload } of parseLedgerFile(file).records) {
        const block = kind === OWN_BLOCK ? parseFullBlock(payload) : undefined;
        if (block?.ok === true) tip = { seq: block.value.header.seq, hash: block.value.hash };
      }
      this.#tips.set(bank, tip);
    }
  }

  file(bank: number): Bytes {
    return this.files.get(bank) as Bytes;
  }

  tip(bank: number): { readonly seq: number; readonly hash: Hash } {
    return this.#tips.get(bank) ?? { seq: 0, hash: ZERO_HASH };
  }

  write(bank: number, draft: BlockDraft): HandBlock {
    const written = this.forked(bank, draft);
    this.#tips.set(bank, written);
    this.#append(bank, OWN_BLOCK, written.full);
    for (const to of draft.to ?? BANKS) if (to !== bank) this.copy(to, written);
    return written;
  }

  /** A block that its bank signs, and does not put into its ledger. */
  forked(bank: number, draft: BlockDraft): HandBlock {
    const { corridor = [], domestic = [], timeMs = TIME_MS } = draft;
    const tip = this.tip(bank);
    const block = sealBlock(
      {
        net: this.corridor.genesis.net,
        epoch: EPOCH,
        bank,
        seq: draft.seq ?? tip.seq + 1,
        prev: draft.prev ?? tip.hash,
        timeMs,
        corridor: corridor.map((e) => bytesOf(corridorEntryLayout, e)),
        domestic: domestic.map((e) => bytesOf(domesticEntryLayout, e)),
      },
      signerOf(this.corridor, bank),
    );
    const { header, hash, headerBytes, signature } = block;
    const { seq } = header;
    const refs = corridor.map((_, index) => ({ bank, seq, index, blockHash: hash }));
    return { ...encodeBothForms(block), seq, hash, headerBytes, signature, refs };
  }

  copy(to: number, { publicBytes }: Pick<HandBlock, "publicBytes">): void {
    this.#append(to, PEER_BLOCK, publicBytes);
  }

  #append(bank: number, kind: 1 | 2, payload: Bytes): void {
    this.files.set(bank, concatBytes(this.file(bank), encodeRecord(kind, payload)));
  }

  // --- Swaps between banks 1 and 2, as honest banks would write them.

  /** A swap that nobody has announced yet; its leader in view 1 is the bank asked for. */
  swap(leader?: number): HandSwap {
    for (;;) {
      const number = this.#number++;
      const deal = agreeSwap(this.corridor, { number, legs: ringLegs([1, 2]) });
      const { bytes: announcement, sid } = announcementOf(this.corridor, deal);
      const swap = { sid, announcement, deal };
      if (leader === undefined || this.leader(swap, 1) === leader) return swap;
    }
  }

  leader({ sid }: HandSwap, view: number): number {
    return leaderByFormula(sid, view, this.corridor.genesis);
  }

  announce(swap: HandSwap): EntryRef {
    return only(this.write(1, { corridor: [announceEntry(swap)] }));
  }

  lock(swap: HandSwap, leg: 0 | 1): EntryRef {
    const corridor = [{ kind: CORRIDOR.LOCK, sid: swap.sid, leg }] as const;
    return only(this.write(leg + 1, { corridor, domestic: [holdEntry(swap, leg)] }));
  }

  /** Both legs, announced and LOCKed. */
  locks(swap: HandSwap): readonly EntryRef[] {
    this.announce(swap);
    return [this.lock(swap, 0), this.lock(swap, 1)];
  }

  votes(swap: HandSwap, banks: readonly number[] = [1, 2, 3]): readonly EntryRef[] {
    return this.each(banks, { kind: CORRIDOR.VOTE, sid: swap.sid });
  }

  each(banks: readonly number[], entry: CorridorEntry): readonly EntryRef[] {
    return banks.map((bank) => only(this.write(bank, { corridor: [entry] })));
  }

  statuses(
    { sid }: HandSwap,
    view: number,
    locks: readonly EntryRef[] | null = null,
  ): readonly EntryRef[] {
    return this.each([1, 2, 3], { kind: CORRIDOR.STATUS, sid, view, locks, lock: null });
  }

  /** STATUSes, LEAD, and ACCEPTs and CONFIRMs of banks 1 to 3; `swap` is led by one of them. */
  slowPath(swap: HandSwap, decision: Decision, locks: readonly EntryRef[] | null) {
    const { sid } = swap;
    const statuses = this.statuses(swap, 1, locks);
    const lead = { kind: CORRIDOR.LEAD, sid, view: 1, decision, statuses } as const;
    this.write(this.leader(swap, 1), { corridor: [lead] });
    const accepts = this.each([1, 2, 3], { kind: CORRIDOR.ACCEPT, sid, view: 1, decision });
    const confirms = this.each([1, 2, 3], { kind: CORRIDOR.CONFIRM, sid, view: 1, decision });
    return { statuses, accepts, confirms };
  }

  settle({ sid }: HandSwap, leg: 0 | 1, refs: readonly EntryRef[]): HandBlock {
    const certificate = { view: 0, decision: 1, refs } as const;
    return this.write(leg + 1, {
      corridor: [{ kind: CORRIDOR.SETTLE, sid, leg, grounds: certificate }],
      domestic: [{ kind: DOMESTIC.POST, sid, leg, salt: SALT }],
    });
  }

  /** Voids a leg, with the UNHOLD if it is held. */
  void(
    { sid }: HandSwap,
    leg: 0 | 1,
    refs: readonly EntryRef[],
    options: { readonly isHeld?: boolean; readonly to?: readonly number[] } = {},
  ): HandBlock {
    const certificate = { view: 1, decision: 2, refs } as const;
    return this.write(leg + 1, {
      corridor: [{ kind: CORRIDOR.VOID, sid, leg, grounds: certificate }],
      domestic: (options.isHeld ?? true) ? [{ kind: DOMESTIC.UNHOLD, sid, leg, salt: SALT }] : [],
      ...(options.to === undefined ? {} : { to: options.to }),
    });
  }

  // --- What auditors are given.

  heads(): ReadonlyMap<number, Head> {
    return new Map([...this.files].map(([bank, file]) => [bank, headOf(file)]));
  }
}

export interface Planted {
  readonly files: ReadonlyMap<number, Bytes>;
  readonly heads: ReadonlyMap<number, Head>;
}

export function auditPlanted(corridor: TestCorridor, planted: Planted): readonly Finding[] {
  const ledgers = BANKS.map((bank) => {
    return { bank, bytes: planted.files.get(bank), head: planted.heads.get(bank) };
  });
  return auditRun(ledgers, corridor.genesis, corridor.signatures.verifier).findings;
}

export const announceEntry = ({ announcement }: HandSwap): CorridorEntry => ({
  kind: CORRIDOR.ANNOUNCE,
  announcement,
});

export function holdEntry({ sid, deal }: HandSwap, leg: 0 | 1): DomesticEntry {
  const { payer = 0, payee = 0, amount = 0n } = deal.legs[leg] ?? {};
  const instruction = deal.instructions[leg];
  if (instruction === undefined) throw new RangeError(`no leg ${leg}`);
  return {
    kind: DOMESTIC.HOLD,
    sid,
    leg,
    payer: accountName(payer),
    payee: accountName(payee),
    tag: null,
    amount: amount as Amount,
    terms: deal.terms,
    termsSalt: deal.salt,
    flags: [],
    instruction,
    timeMs: TIME_MS,
    salt: SALT,
  };
}

export const only = ({ refs }: HandBlock): EntryRef => refs[0] as EntryRef;

function bytesOf<T>(layout: Parameters<typeof encode<T>>[0], entry: T | Bytes): Bytes {
  return entry instanceof Uint8Array ? entry : encode(layout, entry);
}

function headOf(file: Bytes): Head {
  const own = parseLedgerFile(file).records.filter(({ kind }) => kind === OWN_BLOCK);
  const last = own.at(-1);
  if (last === undefined) return { seq: 0, hash: "", bytes: 0 };
  const block = parseFullBlock(last.payload);
  if (!block.ok) throw new Error(block.error.code);
  const { header, hash } = block.value;
  const bytes = last.offset + RECORD_HEAD_BYTES + last.payload.length;
  return { seq: header.seq, hash: hashKey(hash), bytes };
}
