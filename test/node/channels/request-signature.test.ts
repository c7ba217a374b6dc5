import { describe, expect, it } from "vitest";
import { isValidSignature, enrolKey } from "../../../crypto/ed25519.ts";
import {
  MAX_CLOCK_LEAD_S,
  MAX_COVERED_COMPONENTS,
  MAX_SIGNATURE_LIFE_S,
} from "../../../node/channels/limits.ts";
import {
  checkCovered,
  checkTimes,
  requestTag,
  signatureBase,
} from "../../../node/channels/request-signature.ts";
import { bitsOf, flipBit } from "../../bytes.ts";

/** RFC 9421, appendix B.1.4: the test key; appendix B.2.6: a request signed with it. */
const KEY = Buffer.from("JrQLj5P_89iXES9-vFgrIy29clF9CC_oPPsw3c5D0bs", "base64url");
const PARAMETERS =
  '("date" "@method" "@path" "@authority" "content-type" "content-length");created=1618884473;keyid="test-key-ed25519"';
const COMPONENTS = [
  { name: "date", value: "Tue, 20 Apr 2021 02:07:55 GMT" },
  { name: "@method", value: "POST" },
  { name: "@path", value: "/foo" },
  { name: "@authority", value: "example.com" },
  { name: "content-type", value: "application/json" },
  { name: "content-length", value: "18" },
];
const SIGNATURE = Buffer.from(
  "wqcAqbmYJ2ji2glfAMaRy4gruYYnx2nEFN2HN6jrnDnQCK1u02Gb04v9EDgwUPiu4A0w6vuQv5lIp5WPpBKRCw==",
  "base64",
);

function base(components = COMPONENTS): Uint8Array {
  const made = signatureBase(components, PARAMETERS);
  if (!made.ok) throw new Error(made.error.found);
  return made.value;
}

describe("the base of a request's signature", () => {
  it("is that of RFC 9421, appendix B.2.6, whose signature verifies", () => {
    const key = enrolKey(KEY);
    if (!key.ok) throw new Error(key.error.why);
    expect(isValidSignature(key.value, base(), SIGNATURE)).toBe(true);
    for (const bit of bitsOf(SIGNATURE).filter((n) => n % 37 === 0)) {
      expect(isValidSignature(key.value, base(), flipBit(SIGNATURE, bit))).toBe(false);
    }
    const other = COMPONENTS.map((c) => (c.name === "@method" ? { ...c, value: "PUT" } : c));
    expect(isValidSignature(key.value, base(other), SIGNATURE)).toBe(false);
  });

  it("is not made of a value that could read as two lines", () => {
    for (const value of ['a\n"@path": /other', "a\r", "tab\t", "ä", "\u{1f4b1}"]) {
      const made = signatureBase([{ name: "x", value }], "()");
      expect(made).toMatchObject({ ok: false, error: { code: "signature_invalid" } });
    }
  });
});

describe("what a signature covers", () => {
  it("is what is asked for, each once, up to the bound", () => {
    const covers = (covered: readonly string[]) => checkCovered(covered, ["@method", "@path"]).ok;
    const more = (n: number) => Array.from({ length: n }, (_, i) => `x-${i}`);
    expect(covers(["@path", "@method"])).toBe(true);
    expect(covers(["@path"])).toBe(false);
    expect(covers(["@path", "@method", "@path"])).toBe(false);
    const most = MAX_COVERED_COMPONENTS - 2;
    expect(covers(["@path", "@method", ...more(most)])).toBe(true);
    expect(covers(["@path", "@method", ...more(most + 1)])).toBe(false);
  });
});

describe("the time of a signature", () => {
  const tag = requestTag("kz", "00");
  const wanted = { tag, nowS: 1000, begunS: 900 };
  const taken = (created: number, expires: number, change: object = {}): string => {
    const parameters = { created, expires, nonce: "n", keyid: "aigul", tag, ...change };
    const checked = checkTimes(parameters, wanted);
    return checked.ok ? "taken" : checked.error.code;
  };

  it.each([
    ["the whole life", 1000, 1000 + MAX_SIGNATURE_LIFE_S, "taken"],
    ["a second more", 1000, 1001 + MAX_SIGNATURE_LIFE_S, "signature_invalid"],
    ["no life", 1000, 1000, "signature_invalid"],
    ["an end before its beginning", 1000, 999, "signature_invalid"],
    ["its last second", 970, 1001, "taken"],
    ["its end", 970, 1000, "signature_expired"],
    ["a clock ahead", 1000 + MAX_CLOCK_LEAD_S, 1040, "taken"],
    ["a clock too far ahead", 1001 + MAX_CLOCK_LEAD_S, 1040, "signature_expired"],
  ])("at %s: from %d to %d is %s", (_what, created, expires, expected) => {
    expect(taken(created, expires)).toBe(expected);
  });

  it("is after the bank began, whose window knows nothing older", () => {
    const at = (created: number) =>
      checkTimes(
        { created, expires: 1010, nonce: "n", keyid: "a", tag },
        { ...wanted, begunS: 980 },
      ).ok;
    expect([at(979), at(980)]).toEqual([false, true]);
  });

  it("counts for one bank of one corridor", () => {
    expect(taken(1000, 1010, { tag: requestTag("cn", "00") })).toBe("signature_invalid");
    expect(taken(1000, 1010, { tag: requestTag("kz", "01") })).toBe("signature_invalid");
  });
});
