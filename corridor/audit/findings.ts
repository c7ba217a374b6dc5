/** Something in a ledger that should not be there: who is responsible, where it stands, what is wrong. */
export interface Finding {
  readonly code: FindingCode;
  /** The bank whose ledger or signature it is. */
  readonly bank: string;
  readonly where: string;
  readonly detail: string;
}

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

export const renderFinding = (finding: Finding): string =>
  `${finding.code}: bank ${finding.bank}, ${finding.where}: ${finding.detail}`;
