import fc from "fast-check";
import { MEMBER_NAMES, type MemberName } from "./fixtures.ts";
import { TAG_NAMES, type Operation, type TagName } from "./ledger-model.ts";

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
  weighted(7, ["pay-tagged"], {
    ...tagged,
    payer: payers("bank-a", "bank-b"),
    payee: payees("bank-b", "bank-a", "builder", "abroad"),
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

/** The programme needs no treasury, and begins later. */
const PROGRAMME_OPENING: readonly Operation[] = [
  { op: "issue", payer: "bank-a", amount: 70 },
  { op: "define", payer: "bank-a", tag: "PROGRAMME" },
  { op: "wait", ms: 300 },
  { op: "issue-tag", payer: "bank-a", tag: "PROGRAMME", amount: 40 },
  {
    op: "pay-tagged",
    payer: "bank-a",
    payee: "bank-b",
    amount: 15,
    tag: "PROGRAMME",
    line: "A",
    purpose: "MEALS",
  },
];

/** The contract ends, and so does what is still held under it. */
const CLOSING: readonly Operation[] = [{ op: "wait", ms: 1_000 }, { op: "sweep" }];

/** A day at the bank: up to 75 operations, most of which could be meant in earnest. */
export const operations: fc.Arbitrary<readonly Operation[]> = fc
  .record({
    opening: fc.constantFrom(OPENING, OPENING, PROGRAMME_OPENING, []),
    day: fc.array(anyOperation, { maxLength: 60, size: "max" }),
    closing: fc.constantFrom(CLOSING, []),
    evening: fc.array(anyOperation, { maxLength: 15, size: "max" }),
  })
  .map(({ opening, day, closing, evening }) => [...opening, ...day, ...closing, ...evening]);
