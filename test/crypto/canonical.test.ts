import { describe, expect, it } from "vitest";
import { bytesToHex, concatBytes, utf8ToBytes, type Bytes } from "../../crypto/bytes.ts";
import {
  isCanonicalText,
  newWriter,
  writeArrayHead,
  writeBigUint,
  writeBin,
  writeText,
  writeUint,
  writtenBytes,
} from "../../crypto/canonical-encode.ts";
import {
  bin,
  binUpTo,
  decode,
  encode,
  list,
  literal,
  oneOf,
  text,
  tuple,
  uint,
  union,
  type Layout,
} from "../../crypto/canonical-layout.ts";
import { scanCanonical } from "../../crypto/canonical-scan.ts";
import {
  MAX_DEPTH,
  MAX_ELEMENTS,
  MAX_MESSAGE_BYTES,
  MAX_STRING_BYTES,
  MAX_UINT,
} from "../../crypto/canonical-value.ts";
import { InvariantViolation } from "../../crypto/outcome.ts";
import { hex } from "../bytes.ts";
import { anyLayout } from "./canonical-arbitraries.ts";

const rejectionOf = (layout: Layout<unknown>, bytes: Bytes): unknown => {
  const decoded = decode(layout, bytes);
  return decoded.ok ? "accepted" : decoded.error;
};

describe("shortest forms", () => {
  it.each([
    [0n, "00"],
    [127n, "7f"],
    [128n, "cc80"],
    [255n, "ccff"],
    [256n, "cd0100"],
    [65_535n, "cdffff"],
    [65_536n, "ce00010000"],
    [2n ** 32n - 1n, "ceffffffff"],
    [2n ** 32n, "cf0000000100000000"],
    [2n ** 53n - 1n, "cf001fffffffffffff"],
    [2n ** 53n, "cf0020000000000000"],
    [MAX_UINT, "cf7fffffffffffffff"],
  ])("integer %d is %s, by both writers", (value, encoding) => {
    const w = newWriter();
    writeBigUint(w, value);
    expect(bytesToHex(writtenBytes(w))).toBe(encoding);
    if (value > Number.MAX_SAFE_INTEGER) return;
    const small = newWriter();
    writeUint(small, Number(value));
    expect(bytesToHex(writtenBytes(small))).toBe(encoding);
  });

  it.each([
    [0, "c400"],
    [255, "c4ff"],
    [256, "c50100"],
    [MAX_STRING_BYTES, "c5ffff"],
  ])("%d bytes begin with %s", (length, head) => {
    const bytes = encode(binUpTo(MAX_STRING_BYTES), new Uint8Array(length));
    expect(bytesToHex(bytes.subarray(0, head.length / 2))).toBe(head);
    expect(bytes).toHaveLength(head.length / 2 + length);
  });

  it.each([
    [0, "a0"],
    [31, "bf"],
    [32, "d920"],
    [255, "d9ff"],
    [256, "da0100"],
    [MAX_STRING_BYTES, "daffff"],
  ])("text of %d characters begins with %s", (length, head) => {
    const bytes = encode(text(MAX_STRING_BYTES), "a".repeat(length));
    expect(bytesToHex(bytes.subarray(0, head.length / 2))).toBe(head);
    expect(bytes).toHaveLength(head.length / 2 + length);
  });

  it.each([
    [0, "90"],
    [15, "9f"],
    [16, "dc0010"],
    [MAX_ELEMENTS, "dc1000"],
  ])("an array of %d elements begins with %s", (length, head) => {
    const bytes = encode(
      list(uint()),
      Array.from({ length }, () => 0),
    );
    expect(bytesToHex(bytes.subarray(0, head.length / 2))).toBe(head);
  });
});

