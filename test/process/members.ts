import { acceleratedVerifier } from "../../crypto/ed25519.ts";
import type { Genesis } from "../../node/genesis.ts";
import { accountOf, memberId } from "../../node/ids.ts";
import { ORDER, type Order } from "../../node/instruction.ts";
import { opensslVerifier } from "../../node/io/openssl.ts";
import { MEMBER_CLASS } from "../../node/members.ts";
import type { Amount, CurrencyCode } from "../../node/money.ts";
import { makeCorridor, type Corridor } from "../../scenarios/play/corridor-keys.ts";
import {
  enrolmentBytes,
  submitOrder,
  submitSwap,
  Wallet,
  type Submission,
  type SwapSubmission,
} from "../../scenarios/play/wallet.ts";

const BANKS = [
  { id: "kz", currency: "KZT" },
  { id: "cn", currency: "CNY" },
  { id: "hk", currency: "HKD" },
  { id: "th", currency: "THB" },
];

export const verifier = acceleratedVerifier(opensslVerifier());

/** A corridor of the first `n` banks, with fresh keys. */
export function corridorOf(n: number, clocks = { deltaMs: 250, ttlMs: 10_000 }): Corridor {
  const banks = BANKS.slice(0, n).map((bank) => ({ ...bank, name: bank.id, decimals: 2 }));
  const byzantine = n >= 4 ? 1 : 0;
  const crashed = n === 3 ? 1 : 0;
  return makeCorridor({ name: "by-hand", banks, byzantine, crashed, ...clocks }, verifier);
}

/** What each member is given at its own bank at the start. */
export const FUNDS = 1_000_000n as Amount;

export const amountOf = (n: number): Amount => BigInt(n) as Amount;

/** One member a bank, enrolled everywhere: `member-kz` has tenge, and takes whatever it is paid. */
export class Members {
  readonly #genesis: Genesis;
  readonly #wallets: ReadonlyMap<string, Wallet>;

  constructor(genesis: Genesis) {
    this.#genesis = genesis;
    this.#wallets = new Map(
      genesis.banks.map(({ id }) => [id, new Wallet(memberId(`member-${id}`))]),
    );
  }

  /** Submissions that open a bank's books: every member is enrolled, its own one is given money. */
  opening(bank: string): {
    readonly enrolments: readonly Uint8Array[];
    readonly issue: Submission;
  } {
    const memberClass = MEMBER_CLASS["commercial-bank"];
    const enrolments = [...this.#wallets].map(([home, wallet]) =>
      enrolmentBytes({ wallet, memberClass, resident: home === bank, reserves: FUNDS }),
    );
    const order = { kind: ORDER.issue, amount: FUNDS } as const;
    return { enrolments, issue: this.#submit(bank, bank, order) };
  }

  /** A payment within one bank. */
  payment(bank: string, to: string, amount: Amount): Submission {
    const payee = accountOf(this.#wallet(to).member);
    const unmarked = { tag: null, line: null, purpose: null, facts: [] };
    return this.#submit(bank, bank, { kind: ORDER.transfer, payee, amount, ...unmarked });
  }

  /** The member at home at `from` sells its currency for that of `to`, as a rule one for one. */
  swap(
    from: string,
    to: string,
    amount: Amount,
    { bought: price = amount }: { readonly bought?: Amount } = {},
  ): SwapSubmission {
    const [seller, buyer] = [this.#wallet(from), this.#wallet(to)];
    const leg = (payer: Wallet, payee: Wallet, currency: CurrencyCode, paid: Amount) => ({
      payer: accountOf(payer.member),
      payee: accountOf(payee.member),
      currency,
      amount: paid,
    });
    const [sold, bought] = [this.#bank(from), this.#bank(to)];
    return submitSwap(
      {
        legs: [
          leg(seller, buyer, sold.currency.code, amount),
          leg(buyer, seller, bought.currency.code, price),
        ],
        expiryMs: Date.now() + HOUR_MS,
        border: [{ name: "purpose", value: "GOODS" }],
      },
      [
        { wallet: seller, bank: sold.number, tag: null },
        { wallet: buyer, bank: bought.number, tag: null },
      ],
      this.#genesis.net,
    );
  }

  #submit(bank: string, member: string, order: Order): Submission {
    return submitOrder(this.#wallet(member), this.#genesis.net, this.#bank(bank).number, order);
  }

  #wallet(bank: string): Wallet {
    const wallet = this.#wallets.get(bank);
    if (wallet === undefined) throw new RangeError(`no member at ${bank}`);
    return wallet;
  }

  #bank(id: string) {
    const bank = this.#genesis.banks.find((b) => b.id === id);
    if (bank === undefined) throw new RangeError(`no bank ${id}`);
    return bank;
  }
}

const HOUR_MS = 3_600_000;
