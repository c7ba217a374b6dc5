import { encode } from "../../crypto/canonical-layout.ts";
import type { Bytes } from "../../crypto/bytes.ts";
import { hashKey, type Hash } from "../../crypto/hash.ts";
import { unreachable } from "../../crypto/outcome.ts";
import { encodeSubmission, SUBMISSION } from "../../corridor/submissions.ts";
import { commitmentOf } from "../../corridor/terms.ts";
import { termsLayout } from "../../node/terms.ts";
import type { Fact } from "../../node/facts.ts";
import { accountId, memberId } from "../../node/ids.ts";
import { ORDER, signInstruction, type Order } from "../../node/instruction.ts";
import { opensslSigner } from "../../node/io/openssl.ts";
import { MAX_AMOUNT, type Amount, type CurrencyCode } from "../../node/money.ts";
import type { MemberClass } from "../../node/members.ts";
import {
  PLAIN_LINE,
  PLAIN_TAG,
  tagDefinitionLayout,
  tagIdOf,
  type TagDefinition,
} from "../../node/tags/definition.ts";
import { encodeRuleSet } from "../../node/rules/rule-set.ts";
import type { Tag } from "../../node/tags/tag.ts";
import { Prng } from "../../scenarios/sim/prng.ts";
import { bytesNamed } from "../bytes.ts";
import { busyRules, FACT_VALUES } from "./busy-rules.ts";
import { fixedGenesis, Machines } from "./machines.ts";
import { TINY_START_MS } from "./tiny-run.ts";

const MEMBERS: readonly {
  readonly name: string;
  readonly memberClass: MemberClass;
  readonly resident: 0 | 1;
  readonly reserves: bigint;
}[] = [
  { name: "bank-a", memberClass: 1, resident: 1, reserves: MAX_AMOUNT },
  { name: "bank-b", memberClass: 1, resident: 1, reserves: 2_000n },
  { name: "abroad", memberClass: 1, resident: 0, reserves: 1_000n },
  { name: "treasury", memberClass: 2, resident: 1, reserves: MAX_AMOUNT },
  { name: "canteen", memberClass: 3, resident: 1, reserves: 0n },
  { name: "builder", memberClass: 4, resident: 1, reserves: 100n },
  { name: "parent", memberClass: 5, resident: 1, reserves: 0n },
  { name: "registry", memberClass: 7, resident: 1, reserves: 0n },
  { name: "rogue", memberClass: 7, resident: 1, reserves: 0n },
  { name: "auditor", memberClass: 8, resident: 1, reserves: 0n },
  { name: "monitor", memberClass: 9, resident: 1, reserves: 0n },
  { name: "bailiff", memberClass: 10, resident: 1, reserves: 0n },
];
const NAMES: readonly string[] = [...MEMBERS.map(({ name }) => name), "nobody"];
const KINDS = [
  ORDER.issue,
  ORDER.issue,
  ORDER.issue,
  ORDER.redeem,
  ORDER.defineTag,
  ORDER.defineTag,
  ORDER.transfer,
  ORDER.transfer,
  ORDER.issueTag,
  ORDER.returnTag,
  ORDER.attest,
  ORDER.attest,
  ORDER.contract,
  ORDER.freeze,
  ORDER.unfreeze,
  ORDER.courtDebit,
] as const;
const NO_TAG = bytesNamed("no such tag");
const OWNERS: readonly string[] = ["bank-a", "bank-b", "treasury"];

/** Two that may swap, then two that may be paid. */
const SWAPPERS: readonly string[] = ["bank-a", "bank-b", "abroad", "builder"];
const LINES = ["A", "B", "C.1", "VAT"];
const PURPOSES = ["WORKS", "MEALS", "VAT"];
const DOCUMENTS = ["one", "two", "three"].map((name) => hashKey(bytesNamed(name)));

/**
 * One bank alone, which its members keep busy with random orders, most of them foolish: every rule
 * refuses now and then. With one bank the quorum is one; a swap has both legs at this bank.
 */
export class BusyBank {
  readonly machines = new Machines(fixedGenesis([{ id: "aa", currency: "AAA" }]), TINY_START_MS);
  readonly #prng: Prng;
  readonly #highest = new Map<string, number>();
  #isOpen = false;

