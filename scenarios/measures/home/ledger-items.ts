import type { Bytes } from "../../../crypto/bytes.ts";
import { decode } from "../../../crypto/canonical-layout.ts";
import { factsOf, NO_FACTS, type Facts } from "../../../node/facts.ts";
import { ORDER, parseInstruction, type Instruction } from "../../../node/instruction.ts";
import { domesticEntryLayout, type DomesticEntry } from "../../../node/ledger/domestic-entries.ts";

/** One entry of a bank's ledger with the member's order behind it. */
export interface LedgerItem {
  readonly entry: DomesticEntry;
  readonly instruction: Instruction | undefined;
  /** What a payment says of itself. */
  readonly facts: Facts;
  /** When the bank decided it; of the end of a hold, when its hold was decided last. */
  readonly timeMs: number;
}

/** The domestic entries of a ledger, in order; what does not decode is not there. */
export function* ledgerItems(entries: Iterable<Bytes>): Generator<LedgerItem> {
  let timeMs = 0;
  for (const bytes of entries) {
    const decoded = decode(domesticEntryLayout, bytes);
    if (!decoded.ok) continue;
    const entry = decoded.value;
    if ("timeMs" in entry) ({ timeMs } = entry);
    const signed = "instruction" in entry ? entry.instruction : null;
    const parsed = signed === null ? undefined : parseInstruction(signed);
    const instruction = parsed?.ok === true ? parsed.value : undefined;
    const order = instruction?.order;
    const facts = order?.kind === ORDER.transfer ? factsOf(order.facts) : NO_FACTS;
    yield { entry, instruction, facts, timeMs };
  }
}
