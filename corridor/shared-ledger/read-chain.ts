import type { Outcome } from "../../crypto/outcome.ts";
import type { Signature } from "../../crypto/ed25519.ts";
import type { LedgerRecord } from "../../node/ledger/record.ts";
import type { ReplayRejection } from "../replay.ts";
import { openValidator } from "./open-validator.ts";
import type { ChainParameters, FinalBlock, Validator, ValidatorConfig } from "./state.ts";

/** Reads a journal without being its bank: everything is checked and executed, nothing is signed. */
export function readChain(
  config: Pick<ValidatorConfig, "genesis" | "self" | "verifier">,
  parameters: ChainParameters,
  records: readonly LedgerRecord[],
  onFinal: (final: FinalBlock) => void,
): Outcome<Validator, ReplayRejection> {
  const { genesis, self, verifier } = config;
  const key = genesis.banks.find(({ number }) => number === self)?.ledgerKey;
  if (key === undefined) throw new TypeError(`no bank ${self}`);
  const signer = { publicKey: key, sign: (): Signature => unsigned() };
  const secrets = { saltSecret: new Uint8Array(32), trace: false, alone: true };
  return openValidator(
    { genesis, self, verifier, signer, ...secrets, ...parameters, onFinal },
    records,
  );
}

function unsigned(): never {
  throw new TypeError("a reader of a journal signs nothing");
}
