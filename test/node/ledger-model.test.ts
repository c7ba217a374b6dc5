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
} from "../../node/domestic/decide.ts";
import { accountId, memberId, tagKey } from "../../node/ids.ts";
import { instructionHash, ORDER, parseInstruction, type Order } from "../../node/instruction.ts";
import {
  DOMESTIC,
  domesticEntryLayout,
  type DomesticDraft,
  type DomesticEntry,
} from "../../node/ledger/domestic-entries.ts";
import { MAX_ENTRY_BYTES } from "../../node/limits.ts";
import { judgeNumber } from "../../node/members.ts";
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
import { Model, TAGS, type Operation, type TagName } from "./ledger-model.ts";

const TAG_NAMES = Object.keys(TAGS) as readonly TagName[];
const TAG_IDS = {
  ROAD: tagOf(TAGS.ROAD),
  PROGRAMME: tagOf(TAGS.PROGRAMME),
  PRIVATE: tagOf(TAGS.PRIVATE),
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
    return this.#take(() => decideInstruction(this.books, instruction, this.now));
  }

  #hold(o: Operation & { op: "hold" }): boolean {
    const leg: LegToHold = {
      sid: bytesNamed(`swap ${this.#number}`),
      leg: 0,
      payer: accountId(o.payer),
      payee: accountId(o.payee),
      amount: amount(o.amount),
      expiryMs: o.late ? this.now : this.now + 1,
      terms: bytesNamed("terms"),
      termsSalt: bytesNamed("salt of the terms"),
    };
    const tag = o.tag === null ? null : TAG_IDS[o.tag];
    const order = { kind: ORDER.swap, commitment: bytesNamed("commitment"), tag };
    const instruction = taken(o.payer, ++this.#number, order);
    const accepted = this.#take(() => decideHold(this.books, instruction, leg, this.now));
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
  #take(decide: () => Decision): boolean {
    const before = stateOf(this.books);
    const decision = decide();
    expect(decide()).toEqual(decision);
    expect(stateOf(this.books)).toBe(before);
    this.#append(decision.entry);
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

/** The columns that hold money, as the model names them. */
function columnsOf(books: Books, part: "posted" | "pending"): Record<string, number> {
  const columns: Record<string, number> = {};
  for (const { account, tag, [part]: held } of books.balances.values()) {
    const name = TAG_NAMES.find((t) => tagKey(TAG_IDS[t]) === tag);
    if (held !== 0n) columns[name === undefined ? account : `${account} ${name}`] = Number(held);
  }
  return columns;
}

const nonZero = (map: Map<string, number>): Record<string, number> =>
  Object.fromEntries([...map].filter(([, n]) => n !== 0));

function expectSame(ledger: Ledger, model: Model): void {
  const { books } = ledger;
  expect(columnsOf(books, "posted")).toEqual(nonZero(model.posted));
  expect(columnsOf(books, "pending")).toEqual(nonZero(model.pending));
  for (const [name, reserves] of model.reserves) {
    expect(books.members.get(memberId(name))?.reserves).toBe(BigInt(reserves));
  }
  const open = model.holds.filter((hold) => hold.open);
  expect(books.holds.size).toBe(open.length);
  for (const name of MEMBER_NAMES) {
    const count = books.openHolds.get(memberId(name)) ?? 0;
    expect(count).toBe(open.filter(({ payer }) => payer === name).length);
  }
}

/** The invariants that a ledger has of itself. */
function expectInvariants(books: Books): void {
  expect(checkConservation(books)).toBeUndefined();
  expect(checkTagConservation(books)).toBeUndefined();
  for (const tag of books.tags.values()) {
    const holders = [...books.balances.values()].filter(
      ({ tag: key, posted }) => key === tagKey(tag.id) && posted > 0n,
    );
    expect([...tag.holders].sort()).toEqual(holders.map(({ account }) => account).sort());
    for (const { released, paidIn, maxAmount } of tag.lines.values()) {
      expect(released <= paidIn && paidIn <= maxAmount, "LineRemainder").toBe(true);
    }
  }
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
  const leg = { ...entry, expiryMs: entry.timeMs + 1 };
  return decideHold(books, instruction, leg, entry.timeMs).entry;
}

/** Mostly what makes sense, and now and then anything at all. */
const mostly = <const T>(sensible: readonly T[], any: readonly T[]): fc.Arbitrary<T> =>
  fc.oneof(
    { weight: 14, arbitrary: fc.constantFrom(...sensible) },
    { weight: 1, arbitrary: fc.constantFrom(...any) },
  );

const payers = (...sensible: readonly MemberName[]) => mostly(sensible, MEMBER_NAMES);
const payees = (...sensible: readonly (MemberName | "nobody")[]) =>
  mostly(sensible, [...MEMBER_NAMES, "nobody"]);
const tags = mostly<TagName>(["ROAD", "PROGRAMME"], TAG_NAMES);
const someAmount = fc.oneof(
  { weight: 12, arbitrary: fc.integer({ min: 1, max: 20 }) },
  { weight: 1, arbitrary: fc.nat(130) },
);

const tagged = {
  amount: someAmount,
  line: mostly<string | null>(["A", "A", "B"], ["C", null]),
  purpose: mostly<string | null>(["MEALS"], ["WORKS", "TRAVEL", null]),
};

/** How often each operation comes up, and with which fields. */
const anyOperation: fc.Arbitrary<Operation> = fc.oneof(
  weighted(6, ["issue"], { payer: payers("bank-a", "bank-b", "treasury"), amount: someAmount }),
  weighted(2, ["redeem"], { payer: payers("bank-a", "treasury"), amount: someAmount }),
  weighted(5, ["pay"], {
    payer: payers("bank-a", "treasury", "builder"),
    payee: payees("bank-b", "builder", "canteen", "abroad"),
    amount: someAmount,
  }),
  weighted(12, ["pay-tagged"], {
    ...tagged,
    payer: payers("treasury", "builder"),
    payee: payees("builder", "canteen", "canteen", "treasury"),
    tag: mostly<TagName>(["ROAD"], TAG_NAMES),
  }),
  weighted(4, ["pay-tagged"], {
    ...tagged,
    payer: payers("bank-a", "bank-b"),
    payee: payees("bank-b", "builder", "bank-a", "abroad"),
    tag: mostly<TagName>(["PROGRAMME"], TAG_NAMES),
  }),
  weighted(7, ["hold"], {
    payer: payers("bank-a", "bank-b"),
    payee: payees("bank-b", "abroad", "treasury"),
    amount: someAmount,
    tag: mostly<TagName | null>([null], TAG_NAMES),
    late: mostly([false], [true]),
  }),
  weighted(6, ["post", "void"], { hold: fc.nat(2) }),
  weighted(3, ["define"], { payer: payers("treasury", "bank-a"), tag: tags }),
  weighted(6, ["issue-tag"], {
    payer: payers("treasury", "bank-a"),
    tag: tags,
    amount: someAmount,
  }),
  weighted(3, ["return-tag"], {
    payer: payers("treasury", "builder"),
    tag: tags,
    amount: someAmount,
  }),
  weighted(2, ["wait"], { ms: fc.constantFrom(1, 50, 100, 300) }),
  weighted(2, ["sweep"], {}),
);

function weighted(
  weight: number,
  ops: readonly Operation["op"][],
  fields: Readonly<Record<string, fc.Arbitrary<unknown>>>,
): fc.WeightedArbitrary<Operation> {
  const arbitrary = fc.record({ op: fc.constantFrom(...ops), ...fields });
  return { weight, arbitrary: arbitrary as unknown as fc.Arbitrary<Operation> };
}

/** A day begins with money and with a contract, or most of it would be refusals. */
const OPENING: readonly Operation[] = [
  { op: "issue", payer: "bank-a", amount: 60 },
  { op: "issue", payer: "treasury", amount: 100 },
  { op: "define", payer: "treasury", tag: "ROAD" },
  { op: "issue-tag", payer: "treasury", tag: "ROAD", amount: 80 },
  {
    op: "pay-tagged",
    payer: "treasury",
    payee: "builder",
    amount: 25,
    tag: "ROAD",
    line: "A",
    purpose: "WORKS",
  },
];

/** The contract ends, and so does what is still held under it. */
const CLOSING: readonly Operation[] = [{ op: "wait", ms: 1_000 }, { op: "sweep" }];

const operations = fc
  .record({
    opening: fc.constantFrom(OPENING, OPENING, OPENING, []),
    day: fc.array(anyOperation, { maxLength: 60, size: "max" }),
    closing: fc.constantFrom(CLOSING, []),
    evening: fc.array(anyOperation, { maxLength: 15, size: "max" }),
  })
  .map(({ opening, day, closing, evening }) => [...opening, ...day, ...closing, ...evening]);

function runBoth(
  list: readonly Operation[],
  heed: (o: Operation, accepted: boolean, entries: number) => void,
): void {
  const [ledger, model] = [new Ledger(), new Model()];
  for (const o of list) {
    const before = ledger.entries.length;
    const accepted = model.run(o);
    expect(ledger.run(o)).toBe(accepted);
    expectSame(ledger, model);
    expectInvariants(ledger.books);
    heed(o, accepted, ledger.entries.length - before);
  }
  expectAuditable(ledger);
}

it("the ledger does what the model does, and keeps its invariants", () => {
  holds(
    fc.property(operations, (list) => runBoth(list, () => undefined)),
    400,
  );
});

it("the generated operations reach every operation's execution and refusal", () => {
  const seen = new Map<string, number>();
  const count = (what: string): void => void seen.set(what, (seen.get(what) ?? 0) + 1);
  for (const list of fc.sample(operations, { seed: 1, numRuns: 150 })) {
    runBoth(list, (o, accepted, moved) => {
      count(`${o.op} ${accepted ? "done" : "refused"}`);
      if (o.op === "sweep" && moved > 0) count("sweep moved money");
      if (o.op === "pay-tagged" && accepted && o.payee !== "builder") count("tag released");
    });
  }
  const both = ["issue", "redeem", "pay", "pay-tagged", "hold", "post", "void", "define"];
  const tagOrders = ["issue-tag", "return-tag"];
  const wanted = [
    ...[...both, ...tagOrders].flatMap((op) => [`${op} done`, `${op} refused`]),
    "sweep moved money",
    "tag released",
  ];
  const rare = wanted.filter((what) => (seen.get(what) ?? 0) < 20);
  expect(rare, JSON.stringify([...seen])).toEqual([]);
});
