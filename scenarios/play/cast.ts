import type { Bytes } from "../../crypto/bytes.ts";
import { utf8ToBytes } from "../../crypto/bytes.ts";
import { encode } from "../../crypto/canonical-layout.ts";
import { digest, hashKey, type Hash } from "../../crypto/hash.ts";
import { unreachable } from "../../crypto/outcome.ts";
import { encodeSubmission, SUBMISSION } from "../../corridor/submissions.ts";
import type { Fact } from "../../node/facts.ts";
import { accountOf, tagKey, type MemberId, type TagId } from "../../node/ids.ts";
import { ORDER, type Order } from "../../node/instruction.ts";
import { encodeRuleSet } from "../../node/rules/rule-set.ts";
import { MEMBER_CLASS } from "../../node/members.ts";
import { ZERO } from "../../node/money.ts";
import {
  BORDER_MODE,
  DISCLOSURE,
  TAG_KIND,
  tagDefinitionLayout,
  tagIdOf,
} from "../../node/tags/definition.ts";
import type { OrderAction, Scenario, ScenarioTag } from "../scenario.ts";
import { withNettingHub } from "../netting-hub.ts";
import type { PlannedPayment, PlannedSwap } from "../workload/plan.ts";
import { FRESH_SECRETS, type Secrets } from "./secrets.ts";
import {
  enrolmentBytes,
  submitOrder,
  submitSwap,
  Wallet,
  type Submission,
  type SwapSubmission,
} from "./wallet.ts";

/** How long after its submission a swap still may be locked, in milliseconds: twice the time-to-live. */
const EXPIRY_FACTOR = 2;

/** Who acts in a run: the members with their keys, and the tags as they were defined. */
export class Cast {
  readonly #scenario: Scenario;
  readonly #net: Hash;
  readonly #secrets: Secrets;
  readonly #startMs: number;
  readonly #wallets = new Map<string, Wallet>();
  readonly #tags = new Map<string, { readonly id: TagId; readonly definition: Bytes }>();

