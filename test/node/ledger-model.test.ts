import fc from "fast-check";
import { expect, it } from "vitest";
import { decode, encode } from "../../crypto/canonical-layout.ts";
import { unreachable } from "../../crypto/outcome.ts";
import {
  checkConservation,
  checkTagConservation,
  newBooks,
  type Books,
} from "../../node/accounts/books.ts";
import { applyEntry } from "../../node/domestic/apply.ts";
import {
  decideHold,
  decideInstruction,
  expiryReturns,
  type Decision,
  type LegToHold,
  type TakenInstruction,
} from "../../node/domestic/decide.ts";
import { accountId, tagKey } from "../../node/ids.ts";
import { instructionHash, ORDER, parseInstruction, type Order } from "../../node/instruction.ts";
import {
  DOMESTIC,
  domesticEntryLayout,
  type DomesticDraft,
  type DomesticEntry,
} from "../../node/ledger/domestic-entries.ts";
import { MAX_ENTRY_BYTES } from "../../node/limits.ts";
import { judgeNumber } from "../../node/members.ts";
import type { CurrencyCode } from "../../node/money.ts";
import { termsLayout, type Terms } from "../../node/terms.ts";
import { bytesNamed, inHex } from "../bytes.ts";
import { holds } from "../property.ts";
import {
  amount,
  encodeDefinition,
  enrolment,
  MEMBER_NAMES,
  tagOf,
  taken,
  type MemberName,
} from "./fixtures.ts";
import { Model, TAG_NAMES, TAGS, type Operation } from "./ledger-model.ts";
import { operations } from "./ledger-operations.ts";

const TAG_IDS = {
  ROAD: tagOf(TAGS.ROAD),
  PROGRAMME: tagOf(TAGS.PROGRAMME),
  PRIVATE: tagOf(TAGS.PRIVATE),
};

const TAG_KEYS = {
  ROAD: tagKey(TAG_IDS.ROAD),
  PROGRAMME: tagKey(TAG_IDS.PROGRAMME),
  PRIVATE: tagKey(TAG_IDS.PRIVATE),
};

/** The real ledger, driven by the same operations as the model, with its entries kept. */
class Ledger {
  readonly books = newBooks();
  readonly entries: DomesticDraft[] = [];
  readonly placed: LegToHold[] = [];
  now = 0;
  #number = 0;

  constructor() {
    for (const name of MEMBER_NAMES) this.#append(enrolment(name));
  }

  run(o: Operation): boolean {
    switch (o.op) {
      case "wait":
        this.now += o.ms;
        return true;
      case "sweep":
        for (const entry of expiryReturns(this.books, this.now)) this.#append(entry);
        expect(expiryReturns(this.books, this.now)).toEqual([]);
        return true;
      case "post":
      case "void":
        return this.#resolve(o);
      case "hold":
        return this.#hold(o);
      case "issue":
      case "redeem":
      case "pay":
      case "pay-tagged":
      case "define":
      case "issue-tag":
      case "return-tag":
        return this.#instruct(o.payer, orderOf(o));
      default:
        return unreachable(o);
    }
  }

  #instruct(member: MemberName, order: Order): boolean {
    const instruction = taken(member, ++this.#number, order);
    return this.#take(instruction, () => decideInstruction(this.books, instruction, this.now));
  }

  #hold(o: Operation & { op: "hold" }): boolean {
    const stated = {
      payer: accountId(o.payer),
      payee: accountId(o.payee),
      amount: amount(o.amount),
    };
    const currency = "KZT" as CurrencyCode;
    const agreed: Terms = {
      legs: [0, 1].map(() => ({ ...stated, currency })),
      expiryMs: o.late ? this.now : this.now + 1,
      border: [],
    };
    const leg: LegToHold = {
      sid: bytesNamed(`swap ${this.#number}`),
      leg: 0,
      ...stated,
      agreed,
      terms: encode(termsLayout, agreed),
      termsSalt: bytesNamed("salt of the terms"),
    };
    const tag = o.tag === null ? null : TAG_IDS[o.tag];
    const order = { kind: ORDER.swap, commitment: bytesNamed("commitment"), tag };
    const instruction = taken(o.payer, ++this.#number, order);
    const decide = () => decideHold(this.books, instruction, leg, this.now);
    const accepted = this.#take(instruction, decide);
    if (!accepted) return false;
    this.placed.push(leg);
    this.#expectBug("HoldOnce", this.entries.at(-1));
    return true;
  }

