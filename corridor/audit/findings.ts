/** Something in a ledger that should not be there: who is responsible, where it stands, what is wrong. */
export interface Finding {
  readonly code: FindingCode;
  /** The bank whose ledger or signature it is, or `CORRIDOR_ITSELF`. */
  readonly bank: string;
  readonly where: string;
  readonly detail: string;
}

/** To blame when more banks lied than the genesis allows for, and nobody can tell which. No bank's id. */
export const CORRIDOR_ITSELF = "the corridor";

export type FindingCode =
  | "ledger_corrupt"
  | "ledger_cut_short"
  | "block_invalid"
  | "chain_broken"
  | "entry_invalid"
  | "signature_invalid"
  | "decided_otherwise"
  | "number_reused"
  | "hold_mismatch"
  | "terms_mismatch"
  | "certificate_invalid"
  | "conduct"
  | "equivocation"
  | "atomicity"
  | "conservation"
  | "tag_conservation";

/** A swap whose legs ended differently, as its arrangement allows: a result, nobody's fault. */
export interface SplitSwap {
  readonly sid: string;
  readonly arrangement: "htlc" | "gross";
  readonly paid: readonly number[];
  readonly unpaid: readonly number[];
}

export function renderSplit({ sid, arrangement, paid, unpaid }: SplitSwap): string {
  const legs = (list: readonly number[]): string =>
    `leg${list.length > 1 ? "s" : ""} ${list.join(", ")}`;
  return `swap ${sid.slice(0, 16)} (${arrangement}): ${legs(paid)} paid, ${legs(unpaid)} not`;
}

export function renderFinding({ code, bank, where, detail }: Finding): string {
  const who = bank === CORRIDOR_ITSELF ? bank : `bank ${bank}`;
  return `${code}: ${who}, ${where}: ${detail}`;
}
