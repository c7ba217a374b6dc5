import fc from "fast-check";
import { Packr } from "msgpackr";
import { describe, expect, it } from "vitest";
import { equalBytes } from "../../crypto/bytes.ts";
import { newWriter, writtenBytes } from "../../crypto/canonical-encode.ts";
import { decode, encode, type Layout } from "../../crypto/canonical-layout.ts";
import { scanCanonical } from "../../crypto/canonical-scan.ts";
import type { CanonicalValue } from "../../crypto/canonical-value.ts";
import { genesisLayout } from "../../node/genesis.ts";
import { instructionLayout } from "../../node/instruction.ts";
import { fullBlockLayout, headerLayout } from "../../node/ledger/block.ts";
import { domesticEntryLayout } from "../../node/ledger/domestic-entries.ts";
import { tagDefinitionLayout } from "../../node/tags/definition.ts";
import { holds } from "../property.ts";
import { anyLayout, anyValue, damage, layoutAndValue, writeAny } from "./canonical-arbitraries.ts";

const LAYOUTS: readonly Layout<unknown>[] = [
  anyLayout,
  domesticEntryLayout,
  fullBlockLayout,
  genesisLayout,
  headerLayout,
  instructionLayout,
  tagDefinitionLayout,
];

describe("msgpackr as the oracle of the writer", () => {
  const oracle = new Packr({ useRecords: false, variableMapSize: true, int64AsType: "bigint" });

  const encodeAny = (value: CanonicalValue): Uint8Array => {
    const w = newWriter(1);
    writeAny(w, value);
    return writtenBytes(w);
  };

  /** msgpackr writes no bigint in its shortest form, so what it is asked to write has none. */
  const withoutBigints = (value: CanonicalValue): CanonicalValue => {
    if (typeof value === "bigint") return Number(value % 1000n);
    return Array.isArray(value) ? (value as CanonicalValue[]).map(withoutBigints) : value;
  };

  it("writes the same bytes, but for integers from 2^32 up", () => {
    holds(
      fc.property(anyValue.map(withoutBigints), (value) => {
        expect(equalBytes(encodeAny(value), Uint8Array.from(oracle.pack(value)))).toBe(true);
      }),
      2_000,
    );
  });

  it("reads every value from what was written", () => {
    holds(
      fc.property(anyValue, (value) => {
        expect(oracle.unpack(encodeAny(value))).toEqual(value);
      }),
      2_000,
    );
  });
});

describe("CanonicalBytes", () => {
  it("every value of every layout comes back from its bytes", () => {
    holds(
      fc.property(layoutAndValue, ({ layout, value }) => {
        const bytes = encode(layout, value);
        expect(scanCanonical(bytes)).toBeUndefined();
        expect(decode(layout, bytes)).toEqual({ ok: true, value });
      }),
      3_000,
    );
  });

  it("damaged bytes are refused, or are the one encoding of another value", () => {
    holds(
      fc.property(
        layoutAndValue,
        fc.array(damage, { minLength: 1, maxLength: 3 }),
        (it, damages) => {
          const bytes = damages.reduce((damaged, by) => by(damaged), encode(it.layout, it.value));
          const decoded = decode(it.layout, bytes);
          if (decoded.ok) expect(equalBytes(encode(it.layout, decoded.value), bytes)).toBe(true);
          else
            expect(["noncanonical", "decode_limit", "layout_mismatch"]).toContain(
              decoded.error.code,
            );
        },
      ),
      5_000,
    );
  });

  it("decoding is total: any bytes, against every layout of the ledger (A6)", () => {
    const bytes = fc.oneof(
      fc.uint8Array({ maxLength: 100 }),
      fc.tuple(anyValue, fc.array(damage, { maxLength: 2 })).map(([value, damages]) => {
        const w = newWriter();
        writeAny(w, value);
        return damages.reduce((damaged, by) => by(damaged), writtenBytes(w));
      }),
    );
    holds(
      fc.property(bytes, fc.constantFrom(...LAYOUTS), (bytes, layout) => {
        const decoded = decode(layout, bytes);
        if (decoded.ok) expect(equalBytes(encode(layout, decoded.value), bytes)).toBe(true);
      }),
      5_000,
    );
  });

  it("no two values share their bytes", () => {
    holds(
      fc.property(anyValue, anyValue, (a, b) => {
        const [first, second] = [encode(anyLayout, a), encode(anyLayout, b)];
        const same = JSON.stringify(a, tagged) === JSON.stringify(b, tagged);
        expect(equalBytes(first, second)).toBe(same);
      }),
      1_000,
    );
  });
});

/** Tells apart what JSON would not: bigints from text. */
function tagged(_: string, value: unknown): unknown {
  return typeof value === "bigint" ? { bigint: value.toString() } : value;
}
