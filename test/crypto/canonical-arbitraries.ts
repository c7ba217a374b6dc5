import fc from "fast-check";
import {
  writeArrayHead,
  writeBigUint,
  writeBin,
  writeNil,
  writeText,
  writeUint,
  type CanonicalWriter,
} from "../../crypto/canonical-encode.ts";
import {
  bigUint,
  bin,
  binUpTo,
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
import { MAX_UINT, type CanonicalValue } from "../../crypto/canonical-value.ts";

/** Takes every value of the profile: what it refuses, every layout refuses. */
export const anyLayout: Layout<CanonicalValue> = {
  want: "any value",
  write: writeAny,
  read: (value) => value,
};

export function writeAny(w: CanonicalWriter, value: CanonicalValue): void {
  if (value === null) writeNil(w);
  else if (typeof value === "number") writeUint(w, value);
  else if (typeof value === "bigint") writeBigUint(w, value);
  else if (typeof value === "string") writeText(w, value);
  else if (value instanceof Uint8Array) writeBin(w, value);
  else {
    writeArrayHead(w, value.length);
    for (const element of value) writeAny(w, element);
  }
}

/** Integers near the places where their encoding grows. */
export const edgyUint = (max: number): fc.Arbitrary<number> => {
  const edges = [0, 0x7f, 0x80, 0xff, 0x100, 0xffff, 0x10000, 0xffffffff, 0x100000000, max];
  return fc
    .oneof(fc.nat(255), fc.maxSafeNat(), fc.constantFrom(...edges))
    .map((n) => n % (max + 1));
};

export const edgyBigUint = fc.oneof(
  edgyUint(Number.MAX_SAFE_INTEGER - 1).map(BigInt),
  fc.bigInt({ min: 0n, max: MAX_UINT }),
  fc.constantFrom(2n ** 53n, 2n ** 62n, MAX_UINT - 1n, MAX_UINT),
);

export const asciiText = (max: number, min = 0): fc.Arbitrary<string> =>
  fc
    .array(fc.integer({ min: 0x20, max: 0x7e }), { minLength: min, maxLength: max })
    .map((codes) => String.fromCharCode(...codes));

/** Any value of the profile, as deep as it may be, and small enough to make many. */
export const anyValue: fc.Arbitrary<CanonicalValue> = fc.letrec<{ value: CanonicalValue }>(
  (tie) => ({
    value: fc.oneof(
      { maxDepth: 7, depthSize: "small" },
      fc.constant(null),
      edgyUint(0xffffffff),
      fc.bigInt({ min: 2n ** 32n, max: MAX_UINT }),
      asciiText(300),
      fc.uint8Array({ maxLength: 300 }),
      fc.array(tie("value"), { maxLength: 20 }),
    ),
  }),
).value;

/** A layout together with the values that fit it. */
interface Shape {
  readonly layout: Layout<unknown>;
  readonly values: fc.Arbitrary<unknown>;
}

const shape = <T>(layout: Layout<T>, values: fc.Arbitrary<NoInfer<T>>): Shape => ({
  layout,
  values,
});

const leafShape: fc.Arbitrary<Shape> = fc.oneof(
  edgyUint(Number.MAX_SAFE_INTEGER - 1).map((max) => shape(uint(max), edgyUint(max))),
  fc.constant(shape(bigUint, edgyBigUint)),
  fc.nat(40).map((n) => shape(bin(n), fc.uint8Array({ minLength: n, maxLength: n }))),
  fc.nat(600).map((n) => shape(binUpTo(n), fc.uint8Array({ maxLength: n }))),
  fc.nat(300).map((n) => shape(text(n), asciiText(n))),
  fc.nat(1000).map((n) => shape(literal(n), fc.constant(n))),
  fc.constant(shape(oneOf(1, 300, 70_000), fc.constantFrom(1, 300, 70_000))),
);

/** Any layout that the combinators can build, nested to a depth of at most six, and its values. */
const anyShape: fc.Arbitrary<Shape> = fc.letrec<{ shape: Shape }>((tie) => ({
  shape: fc.oneof(
    { maxDepth: 3, depthSize: "small" },
    leafShape,
    tie("shape").map(({ layout, values }) => shape(nullable(layout), fc.option(values))),
    fc
      .tuple(tie("shape"), fc.nat(20))
      .map(([{ layout, values }, max]) =>
        shape(list(layout, max), fc.array(values, { maxLength: max })),
      ),
    fc.array(tie("shape"), { maxLength: 5 }).map(tupleShape),
    fc.array(tie("shape"), { minLength: 1, maxLength: 3 }).map(unionShape),
  ),
})).shape;

function tupleShape(members: readonly Shape[]): Shape {
  const fields = (pick: "layout" | "values") =>
    Object.fromEntries(members.map((member, i) => [`field${i}`, member[pick]]));
  return shape(
    tuple(fields("layout") as Record<string, Layout<unknown>>) as Layout<unknown>,
    fc.record(fields("values") as Record<string, fc.Arbitrary<unknown>>),
  );
}

function unionShape(members: readonly Shape[]): Shape {
  const kinds = members.map(({ layout, values }, kind) =>
    shape(
      tuple({ kind: literal(kind), body: layout }) as Layout<unknown>,
      fc.record({ kind: fc.constant(kind), body: values }),
    ),
  );
  const layouts = kinds.map(({ layout }) => layout as Layout<{ readonly kind: number }>);
  return shape(
    union(Object.fromEntries(layouts.entries())) as Layout<unknown>,
    fc.oneof(...kinds.map(({ values }) => values)),
  );
}

/** A layout and a value of it. */
export const layoutAndValue: fc.Arbitrary<{
  readonly layout: Layout<unknown>;
  readonly value: unknown;
}> = anyShape.chain(({ layout, values }) => values.map((value) => ({ layout, value })));

/** Ways to damage bytes: flip, overwrite, cut, insert, repeat. */
export const damage: fc.Arbitrary<(bytes: Uint8Array) => Uint8Array> = fc
  .tuple(fc.nat(4), fc.nat(), fc.nat(255), fc.nat(8))
  .map(([how, place, byte, count]) => (bytes: Uint8Array) => {
    const at = bytes.length === 0 ? 0 : place % bytes.length;
    const [before, rest] = [bytes.subarray(0, at), bytes.subarray(at)];
    switch (how) {
      case 0:
        return Uint8Array.of(...before, (rest[0] ?? 0) ^ (1 << (byte & 7)), ...rest.subarray(1));
      case 1:
        return Uint8Array.of(...before, byte, ...rest.subarray(1));
      case 2:
        return Uint8Array.from(before);
      case 3:
        return Uint8Array.of(...before, byte, ...rest);
      default:
        return Uint8Array.of(...before, ...rest.subarray(0, count), ...rest);
    }
  });
