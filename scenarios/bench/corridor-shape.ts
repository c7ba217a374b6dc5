import type { Bytes } from "../../crypto/bytes.ts";
import { accountOf } from "../../node/ids.ts";
import type { Amount, CurrencyCode } from "../../node/money.ts";
import type { Hash } from "../../crypto/hash.ts";
import { submitSwap, type SwapSubmission, type Wallet } from "../play/wallet.ts";

/** The banks of the bench; a corridor of n has the first n. */
export const BENCH_BANKS = [
  { id: "kz", currency: "KZT" },
  { id: "cn", currency: "CNY" },
  { id: "hk", currency: "HKD" },
  { id: "th", currency: "THB" },
  { id: "ae", currency: "AED" },
  { id: "sa", currency: "SAR" },
  { id: "sg", currency: "SGD" },
] as const;

/** Lying and silent banks that a corridor of n withstands in the bench (protocols.md 3.2). */
const FAULTS: Readonly<Record<number, { readonly byzantine: number; readonly crashed: number }>> = {
  2: { byzantine: 0, crashed: 0 },
  3: { byzantine: 0, crashed: 1 },
  4: { byzantine: 1, crashed: 0 },
  6: { byzantine: 1, crashed: 1 },
  7: { byzantine: 2, crashed: 0 },
};

/** Numbers of banks for which a corridor is defined. */
export const BENCH_SIZES: readonly number[] = Object.keys(FAULTS).map(Number);

/** What each bank's one member has, and what every leg is worth, in minor units. */
export const RESERVES = 1_000_000_000_000n as Amount;
const TICKET = 100n as Amount;
const EXPIRY_MS = 3_600_000;

/** The plan of a corridor of n banks, one member each. */
export function benchCorridor(n: number) {
  const faults = FAULTS[n];
  if (faults === undefined) throw new RangeError(`no corridor of ${n} banks is defined`);
  const banks = BENCH_BANKS.slice(0, n).map((bank) => ({ ...bank, name: bank.id, decimals: 2 }));
  return { name: "bench", banks, ...faults, deltaMs: 250, ttlMs: 30_000 };
}

/** Swap number k: its first bank goes round, its second through all the others. */
export function benchSwap(
  k: number,
  wallets: readonly Wallet[],
  net: Hash,
  nowMs: number,
  salt?: Bytes,
): SwapSubmission {
  const n = wallets.length;
  const i = k % n;
  const j = (i + 1 + (Math.floor(k / n) % (n - 1))) % n;
  const [a, b] = [wallets[i] as Wallet, wallets[j] as Wallet];
  const leg = (payer: Wallet, payee: Wallet, bank: number) => ({
    payer: accountOf(payer.member),
    payee: accountOf(payee.member),
    currency: BENCH_BANKS[bank]?.currency as CurrencyCode,
    amount: TICKET,
  });
  const border = [{ name: "purpose", value: "GOODS" }];
  return submitSwap(
    { legs: [leg(a, b, i), leg(b, a, j)], expiryMs: nowMs + EXPIRY_MS, border },
    [
      { wallet: a, bank: i + 1, tag: null },
      { wallet: b, bank: j + 1, tag: null },
    ],
    net,
    salt,
  );
}