  #resolve(o: Operation & { op: "post" | "void" }): boolean {
    const leg = this.placed.at(-1 - o.hold);
    if (leg === undefined) return false;
    const kind = o.op === "post" ? DOMESTIC.POST : DOMESTIC.UNHOLD;
    const entry = { kind, sid: leg.sid, leg: leg.leg };
    const open = this.books.holds.size;
    if (!this.books.holds.has(`${tagKey(leg.sid)} ${leg.leg}`)) {
      this.#expectBug("HoldOnce", entry);
      return false;
    }
    this.#append(entry);
    expect(this.books.holds.size).toBe(open - 1);
    return true;
  }

  /** Decides twice, on untouched books, and takes the entry in. RejectInert: a refusal moves nothing. */
  #take({ instruction, signed }: TakenInstruction, decide: () => Decision): boolean {
    const before = stateOf(this.books);
    const decision = decide();
    expect(decide()).toEqual(decision);
    expect(stateOf(this.books)).toBe(before);
    this.#append(decision.entry);
    const { numbers } = this.books.members.get(instruction.member) ?? {};
    if (numbers === undefined) throw new Error(`no member ${instruction.member}`);
    const verdict = judgeNumber(numbers, instruction.number, instructionHash(signed));
    expect(verdict, "executed or turned down, its number is used up").toBe("exists");
    const rejected = decision.entry.kind === DOMESTIC.REJECTED;
    expect(rejected).toBe(decision.rejection !== undefined);
    if (rejected) expect(stateOf(this.books)).toBe(before);
    return !rejected;
  }

  #append(entry: DomesticDraft): void {
    applyEntry(this.books, entry);
    this.entries.push(entry);
  }

  #expectBug(invariant: string, entry: DomesticDraft | undefined): void {
    const before = stateOf(this.books);
    if (entry === undefined) throw new Error("there is no entry to repeat");
    expect(() => applyEntry(this.books, entry)).toThrow(invariant);
    expect(stateOf(this.books)).toBe(before);
  }
}

function orderOf(
  o: Exclude<Operation, { op: "wait" | "sweep" | "post" | "void" | "hold" }>,
): Order {
  switch (o.op) {
    case "issue":
      return { kind: ORDER.issue, amount: amount(o.amount) };
    case "redeem":
      return { kind: ORDER.redeem, amount: amount(o.amount) };
    case "pay":
    case "pay-tagged": {
      const marks =
        o.op === "pay"
          ? { tag: null, line: null, purpose: null }
          : { tag: TAG_IDS[o.tag], line: o.line, purpose: o.purpose };
      return {
        kind: ORDER.transfer,
        payee: accountId(o.payee),
        amount: amount(o.amount),
        facts: [],
        ...marks,
      };
    }
    case "define":
      return { kind: ORDER.defineTag, definition: encodeDefinition(TAGS[o.tag]) };
    case "issue-tag":
      return { kind: ORDER.issueTag, tag: TAG_IDS[o.tag], amount: amount(o.amount) };
    case "return-tag":
      return { kind: ORDER.returnTag, tag: TAG_IDS[o.tag], amount: amount(o.amount) };
    default:
      return unreachable(o);
  }
}

/** Everything that the books say of money; which numbers were used is left out. */
function stateOf(books: Books): string {
  const parts: unknown[] = [books.issued, books.redeemed];
  for (const [name, { reserves }] of books.members) parts.push(name, reserves);
  for (const [key, { posted, pending }] of books.balances) parts.push(key, posted, pending);
  for (const [member, count] of books.openHolds) parts.push(member, count);
  for (const [key, hold] of books.holds) parts.push(key, hold.payer, hold.payee, hold.amount);
  for (const [key, tag] of books.tags) {
    parts.push(key, tag.issued, tag.held, tag.released, tag.returned, ...tag.holders);
    for (const [line, { paidIn, released }] of tag.lines) parts.push(line, paidIn, released);
    for (const [holding, held] of tag.lineHoldings) parts.push(holding, held);
  }
  return parts.join(" ");
}

/** What the model and the ledger must agree on: zeros are left out. */
interface View {
  readonly posted: Readonly<Record<string, number>>;
  readonly pending: Readonly<Record<string, number>>;
  readonly reserves: Readonly<Record<string, number>>;
  readonly openHolds: Readonly<Record<string, number>>;
  readonly holds: number;
}

const nonZero = (entries: Iterable<readonly [string, number | bigint]>): Record<string, number> =>
  Object.fromEntries(
    [...entries].flatMap(([name, n]) => (Number(n) === 0 ? [] : [[name, Number(n)]])),
  );

function viewOfModel(model: Model): View {
  const open = model.holds.filter((hold) => hold.open);
  const countOf = (name: MemberName) => open.filter(({ payer }) => payer === name).length;
  return {
    posted: nonZero(model.posted),
    pending: nonZero(model.pending),
    reserves: nonZero(model.reserves),
    openHolds: nonZero(MEMBER_NAMES.map((name) => [name, countOf(name)])),
    holds: open.length,
  };
}

function viewOf(books: Books): View {
  const columns = [...books.balances.values()].map(({ account, tag, posted, pending }) => {
    const name = TAG_NAMES.find((t) => TAG_KEYS[t] === tag);
    return { column: name === undefined ? account : `${account} ${name}`, posted, pending };
  });
  return {
    posted: nonZero(columns.map(({ column, posted }) => [column, posted])),
    pending: nonZero(columns.map(({ column, pending }) => [column, pending])),
    reserves: nonZero([...books.members.values()].map(({ id, reserves }) => [id, reserves])),
    openHolds: nonZero(books.openHolds),
    holds: books.holds.size,
  };
}

