import { checkConservation, checkTagConservation, newBooks } from "../../node/accounts/books.ts";
import { applyEntry } from "../../node/domestic/apply.ts";
import {
  decideHold,
  decideInstruction,
  expiryReturns,
  type Decision,
} from "../../node/domestic/decide.ts";
import type { Fact } from "../../node/facts.ts";
import { accountId, memberId } from "../../node/ids.ts";
import { ORDER, type Order } from "../../node/instruction.ts";
import { encode } from "../../crypto/canonical-layout.ts";
import type { Hash } from "../../crypto/hash.ts";
import { DOMESTIC, type DomesticDraft } from "../../node/ledger/domestic-entries.ts";
import { MEMBER_CLASS, type MemberClassName } from "../../node/members.ts";
import type { CurrencyCode } from "../../node/money.ts";
import { encodeRuleSet, type RuleSetRecord } from "../../node/rules/rule-set.ts";
import type { RuleRejection } from "../../node/rules/rule.ts";
import { PLAIN_TAG, type TagDefinition } from "../../node/tags/definition.ts";
import { termsLayout, type Terms } from "../../node/terms.ts";
import { bytesNamed } from "../bytes.ts";
import { amount, encodeDefinition, net, tagOf, taken } from "./fixtures.ts";

export const FOREVER = 1_000_000_000_000_000;

/** A bank at home: members of every class, who order things by name. */
export class Home {
  readonly books = newBooks();
  /** A Monday: 5 January 2026, 00:00 UTC. */
  now = 1_767_571_200_000;
  /** What the last decision noted, or why it refused. */
  last: readonly RuleRejection[] = [];
  /** What the bank has written, in order. */
  readonly drafts: DomesticDraft[] = [];
  #number = 0;

  constructor() {
    this.enrol("steppe", "commercial-bank");
    this.enrol("tulip", "commercial-bank");
    this.enrol("treasury", "treasury");
    for (const company of ["builder", "cement", "glass", "cars"]) this.enrol(company, "company");
    this.enrol("parent", "individual");
    this.enrol("registry", "attester");
    this.enrol("rogue", "attester");
    this.enrol("auditor", "auditor");
    this.enrol("monitor", "monitor");
    this.enrol("bailiff", "enforcement");
    this.enrol("lotus", "commercial-bank", 0);
  }

  enrol(name: string, memberClass: MemberClassName, resident: 0 | 1 = 1): void {
    applyEntry(this.books, {
      kind: DOMESTIC.ENROL,
      member: memberId(name),
      memberClass: MEMBER_CLASS[memberClass],
      resident,
      key: bytesNamed(`key of ${name}`),
      reserves: amount(1_000_000_000),
      timeMs: this.now,
    });
  }

  /** Sets the bank's own rules. */
  rules(rules: Partial<RuleSetRecord>): void {
    const usd = { minor: amount(500), cents: amount(1) };
    const record = { currency: "KZT", usd, offsetMinutes: 300, vatBasisPoints: 1_600, rules: [] };
    const bytes = encodeRuleSet({ ...record, ...rules });
    applyEntry(this.books, { kind: DOMESTIC.RULES, rules: bytes, timeMs: this.now });
  }

