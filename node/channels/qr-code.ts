import { bytesToHex, parseHex, type Bytes } from "../../crypto/bytes.ts";
import {
  bin,
  binUpTo,
  decode,
  encode,
  nullable,
  text,
  tuple,
  uint,
  type LayoutValue,
} from "../../crypto/canonical-layout.ts";
import {
  signedBytes,
  type EnrolledKey,
  type Signature,
  type Signer,
  type Verifier,
} from "../../crypto/ed25519.ts";
import { digestParts, DOMAIN, equalHash, hashKey, type Hash } from "../../crypto/hash.ts";
import { ok, reject, type Outcome } from "../../crypto/outcome.ts";
import type { Fact } from "../facts.ts";
import { accountLayout, bankLayout, hashLayout, type AccountId } from "../ids.ts";
import { lineLayout, ORDER, purposeLayout, type Order } from "../instruction.ts";
import { amountLayout } from "../money.ts";
import type { RuleCode } from "../rules/codes.ts";
import { MAX_QR_LIFE_MS } from "./limits.ts";

/** What a payee asks to be paid, once, until it expires (FORMAT.md, section 11.1). */
const qrCodeLayout = tuple({
  net: hashLayout,
  /** The payee's bank. */
  bank: bankLayout,
  payee: accountLayout,
  amount: amountLayout,
  line: nullable(lineLayout),
  purpose: nullable(purposeLayout),
  invoice: nullable(text<string>(35, { min: 1 })),
  /** Chosen by the payee, each once. */
  nonce: bin<Bytes>(16),
  expiryMs: uint(),
});

export type QrCode = LayoutValue<typeof qrCodeLayout>;

const signedQrCodeLayout = tuple({ body: binUpTo(512, 1), signature: bin<Signature>(64) });

export type SignedQrCode = LayoutValue<typeof signedQrCodeLayout>;

/** Why a QR code is not paid: a code of the rules, with what was found and what would be right. */
export interface QrRejection {
  readonly code: Extract<
    RuleCode,
    "QR_EXPIRED" | "QR_NONCE_REUSED" | "QR_SIGNATURE_INVALID" | "TERMS_INVALID"
  >;
  readonly found: string;
  readonly allowed: string;
}

/** A QR code that its payee has signed and that may still be paid; only `checkQrCode` makes one. */
export interface PayableQrCode {
  readonly id: Hash;
  readonly code: QrCode;
}

/** What a bank knows when it judges a QR code. */
export interface QrSetting {
  readonly net: Hash;
  readonly bank: number;
  readonly keyOf: (payee: AccountId) => EnrolledKey | undefined;
  readonly verifier: Verifier;
  readonly isPaid: (payee: AccountId, nonce: string) => boolean;
  readonly nowMs: number;
}

/** Digits and capitals alone, so that the symbol can use its alphanumeric mode. */
const TEXT_PATTERN = /^DALIZ1:([0-9A-F]{2,1400})$/;

/** The longest text that `TEXT_PATTERN` lets pass. */
export const MAX_QR_TEXT = 1_407;

export function signQrCode(code: QrCode, signer: Signer): SignedQrCode {
  const body = encode(qrCodeLayout, code);
  return { body, signature: signer.sign(signedBytes(DOMAIN.qr, body)) };
}

/** The text that the symbol shows. */
export const renderQrText = (signed: SignedQrCode): string =>
  `DALIZ1:${bytesToHex(encode(signedQrCodeLayout, signed)).toUpperCase()}`;

const qrCodeId = (body: Bytes): Hash => digestParts(DOMAIN.qr, body);

/** Text to a QR code that may be paid now at this bank. The signature is judged before anything it says. */
export function checkQrCode(
  found: string,
  setting: QrSetting,
): Outcome<PayableQrCode, QrRejection> {
  const { net, bank, keyOf, verifier, isPaid, nowMs } = setting;
  const forged = (why: string) =>
    reject({
      code: "QR_SIGNATURE_INVALID",
      found: why,
      allowed: "the text of a QR code that a payee of this bank has signed",
    } as const);
  const bytes = parseHex(TEXT_PATTERN.exec(found)?.[1] ?? "");
  if (bytes === undefined || bytes.length === 0) return forged("another text");
  const signed = decode(signedQrCodeLayout, bytes);
  if (!signed.ok) return forged(`bytes that are ${signed.error.code}`);
  const { body, signature } = signed.value;
  const decoded = decode(qrCodeLayout, body);
  if (!decoded.ok) return forged(`a body that is ${decoded.error.code}`);
  const code = decoded.value;
  if (!equalHash(code.net, net) || code.bank !== bank) return forged("a code of another bank");
  const key = keyOf(code.payee);
  if (key === undefined) return forged(`a payee without an account, ${code.payee}`);
  if (!verifier.verify(key, signedBytes(DOMAIN.qr, body), signature).valid) {
    return forged("another signature");
  }
  if (code.amount === 0n) return forged("an amount of zero");
  if (code.expiryMs <= nowMs || code.expiryMs > nowMs + MAX_QR_LIFE_MS) {
    return reject({
      code: "QR_EXPIRED",
      found: `an end at ${code.expiryMs} ms, at ${nowMs} ms`,
      allowed: `an end within ${MAX_QR_LIFE_MS} ms from now`,
    });
  }
  if (isPaid(code.payee, hashKey(code.nonce))) {
    return reject({
      code: "QR_NONCE_REUSED",
      found: `the nonce ${hashKey(code.nonce)} for the second time`,
      allowed: "each nonce of a payee once",
    });
  }
  return ok({ id: qrCodeId(body), code });
}

/** Facts that a payment of the code states, so that the ledger tells for ever which codes were paid. */
export const QR_FACT = {
  id: "qr",
  nonce: "qr-nonce",
  expiry: "qr-expiry",
  invoice: "invoice",
} as const;

export function qrFacts({ id, code }: PayableQrCode): readonly Fact[] {
  const facts: Fact[] = [
    { name: QR_FACT.id, value: hashKey(id) },
    { name: QR_FACT.nonce, value: hashKey(code.nonce) },
    { name: QR_FACT.expiry, value: `${code.expiryMs}` },
  ];
  if (code.invoice !== null) facts.push({ name: QR_FACT.invoice, value: code.invoice });
  return facts;
}

/** Whether an order pays exactly what the code asks for; the payer chooses the tag, and may state more. */
export function checkPaysQrCode(
  order: Order,
  payable: PayableQrCode,
): Outcome<Extract<Order, { readonly kind: typeof ORDER.transfer }>, QrRejection> {
  const differs = (found: string, allowed: string) =>
    reject({ code: "TERMS_INVALID", found, allowed } as const);
  const { code } = payable;
  if (order.kind !== ORDER.transfer) return differs("another order", "a transfer");
  if (order.payee !== code.payee) return differs(`payee ${order.payee}`, code.payee);
  if (order.amount !== code.amount) return differs(`amount ${order.amount}`, `${code.amount}`);
  if (code.line !== null && order.line !== code.line) {
    return differs(`line ${order.line ?? "none"}`, code.line);
  }
  if (code.purpose !== null && order.purpose !== code.purpose) {
    return differs(`purpose ${order.purpose ?? "none"}`, code.purpose);
  }
  for (const { name, value } of qrFacts(payable)) {
    const stated = order.facts.filter((fact) => fact.name === name);
    if (stated.length === 1 && stated[0]?.value === value) continue;
    return differs(`${stated.length} facts ${name}`, `one fact ${name} with the value ${value}`);
  }
  return ok(order);
}