describe("what is refused, with its code and its place (B4)", () => {
  const cut = "cut short";
  const long = (what: string): string => `${what} is not in its shortest form`;
  it.each([
    ["", 0, cut],
    ["cc7f", 0, long("integer")],
    ["cd00ff", 0, long("integer")],
    ["ce0000ffff", 0, long("integer")],
    ["cf00000000ffffffff", 0, long("integer")],
    ["cf8000000000000000", 0, "integer above 2^63 - 1"],
    ["cfffffffffffffffff", 0, "integer above 2^63 - 1"],
    ["c5000101", 0, long("byte length")],
    ["d90161", 0, long("text length")],
    [`d91f${"61".repeat(31)}`, 0, long("text length")],
    ["da000161", 0, long("text length")],
    ["dc000100", 0, long("array length")],
    ["dc000f000000000000000000000000000000", 0, long("array length")],
    ["a109", 1, "text is printable ASCII only"],
    ["a17f", 1, "text is printable ASCII only"],
    ["a2c3a9", 1, "text is printable ASCII only"],
    ["9200a100", 3, "text is printable ASCII only"],
    ["0000", 1, "bytes left over"],
    ["92000000", 3, "bytes left over"],
    ["9200", 2, cut],
    ["cc", 0, cut],
    ["cd01", 0, cut],
    ["ce010000", 0, cut],
    ["cf00000001000000", 0, cut],
    ["c4", 0, cut],
    ["c401", 0, cut],
    ["c50100", 0, cut],
    ["a161a1", 2, "bytes left over"],
    ["92a161a1", 3, cut],
    ["d920", 0, cut],
    ["da01", 0, cut],
    ["dc00", 0, cut],
    ["dc0010", 3, cut],
  ])("%s: %d, %s", (encoding, offset, why) => {
    expect(rejectionOf(anyLayout, hex(encoding))).toEqual({ code: "noncanonical", offset, why });
  });

  const profile = ["c0", "c4", "c5", "cc", "cd", "ce", "cf", "d9", "da", "dc"];
  const outside = Array.from({ length: 256 }, (_, tag) => tag)
    .filter((tag) => tag >= 0x80 && !(tag >= 0x90 && tag <= 0xbf))
    .map((tag) => tag.toString(16))
    .filter((tag) => !profile.includes(tag));

  it.each(outside)("tag 0x%s is not in the profile", (tag) => {
    const payload = concatBytes(hex("91"), hex(tag), new Uint8Array(20));
    const why = `tag 0x${tag} is not in the profile`;
    expect(scanCanonical(payload)).toEqual({ code: "noncanonical", offset: 1, why });
  });

  it("all other tags are", () => {
    expect(outside).toHaveLength(256 - 128 - 48 - profile.length);
  });
});

