import * as noble from "@noble/ed25519";
import { bytesToHex, concatBytes, type Bytes } from "../../crypto/bytes.ts";
import {
  enrolKey,
  KEY_BYTES,
  SIGNATURE_BYTES,
  type EnrolledKey,
  type KeyRejection,
} from "../../crypto/ed25519.ts";
import { bytesNamed, hex } from "../bytes.ts";

/**
 * Keys and signatures on which Ed25519 verifiers are known to disagree, made from the private key as
 * a dishonest bank could make them. Each has the verdict that the definition gives.
 */

export interface SignatureCase {
  readonly name: string;
  readonly key: EnrolledKey;
  readonly message: Bytes;
  readonly signature: Bytes;
  readonly valid: boolean;
}

export interface KeyCase {
  readonly name: string;
  readonly bytes: Bytes;
  readonly verdict: "enrolled" | KeyRejection["why"];
}

/** The order of the prime-order subgroup. */
export const GROUP_ORDER = noble.Point.CURVE().n;

/** A point of order 8; its multiples are all eight points of small order. */
const TORSION = noble.Point.fromHex(
  "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
);
const torsion = (multiple: number): noble.Point => TORSION.multiply(BigInt(multiple), false);
const orderOf = (multiple: number): number => [1, 8, 4, 8, 2, 8, 4, 8][multiple] ?? 0;

/** Encodings that no honest encoder writes, of points of small order: y not below p, or -0 for x. */
const NON_CANONICAL_POINTS: readonly (readonly [name: string, encoding: Bytes])[] = [
  ["identity, sign of x set", hex(`01${"00".repeat(30)}80`)],
  ["order 2, sign of x set", hex("ff".repeat(32).replace(/^ff/, "ec"))],
  ["order 4, y = p", hex(`ed${"ff".repeat(30)}7f`)],
  ["order 4, y = p, sign of x set", hex(`ed${"ff".repeat(31)}`)],
  ["identity, y = p + 1", hex(`ee${"ff".repeat(30)}7f`)],
  ["identity, y = p + 1, sign of x set", hex(`ee${"ff".repeat(31)}`)],
];

/** A private key, taken apart. */
export interface Secret {
  readonly key: EnrolledKey;
  readonly scalar: bigint;
}

export function secretOf(seed: Bytes): Secret {
  const { scalar, pointBytes } = noble.utils.getExtendedPublicKey(seed);
  const key = enrolKey(pointBytes);
  if (!key.ok) throw new RangeError(key.error.why);
  return { key: key.value, scalar };
}

/** A signature that satisfies the cofactored equation for the R given: its encoding and its r. */
export function signWith(secret: Secret, message: Bytes, encodedR: Bytes, r: bigint): Bytes {
  const challenge = littleEndian(noble.hash(concatBytes(encodedR, secret.key, message)));
  return concatBytes(encodedR, scalarBytes((r + challenge * secret.scalar) % GROUP_ORDER));
}

/** A valid signature whose R = rB + T has a part of small order: `multiple` picks T, 0 for none. */
export function signWithTorsion(
  secret: Secret,
  message: Bytes,
  r: bigint,
  multiple: number,
): Bytes {
  const point = r === 0n ? noble.Point.ZERO : noble.Point.BASE.multiply(r, false);
  return signWith(secret, message, point.add(torsion(multiple)).toBytes(), r);
}

