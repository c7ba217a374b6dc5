import { CRYPTO_MUTANTS } from "./crypto-mutants.ts";
import { LEDGER_MUTANTS } from "./ledger-mutants.ts";
import { MACHINE_MUTANTS } from "./machine-mutants.ts";
import type { Mutant } from "./mutant.ts";
import { PROTOCOL_MUTANTS } from "./protocol-mutants.ts";
import { SHARED_LEDGER_MUTANTS } from "./shared-ledger-mutants.ts";

/** One bug each, over all layers; the campaign catches every one of them. */
export const MUTANTS: readonly Mutant[] = [
  ...CRYPTO_MUTANTS,
  ...LEDGER_MUTANTS,
  ...PROTOCOL_MUTANTS,
  ...MACHINE_MUTANTS,
  ...SHARED_LEDGER_MUTANTS,
];

export function mutantNamed(name: string): Mutant {
  const mutant = MUTANTS.find((m) => m.name === name);
  if (mutant === undefined) throw new RangeError(`no mutant ${name}`);
  return mutant;
}
