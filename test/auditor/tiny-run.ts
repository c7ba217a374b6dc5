import { encode } from "../../crypto/canonical-layout.ts";
import type { Bytes } from "../../crypto/bytes.ts";
import type { Hash } from "../../crypto/hash.ts";
import { encodeSubmission, SUBMISSION } from "../../corridor/submissions.ts";
import { commitmentOf } from "../../corridor/terms.ts";
import { termsLayout } from "../../node/terms.ts";
import { accountId, memberId } from "../../node/ids.ts";
import {
  ORDER,
  signInstruction,
  type Order,
  type SignedInstruction,
} from "../../node/instruction.ts";
import { opensslSigner } from "../../node/io/openssl.ts";
import { MEMBER_CLASS, type MemberClassName } from "../../node/members.ts";
import type { Amount, CurrencyCode } from "../../node/money.ts";
import { PLAIN_LINE, PLAIN_TAG, tagDefinitionLayout, tagIdOf } from "../../node/tags/definition.ts";
import { bytesNamed } from "../bytes.ts";
import { fixedGenesis, Machines } from "./machines.ts";

/** A Tuesday in 2026. */
export const TINY_START_MS = 1_780_000_000_000;

const AA = 1;
const BB = 2;
const amount = (n: number): Amount => BigInt(n) as Amount;
const memberSigner = (member: string) => opensslSigner(bytesNamed(`key of ${member}`));

/**
 * Two banks, five members, three swaps and a tag: nearly every kind of entry that a bank writes, with
 * fixed keys and times, so that the bytes are the same on every machine. One swap is settled, one is
 * voided because its second payer stays silent, one because its second payer has too little money.
 */
export class TinyRun {
  readonly machines = new Machines(
    fixedGenesis([
      { id: "aa", currency: "AAA" },
      { id: "bb", currency: "BBB" },
    ]),
    TINY_START_MS,
  );
  readonly #numbers = new Map<string, number>();
  readonly definition: Bytes;
  readonly tag: Hash;

  constructor() {
    this.definition = encode(tagDefinitionLayout, {
      net: this.machines.genesis.net,
      kind: 1,
      colour: "red",
      fundOwner: memberId("treasury"),
      reference: "road A-17",
      purposes: ["WORKS"],
      payees: [
        { account: accountId("builder"), final: 0 },
        { account: accountId("quarry"), final: 1 },
      ],
      lines: [{ line: "1.1", maxAmount: amount(2_500), ...PLAIN_LINE }],
      validFromMs: TINY_START_MS,
      validToMs: TINY_START_MS + 60_000,
      ...PLAIN_TAG,
      estimateHash: null,
    });
    this.tag = tagIdOf(this.definition);
    this.#enrol();
    this.#payAtHome();
    this.#swap("settled", { sell: 700, buy: 90, silent: false });
    this.machines.pass(5_000);
    this.#swap("not answered", { sell: 200, buy: 10, silent: true });
    this.machines.pass(10_000);
    this.#swap("not covered", { sell: 100, buy: 9_000, silent: false });
    this.machines.pass(60_000);
  }

  #enrol(): void {
    const enrol = (
      bank: number,
      member: string,
      memberClass: MemberClassName,
      resident: 0 | 1,
      reserves: number,
    ): void =>
      this.machines.submit(
        bank,
        encodeSubmission({
          kind: SUBMISSION.enrolment,
          member: memberId(member),
          memberClass: MEMBER_CLASS[memberClass],
          resident,
          key: memberSigner(member).publicKey as Bytes as Hash,
          reserves: amount(reserves),
        }),
      );
    enrol(AA, "alpha", "commercial-bank", 1, 100_000);
    enrol(AA, "treasury", "treasury", 1, 5_000);
    enrol(AA, "builder", "company", 1, 0);
    enrol(AA, "quarry", "company", 1, 0);
    enrol(AA, "beta", "commercial-bank", 0, 0);
    enrol(BB, "beta", "commercial-bank", 1, 50_000);
    enrol(BB, "alpha", "commercial-bank", 0, 0);
    this.machines.settle();
  }

  #payAtHome(): void {
    const { tag } = this;
    const pay = (payee: string, of: Hash | null, minor: number): Order => {
      const [line, purpose] = of === null ? [null, null] : ["1.1", "WORKS"];
      return {
        kind: ORDER.transfer,
        payee: accountId(payee),
        tag: of,
        amount: amount(minor),
        line,
        purpose,
        facts: [],
      };
    };
    this.#order(BB, "beta", { kind: ORDER.issue, amount: amount(1_000) });
    this.#order(AA, "alpha", { kind: ORDER.issue, amount: amount(10_000) });
    this.#order(AA, "treasury", { kind: ORDER.issue, amount: amount(5_000) });
    this.#order(AA, "treasury", { kind: ORDER.defineTag, definition: this.definition });
    this.#order(AA, "treasury", { kind: ORDER.issueTag, tag, amount: amount(3_000) });
    this.#order(AA, "treasury", pay("builder", tag, 2_000));
    this.#order(AA, "builder", pay("quarry", tag, 500));
    this.#order(AA, "builder", pay("alpha", tag, 10));
    this.#order(AA, "builder", { kind: ORDER.returnTag, tag, amount: amount(300) });
    this.#order(AA, "alpha", pay("treasury", null, 25));
    this.#order(AA, "alpha", { kind: ORDER.redeem, amount: amount(100) });
    this.machines.settle();
  }

  #swap(
    name: string,
    deal: { readonly sell: number; readonly buy: number; readonly silent: boolean },
  ): void {
    const currency = (code: string) => code as CurrencyCode;
    const terms = encode(termsLayout, {
      legs: [
        {
          payer: accountId("alpha"),
          payee: accountId("beta"),
          currency: currency("AAA"),
          amount: amount(deal.sell),
        },
        {
          payer: accountId("beta"),
          payee: accountId("alpha"),
          currency: currency("BBB"),
          amount: amount(deal.buy),
        },
      ],
      expiryMs: this.machines.nowMs + 2_000,
      border: [{ name: "purpose", value: name }],
    });
    const salt = bytesNamed(`salt of the swap ${name}`);
    const order = { kind: ORDER.swap, commitment: commitmentOf(terms, salt), tag: null } as const;
    const instructions = [this.#sign(AA, "alpha", order)];
    if (!deal.silent) instructions.push(this.#sign(BB, "beta", order));
    const submission = { kind: SUBMISSION.swap, terms, salt, instructions } as const;
    this.machines.submit(AA, encodeSubmission(submission));
    this.machines.settle();
  }

  #order(bank: number, member: string, order: Order): void {
    const instruction = this.#sign(bank, member, order);
    this.machines.submit(bank, encodeSubmission({ kind: SUBMISSION.instruction, instruction }));
  }

  #sign(bank: number, member: string, order: Order): SignedInstruction {
    const place = `${bank} ${member}`;
    const number = (this.#numbers.get(place) ?? 0) + 1;
    this.#numbers.set(place, number);
    const { net } = this.machines.genesis;
    const body = { net, bank, member: memberId(member), number, order };
    return signInstruction(body, memberSigner(member));
  }
}
