import { invariant } from "../../../crypto/outcome.ts";
import { History } from "../../channels/history.ts";
import type { LedgerLine } from "../../channels/ledger-line.ts";
import { MAX_SWAPS_ENDED } from "../../channels/limits.ts";
import { parseFullBlock, type FullBlock } from "../../ledger/block.ts";
import { OWN_BLOCK, type LedgerRecord } from "../../ledger/record.ts";
import type { Effect, Input } from "../../machine.ts";
import type { Instant } from "../../time.ts";
import type { BankAnswer, BankView, InstructionAnswer, SwapEnd } from "./bank-view.ts";

export type Step<Report> = (input: Input, now: Instant) => readonly Effect<Report>[];

/**
 * Watches a bank's machine from outside: which of its blocks are durable, and what it says. What the
 * API tells rests on that alone, so it never tells what a crash could undo.
 */
export class LedgerFollower {
  readonly history: History;
  readonly #view: BankView;
  readonly #ended = new Map<string, SwapEnd>();
  readonly #listeners = new Set<(lines: readonly LedgerLine[]) => void>();
  /** Who waits until so many domestic entries are durable; at most one for each open request. */
  readonly #waiting = new Set<{ readonly entries: number; readonly resolve: () => void }>();
  #durableEntries = 0;
  /** What the bank says while it is fed one submission. */
  #said: InstructionAnswer[] | undefined;

  /** Reads the ledger as it was when the bank was opened. */
  constructor(view: BankView, records: readonly LedgerRecord[]) {
    this.#view = view;
    this.history = new History(view.books);
    for (const { kind, payload } of records) {
      if (kind !== OWN_BLOCK) continue;
      const block = parseFullBlock(payload);
      invariant(block.ok, "JournalChain", "an own block that was replayed and does not parse");
      this.#take(block.value);
    }
  }

  /** The same machine, watched. `read` tells what a report of the bank says, if it concerns members. */
  watch<Report>(
    step: Step<Report>,
    read: (report: Report) => BankAnswer | undefined,
  ): Step<Report> {
    return (input, now) => {
      const flight = this.#view.flight();
      const effects = step(input, now);
      const isDurable =
        input.kind === "durable" && flight !== undefined && flight.end <= input.size;
      const lines = isDurable ? this.#take(flight.block) : [];
      for (const effect of effects) {
        if (effect.kind === "report") this.#hear(read(effect.report));
      }
      if (isDurable) this.#tell(lines);
      return effects;
    };
  }

  /** Calls with every line as soon as it is durable, in the order of the ledger. */
  onLines(listener: (lines: readonly LedgerLine[]) => void): void {
    this.#listeners.add(listener);
  }

  /** Waits until everything that counts in the books now is durable; `false` when that takes too long. */
  async booksDurable(waitMs: number): Promise<boolean> {
    const flying = this.#view.flight()?.block.domestic.length ?? 0;
    const pending = this.#view.pendingEntries() + flying;
    if (pending === 0) return true;
    const entries = this.#durableEntries + pending;
    return new Promise((resolve) => {
      const waiter = { entries, resolve: () => end(true) };
      const timer = setTimeout(() => end(false), waitMs).unref();
      const end = (isDurable: boolean): void => {
        clearTimeout(timer);
        this.#waiting.delete(waiter);
        resolve(isDurable);
      };
      this.#waiting.add(waiter);
    });
  }

  /** What the bank says at once to a submission. */
  saidWhile(feed: () => void): readonly InstructionAnswer[] {
    this.#said = [];
    feed();
    const said = this.#said;
    this.#said = undefined;
    return said;
  }

  /** How a swap ended, as far as the bank has said so since it was started. */
  endOf(commitment: string): SwapEnd | undefined {
    return this.#ended.get(commitment);
  }

  #take(block: FullBlock): readonly LedgerLine[] {
    this.#durableEntries += block.domestic.length;
    return this.history.takeBlock(block);
  }

  #hear(answer: BankAnswer | undefined): void {
    if (answer === undefined) return;
    if (answer.about === "swap") {
      this.#ended.set(answer.commitment, answer);
      const [oldest] = this.#ended.keys();
      if (this.#ended.size > MAX_SWAPS_ENDED && oldest !== undefined) this.#ended.delete(oldest);
      return;
    }
    this.#said?.push(answer);
    const { found, allowed } = answer;
    if (answer.status !== "rejected" || found === undefined || allowed === undefined) return;
    this.history.explain(answer, { found, allowed });
  }

  #tell(lines: readonly LedgerLine[]): void {
    for (const listener of this.#listeners) listener(lines);
    for (const { entries, resolve } of this.#waiting) {
      if (entries <= this.#durableEntries) resolve();
    }
  }
}
