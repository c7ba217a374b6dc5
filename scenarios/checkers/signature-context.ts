import type { Verifier } from "../../crypto/ed25519.ts";
import { EPOCH } from "../../corridor/bank-state.ts";
import type { Genesis } from "../../node/genesis.ts";
import type { SignatureContext } from "../../node/ledger/block.ts";

/** What anybody needs to check a block's signature: the corridor's genesis, and nothing of any bank. */
export function signatureContext(genesis: Genesis, verifier: Verifier): SignatureContext {
  const keys = new Map(genesis.banks.map((bank) => [bank.number as number, bank.ledgerKey]));
  return {
    net: genesis.net,
    keyOf: (bank, epoch) => (epoch === EPOCH ? keys.get(bank) : undefined),
    verifier,
  };
}
