import type { BankMachine } from "../../../corridor/bank-state.ts";
import { encode } from "../../../crypto/canonical-layout.ts";
import { digestParts, type Hash } from "../../../crypto/hash.ts";
import { u32 } from "../../../crypto/bytes.ts";
import type { Signer } from "../../../crypto/ed25519.ts";
import {
  ABORT,
  COMMIT,
  CORRIDOR,
  corridorEntryLayout,
  type CorridorEntry,
  type EntryRef,
} from "../../../corridor/entries.ts";
import { encodePush } from "../../../corridor/messages.ts";
import { encodePublicBlock, sealBlock, type FullBlock } from "../../../node/ledger/block.ts";
import type { Prng } from "../prng.ts";
import type { Lie, Mail } from "./lie.ts";

/** How many blocks stay among those that its references name. */
const MAX_NAMED = 64;

/**
 * Signs well-formed nonsense of every entry kind, about swaps that there are and swaps that there are
 * not, with references that are wrong, stale or made up; and now and then a block of another epoch, or
 * of a height far ahead.
 */
export function forgery(peers: readonly number[], signer: Signer, prng: Prng): Lie {
  const named: FullBlock[] = [];
  return {
    beforeFlush: (machine) => {
      if (machine.state.pending.length === 0) return;
      const count = prng.int(0, 3);
      const corridor = Array.from({ length: count }, () => nonsense(machine, named, prng));
      machine.state.pending.push({ corridor, domestic: [], reports: [] });
    },
    afterBlock: (block) => {
      named.push(block);
      if (named.length > MAX_NAMED) named.shift();
      if (prng.int(0, 3) > 0) return [];
      return [strayBlock(block, prng.pick(peers), signer, prng)];
    },
  };
}

function strayBlock({ header }: FullBlock, to: number, signer: Signer, prng: Prng): Mail {
  const { net, bank, seq, prev, timeMs } = header;
  const isFuture = prng.int(0, 1) === 0;
  const entry: CorridorEntry = { kind: CORRIDOR.VOTE, sid: randomHash(prng) };
  const block = sealBlock(
    {
      net,
      bank,
      prev,
      epoch: isFuture ? 0 : prng.int(1, 9),
      seq: isFuture ? seq + prng.int(2, 2_000) : seq + 1,
      timeMs,
      corridor: [encode(corridorEntryLayout, entry)],
      domestic: [],
    },
    signer,
  );
  return { to, bytes: encodePush(encodePublicBlock(block)), delayUs: 0 };
}

function nonsense(machine: BankMachine, named: readonly FullBlock[], prng: Prng): CorridorEntry {
  const sid = swapOf(machine, prng);
  const view = prng.int(1, 3);
  const leg = prng.int(0, 1);
  const decision = prng.pick([COMMIT, ABORT] as const);
  const { quorum, banks } = machine.config.genesis;
  const numbers = banks.map(({ number }) => number as number);
  const refs = (count: number): readonly EntryRef[] =>
    Array.from({ length: count }, () => refTo(named, numbers, prng));
  const certificate = { view, decision, refs: refs(quorum) };
  const choices: readonly (() => CorridorEntry)[] = [
    () => ({ kind: CORRIDOR.ANNOUNCE, announcement: randomHash(prng) }),
    () => ({ kind: CORRIDOR.LOCK, sid, leg }),
    () => ({ kind: CORRIDOR.REFUSE, sid }),
    () => ({ kind: CORRIDOR.VOTE, sid }),
    () => ({
      kind: CORRIDOR.STATUS,
      sid,
      view,
      locks: prng.int(0, 1) === 0 ? null : refs(2),
      lock: prng.int(0, 1) === 0 ? null : { view, decision, accepts: refs(quorum) },
    }),
    () => ({ kind: CORRIDOR.LEAD, sid, view, decision, statuses: refs(quorum) }),
    () => ({ kind: CORRIDOR.ACCEPT, sid, view, decision }),
    () => ({ kind: CORRIDOR.CONFIRM, sid, view, decision }),
    () => ({ kind: CORRIDOR.SETTLE, sid, leg, grounds: { ...certificate, decision: COMMIT } }),
    () => ({ kind: CORRIDOR.VOID, sid, leg, grounds: { ...certificate, decision: ABORT } }),
    () => ({
      kind: CORRIDOR.SETTLE,
      sid,
      leg,
      grounds: { view: 0, decision: COMMIT, refs: refs(quorum) },
    }),
    () => falseEvidence(named, prng),
  ];
  return prng.pick(choices)();
}

/** Mostly a swap that is open here, so that the nonsense is about something. */
function swapOf({ state }: BankMachine, prng: Prng): Hash {
  const open = [...state.swaps.values()];
  return open.length === 0 || prng.int(0, 9) === 0 ? randomHash(prng) : prng.pick(open).sid;
}

function refTo(named: readonly FullBlock[], banks: readonly number[], prng: Prng): EntryRef {
  const index = prng.int(0, 3);
  if (named.length === 0 || prng.int(0, 2) === 0) {
    return { bank: prng.pick(banks), seq: prng.int(1, 50), index, blockHash: randomHash(prng) };
  }
  const { header, hash } = prng.pick(named);
  return {
    bank: prng.pick([header.bank, prng.pick(banks)]),
    seq: header.seq,
    index,
    blockHash: hash,
  };
}

/** Two headers that prove nothing: the same one twice, or one that another signature stands under. */
function falseEvidence(named: readonly FullBlock[], prng: Prng): CorridorEntry {
  if (named.length === 0) return { kind: CORRIDOR.VOTE, sid: randomHash(prng) };
  const [a, b] = [prng.pick(named), prng.pick(named)];
  return {
    kind: CORRIDOR.EVIDENCE,
    headerA: a.headerBytes,
    signatureA: a.signature,
    headerB: b.headerBytes,
    signatureB: prng.pick([a, b]).signature,
  };
}

const randomHash = (prng: Prng): Hash => digestParts(u32(prng.u32()), u32(prng.u32()));