/** The first invariant that the books break by themselves. */
function brokenInvariant(books: Books): string | undefined {
  for (const tag of books.tags.values()) {
    const held = [...books.balances.values()].filter(
      ({ tag: key, posted }) => key === tagKey(tag.id) && posted > 0n,
    );
    const holders = held.map(({ account }) => account);
    if (
      holders.length !== tag.holders.size ||
      !holders.every((account) => tag.holders.has(account))
    ) {
      return `holders: ${[...tag.holders].join()} but ${holders.join()} hold`;
    }
    for (const [line, { released, paidIn, maxAmount }] of tag.lines) {
      if (released > paidIn || paidIn > maxAmount) return `LineRemainder: ${line}`;
      const received = [...tag.lineHoldings].filter(([key]) => key.endsWith(` ${line}`));
      const unspent = received.reduce((sum, [, held]) => sum + held, 0n);
      if (unspent !== paidIn - released) return `LineRemainder: ${unspent} unspent under ${line}`;
    }
  }
  return checkConservation(books) ?? checkTagConservation(books);
}

/** JournalChain: from the entries' bytes alone, an auditor comes to the same decisions and books. */
function expectAuditable(ledger: Ledger): void {
  const books = newBooks();
  for (const [i, draft] of ledger.entries.entries()) {
    const salt = bytesNamed(`salt ${i}`).subarray(0, 16);
    const bytes = encode(domesticEntryLayout, { ...draft, salt });
    expect(bytes.length).toBeLessThanOrEqual(MAX_ENTRY_BYTES);
    const entry = decode(domesticEntryLayout, bytes);
    if (!entry.ok) throw new Error(entry.error.code);
    const { salt: _, ...read } = entry.value;
    const decided = decideAgain(books, entry.value);
    if (decided !== undefined) expect(inHex(decided)).toEqual(inHex(read));
    applyEntry(books, entry.value);
  }
  expect(inHex(books)).toEqual(inHex(ledger.books));
}

function decideAgain(books: Books, entry: DomesticEntry): DomesticDraft | undefined {
  if (!("instruction" in entry) || entry.instruction === null) return undefined;
  const signed = entry.instruction;
  const parsed = parseInstruction(signed);
  if (!parsed.ok) throw new Error(parsed.error.code);
  const { member, number, order } = parsed.value;
  const numbers = books.members.get(member)?.numbers;
  if (numbers === undefined) throw new Error(`no member ${member}`);
  expect(judgeNumber(numbers, number, instructionHash(signed))).toBe("free");
  const instruction = { instruction: parsed.value, signed };
  if (order.kind !== ORDER.swap) return decideInstruction(books, instruction, entry.timeMs).entry;
  if (entry.kind !== DOMESTIC.HOLD) return undefined;
  const agreed = decode(termsLayout, entry.terms);
  if (!agreed.ok) throw new Error(agreed.error.code);
  const leg = { ...entry, agreed: agreed.value };
  return decideHold(books, instruction, leg, entry.timeMs).entry;
}

it("the ledger does what the model does, and keeps its invariants (B7, B8)", () => {
  holds(
    fc.property(operations, (list) => {
      const [ledger, model] = [new Ledger(), new Model()];
      for (const o of list) {
        const accepted = model.run(o);
        expect(ledger.run(o)).toBe(accepted);
        expect(viewOf(ledger.books)).toEqual(viewOfModel(model));
        expect(brokenInvariant(ledger.books)).toBeUndefined();
      }
      expectAuditable(ledger);
    }),
    300,
  );
});

it("the generated operations reach every operation's execution and refusal", () => {
  const seen = new Map<string, number>();
  const count = (what: string): void => void seen.set(what, (seen.get(what) ?? 0) + 1);
  for (const list of fc.sample(operations, { seed: 1, numRuns: 300 })) {
    const model = new Model();
    for (const o of list) {
      const before = JSON.stringify([...model.posted]);
      const accepted = model.run(o);
      const moved = JSON.stringify([...model.posted]) !== before;
      count(`${o.op} ${accepted ? "done" : "refused"}`);
      if (o.op === "sweep" && moved) count("sweep moved money");
      if (o.op === "pay-tagged" && accepted) count(`${o.tag} paid to ${o.payee}`);
    }
  }
  const refusable = ["issue", "redeem", "pay", "pay-tagged", "hold", "post", "void", "define"];
  const wanted = [
    ...[...refusable, "issue-tag", "return-tag"].flatMap((op) => [`${op} done`, `${op} refused`]),
    "sweep moved money",
    "ROAD paid to builder",
    "ROAD paid to canteen",
    "ROAD paid to treasury",
    "PROGRAMME paid to bank-b",
    "PROGRAMME paid to bank-a",
  ];
  const rare = wanted.filter((what) => (seen.get(what) ?? 0) < 15);
  expect(rare, JSON.stringify([...seen])).toEqual([]);
});
