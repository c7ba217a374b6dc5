import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { bytesToHex, concatBytes } from "../../crypto/bytes.ts";
import { encode } from "../../crypto/canonical-layout.ts";
import { isValidSignature, type Signature } from "../../crypto/ed25519.ts";
import { DOMAIN, hashKey, type Hash } from "../../crypto/hash.ts";
import { MAX_FACTS } from "../../node/facts.ts";
import { accountId, memberId } from "../../node/ids.ts";
import {
  instructionHash,
  instructionLayout,
  instructionSignedBytes,
  ORDER,
  parseInstruction,
  signedInstructionLayout,
  signInstruction,
  type Instruction,
  type Order,
} from "../../node/instruction.ts";
import { opensslSigner } from "../../node/io/openssl.ts";
import { MAX_AMOUNT, type Amount } from "../../node/money.ts";
import { bytesNamed, flipBit, hex } from "../bytes.ts";
import { holds } from "../property.ts";

const signer = opensslSigner(bytesNamed("a member"));

const anyAmount = fc.bigInt({ min: 0n, max: MAX_AMOUNT }).map((n) => n as Amount);
const anyHash = fc
  .uint8Array({ minLength: 32, maxLength: 32 })
  .map((bytes) => bytes as Uint8Array as Hash);
const anyName = fc.stringMatching(/^[a-z][a-z0-9-]{1,31}$/);
const code = (pattern: RegExp) => fc.option(fc.stringMatching(pattern));

const anyOrder: fc.Arbitrary<Order> = fc.oneof(
  fc.record({ kind: fc.constant(ORDER.issue), amount: anyAmount }),
  fc.record({ kind: fc.constant(ORDER.redeem), amount: anyAmount }),
  fc.record({
    kind: fc.constant(ORDER.transfer),
    payee: anyName.map(accountId),
    tag: fc.option(anyHash),
    amount: anyAmount,
    line: code(/^[A-Z0-9.-]{1,16}$/),
    purpose: code(/^[A-Z0-9-]{1,16}$/),
    facts: fc.array(
      fc.record({
        name: fc.stringMatching(/^[a-z][a-z0-9-]{0,23}$/),
        value: fc.stringMatching(/^[ -~]{1,140}$/),
      }),
      { maxLength: MAX_FACTS },
    ),
  }),
  fc.record({ kind: fc.constant(ORDER.swap), commitment: anyHash, tag: fc.option(anyHash) }),
  fc.record({
    kind: fc.constant(ORDER.defineTag),
    definition: fc.uint8Array({ minLength: 1, maxLength: 400 }),
  }),
  fc.record({ kind: fc.constant(ORDER.issueTag), tag: anyHash, amount: anyAmount }),
  fc.record({ kind: fc.constant(ORDER.returnTag), tag: anyHash, amount: anyAmount }),
  fc.record({
    kind: fc.constant(ORDER.attest),
    topic: fc.stringMatching(/^[A-Z0-9-]{1,16}$/),
    subject: fc.stringMatching(/^[a-z0-9-]{2,64}$/),
    value: fc.maxSafeNat(),
    document: fc.option(anyHash),
    validToMs: fc.maxSafeNat(),
  }),
  fc.record({
    kind: fc.constant(ORDER.contract),
    tag: anyHash,
    payee: anyName.map(accountId),
    line: fc.stringMatching(/^[A-Z0-9.-]{1,16}$/),
    amount: anyAmount,
    document: anyHash,
  }),
  fc.record({
    kind: fc.constantFrom(ORDER.freeze, ORDER.unfreeze),
    tag: anyHash,
    account: fc.option(anyName.map(accountId)),
    case: fc.stringMatching(/^[ -~]{1,32}$/),
  }),
);

const anyInstruction: fc.Arbitrary<Instruction> = fc.record({
  net: anyHash,
  bank: fc.nat(65_535),
  member: anyName.map(memberId),
  number: fc.maxSafeNat(),
  order: anyOrder,
});

