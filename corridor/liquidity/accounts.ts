import { invariant } from "../../crypto/outcome.ts";
import { UNSETTLED, type Amounts, type PaymentDay, type SettledBy } from "./payment-day.ts";

/** The members' balances while a day goes on, and what has settled of it. */
export class Accounts {
  readonly balances: Amounts;
  readonly settledBy: SettledBy;
  readonly #day: PaymentDay;
  #submission = UNSETTLED;

  constructor(day: PaymentDay) {
    this.#day = day;
    this.balances = day.opening.slice();
    this.settledBy = new Int32Array(day.payers.length).fill(UNSETTLED);
  }

  /** Whatever settles from now on settles because this payment was submitted. */
  at(payment: number): void {
    this.#submission = payment;
  }

  canPay(payment: number): boolean {
    const { payers, values } = this.#day;
    return (this.balances[payers[payment] as number] as bigint) >= (values[payment] as bigint);
  }

  /** Settles a payment; the caller has checked that its payer can pay it, alone or with what settles at once. */
  settle(payment: number): void {
    const { payers, payees, values } = this.#day;
    const value = values[payment] as bigint;
    const payer = payers[payment] as number;
    const payee = payees[payment] as number;
    this.balances[payer] = (this.balances[payer] as bigint) - value;
    this.balances[payee] = (this.balances[payee] as bigint) + value;
    this.settledBy[payment] = this.#submission;
  }

  /** I2 NonNegative, once everything that settles at once has settled. */
  assertFunded(member: number): void {
    const balance = this.balances[member] as bigint;
    invariant(balance >= 0n, "NonNegative", `member ${member} has ${balance}`);
  }
}