  /** The code of the rule that refused, or `done`. */
  order(member: string, order: Order): string {
    return this.#take(
      decideInstruction(this.books, taken(member, ++this.#number, order), this.now),
    );
  }

  issue(member: string, minor: number): string {
    return this.order(member, { kind: ORDER.issue, amount: amount(minor) });
  }

  pay(
    payer: string,
    payee: string,
    minor: number,
    more: {
      readonly tag?: Hash;
      readonly line?: string;
      readonly purpose?: string;
      readonly facts?: Readonly<Record<string, string>>;
    } = {},
  ): string {
    const { tag = null, line = null, purpose = null, facts = {} } = more;
    return this.order(payer, {
      kind: ORDER.transfer,
      payee: accountId(payee),
      tag,
      amount: amount(minor),
      line,
      purpose,
      facts: factsIn(facts),
    });
  }

  attest(topic: string, subject: string, value = 1, by = "registry", validToMs = FOREVER): string {
    const order = { kind: ORDER.attest, topic, subject, value, document: null, validToMs } as const;
    return this.order(by, order);
  }

  /** Defines a tag of the treasury and puts money under it. */
  tag(change: Partial<TagDefinition>, minor: number): Hash {
    const definition: TagDefinition = {
      ...PLAIN_TAG,
      net,
      kind: 1,
      colour: "red",
      fundOwner: memberId("treasury"),
      reference: `tag ${this.#number}`,
      purposes: ["WORKS"],
      payees: [
        { account: accountId("builder"), final: 0 },
        { account: accountId("cement"), final: 1 },
        { account: accountId("glass"), final: 1 },
      ],
      lines: [],
      validFromMs: this.now,
      validToMs: this.now + 1_000_000_000,
      estimateHash: null,
      ...change,
    };
    const owner = definition.fundOwner as string;
    this.must(
      this.order(owner, { kind: ORDER.defineTag, definition: encodeDefinition(definition) }),
    );
    const tag = tagOf(definition);
    if (minor === 0) return tag;
    this.must(this.issue(owner, minor));
    this.must(this.order(owner, { kind: ORDER.issueTag, tag, amount: amount(minor) }));
    return tag;
  }

  /** Asks for the hold of a leg; the other leg goes to `supplier`, or back to the payer. */
  hold(
    sid: string,
    payer: string,
    payee: string,
    minor: number,
    more: {
      readonly tag?: Hash;
      readonly facts?: Readonly<Record<string, string>>;
      readonly supplier?: string;
      readonly expiryMs?: number;
    } = {},
  ): string {
    const { tag = null, facts = {}, supplier = payer, expiryMs = this.now + 1_000 } = more;
    const currency = (code: string) => code as CurrencyCode;
    const legs = [
      {
        payer: accountId(payer),
        payee: accountId(payee),
        currency: currency("KZT"),
        amount: amount(minor),
      },
      {
        payer: accountId(payee),
        payee: accountId(supplier),
        currency: currency("CNY"),
        amount: amount(1),
      },
    ] as const;
    const agreed: Terms = { legs, expiryMs, border: factsIn(facts) };
    const order = { kind: ORDER.swap, commitment: bytesNamed("commitment"), tag } as const;
    const leg = {
      ...legs[0],
      sid: bytesNamed(sid),
      leg: 0,
      agreed,
      terms: encode(termsLayout, agreed),
      termsSalt: bytesNamed("salt"),
    };
    return this.#take(decideHold(this.books, taken(payer, ++this.#number, order), leg, this.now));
  }

  resolve(sid: string, how: "POST" | "UNHOLD"): void {
    this.#write({ kind: DOMESTIC[how], sid: bytesNamed(sid), leg: 0 });
    this.#check();
  }

  /** Gives back what is held under tags that are over. */
  sweep(): void {
    for (const entry of expiryReturns(this.books, this.now)) this.#write(entry);
  }

  /** Posted money of an account in a column, in minor units. */
  has(account: string, tag?: Hash): number {
    const key = tag === undefined ? account : `${account} ${Buffer.from(tag).toString("hex")}`;
    return Number(this.books.balances.get(key)?.posted ?? 0n);
  }

  must(code: string): void {
    if (code !== "done") throw new Error(`${code}: ${JSON.stringify(this.last)}`);
  }

  #take({ entry, rejection, flags }: Decision): string {
    this.#write(entry);
    this.last = rejection === undefined ? flags : [rejection];
    this.#check();
    return rejection?.code ?? "done";
  }

  #write(entry: DomesticDraft): void {
    applyEntry(this.books, entry);
    this.drafts.push(entry);
  }

  #check(): void {
    const broken = checkConservation(this.books) ?? checkTagConservation(this.books);
    if (broken !== undefined) throw new Error(broken);
  }
}

export const factsIn = (facts: Readonly<Record<string, string>>): readonly Fact[] =>
  Object.entries(facts).map(([name, value]) => ({ name, value }));
