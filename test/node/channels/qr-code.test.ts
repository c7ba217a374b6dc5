import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { bytesToHex, parseHex } from "../../../crypto/bytes.ts";
import { hashKey } from "../../../crypto/hash.ts";
import {
  checkPaysQrCode,
  checkQrCode,
  MAX_QR_TEXT,
  QR_FACT,
  qrFacts,
  renderQrText,
  signQrCode,
  type PayableQrCode,
  type QrCode,
  type QrSetting,
} from "../../../node/channels/qr-code.ts";
import { MAX_QR_LIFE_MS } from "../../../node/channels/limits.ts";
import { ORDER, type Order } from "../../../node/instruction.ts";
import { bitsOf, bytesNamed, flipBit } from "../../bytes.ts";
import { holds } from "../../property.ts";
import {
  account,
  aigul,
  BANK,
  keyOf,
  money,
  NET,
  NOW_MS,
  shop,
  verifier,
  verifierOfFlip,
} from "./fixtures.ts";

const CODE: QrCode = {
  net: NET,
  bank: BANK,
  payee: account("shop"),
  amount: money(500_000),
  line: null,
  purpose: "GOODS",
  invoice: "INV-7",
  nonce: bytesNamed("nonce").subarray(0, 16),
  expiryMs: NOW_MS + 60_000,
};

const SETTING: QrSetting = {
  net: NET,
  bank: BANK,
  keyOf,
  verifier,
  isPaid: () => false,
  nowMs: NOW_MS,
};

const textOf = (change: Partial<QrCode> = {}): string =>
  renderQrText(signQrCode({ ...CODE, ...change }, shop));

function verdict(text: string, change: Partial<QrSetting> = {}): string {
  const checked = checkQrCode(text, { ...SETTING, ...change });
  return checked.ok ? "payable" : checked.error.code;
}

function payable(): PayableQrCode {
  const checked = checkQrCode(textOf(), SETTING);
  if (!checked.ok) throw new Error(checked.error.found);
  return checked.value;
}

describe("a QR code", () => {
  it("is payable when its payee has signed it", () => {
    const { code } = payable();
    expect({ ...code, nonce: hashKey(code.nonce), net: hashKey(code.net) }).toEqual({
      ...CODE,
      nonce: hashKey(CODE.nonce),
      net: hashKey(NET),
    });
    expect(textOf().length).toBeLessThan(MAX_QR_TEXT);
  });

  it("is refused with any one bit turned over", () => {
    const text = textOf();
    const bytes = parseHex(text.slice("DALIZ1:".length)) as Uint8Array;
    for (const bit of bitsOf(bytes)) {
      const flipped = `DALIZ1:${bytesToHex(flipBit(bytes, bit)).toUpperCase()}`;
      const setting = { verifier: verifierOfFlip(bit) };
      expect(verdict(flipped, setting), `bit ${bit}`).toBe("QR_SIGNATURE_INVALID");
    }
  });

  it("is refused, and nothing throws, whatever the text is", () => {
    const text = textOf();
    const damaged = fc
      .tuple(fc.nat(text.length), fc.nat(4), fc.string({ maxLength: 6, unit: "binary" }))
      .map(([at, gone, put]) => text.slice(0, at) + put + text.slice(at + gone))
      .filter((found) => found !== text);
    holds(
      fc.property(fc.oneof(damaged, fc.string({ unit: "binary" })), (found) => {
        expect(verdict(found)).toBe("QR_SIGNATURE_INVALID");
      }),
      2_000,
    );
  });

  it.each(["lower case", "longest", "too long", "empty", "odd"])(
    "is refused as text: %s",
    (why) => {
      const texts: Readonly<Record<string, string>> = {
        "lower case": textOf().toLowerCase(),
        longest: `DALIZ1:${"00".repeat(700)}`,
        "too long": `DALIZ1:${"00".repeat(701)}`,
        empty: "DALIZ1:",
        odd: `${textOf()}0`,
      };
      expect(verdict(texts[why] ?? "")).toBe("QR_SIGNATURE_INVALID");
    },
  );

  it.each([
    ["another corridor", { net: bytesNamed("another") }],
    ["another bank", { bank: 2 }],
    ["a payee without an account", { payee: account("nobody") }],
    ["another member as its payee", { payee: account("aigul") }],
    ["nothing to pay", { amount: money(0) }],
  ])("is refused for %s", (_why, change) => {
    expect(verdict(textOf(change))).toBe("QR_SIGNATURE_INVALID");
  });

  it("is refused under another member's signature", () => {
    expect(verdict(renderQrText(signQrCode(CODE, aigul)))).toBe("QR_SIGNATURE_INVALID");
  });

  it.each([
    [NOW_MS, "QR_EXPIRED"],
    [NOW_MS + 1, "payable"],
    [NOW_MS + MAX_QR_LIFE_MS, "payable"],
    [NOW_MS + MAX_QR_LIFE_MS + 1, "QR_EXPIRED"],
  ])("that ends at %d is %s", (expiryMs, expected) => {
    expect(verdict(textOf({ expiryMs }))).toBe(expected);
  });

  it("is refused when the payee's nonce was paid before, and for that payee alone", () => {
    const isPaid = (payee: string, nonce: string): boolean =>
      payee === "shop" && nonce === hashKey(CODE.nonce);
    expect(verdict(textOf(), { isPaid })).toBe("QR_NONCE_REUSED");
    expect(verdict(textOf({ amount: money(1) }), { isPaid })).toBe("QR_NONCE_REUSED");
    expect(verdict(textOf({ nonce: bytesNamed("next").subarray(0, 16) }), { isPaid })).toBe(
      "payable",
    );
  });
});

