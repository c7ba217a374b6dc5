import { MAX_POOLED_BYTES_PER_BANK, MAX_POOLED_PER_BANK } from "./limits.ts";
import type { SharedLedger } from "./ledger.ts";
import type { Transaction } from "./transaction.ts";

/** Transactions that wait to be included, in order of arrival. All of them are wholly signed. */
export interface Pool {
  readonly waiting: Map<string, Transaction>;
  /** Batches by bank and number: the next of a bank is looked up, not searched. */
  readonly batches: Map<string, Transaction>;
  /** How many of them are swaps. */
  swaps: number;
  /** How much of each bank waits, by its first signer. */
  readonly share: Map<number, { count: number; bytes: number }>;
}

export const newPool = (): Pool => ({
  waiting: new Map(),
  batches: new Map(),
  swaps: 0,
  share: new Map(),
});

export type PoolVerdict = "new" | "known" | "stale" | "full";

/** Whether a transaction may be taken in; its signatures are checked only if so. */
export function judgeForPool(
  { waiting, share }: Pool,
  transaction: Transaction,
  ledger: SharedLedger,
): PoolVerdict {
  if (waiting.has(transaction.key)) return "known";
  if (isStale(transaction, ledger)) return "stale";
  const [bank = 0] = transaction.signers;
  const { count, bytes } = share.get(bank) ?? { count: 0, bytes: 0 };
  const isFull =
    count >= MAX_POOLED_PER_BANK ||
    bytes + transaction.bytes.length > MAX_POOLED_BYTES_PER_BANK ||
    (transaction.kind === "batch" &&
      transaction.number >= nextOf(ledger, transaction.bank) + MAX_POOLED_PER_BANK);
  return isFull ? "full" : "new";
}

export function addToPool(pool: Pool, transaction: Transaction): void {
  const { waiting, batches, share } = pool;
  waiting.set(transaction.key, transaction);
  if (transaction.kind === "swap") pool.swaps++;
  if (transaction.kind === "batch") {
    const key = batchKey(transaction.bank, transaction.number);
    if (!batches.has(key)) batches.set(key, transaction);
  }
  const [bank = 0] = transaction.signers;
  const part = share.get(bank) ?? { count: 0, bytes: 0 };
  share.set(bank, { count: part.count + 1, bytes: part.bytes + transaction.bytes.length });
}

export function removeFromPool(pool: Pool, transaction: Transaction): void {
  const { waiting, batches, share } = pool;
  const known = waiting.get(transaction.key);
  if (known === undefined) return;
  waiting.delete(known.key);
  if (known.kind === "swap") pool.swaps--;
  if (known.kind === "batch") {
    const key = batchKey(known.bank, known.number);
    if (batches.get(key) === known) batches.delete(key);
  }
  const [bank = 0] = known.signers;
  const part = share.get(bank);
  if (part === undefined) return;
  part.count--;
  part.bytes -= known.bytes.length;
}

/** Whether a leader could include anything: a batch waits for those with lower numbers. */
export function hasReady({ batches, swaps }: Pool, { nextBatch }: SharedLedger): boolean {
  if (swaps > 0) return true;
  for (const [bank, number] of nextBatch) if (batches.has(batchKey(bank, number))) return true;
  return false;
}

/** Forgets what can no longer change anything: executed, closed or expired. */
export function prunePool(pool: Pool, ledger: SharedLedger): void {
  for (const transaction of pool.waiting.values()) {
    if (isStale(transaction, ledger)) removeFromPool(pool, transaction);
  }
}

const isStale = (transaction: Transaction, ledger: SharedLedger): boolean =>
  transaction.kind === "batch"
    ? transaction.number < nextOf(ledger, transaction.bank)
    : ledger.closed.has(transaction.swapKey) || ledger.timeMs >= transaction.announcement.expiryMs;

/**
 * What a leader puts into a block after a branch that includes some transactions already: in order of
 * arrival, each bank's batches in the order of their numbers, as much as fits.
 */
export function selectForBlock(
  { waiting, batches }: Pool,
  ledger: SharedLedger,
  included: readonly Transaction[],
  limits: { readonly count: number; readonly bytes: number; readonly timeMs: number },
): readonly Transaction[] {
  const taken = new Set(included.map(({ key }) => key));
  const closing = new Set<string>();
  const next = new Map(ledger.nextBatch);
  for (const one of included) {
    if (one.kind === "swap") closing.add(one.swapKey);
    else if (next.get(one.bank) === one.number) next.set(one.bank, one.number + 1);
  }
  const chosen: Transaction[] = [];
  let bytes = 0;
  const take = (transaction: Transaction): boolean => {
    if (chosen.length >= limits.count || bytes + transaction.bytes.length > limits.bytes) {
      return false;
    }
    chosen.push(transaction);
    taken.add(transaction.key);
    bytes += transaction.bytes.length;
    return true;
  };
  for (const one of waiting.values()) {
    if (taken.has(one.key)) continue;
    if (one.kind === "swap") {
      if (closing.has(one.swapKey) || limits.timeMs >= one.announcement.expiryMs) continue;
      if (!take(one)) break;
      closing.add(one.swapKey);
      continue;
    }
    let batch: Transaction | undefined = one;
    if (next.get(one.bank) !== one.number) continue;
    while (batch !== undefined && batch.kind === "batch") {
      if (!take(batch)) return chosen;
      next.set(batch.bank, batch.number + 1);
      batch = batches.get(batchKey(batch.bank, batch.number + 1));
      if (batch !== undefined && taken.has(batch.key)) break;
    }
  }
  return chosen;
}

const batchKey = (bank: number, number: number): string => `${bank} ${number}`;

const nextOf = ({ nextBatch }: SharedLedger, bank: number): number => nextBatch.get(bank) ?? 1;
