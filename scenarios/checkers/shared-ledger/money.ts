import { hashKey } from "../../../crypto/hash.ts";
import type { Executed } from "../../../corridor/shared-ledger/execute.ts";
import { DOMESTIC } from "../../../node/ledger/domestic-entries.ts";
import { moveMoney, newPlainLedger, type PlainLedger } from "../properties/conservation.ts";

/** What is wrong, and which property it breaks. */
export type Found = readonly [
  property: "Atomicity" | "Conservation" | "NonNegative" | "ExecuteOnce",
  detail: string,
];

/** Moves the money of all final blocks a second time, as plainly as it gets, and looks at what it sees. */
export class ChainMoney {
  readonly #ledgers = new Map<number, PlainLedger>();
  readonly #closed = new Set<string>();
  readonly #batches = new Set<string>();

  take(executed: readonly Executed[]): readonly Found[] {
    const found: Found[] = [];
    for (const one of executed) {
      found.push(...this.#takeOnce(one), ...atomicityOf(one));
      for (const { bank, entry } of one.carried) {
        const ledger = this.#ledgers.get(bank) ?? newPlainLedger();
        this.#ledgers.set(bank, ledger);
        const below = moveMoney(ledger, { ...entry, salt: NO_SALT });
        if (below !== undefined) found.push(["NonNegative", `${below} at bank ${bank}`]);
      }
    }
    for (const [bank, { posted, pending, issued, redeemed }] of this.#ledgers) {
      if (posted + pending === issued - redeemed && pending === 0n) continue;
      const sums = `${posted} + ${pending} held, ${issued - redeemed} issued`;
      found.push(["Conservation", `currency of bank ${bank}: ${sums}`]);
    }
    return found;
  }

  *#takeOnce({ transaction, codes, outcomes }: Executed): Generator<Found> {
    for (const outcome of outcomes) {
      if (outcome.kind !== "swap") continue;
      if (this.#closed.has(outcome.swapKey)) {
        yield ["ExecuteOnce", `swap ${hashKey(outcome.sid).slice(0, 8)} is closed twice`];
      }
      this.#closed.add(outcome.swapKey);
    }
    if (transaction.kind !== "batch" || codes[0] === "out_of_turn") return;
    const name = `batch ${transaction.number} of bank ${transaction.bank}`;
    if (this.#batches.has(name)) yield ["ExecuteOnce", `${name} is executed twice`];
    this.#batches.add(name);
  }
}

const NO_SALT = new Uint8Array(16);

function atomicityOf({ outcomes, carried }: Executed): readonly Found[] {
  return outcomes.flatMap((outcome): readonly Found[] => {
    if (outcome.kind !== "swap") return [];
    const sid = hashKey(outcome.sid);
    const posted = carried.filter(
      ({ entry }) => entry.kind === DOMESTIC.POST && hashKey(entry.sid) === sid,
    );
    const wanted = outcome.outcome === "settled" ? outcome.announcement.legBanks.length : 0;
    if (posted.length === wanted) return [];
    const detail = `swap ${sid.slice(0, 8)} ${outcome.outcome} with ${posted.length} legs posted`;
    return [["Atomicity", detail]];
  });
}
