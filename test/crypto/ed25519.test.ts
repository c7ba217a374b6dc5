import { readFileSync } from "node:fs";
import { join } from "node:path";
import * as noble from "@noble/ed25519";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { bytesToHex, equalBytes, utf8ToBytes, type Bytes } from "../../crypto/bytes.ts";
import {
  acceleratedVerifier,
  definitionVerifier,
  enrolKey,
  isValidSignature,
  nobleSigner,
  type EnrolledKey,
} from "../../crypto/ed25519.ts";
import { opensslSigner, opensslVerifier } from "../../node/io/openssl.ts";
import { bitsOf, bytesNamed, flipBit, hex } from "../bytes.ts";
import { holds } from "../property.ts";
import {
  enrolment,
  GROUP_ORDER,
  keyCases,
  misjudged,
  secretOf,
  signatureCases,
  signWithTorsion,
} from "./ed25519-cases.ts";

const json = (path: string): unknown =>
  JSON.parse(readFileSync(join(import.meta.dirname, "../vectors", path), "utf8"));

const fast = opensslVerifier();
const accelerated = acceleratedVerifier(fast);
const CASES = ["first", "second", "third"].flatMap(signatureCases);

function enrolled(bytes: Bytes): EnrolledKey {
  const key = enrolKey(bytes);
  if (!key.ok) throw new RangeError(key.error.why);
  return key.value;
}

/** Both verdicts of the real thing, which must be one. */
function verdict(key: EnrolledKey, message: Bytes, signature: Bytes): boolean {
  const definition = isValidSignature(key, message, signature);
  expect(accelerated.verify(key, message, signature).valid).toBe(definition);
  return definition;
}

describe("published vectors", () => {
  type Rfc8032 = readonly Readonly<Record<"priv" | "pub" | "msg" | "sig", string>>[];
  const rfc8032 = json("rfc8032/rfc8032-ed25519.json") as Rfc8032;
  /** RFC 8032, section 7.1, TEST SHA(abc): the message is the SHA-512 of "abc". */
  const testShaAbc = {
    priv: "833fe62409237b9d62ec77587520911e9a759cec1d19755b7da901b96dca3d42",
    pub: "ec172b93ad5e563bf4932c70e1245034c35467ef2efd4d64ebf819683467e2bf",
    msg: bytesToHex(noble.hash(utf8ToBytes("abc"))),
    sig:
      "dc2a4459e7369633a52b1bf277839a00201009a3efbf3ecb69bea2186c26b589" +
      "09351fc9ac90b3ecfdfbc7c66431e0303dca179c138ac17ad9bef1177331a704",
  };

  it.each([...rfc8032, testShaAbc])("RFC 8032: key $pub", ({ priv, pub, msg, sig }) => {
    for (const signer of [nobleSigner(hex(priv)), opensslSigner(hex(priv))]) {
      expect(bytesToHex(signer.publicKey)).toBe(pub);
      expect(bytesToHex(signer.sign(hex(msg)))).toBe(sig);
    }
    expect(verdict(enrolled(hex(pub)), hex(msg), hex(sig))).toBe(true);
  });

  type Wycheproof = {
    readonly testGroups: readonly {
      readonly publicKey: { readonly pk: string };
      readonly tests: readonly {
        readonly tcId: number;
        readonly comment: string;
        readonly msg: string;
        readonly sig: string;
        readonly result: "valid" | "invalid";
      }[];
    }[];
  };
  const wycheproof = (json("wycheproof-ed25519/ed25519_test.json") as Wycheproof).testGroups;
  const wycheproofCases = wycheproof.flatMap(({ publicKey, tests }) =>
    tests.map((test) => ({ ...test, key: enrolled(hex(publicKey.pk)) })),
  );

  it("Wycheproof has 151 cases, 88 of them valid", () => {
    expect(wycheproofCases).toHaveLength(151);
    expect(wycheproofCases.filter(({ result }) => result === "valid")).toHaveLength(88);
  });

  it.each(wycheproofCases)("Wycheproof $tcId is $result: $comment", ({ key, msg, sig, result }) => {
    expect(verdict(key, hex(msg), hex(sig))).toBe(result === "valid");
  });
});

describe("enrolment (B3)", () => {
  it.each(keyCases())("$name: $verdict", ({ bytes, verdict: expected }) => {
    expect(enrolment(bytes)).toBe(expected);
  });

  it("keeps a copy that the caller cannot change", () => {
    const bytes = Uint8Array.from(nobleSigner(bytesNamed("copy")).publicKey);
    const key = enrolled(bytes);
    bytes.fill(0);
    expect(bytesToHex(key)).toBe(bytesToHex(nobleSigner(bytesNamed("copy")).publicKey));
  });

  it("gives a verdict on any bytes", () => {
    const anyBytes = fc.oneof(
      fc.uint8Array({ maxLength: 70 }),
      fc.uint8Array({ minLength: 32, maxLength: 32 }),
    );
    holds(
      fc.property(anyBytes, (bytes) => {
        const key = enrolKey(bytes);
        if (key.ok) expect(equalBytes(key.value, bytes)).toBe(true);
      }),
      200,
    );
  });
});