describe("the payment of a QR code", () => {
  const order = (change: object = {}): Order => ({
    kind: ORDER.transfer,
    payee: account("shop"),
    tag: null,
    amount: CODE.amount,
    line: null,
    purpose: "GOODS",
    facts: qrFacts(payable()),
    ...change,
  });
  const pays = (change: object): string => {
    const checked = checkPaysQrCode(order(change), payable());
    return checked.ok ? "pays" : checked.error.code;
  };

  it("states payee, amount, purpose and the facts of the code, and may state more", () => {
    expect(pays({})).toBe("pays");
    expect(pays({ tag: bytesNamed("tag"), line: "A-1" })).toBe("pays");
    expect(pays({ facts: [{ name: "tier", value: "1" }, ...qrFacts(payable())] })).toBe("pays");
  });

  it.each([
    ["another payee", { payee: account("aigul") }],
    ["a tiyn less", { amount: money(499_999) }],
    ["a tiyn more", { amount: money(500_001) }],
    ["another purpose", { purpose: "WAGES" }],
    ["no facts", { facts: [] }],
    ["another order", { kind: ORDER.issue, amount: CODE.amount }],
  ])("is refused with %s", (_why, change) => {
    expect(pays(change)).toBe("TERMS_INVALID");
  });

  it.each(Object.values(QR_FACT))(
    "is refused when the fact %s is missing, other or double",
    (name) => {
      const facts = qrFacts(payable());
      const others = facts.filter((fact) => fact.name !== name);
      expect(pays({ facts: others })).toBe("TERMS_INVALID");
      expect(pays({ facts: [...others, { name, value: "0" }] })).toBe("TERMS_INVALID");
      expect(pays({ facts: [...facts, { name, value: "0" }] })).toBe("TERMS_INVALID");
    },
  );

  it("names the line that the code names", () => {
    const checked = checkQrCode(textOf({ line: "A-1" }), SETTING);
    if (!checked.ok) throw new Error(checked.error.found);
    const lineOf = (line: string | null) =>
      checkPaysQrCode(order({ line, facts: qrFacts(checked.value) }), checked.value).ok;
    expect([lineOf("A-1"), lineOf("A-2"), lineOf(null)]).toEqual([true, false, false]);
  });
});