const PAYMENT: Instruction = {
  net: bytesNamed("genesis"),
  bank: 1,
  member: memberId("halyk"),
  number: 1,
  order: {
    kind: ORDER.transfer,
    payee: accountId("kaspi"),
    tag: null,
    amount: 100n as Amount,
    line: null,
    purpose: null,
    facts: [],
  },
};

describe("an instruction", () => {
  it("comes back from what was signed, whatever it orders", () => {
    holds(
      fc.property(anyInstruction, (instruction) => {
        expect(parseInstruction(signInstruction(instruction, signer))).toEqual({
          ok: true,
          value: instruction,
        });
      }),
      500,
    );
  });

  it("is signed over its domain and its body (B5)", () => {
    const { body, signature } = signInstruction(PAYMENT, signer);
    const valid = (bytes: Uint8Array) => isValidSignature(signer.publicKey, bytes, signature);
    expect(bytesToHex(instructionSignedBytes(body))).toBe(
      bytesToHex(concatBytes(DOMAIN.instruction, body)),
    );
    expect(valid(instructionSignedBytes(body))).toBe(true);
    expect(valid(body)).toBe(false);
    expect(valid(concatBytes(DOMAIN.block, body))).toBe(false);
    expect(valid(concatBytes(DOMAIN.terms, body))).toBe(false);
  });

  it("is named by its body, never by its signature", () => {
    const signed = signInstruction(PAYMENT, signer);
    const resigned = { ...signed, signature: flipBit(signed.signature, 1) as Signature };
    const changed = signInstruction({ ...PAYMENT, number: 2 }, signer);
    expect(hashKey(instructionHash(resigned))).toBe(hashKey(instructionHash(signed)));
    expect(hashKey(instructionHash(changed))).not.toBe(hashKey(instructionHash(signed)));
  });

  it("has these bytes for ever", () => {
    expect(bytesToHex(encode(instructionLayout, PAYMENT))).toBe(
      `95c420${bytesToHex(PAYMENT.net)}01a568616c796b019703a56b61737069c064c0c090`,
    );
  });

  const { signature } = signInstruction(PAYMENT, signer);
  const net = bytesToHex(PAYMENT.net);
  it.each([
    ["bytes left over", `95c420${net}01a568616c796b0192016400`, "noncanonical"],
    [
      "an amount of two bytes that fits one",
      `95c420${net}01a568616c796b019201cc64`,
      "noncanonical",
    ],
    ["a negative amount", `95c420${net}01a568616c796b019201d09c`, "noncanonical"],
    ["an amount as a float", `95c420${net}01a568616c796b019201cb4059000000000000`, "noncanonical"],
    ["an amount of 2^63", `95c420${net}01a568616c796b019201cf8000000000000000`, "noncanonical"],
    ["an amount as text", `95c420${net}01a568616c796b019201a3313030`, "layout_mismatch"],
    ["an unknown order", `95c420${net}01a568616c796b01920864`, "layout_mismatch"],
    ["a name with a capital", `95c420${net}01a548616c796b01920164`, "layout_mismatch"],
    ["a name in Cyrillic", `95c420${net}01a4d0b0d0b101920164`, "noncanonical"],
    ["a bank above 65,535", `95c420${net}ce00010000a568616c796b01920164`, "layout_mismatch"],
    [
      "a number above 2^53 - 1",
      `95c420${net}01a568616c796bcf0020000000000000920164`,
      "layout_mismatch",
    ],
    ["no genesis hash", "95c001a568616c796b01920164", "layout_mismatch"],
    ["nothing", "", "noncanonical"],
  ])("%s is refused", (_, body, code) => {
    expect(parseInstruction({ body: hex(body), signature })).toMatchObject({ error: { code } });
  });

  it("with its signature is bounded", () => {
    const layout = signedInstructionLayout;
    const ofSize = (size: number) => ({ body: new Uint8Array(size), signature });
    expect(encode(layout, ofSize(60_500))).toHaveLength(1 + 3 + 60_500 + 2 + 64);
    expect(() => encode(layout, ofSize(60_501))).toThrow("CanonicalBytes");
    expect(() => encode(layout, ofSize(0))).toThrow("CanonicalBytes");
  });
});