describe("accelerated == definition (B3)", () => {
  it.each(CASES)("$name: $valid", ({ key, message, signature, valid }) => {
    expect(verdict(key, message, signature)).toBe(valid);
  });

  it("an honest signature takes the fast path, torsion in R and a wrong signature the slow one", () => {
    const slow = CASES.map((c) => accelerated.verify(c.key, c.message, c.signature).slow);
    const quick = CASES.filter((_, i) => slow[i] === false).map((c) => c.name);
    expect(quick.filter((name) => name.startsWith("honest"))).toHaveLength(3);
    expect(quick.filter((name) => name.startsWith("length"))).toHaveLength(3 * 8);
    expect(quick.filter((name) => /order [248]|S \+|another/.test(name))).toEqual([]);
  });

  it("without any fast path the verdicts are the same", () => {
    const cautious = acceleratedVerifier(() => false);
    expect(misjudged(CASES, (...args) => cautious.verify(...args).valid)).toEqual([]);
    expect(misjudged(CASES, (...args) => definitionVerifier.verify(...args).valid)).toEqual([]);
  });

  const signer = opensslSigner(bytesNamed("flips"));
  const message = utf8ToBytes("pay 100.00 KZT");
  const signature = signer.sign(message);

  it("no bit of the signature can be flipped", () => {
    const accepted = bitsOf(signature).filter((bit) =>
      verdict(signer.publicKey, message, flipBit(signature, bit)),
    );
    expect(accepted).toEqual([]);
  });

  it("no bit of the message can be flipped", () => {
    const accepted = bitsOf(message).filter((bit) =>
      verdict(signer.publicKey, flipBit(message, bit), signature),
    );
    expect(accepted).toEqual([]);
  });

  it("no bit of the key can be flipped: it is not enrolled, or refuses", () => {
    const accepted = bitsOf(signer.publicKey).filter((bit) => {
      const key = enrolKey(flipBit(signer.publicKey, bit));
      return key.ok && verdict(key.value, message, signature);
    });
    expect(accepted).toEqual([]);
  });

  const seeds = Array.from({ length: 8 }, (_, i) => bytesNamed(`random ${i}`));
  const keys = seeds.map((seed) => ({ ...secretOf(seed), signer: opensslSigner(seed) }));
  const anyKey = fc.constantFrom(...keys);
  const anyMessage = fc.uint8Array({ maxLength: 100 });
  const any64Bytes = fc.uint8Array({ minLength: 64, maxLength: 64 });
  const anyScalar = fc.bigInt({ min: 0n, max: GROUP_ORDER - 1n });

  it("on honest signatures", () => {
    holds(
      fc.property(anyKey, anyMessage, (owner, message) =>
        verdict(owner.key, message, owner.signer.sign(message)),
      ),
      700,
    );
  });

  it("on damaged signatures", () => {
    holds(
      fc.property(anyKey, anyMessage, fc.nat(511), (owner, message, bit) => {
        const damaged = flipBit(owner.signer.sign(message), bit);
        return !verdict(owner.key, message, damaged);
      }),
      400,
    );
  });

  it("on signatures of other keys and of other messages", () => {
    holds(
      fc.property(anyKey, anyKey, anyMessage, anyMessage, (a, b, first, second) => {
        const own = a === b && equalBytes(first, second);
        return verdict(b.key, second, a.signer.sign(first)) === own;
      }),
      300,
    );
  });

  it("on crafted signatures, with any torsion in R", () => {
    holds(
      fc.property(anyKey, anyMessage, anyScalar, fc.nat(7), (owner, message, r, torsion) =>
        verdict(owner.key, message, signWithTorsion(owner, message, r, torsion)),
      ),
      300,
    );
  });

  it("on random bytes", () => {
    holds(
      fc.property(anyKey, anyMessage, any64Bytes, (owner, message, bytes) => {
        return !verdict(owner.key, message, bytes);
      }),
      300,
    );
  });

  it("is total: three random byte strings get a verdict", () => {
    const bytes = fc.uint8Array({ maxLength: 130 });
    holds(
      fc.property(bytes, bytes, bytes, (key, message, signature) => {
        expect(isValidSignature(key as EnrolledKey, message, signature)).toBe(false);
      }),
      500,
    );
  });
});
