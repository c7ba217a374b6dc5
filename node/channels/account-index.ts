import type { Balance, Books } from "../accounts/books.ts";
import { accountOf, type AccountId, type MemberId } from "../ids.ts";

/**
 * The accounts of a bank in the order of their enrolment, and the balances of each. Accounts appear
 * and never vanish (KnownAccounts), and so do balances: it reads on where it stopped, and what one
 * question costs does not grow with the books.
 */
export class AccountIndex {
  readonly #books: Pick<Books, "members" | "balances">;
  readonly #newMembers: Iterator<MemberId>;
  readonly #newBalances: Iterator<Balance>;
  readonly #accounts: AccountId[] = [];
  readonly #balances = new Map<AccountId, Balance[]>();
  #balancesRead = 0;

  constructor(books: Pick<Books, "members" | "balances">) {
    this.#books = books;
    // An iterator of a map that has not come to its end also gives what is added later.
    this.#newMembers = books.members.keys();
    this.#newBalances = books.balances.values();
  }

  get accounts(): readonly AccountId[] {
    while (this.#accounts.length < this.#books.members.size) {
      this.#accounts.push(accountOf(this.#newMembers.next().value as MemberId));
    }
    return this.#accounts;
  }

  /** The balances of an account, in the order in which they arose. */
  balancesOf(account: AccountId): readonly Balance[] {
    for (; this.#balancesRead < this.#books.balances.size; this.#balancesRead++) {
      const balance = this.#newBalances.next().value as Balance;
      const known = this.#balances.get(balance.account);
      if (known === undefined) this.#balances.set(balance.account, [balance]);
      else known.push(balance);
    }
    return this.#balances.get(account) ?? [];
  }
}
