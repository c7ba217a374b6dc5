import { readU32, type Bytes } from "../crypto/bytes.ts";
import { invariant } from "../crypto/outcome.ts";
import { COMMIT, type Certificate, type Decision, type EntryRef } from "./entries.ts";

/** Of a swap that is over here, though no one decision fixed it for all: of no concern, or not certified. */
export const OVER = 3;

/** Where the entries of a certificate stand; enough to serve the blocks that prove an outcome. */
export interface DecidedSwap {
  readonly decision: Decision | typeof OVER;
  readonly view: number;
  readonly blocks: readonly { readonly bank: number; readonly seq: number }[];
}

/**
 * Every swap this bank saw decided, for ever: a swap that is in here never opens again (protocols.md
 * 3.10). An open-addressing table over typed arrays: about 100 bytes a swap with a quorum of four.
 */
export interface DecidedIndex {
  readonly refsPerRow: number;
  count: number;
  keys: Uint8Array;
  decisions: Uint8Array;
  views: Uint8Array;
  banks: Uint16Array;
  seqs: Float64Array;
}

const SID_BYTES = 32;
const FIRST_ROWS = 1024;

export function newDecidedIndex(refsPerRow: number): DecidedIndex {
  return { refsPerRow, count: 0, ...columns(FIRST_ROWS, refsPerRow) };
}

export const isDecided = (index: DecidedIndex, sid: Bytes): boolean =>
  index.decisions[findRow(index, sid)] !== 0;

export function lookUpDecided(index: DecidedIndex, sid: Bytes): DecidedSwap | undefined {
  const row = findRow(index, sid);
  const decision = index.decisions[row] as number;
  if (decision === 0) return undefined;
  const blocks: { bank: number; seq: number }[] = [];
  for (let i = row * index.refsPerRow; i < (row + 1) * index.refsPerRow; i++) {
    const seq = index.seqs[i] as number;
    if (seq > 0) blocks.push({ bank: index.banks[i] as number, seq });
  }
  return {
    decision: decision as DecidedSwap["decision"],
    view: index.views[row] as number,
    blocks,
  };
}

/** Records a decision. A second, different one for the same swap would be the end of atomicity. */
export function recordDecided(index: DecidedIndex, sid: Bytes, certificate: Certificate): void {
  note(index, sid, certificate);
}

/** Records that a swap is over here. */
export function recordOver(index: DecidedIndex, sid: Bytes): void {
  note(index, sid, { decision: OVER, view: 0, refs: [] });
}

function note(
  index: DecidedIndex,
  sid: Bytes,
  { decision, view, refs }: Omit<Certificate, "decision"> & Pick<DecidedSwap, "decision">,
): void {
  let row = findRow(index, sid);
  const known = index.decisions[row] as number;
  invariant(
    known === 0 || known === decision,
    "CertificateUniqueness",
    "two decisions of one swap",
  );
  if (known !== 0) return;
  if (index.count * 3 >= index.decisions.length * 2) {
    grow(index);
    row = findRow(index, sid);
  }
  index.count++;
  index.keys.set(sid, row * SID_BYTES);
  index.decisions[row] = decision;
  index.views[row] = view;
  const first = row * index.refsPerRow;
  for (let i = 0; i < Math.min(refs.length, index.refsPerRow); i++) {
    const { bank, seq } = refs[i] as EntryRef;
    index.banks[first + i] = bank;
    index.seqs[first + i] = seq;
  }
}

export const decisionName = (decision: Decision): "settled" | "voided" =>
  decision === COMMIT ? "settled" : "voided";

function findRow(index: DecidedIndex, sid: Bytes): number {
  const rows = index.decisions.length;
  let row = readU32(sid, 0) % rows;
  while (index.decisions[row] !== 0 && !keyAt(index, row, sid)) row = (row + 1) % rows;
  return row;
}

function keyAt(index: DecidedIndex, row: number, sid: Bytes): boolean {
  const first = row * SID_BYTES;
  for (let i = 0; i < SID_BYTES; i++) if (index.keys[first + i] !== sid[i]) return false;
  return true;
}

function grow(index: DecidedIndex): void {
  const old = { ...index };
  Object.assign(index, columns(old.decisions.length * 2, index.refsPerRow));
  const { refsPerRow: per } = index;
  for (let row = 0; row < old.decisions.length; row++) {
    if (old.decisions[row] === 0) continue;
    const key = old.keys.subarray(row * SID_BYTES, (row + 1) * SID_BYTES);
    const to = findRow(index, key);
    index.keys.set(key, to * SID_BYTES);
    index.decisions[to] = old.decisions[row] as number;
    index.views[to] = old.views[row] as number;
    index.banks.set(old.banks.subarray(row * per, (row + 1) * per), to * per);
    index.seqs.set(old.seqs.subarray(row * per, (row + 1) * per), to * per);
  }
}

function columns(rows: number, refsPerRow: number) {
  return {
    keys: new Uint8Array(rows * SID_BYTES),
    decisions: new Uint8Array(rows),
    views: new Uint8Array(rows),
    banks: new Uint16Array(rows * refsPerRow),
    seqs: new Float64Array(rows * refsPerRow),
  };
}