  constructor(seed: number, orders: number) {
    this.#prng = Prng.fromSeed(seed);
    for (const { name, memberClass, resident, reserves } of MEMBERS) {
      const enrolment = encodeSubmission({
        kind: SUBMISSION.enrolment,
        member: memberId(name),
        memberClass,
        resident,
        key: this.#signer(name).publicKey as Bytes as Hash,
        reserves: reserves as Amount,
      });
      this.machines.submit(1, enrolment);
    }
    this.machines.settle();
    for (const name of ["bank-a", "treasury", "bank-b"]) {
      this.#submit(name, {
        kind: ORDER.issue,
        amount: (name === "bank-b" ? 1_500n : 10n ** 9n) as Amount,
      });
    }
    this.#open();
    for (let i = 0; i < orders; i++) this.#act();
    this.machines.pass(20_000);
  }

  /** What chance alone seldom brings about: a split payment, a chain that ends, a freeze that is lifted. */
  #open(): void {
    const rules = encodeRuleSet({
      currency: "AAA",
      usd: { minor: 1n as Amount, cents: 1n as Amount },
      offsetMinutes: 0,
      vatBasisPoints: 1_600,
      rules: [],
    });
    this.machines.submit(1, encodeSubmission({ kind: SUBMISSION.rules, rules }));
    const define = (kind: 1 | 2, line: string): Hash => {
      const definition = encode(tagDefinitionLayout, {
        ...PLAIN_TAG,
        net: this.machines.genesis.net,
        kind,
        colour: "blue",
        fundOwner: memberId("treasury"),
        reference: `opening ${kind}`,
        purposes: ["WORKS"],
        payees: ["builder", "bank-b"].map((name) => ({
          account: accountId(name),
          final: 0 as const,
        })),
        lines: [{ line, maxAmount: 5_000n as Amount, ...PLAIN_LINE }],
        validFromMs: this.machines.nowMs,
        validToMs: this.machines.nowMs + 10_000,
        maxDepth: 1,
        estimateHash: null,
      });
      this.#submit("treasury", { kind: ORDER.defineTag, definition });
      return tagIdOf(definition);
    };
    const [vat, tag] = [define(2, "VAT"), define(1, "A")];
    this.#submit("treasury", { kind: ORDER.issueTag, tag, amount: 1_000n as Amount });
    const freeze = { tag, account: accountId("builder"), case: "case 1" };
    this.#submit("auditor", { kind: ORDER.freeze, ...freeze });
    this.#submit("auditor", { kind: ORDER.unfreeze, ...freeze });
    const split = { net: "100", vat: "16", "vat-tag": hashKey(vat) };
    const facts = Object.entries(split).map(([name, value]) => ({ name, value }));
    const pay = { kind: ORDER.transfer, tag, line: "A", purpose: "WORKS", facts } as const;
    this.#submit("treasury", { ...pay, payee: accountId("builder"), amount: 116n as Amount });
    const onward = { ...pay, payee: accountId("bank-b"), amount: 50n as Amount, facts: [] };
    this.#submit("builder", onward);
    this.machines.settle();
    this.#isOpen = true;
  }

  #act(): void {
    const die = this.#prng.int(1, 100);
    if (die <= 8) this.machines.pass(this.#prng.int(1, 400));
    else if (die === 9) this.#setRules();
    else if (die <= 25) this.#swap();
    else this.#order();
    if (this.#prng.int(0, 2) === 0) this.machines.settle();
  }

  #setRules(): void {
    const rules = busyRules(this.#prng, this.machines.nowMs);
    this.machines.submit(1, encodeSubmission({ kind: SUBMISSION.rules, rules }));
  }

  #order(): void {
    const prng = this.#prng;
    const tag = this.#someTag();
    const [member, order] =
      tag !== undefined && prng.int(0, 3) > 0
        ? this.#sensibleOrder(tag.id, tag.definition)
        : this.#anyOrder(
            prng.pick([...MEMBERS.map(({ name }) => name), ...OWNERS]),
            tag?.id ?? NO_TAG,
          );
    this.#submit(member, order);
  }

  #submit(member: string, order: Order): void {
    const instruction = this.#sign(member, order);
    this.machines.submit(1, encodeSubmission({ kind: SUBMISSION.instruction, instruction }));
  }

  /** One of the tags defined last; now and then none. */
  #someTag(): Tag | undefined {
    const tags = [...this.machines.books(1).tags.values()].slice(-4);
    return this.#prng.int(0, 9) === 0 || tags.length === 0 ? undefined : this.#prng.pick(tags);
  }

  #anyOrder(member: string, tag: Hash): readonly [member: string, order: Order] {
    const prng = this.#prng;
    const amount = this.#amount();
    const kind = prng.pick(KINDS);
    switch (kind) {
      case ORDER.issue:
      case ORDER.redeem:
        return [member, { kind, amount }];
      case ORDER.defineTag: {
        const owner = prng.int(0, 2) === 0 ? member : prng.pick(OWNERS);
        return [owner, { kind, definition: this.#define(owner) }];
      }
      case ORDER.issueTag:
      case ORDER.returnTag:
        return [member, { kind, tag, amount }];
      case ORDER.transfer: {
        const of = prng.int(0, 2) > 0 ? null : tag;
        const line = prng.int(0, 4) === 0 ? null : prng.pick(LINES);
        const purpose = prng.int(0, 4) === 0 ? null : prng.pick(PURPOSES);
        const payee = accountId(prng.pick(NAMES));
        const facts = this.#facts(amount);
        return [member, { kind, payee, tag: of, amount, line, purpose, facts }];
      }
      case ORDER.attest: {
        const by = prng.int(0, 6) === 0 ? member : prng.pick(["registry", "rogue"]);
        const validToMs = this.machines.nowMs + prng.pick([0, 1_000, 60_000]);
        const about = { topic: prng.pick(["ACT", "REGION"]), document: null, validToMs };
        const subject = prng.pick([...NAMES, ...DOCUMENTS, ...DOCUMENTS]);
        return [by, { kind, ...about, subject, value: prng.int(0, 3) }];
      }
      case ORDER.contract: {
        const place = { payee: accountId(prng.pick(NAMES)), line: prng.pick(LINES) };
        return [member, { kind, tag, ...place, amount, document: bytesNamed("contract") }];
      }
      case ORDER.freeze:
      case ORDER.unfreeze: {
        const by = prng.int(0, 2) === 0 ? member : "auditor";
        const frozen = [...(this.machines.books(1).tags.get(hashKey(tag))?.frozen.keys() ?? [])];
        const [held] = frozen;
        const file = prng.pick(["case 1", "case 1", "case 1", "case 2"]);
        if (held !== undefined && prng.int(0, 5) > 0) {
          const account = held === "" ? null : held;
          return [by, { kind: ORDER.unfreeze, tag, account, case: file }];
        }
        const account = prng.int(0, 5) === 0 ? null : accountId(prng.pick(NAMES));
        return [by, { kind, tag, account, case: file }];
      }
      case ORDER.courtDebit: {
        const by = prng.int(0, 2) === 0 ? member : "bailiff";
        const parties = {
          account: accountId(prng.pick(NAMES)),
          payee: accountId(prng.pick(NAMES)),
        };
        const from = prng.int(0, 3) === 0 ? tag : null;
        return [by, { kind, ...parties, tag: from, amount, case: "court 1" }];
      }
      default:
        return unreachable(kind);
    }
  }

  /** An order about a tag as its definition foresees it; money and time may still be lacking. */
  #sensibleOrder(
    tag: Hash,
    { fundOwner, payees, purposes, lines }: TagDefinition,
  ): readonly [member: string, order: Order] {
    const prng = this.#prng;
    const amount = this.#amount();
    const members = [fundOwner as string, ...payees.map(({ account }) => account as string)];
    const die = prng.int(1, 10);
    if (die <= 3) return [fundOwner, { kind: ORDER.issueTag, tag, amount }];
    if (die === 4) return [prng.pick(members), { kind: ORDER.returnTag, tag, amount }];
    const payee = prng.pick(payees).account;
    const line = prng.int(0, 5) === 0 ? prng.pick(LINES) : prng.pick(lines).line;
    const purpose = prng.pick(prng.int(0, 5) === 0 ? PURPOSES : purposes);
    const payer = prng.int(0, 1) === 0 ? fundOwner : prng.pick(members);
    if (prng.int(0, 7) === 0) {
      const document = bytesNamed("contract");
      return [payer, { kind: ORDER.contract, tag, payee, line, amount, document }];
    }
    const facts = this.#facts(amount);
    return [payer, { kind: ORDER.transfer, payee, tag, amount, line, purpose, facts }];
  }

  /** Facts that rules ask for, right and wrong ones. */
  #facts(amount: bigint): readonly Fact[] {
    const prng = this.#prng;
    const facts = Object.entries(FACT_VALUES)
      .filter(() => prng.int(0, 3) === 0)
      .map(([name, values]) => ({ name, value: prng.pick(values) }));
    if (prng.int(0, 1) === 0) facts.push({ name: "act", value: prng.pick(DOCUMENTS) });
    if (prng.int(0, 5) > 0 || amount > 1_000_000n) return facts;
    const vat = (amount * 4n) / 29n;
    const tag = this.#someTag()?.id ?? NO_TAG;
    return [
      ...facts,
      { name: "net", value: `${amount - vat}` },
      { name: "vat", value: `${vat}` },
      { name: prng.pick(["vat-tag", "vat-tag", "carry"]), value: hashKey(tag) },
    ];
  }

  #define(member: string): Bytes {
    const prng = this.#prng;
    const { nowMs, genesis } = this.machines;
    if (prng.int(0, 9) === 0) return bytesNamed("no definition");
    const known = this.#someTag();
    if (known !== undefined && prng.int(0, 4) === 0) {
      return encode(tagDefinitionLayout, known.definition);
    }
    const from = nowMs + prng.pick([-1_000, 0, 0, 200]);
    const definition: TagDefinition = {
      net: prng.int(0, 40) === 0 ? bytesNamed("another corridor") : genesis.net,
      kind: prng.pick([1, 2, 2, 3, 4, 5] as const),
      colour: "red",
      fundOwner: memberId(prng.int(0, 9) === 0 ? prng.pick(NAMES) : member),
      reference: `tag ${prng.int(1, 30)}`,
      purposes: prng.shuffle(PURPOSES).slice(0, prng.int(1, 2)),
      payees: prng
        .shuffle([...NAMES, ...(prng.int(0, 9) === 0 ? ["builder"] : [])])
        .slice(0, prng.int(2, 7))
        .map((name) => ({ account: accountId(name), final: prng.pick([0, 0, 1] as const) })),
      lines: prng
        .shuffle([...LINES, ...(prng.int(0, 9) === 0 ? ["A"] : [])])
        .slice(0, prng.int(1, 4))
        .map((line) => ({
          line,
          maxAmount: prng.pick([0n, 60n, 5_000n, MAX_AMOUNT]) as Amount,
          maxUnitPrice: prng.pick([null, null, 40n as Amount]),
          quantity: prng.pick([null, null, 5]),
          importable: prng.pick([0, 1, 1] as const),
        })),
      validFromMs: from,
      validToMs: from + prng.pick([-5, 8_000, 16_000, 30_000]),
      maxDepth: prng.pick([0, 1, 2, 16, 16, 16]),
      disclosure: prng.pick([0, 0, 0, 1, 2] as const),
      evidence: prng.int(0, 3) > 0 ? [] : [{ topic: "ACT", final: prng.pick([0, 1] as const) }],
      attesters: [memberId("registry")],
      regions: prng.int(0, 5) > 0 ? [] : [1, 2],
      borderMode: prng.pick([1, 2, 2, 3] as const),
      countries: prng.pick([[], ["CN"]]),
      estimateHash: prng.int(0, 1) === 0 ? null : bytesNamed("estimate"),
    };
    return encode(tagDefinitionLayout, definition);
  }

  #swap(): void {
    const prng = this.#prng;
    const [a, c, ...others] = prng.int(0, 3) === 0 ? prng.shuffle(NAMES) : SWAPPERS;
    const [b, d] = prng.shuffle(others);
    const leg = (payer = "", payee = "") => ({
      payer: accountId(payer),
      payee: accountId(payee),
      currency: "AAA" as CurrencyCode,
      amount: this.#amount(),
    });
    const terms = encode(termsLayout, {
      legs: [leg(a, b), leg(c, d)],
      expiryMs: this.machines.nowMs + prng.pick([0, 1, 300, 5_000]),
      border: this.#facts(10n),
    });
    const salt = bytesNamed(`salt ${prng.int(0, 2 ** 40)}`);
    const tag = prng.int(0, 4) === 0 ? (this.#someTag()?.id ?? NO_TAG) : null;
    const order = { kind: ORDER.swap, commitment: commitmentOf(terms, salt), tag } as const;
    const instructions = [a, c].map((payer = "") => this.#sign(payer, order));
    this.machines.submit(1, encodeSubmission({ kind: SUBMISSION.swap, terms, salt, instructions }));
  }

  #amount(): Amount {
    const prng = this.#prng;
    const large = [MAX_AMOUNT, MAX_AMOUNT / 2n, 2n ** 62n];
    if (prng.int(0, 9) === 0) return prng.pick(large) as Amount;
    return BigInt(prng.int(0, 9) === 0 ? 0 : prng.int(1, prng.pick([50, 3_000]))) as Amount;
  }

  /** Mostly the next number, sometimes an older one, a used one or one far ahead. */
  #sign(member: string, order: Order) {
    const highest = this.#highest.get(member) ?? 0;
    const steps = [1, 1, 1, 2, 700, 0, -1, -600, -1_500];
    const step = this.#isOpen ? this.#prng.pick([1, 1, 1, this.#prng.pick(steps)]) : 1;
    const number = Math.max(0, highest + step);
    this.#highest.set(member, Math.max(highest, number));
    const { net } = this.machines.genesis;
    const place = {
      net,
      bank: this.#isOpen && this.#prng.int(0, 60) === 0 ? 2 : 1,
      member: memberId(member),
    };
    return signInstruction({ ...place, number, order }, this.#signer(member));
  }

  #signer(member: string) {
    return opensslSigner(bytesNamed(`key of ${member}`));
  }
}
