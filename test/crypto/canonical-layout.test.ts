import { describe, expect, it } from "vitest";
import { bytesToHex, type Bytes } from "../../crypto/bytes.ts";
import {
  bigUint,
  bin,
  binUpTo,
  decode,
  encode,
  list,
  literal,
  nullable,
  oneOf,
  text,
  tuple,
  uint,
  union,
  type Layout,
} from "../../crypto/canonical-layout.ts";
import { hex } from "../bytes.ts";

const rejectionOf = (layout: Layout<unknown>, bytes: Bytes): unknown => {
  const decoded = decode(layout, bytes);
  return decoded.ok ? "accepted" : decoded.error;
};

describe("layouts", () => {
  const point = tuple({
    kind: literal(1),
    x: uint(9),
    name: text(3, { min: 1, pattern: /^[a-z]+$/ }),
  });
  const pair = tuple({ kind: literal(2), amounts: list(bigUint, 3, 2) });
  const either = union({ 1: point, 2: pair });
  const box = tuple({
    inner: nullable(either),
    id: bin(2),
    flag: oneOf(0, 1),
    note: binUpTo(3, 1),
  });

  it("a value comes back as an object with the fields of its layout", () => {
    const value = {
      inner: { kind: 1, x: 9, name: "abc" },
      id: hex("0102"),
      flag: 1,
      note: hex("ff"),
    } as const;
    const bytes = encode(box, value);
    expect(bytesToHex(bytes)).toBe("94930109a3616263c402010201c401ff");
    expect(decode(box, bytes)).toEqual({ ok: true, value });
    expect(decode(box, encode(box, { ...value, inner: null }))).toMatchObject({
      value: { inner: null },
    });
  });

  it.each([
    ["a scalar for a tuple", "00", "", "an array of [inner, id, flag, note]"],
    ["a field too few", "93c0c402010201", "", "an array of [inner, id, flag, note]"],
    ["a field too many", "95c0c402010201c401ff00", "", "an array of [inner, id, flag, note]"],
    [
      "an unknown kind",
      "94920301c402010201c401ff",
      ".inner",
      "an array that begins with a kind of 1, 2",
    ],
    ["no kind", "9490c402010201c401ff", ".inner", "an array that begins with a kind of 1, 2"],
    [
      "an integer above its bound",
      "9493010aa161c402010201c401ff",
      ".inner.x",
      "an integer from 0 to 9",
    ],
    [
      "text that is too long",
      "94930109a461626364c402010201c401ff",
      ".inner.name",
      "text of 1 to 3 characters like ^[a-z]+$",
    ],
    [
      "text that is too short",
      "94930109a0c402010201c401ff",
      ".inner.name",
      "text of 1 to 3 characters like ^[a-z]+$",
    ],
    [
      "text unlike its pattern",
      "94930109a141c402010201c401ff",
      ".inner.name",
      "text of 1 to 3 characters like ^[a-z]+$",
    ],
    [
      "too short a list",
      "9492029100c402010201c401ff",
      ".inner.amounts",
      "an array of 2 to 3 elements",
    ],
    [
      "too long a list",
      "9492029400000000c402010201c401ff",
      ".inner.amounts",
      "an array of 2 to 3 elements",
    ],
    [
      "a wrong element",
      "9492029200a0c402010201c401ff",
      ".inner.amounts[1]",
      "an integer from 0 to 2^63 - 1",
    ],
    ["bytes of another length", "94c0c4010101c401ff", ".id", "2 bytes"],
    ["text for bytes", "94c0a2616101c401ff", ".id", "2 bytes"],
    ["a value not in its set", "94c0c402010202c401ff", ".flag", "one of 0, 1"],
    ["nil where no layout says so", "94c0c4020102c0c401ff", ".flag", "one of 0, 1"],
    ["too few bytes", "94c0c402010201c400", ".note", "1 to 3 bytes"],
    ["too many bytes", "94c0c402010201c40401020304", ".note", "1 to 3 bytes"],
  ])("%s", (_, encoding, path, want) => {
    expect(rejectionOf(box, hex(encoding))).toEqual({ code: "layout_mismatch", path, want });
  });

  it("an integer above 2^53 - 1 is refused by a layout of numbers, and taken by one of bigints", () => {
    const bytes = encode(bigUint, 2n ** 53n);
    expect(rejectionOf(uint(), bytes)).toMatchObject({ code: "layout_mismatch" });
    expect(decode(bigUint, bytes)).toEqual({ ok: true, value: 2n ** 53n });
    expect(decode(uint(), encode(bigUint, 2n ** 53n - 1n))).toMatchObject({ value: 2 ** 53 - 1 });
  });

  it("the kind of a union is one of its own, not of its prototype", () => {
    for (const kind of ["a0", "ab636f6e7374727563746f72", "cf0000000100000001", "c40101"]) {
      expect(rejectionOf(either, hex(`93${kind}0000`))).toMatchObject({ code: "layout_mismatch" });
    }
  });

  it("decoding leaves the bytes as they were, and gives views of them", () => {
    const bytes = encode(box, { inner: null, id: hex("0102"), flag: 0, note: hex("0304") });
    const before = Reflect.ownKeys(bytes);
    const decoded = decode(box, bytes);
    expect(Reflect.ownKeys(bytes)).toEqual(before);
    if (!decoded.ok) throw new Error(decoded.error.code);
    expect(decoded.value.id.buffer).toBe(bytes.buffer);
  });

  it("what was encoded stays as it is, whatever is encoded or decoded after it", () => {
    const sizes = [1, 100, 4_000, 4_094, 5_000, 60_000];
    const layout = binUpTo(65_535);
    const values = Array.from({ length: 60 }, (_, i) =>
      new Uint8Array(sizes[i % sizes.length] as number).fill(i),
    );
    const encoded = values.map((value) => encode(layout, value));
    for (const [i, bytes] of encoded.entries()) {
      expect(decode(layout, bytes)).toEqual({ ok: true, value: values[i] });
    }
    expect(() => encode(layout, new Uint8Array(65_536))).toThrow("CanonicalBytes");
    expect(encoded).toEqual(values.map((value) => encode(layout, value)));
  });

  it("a decoded value is written again and compared with the bytes", () => {
    const forgetful: Layout<number> = { ...uint(), read: () => 7 };
    expect(rejectionOf(forgetful, hex("07"))).toBe("accepted");
    expect(rejectionOf(forgetful, hex("08"))).toEqual({
      code: "noncanonical",
      offset: 0,
      why: "differs from its own encoding",
    });
  });
});