describe("limits: accepted at the bound, refused one above (A6)", () => {
  const nested = (depth: number): Bytes => hex("91".repeat(depth - 1) + "90");
  const limit = (what: string, bound: number): unknown => ({
    code: "decode_limit",
    what,
    limit: bound,
  });

  it("depth", () => {
    expect(MAX_DEPTH).toBe(8);
    expect(rejectionOf(anyLayout, nested(8))).toBe("accepted");
    expect(rejectionOf(anyLayout, nested(9))).toEqual(limit("depth", 8));
    expect(rejectionOf(anyLayout, hex("91".repeat(100_000)))).toEqual(limit("depth", 8));
  });

  it("elements of one array", () => {
    expect(rejectionOf(anyLayout, hex(`dc1000${"00".repeat(4096)}`))).toBe("accepted");
    const above = hex(`dc1001${"00".repeat(4097)}`);
    expect(rejectionOf(anyLayout, above)).toEqual(limit("array elements", 4096));
    expect(rejectionOf(anyLayout, hex("dcffff"))).toEqual(limit("array elements", 4096));
    expect(rejectionOf(list(uint(), 2), hex("920000"))).toBe("accepted");
    expect(rejectionOf(list(uint(), 2), hex("93000000"))).toMatchObject({
      code: "layout_mismatch",
    });
  });

  it("bytes of one message", () => {
    const ofSize = (size: number): Bytes => {
      const whole = { head: hex("c5ffff"), body: new Uint8Array(65_535) };
      const three = concatBytes(...[1, 2, 3].flatMap(() => [whole.head, whole.body]));
      const rest = size - 1 - three.length - 3;
      return concatBytes(
        hex("94"),
        three,
        hex(`c5${rest.toString(16).padStart(4, "0")}`),
        new Uint8Array(rest),
      );
    };
    const atBound = ofSize(MAX_MESSAGE_BYTES);
    expect(atBound).toHaveLength(262_144);
    expect(rejectionOf(anyLayout, atBound)).toBe("accepted");
    const above = ofSize(MAX_MESSAGE_BYTES + 1);
    expect(rejectionOf(anyLayout, above)).toEqual(limit("message bytes", 262_144));
  });

  it("bytes of one message, when it is written", () => {
    const partsWith = (rest: number): readonly Bytes[] =>
      [65_535, 65_535, 65_535, rest].map((length) => new Uint8Array(length));
    const layout = list(binUpTo(65_535));
    expect(encode(layout, partsWith(65_526))).toHaveLength(MAX_MESSAGE_BYTES);
    expect(() => encode(layout, partsWith(65_527))).toThrow("CanonicalBytes");
  });

  it("a length that promises gigabytes costs nothing", () => {
    for (const bomb of ["c6ffffffff", "dbffffffff", "ddffffffff", "dfffffffff", "c9ffffffff00"]) {
      expect(rejectionOf(anyLayout, hex(bomb))).toMatchObject({ code: "noncanonical", offset: 0 });
    }
  });
});

describe("a writer that is given what the profile cannot carry has met a bug", () => {
  const w = newWriter();
  const tooLong = "a".repeat(MAX_STRING_BYTES + 1);
  it.each<[string, () => void]>([
    ["a negative integer", () => writeUint(w, -1)],
    ["a fraction", () => writeUint(w, 0.5)],
    ["NaN", () => writeUint(w, Number.NaN)],
    ["an unsafe integer", () => writeUint(w, 2 ** 53)],
    ["a negative bigint", () => writeBigUint(w, -1n)],
    ["2^63", () => writeBigUint(w, MAX_UINT + 1n)],
    ["65,536 bytes", () => writeBin(w, utf8ToBytes(tooLong))],
    ["65,536 characters", () => writeText(w, tooLong)],
    ["a letter outside ASCII", () => writeText(w, "é")],
    ["a line break", () => writeText(w, "a\n")],
    ["4,097 elements", () => writeArrayHead(w, MAX_ELEMENTS + 1)],
    ["an integer above its bound", () => encode(uint(9), 10)],
    ["an integer that is not the literal", () => encode(literal(1), 2 as 1)],
    ["an integer outside its set", () => encode(oneOf(0, 1), 2 as 1)],
    ["bytes of another length", () => encode(bin(2), new Uint8Array(3))],
    ["too many bytes", () => encode(binUpTo(2), new Uint8Array(3))],
    ["too long a text", () => encode(text(2), "abc")],
    ["too long a list", () => encode(list(uint(), 2), [0, 0, 0])],
    [
      "a kind outside its union",
      () => encode(union({ 1: tuple({ kind: literal(1) }) }), { kind: 2 } as never),
    ],
    [
      "a message above its bound",
      () =>
        encode(
          list(binUpTo(65_535)),
          Array.from({ length: 5 }, () => new Uint8Array(65_535)),
        ),
    ],
  ])("%s", (_, write) => {
    expect(write).toThrow(InvariantViolation);
    expect(write).toThrow("CanonicalBytes");
  });

  it("canonical text is printable ASCII up to the bound", () => {
    expect(isCanonicalText("a".repeat(MAX_STRING_BYTES))).toBe(true);
    expect(isCanonicalText(tooLong)).toBe(false);
    for (const bad of ["\u0000", "\u001f", "\u007f", "\u00a0", "\u2028", "a\n", "\ud800"]) {
      expect(isCanonicalText(bad)).toBe(false);
    }
  });
});