/** One case of each family, under one key. */
export function signatureCases(name: string): readonly SignatureCase[] {
  const seed = bytesNamed(`${name} seed`);
  const secret = secretOf(seed);
  const message = bytesNamed(`${name} message`);
  const r = littleEndian(bytesNamed(`${name} r`)) % GROUP_ORDER;
  const honest = noble.sign(message, seed);
  const cases: SignatureCase[] = [];
  const add = (family: string, valid: boolean, signature: Bytes): void => {
    cases.push({ name: `${family} (${name})`, key: secret.key, message, signature, valid });
  };

  add("honest", true, honest);
  for (let i = 0; i < 8; i++) {
    add(`R = rB + T of order ${orderOf(i)}`, true, signWithTorsion(secret, message, r, i));
    add(`R of small order ${orderOf(i)}`, true, signWithTorsion(secret, message, 0n, i));
  }
  for (const [what, encoding] of NON_CANONICAL_POINTS) {
    add(`non-canonical R: ${what}`, false, signWith(secret, message, encoding, 0n));
  }
  const honestR = honest.subarray(0, KEY_BYTES);
  const honestS = littleEndian(honest.subarray(KEY_BYTES));
  for (let times = 1n; honestS + times * GROUP_ORDER < 2n ** 256n; times++) {
    const s = scalarBytes(honestS + times * GROUP_ORDER);
    add(`S + ${times} L`, false, concatBytes(honestR, s));
  }
  add("S = 0", false, concatBytes(honestR, new Uint8Array(KEY_BYTES)));
  add("all zero", false, new Uint8Array(SIGNATURE_BYTES));
  add("halves swapped", false, concatBytes(honest.subarray(KEY_BYTES), honestR));
  add("key as R", false, concatBytes(secret.key, honest.subarray(KEY_BYTES)));
  add("another message", false, noble.sign(bytesNamed(`${name} other message`), seed));
  add("another key", false, noble.sign(message, bytesNamed(`${name} other seed`)));
  for (const length of [0, 1, 31, 32, 63, 65, 96, 128]) {
    add(`length ${length}`, false, concatBytes(honest, honest).subarray(0, length));
  }
  return cases;
}

/** One key of each kind that enrolment tells apart. */
export function keyCases(): readonly KeyCase[] {
  const honest = noble.getPublicKey(bytesNamed("enrolment"));
  const point = noble.Point.fromBytes(honest);
  const cases: KeyCase[] = [{ name: "honest", bytes: honest, verdict: "enrolled" }];
  const add = (name: string, verdict: KeyCase["verdict"], bytes: Bytes): void => {
    cases.push({ name, bytes, verdict });
  };
  for (let i = 0; i < 8; i++) add(`order ${orderOf(i)}`, "small order", torsion(i).toBytes());
  for (let i = 1; i < 8; i++) {
    add(`A + T of order ${orderOf(i)}`, "torsion", point.add(torsion(i)).toBytes());
  }
  for (const [name, encoding] of NON_CANONICAL_POINTS) add(name, "encoding", encoding);
  add("not on the curve", "encoding", hex(`02${"00".repeat(31)}`));
  add("all ones", "encoding", hex("ff".repeat(KEY_BYTES)));
  for (const length of [0, 1, 31, 33, 64]) {
    add(`length ${length}`, "length", concatBytes(honest, honest).subarray(0, length));
  }
  return cases;
}

/** The cases that a verifier gets wrong; a throw is wrong too. */
export const misjudged = (
  cases: readonly SignatureCase[],
  verify: (key: EnrolledKey, message: Bytes, signature: Bytes) => boolean,
): readonly string[] =>
  cases
    .filter((c) => orThrown(() => verify(c.key, c.message, c.signature)) !== c.valid)
    .map((c) => c.name);

/** The keys that an enrolment gets wrong. */
export const misenrolled = (enrol: (bytes: Bytes) => KeyCase["verdict"]): readonly string[] =>
  keyCases()
    .filter((c) => orThrown(() => enrol(c.bytes)) !== c.verdict)
    .map((c) => c.name);

export const enrolment = (bytes: Bytes): KeyCase["verdict"] => {
  const key = enrolKey(bytes);
  return key.ok ? "enrolled" : key.error.why;
};

export function orThrown<T>(run: () => T): T | "thrown" {
  try {
    return run();
  } catch {
    return "thrown";
  }
}

export function littleEndian(bytes: Bytes): bigint {
  return BigInt(`0x${bytesToHex(bytes.toReversed())}`);
}

function scalarBytes(scalar: bigint): Bytes {
  return hex(scalar.toString(16).padStart(64, "0")).toReversed();
}
