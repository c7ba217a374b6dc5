import { equalHash } from "../../crypto/hash.ts";
import type { TakenInstruction } from "../../node/domestic/decide.ts";
import { accountOf } from "../../node/ids.ts";
import {
  instructionSignedBytes,
  ORDER,
  parseInstruction,
  type Instruction,
  type SignedInstruction,
} from "../../node/instruction.ts";
import type { BankMachine } from "../bank-state.ts";
import type { SwapTerms } from "./swap.ts";

/** The authentic instruction by which the payer of an own leg consents to these very terms. */
export function instructionForLeg(
  machine: BankMachine,
  agreed: SwapTerms,
  leg: number,
): TakenInstruction | undefined {
  const payer = agreed.terms.legs[leg]?.payer;
  const { commitment } = agreed;
  for (const signed of agreed.instructions) {
    const parsed = parseInstruction(signed);
    if (!parsed.ok) continue;
    const { order, member } = parsed.value;
    if (order.kind !== ORDER.swap || !equalHash(order.commitment, commitment)) continue;
    if (accountOf(member) !== payer || !isAddressedHere(machine, parsed.value)) continue;
    if (isSignedByMember(machine, parsed.value, signed))
      return { instruction: parsed.value, signed };
  }
  return undefined;
}

/** Whether the instruction is meant for this bank of this corridor. */
export const isAddressedHere = (machine: BankMachine, instruction: Instruction): boolean =>
  instruction.bank === machine.config.self &&
  equalHash(instruction.net, machine.config.genesis.net);

/** Whether the member it names signed it, under the key this bank enrolled. */
export function isSignedByMember(
  machine: BankMachine,
  instruction: Instruction,
  signed: SignedInstruction,
): boolean {
  const member = machine.state.books.members.get(instruction.member);
  if (member === undefined) return false;
  const bytes = instructionSignedBytes(signed.body);
  return machine.config.verifier.verify(member.key, bytes, signed.signature).valid;
}
