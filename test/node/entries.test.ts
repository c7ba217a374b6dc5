import { describe, expect, it } from "vitest";
import type { Bytes } from "../../crypto/bytes.ts";
import { decode, encode } from "../../crypto/canonical-layout.ts";
import type { Signature } from "../../crypto/ed25519.ts";
import { applyEntry } from "../../node/domestic/apply.ts";
import { decideInstruction } from "../../node/domestic/decide.ts";
import { accountId, memberId } from "../../node/ids.ts";
import { ORDER, type SignedInstruction } from "../../node/instruction.ts";
import {
  DOMESTIC,
  domesticEntryLayout,
  MAX_TERMS_BYTES,
  type DomesticEntry,
} from "../../node/ledger/domestic-entries.ts";
import {
  MAX_DEFINITION_BYTES,
  MAX_ENTRY_BYTES,
  MAX_ESTIMATE_LINES,
  MAX_FLAGS,
  MAX_TAG_PAYEES,
} from "../../node/limits.ts";
import { MAX_AMOUNT } from "../../node/money.ts";
import { bytesNamed } from "../bytes.ts";
import { booksOfMembers, encodeDefinition, ROAD, taken } from "./fixtures.ts";

const LATEST = Number.MAX_SAFE_INTEGER;
const account = accountId("a".repeat(32));
const tag = bytesNamed("tag");
const sid = bytesNamed("sid");
const salt = bytesNamed("salt").subarray(0, 16);
const signatureOf = (bytes: number): SignedInstruction => ({
  body: new Uint8Array(bytes).fill(0xff),
  signature: new Uint8Array(64) as Bytes as Signature,
});

/** Orders other than a tag's definition are short: a transfer is the longest. */
const instruction = signatureOf(3_200);
const defining = signatureOf(60_500);
const common = { instruction, timeMs: LATEST, salt };
const moved = { payer: account, payee: account, tag, amount: MAX_AMOUNT };
const terms = {
  terms: new Uint8Array(MAX_TERMS_BYTES),
  termsSalt: bytesNamed("salt of the terms"),
};
const code = "C".repeat(40);
const rule = "R".repeat(24);
const flags = Array.from({ length: MAX_FLAGS }, () => rule);

/** One entry of every kind, with the largest value in every field. */
const LARGEST: readonly DomesticEntry[] = [
  { kind: DOMESTIC.ISSUE, account, amount: MAX_AMOUNT, ...common },
  { kind: DOMESTIC.REDEEM, account, amount: MAX_AMOUNT, ...common },
  { kind: DOMESTIC.XFER, ...moved, line: "L".repeat(16), flags, ...common },
  { kind: DOMESTIC.HOLD, sid, leg: 15, ...moved, ...terms, flags, ...common },
  { kind: DOMESTIC.POST, sid, leg: 15, salt },
  { kind: DOMESTIC.UNHOLD, sid, leg: 15, salt },
  {
    kind: DOMESTIC.ENROL,
    member: memberId("m".repeat(32)),
    memberClass: 10,
    resident: 1,
    key: bytesNamed("key"),
    reserves: MAX_AMOUNT,
    timeMs: LATEST,
    salt,
  },
  { kind: DOMESTIC.REJECTED, terms: { ...terms, leg: 15 }, code, rule, ...common },
  { kind: DOMESTIC.REJECTED, terms: null, code, rule, ...common, instruction: defining },
  { kind: DOMESTIC.TAG_DEFINE, ...common, instruction: defining },
  { kind: DOMESTIC.TAG_ISSUE, tag, account, amount: MAX_AMOUNT, ...common },
  { kind: DOMESTIC.TAG_RELEASE, ...moved, line: "L".repeat(16), flags, ...common },
  { kind: DOMESTIC.TAG_RETURN, payer: account, tag, amount: MAX_AMOUNT, ...common },
  { kind: DOMESTIC.RULES, rules: new Uint8Array(MAX_DEFINITION_BYTES), timeMs: LATEST, salt },
  { kind: DOMESTIC.ATTEST, ...common },
  { kind: DOMESTIC.TAG_CONTRACT, ...common },
  { kind: DOMESTIC.TAG_FREEZE, ...common },
  { kind: DOMESTIC.TAG_UNFREEZE, ...common },
  {
    kind: DOMESTIC.VAT_XFER,
    ...moved,
    line: "L".repeat(16),
    vat: MAX_AMOUNT,
    vatTag: tag,
    flags,
    ...common,
  },
  {
    kind: DOMESTIC.COURT_DEBIT,
    payer: account,
    payee: account,
    amount: MAX_AMOUNT,
    flags,
    ...common,
  },
];

const nameOf = (kind: number): string =>
  Object.entries(DOMESTIC).find(([, value]) => value === kind)?.[0] ?? "unknown";

describe("domestic entries", () => {
  it("every kind stands in the list", () => {
    const kinds = new Set(LARGEST.map(({ kind }) => kind));
    expect(Object.values(DOMESTIC).filter((kind) => !kinds.has(kind))).toEqual([]);
  });

  it.each(LARGEST.map((entry) => ({ name: nameOf(entry.kind), entry })))(
    "the largest $name fits an entry and comes back from its bytes",
    ({ entry }) => {
      const bytes = encode(domesticEntryLayout, entry);
      expect(bytes.length).toBeLessThanOrEqual(MAX_ENTRY_BYTES);
      expect(decode(domesticEntryLayout, bytes)).toEqual({ ok: true, value: entry });
    },
  );
});

describe("a tag's definition", () => {
  const payees = (count: number) =>
    Array.from({ length: count }, (_, i) => ({
      account: accountId(`payee-${i}`.padEnd(32, "x")),
      final: 0 as const,
    }));
  const lines = (count: number) =>
    Array.from({ length: count }, (_, i) => ({
      line: `LINE-${i}`.padEnd(16, "-"),
      maxAmount: MAX_AMOUNT,
      maxUnitPrice: MAX_AMOUNT,
      quantity: 0xffff_ffff,
      importable: 1 as const,
    }));

  it("as large as an order can carry is decided, written, and applied", () => {
    const definition = encodeDefinition({
      ...ROAD,
      payees: payees(MAX_TAG_PAYEES),
      lines: lines(MAX_ESTIMATE_LINES),
    });
    expect(definition.length).toBeGreaterThan(32_768);
    const books = booksOfMembers();
    const order = taken("treasury", 1, { kind: ORDER.defineTag, definition });
    const { entry, rejection } = decideInstruction(books, order, 0);
    expect(rejection).toBeUndefined();
    const bytes = encode(domesticEntryLayout, { ...entry, salt });
    expect(bytes.length).toBeLessThanOrEqual(MAX_ENTRY_BYTES);
    applyEntry(books, entry);
    expect([...books.tags.values()][0]?.payees.size).toBe(MAX_TAG_PAYEES);
  });

  it("that is none is turned down, and the entry keeps the order", () => {
    const books = booksOfMembers();
    const order = taken("treasury", 1, { kind: ORDER.defineTag, definition: bytesNamed("junk") });
    const { entry, rejection } = decideInstruction(books, order, 0);
    expect(rejection).toMatchObject({ code: "TAG_DEFINITION_INVALID", rule: "TAG-1" });
    expect(entry).toMatchObject({ kind: DOMESTIC.REJECTED, code: "TAG_DEFINITION_INVALID" });
    applyEntry(books, entry);
    expect(books.tags.size).toBe(0);
  });
});
