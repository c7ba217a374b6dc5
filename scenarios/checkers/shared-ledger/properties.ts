/** The properties of a shared ledger that a simulated run is checked for, with their meaning. */
export const CHAIN_PROPERTIES = {
  AgreementOfFinalBlocks: "No two banks hold different final blocks, or results, at one height.",
  Atomicity:
    "A swap that settles posts every leg in one transaction; one that is voided posts none.",
  Conservation:
    "In each currency, at every final block, what is held is what was issued less redeemed.",
  NonNegative: "No balance is below zero at any final block.",
  ExecuteOnce: "No swap is closed twice, and no batch of a bank is executed twice.",
  SignOnce: "No honest bank votes twice in a view, or in a view that it has let time out.",
  WriteAhead: "Nothing that an honest bank signs leaves before it is durable.",
  Liveness: "After the network heals, every swap and transaction is closed within its bound.",
} as const;

export type ChainProperty = keyof typeof CHAIN_PROPERTIES;

export const CHAIN_PROPERTY_NAMES = Object.keys(CHAIN_PROPERTIES) as readonly ChainProperty[];