  constructor(scenario: Scenario, net: Hash, startMs: number, secrets: Secrets = FRESH_SECRETS) {
    this.#scenario = withNettingHub(scenario);
    this.#net = net;
    this.#secrets = secrets;
    this.#startMs = startMs;
    for (const { id } of this.#scenario.members) this.#wallets.set(id, new Wallet(id, secrets));
    for (const tag of scenario.tags) {
      const definition = encodeDefinition(tag, net, startMs);
      this.#tags.set(tag.id, { id: tagIdOf(definition), definition });
    }
  }

  tagId(tag: string): TagId | null {
    return this.#tags.get(tag)?.id ?? null;
  }

  /** What its operator gives one bank: its rules, its own members, and the non-resident ones. */
  enrolmentsAt(bank: string): readonly Bytes[] {
    const rules = this.#scenario.rules.get(bank)?.(this.#startMs);
    const members = this.#membersOf(bank);
    if (rules === undefined) return members;
    const set = { kind: SUBMISSION.rules, rules: encodeRuleSet(rules) };
    return [encodeSubmission(set), ...members];
  }

  #membersOf(bank: string): readonly Bytes[] {
    return this.#scenario.members.flatMap((member) => {
      if (!member.connected) return [];
      const resident = member.bank === bank;
      if (!resident && !member.nonResidentAt.includes(bank)) return [];
      const wallet = this.#wallet(member.id);
      const memberClass = MEMBER_CLASS[member.memberClass];
      const reserves = resident ? member.reserves : ZERO;
      return [enrolmentBytes({ wallet, memberClass, resident, reserves })];
    });
  }

  /** What funds the run: CBDC against reserves, then the tags and the money under them. */
  openingOrders(): readonly Submission[] {
    const orders: Submission[] = [];
    for (const member of this.#scenario.members) {
      if (member.issue === 0n || !member.connected) continue;
      const order = { kind: ORDER.issue, amount: member.issue } as const;
      orders.push(
        submitOrder(this.#wallet(member.id), this.#net, this.#number(member.bank), order),
      );
    }
    if (this.#scenario.tagging === "none") return orders;
    for (const tag of this.#scenario.tags) {
      const defined = this.#tags.get(tag.id);
      if (defined === undefined) continue;
      const owner = this.#wallet(tag.owner);
      const bank = this.#number(tag.bank);
      const { definition, id } = defined;
      const define = { kind: ORDER.defineTag, definition } as const;
      orders.push(submitOrder(owner, this.#net, bank, define));
      if (tag.issue === 0n) continue;
      const issue = { kind: ORDER.issueTag, tag: id, amount: tag.issue } as const;
      orders.push(submitOrder(owner, this.#net, bank, issue));
    }
    return orders;
  }

  payment(payment: PlannedPayment): Submission {
    const { payer, payee, amount, line, purpose, action } = payment;
    const tag = payment.tag === null ? null : this.tagId(payment.tag);
    const order: Order =
      action === null
        ? {
            kind: ORDER.transfer,
            payee: accountOf(payee as MemberId),
            tag,
            amount,
            line,
            purpose,
            facts: this.#facts(payment.facts),
          }
        : orderOf(action, this.#tagOf(action, tag), this.#startMs);
    return submitOrder(this.#wallet(payer), this.#net, this.#number(payment.bank), order);
  }

  /** The tag that an order is about; a court debit names the one to be taken from. */
  #tagOf(action: OrderAction, tag: TagId | null): TagId | null {
    if (action.kind !== "court-debit") return tag;
    return action.from === null ? null : this.tagId(action.from);
  }

  /** Both payers sign the same terms; the submission goes to the bank of the sold leg. */
  swap(planned: PlannedSwap, nowMs: number): SwapSubmission {
    const { corridor } = this.#scenario;
    const legs = planned.legs.map(({ payer, payee, currency, amount }) => ({
      payer: accountOf(payer as MemberId),
      payee: accountOf(payee as MemberId),
      currency: this.#bankOf(currency).currency.code,
      amount,
    }));
    const payers = planned.legs.map(({ payer, currency }, leg) => ({
      wallet: this.#wallet(payer),
      bank: this.#bankOf(currency).number,
      tag: leg === 0 && planned.tag !== null ? this.tagId(planned.tag) : null,
    }));
    const expiryMs = nowMs + EXPIRY_FACTOR * corridor.ttlMs;
    const facts = this.#facts(planned.facts);
    const isStated = facts.some(({ name }) => name === "purpose");
    const border = isStated ? facts : [...facts, { name: "purpose", value: "GOODS" }];
    const salt = this.#secrets.bytes(`salt of ${planned.id}`);
    return submitSwap({ legs, expiryMs, border }, payers, this.#net, salt);
  }

  /** Facts as written in the file: `#text` is a document's hash, `@tag` a tag's id, `+ms` a time. */
  #facts(written: readonly string[]): readonly Fact[] {
    return written.map((fact) => {
      const [name = ""] = fact.split("=", 1);
      const value = fact.slice(name.length + 1);
      const [mark, rest] = [value.slice(0, 1), value.slice(1)];
      if (mark === "#") return { name, value: hashKey(documentHash(rest)) };
      if (mark === "@") return { name, value: tagKey(this.tagId(rest)) };
      if (mark === "+" && /^[0-9]{1,11}$/.test(rest)) {
        return { name, value: `${this.#startMs + Number(rest)}` };
      }
      return { name, value };
    });
  }

  #bankOf(currency: string) {
    const bank = this.#scenario.banks.find((b) => b.currency.code === currency);
    if (bank === undefined) throw new TypeError(`no bank issues ${currency}`);
    return bank;
  }

  #number(bank: string): number {
    const found = this.#scenario.banks.find((b) => b.id === bank);
    if (found === undefined) throw new TypeError(`no bank ${bank}`);
    return found.number;
  }

  #wallet(member: string): Wallet {
    const wallet = this.#wallets.get(member);
    if (wallet === undefined) throw new TypeError(`no member ${member}`);
    return wallet;
  }
}

function encodeDefinition(tag: ScenarioTag, net: Hash, startMs: number): Bytes {
  return encode(tagDefinitionLayout, {
    net,
    kind: TAG_KIND[tag.kind],
    colour: tag.colour,
    fundOwner: tag.owner,
    reference: tag.reference,
    purposes: tag.purposes,
    payees: tag.payees.map(({ account, final }) => ({
      account: accountOf(account),
      final: final ? (1 as const) : (0 as const),
    })),
    lines: tag.lines.map(({ line, max, maxUnitPrice, quantity, importable }) => ({
      line,
      maxAmount: max,
      maxUnitPrice,
      quantity,
      importable: importable ? (1 as const) : (0 as const),
    })),
    validFromMs: startMs,
    validToMs: startMs + tag.validForMs,
    maxDepth: tag.maxDepth,
    disclosure: DISCLOSURE[tag.disclosure],
    evidence: tag.evidence.map(({ topic, final }) => ({
      topic,
      final: final ? (1 as const) : (0 as const),
    })),
    attesters: tag.attesters,
    regions: tag.regions,
    borderMode: BORDER_MODE[tag.borderMode],
    countries: tag.countries,
    estimateHash: null,
  });
}

/** A document of a scenario is its text. */
const documentHash = (text: string): Hash => digest(utf8ToBytes(text));

function orderOf(action: OrderAction, tag: TagId | null, startMs: number): Order {
  switch (action.kind) {
    case "attest": {
      const { topic, value, validForMs } = action;
      const subject = action.subject.startsWith("#")
        ? hashKey(documentHash(action.subject.slice(1)))
        : action.subject;
      const document = action.document === null ? null : documentHash(action.document);
      const validToMs = startMs + validForMs;
      return { kind: ORDER.attest, topic, subject, value, document, validToMs };
    }
    case "contract": {
      const { payee, line, amount } = action;
      const document = documentHash(action.document);
      return {
        kind: ORDER.contract,
        tag: known(tag),
        payee: accountOf(payee),
        line,
        amount,
        document,
      };
    }
    case "freeze":
    case "unfreeze": {
      const account = action.account === null ? null : accountOf(action.account);
      return { kind: ORDER[action.kind], tag: known(tag), account, case: action.case };
    }
    case "issue-tag":
      return { kind: ORDER.issueTag, tag: known(tag), amount: action.amount };
    case "return-tag":
      return { kind: ORDER.returnTag, tag: known(tag), amount: action.amount };
    case "court-debit": {
      const { account, payee, amount } = action;
      const parties = { account: accountOf(account), payee: accountOf(payee) };
      return { kind: ORDER.courtDebit, ...parties, tag, amount, case: action.case };
    }
    case "issue":
    case "redeem":
      return { kind: ORDER[action.kind], amount: action.amount };
    default:
      return unreachable(action);
  }
}

function known(tag: TagId | null): TagId {
  if (tag === null) throw new TypeError("an order about no tag");
  return tag;
}
