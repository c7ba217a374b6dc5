import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { decode } from "../../crypto/canonical-layout.ts";
import { hex } from "../bytes.ts";
import { anyLayout } from "./canonical-arbitraries.ts";

describe("msgpack test suite (B4)", () => {
  type Suite = Readonly<Record<string, readonly SuiteValue[]>>;
  type SuiteValue = Readonly<Record<string, unknown>> & { readonly msgpack: readonly string[] };
  const path = join(import.meta.dirname, "../vectors/msgpack/msgpack-test-suite.json");
  const suite = JSON.parse(readFileSync(path, "utf8")) as Suite;
  const values = Object.entries(suite).flatMap(([group, members]) =>
    members.map((value) => {
      const { msgpack, ...typed } = value;
      const encodings = msgpack.map((encoding) => hex(encoding.replaceAll("-", "")));
      return { group, name: JSON.stringify(typed), encodings };
    }),
  );

  /** Groups of values that the profile has, and of those that it does not have at all. */
  const carried = ["10.nil", "12.binary", "20.number-positive", "30.string-ascii"];
  const forbidden = ["11.bool", "21.number-negative", "41.map", "50.timestamp", "60.ext"];
  const groupIn = (group: string, names: readonly string[]): boolean =>
    names.includes(group.replace(".yaml", ""));

  it("has 85 values in 233 encodings", () => {
    expect(values).toHaveLength(85);
    expect(values.flatMap(({ encodings }) => encodings)).toHaveLength(233);
  });

  it.each(values)("$group $name: at most one encoding", ({ group, encodings }) => {
    const accepted = encodings.filter((bytes) => decode(anyLayout, bytes).ok);
    if (groupIn(group, carried)) expect(accepted).toHaveLength(1);
    else if (groupIn(group, forbidden)) expect(accepted).toHaveLength(0);
    else expect(accepted.length).toBeLessThanOrEqual(1);
  });

  it("the profile takes 28 of the 233, and every other is refused with a code", () => {
    const accepted: Record<string, number> = {};
    for (const { group, encodings } of values) {
      for (const bytes of encodings) {
        const decoded = decode(anyLayout, bytes);
        if (decoded.ok) accepted[group] = (accepted[group] ?? 0) + 1;
        else expect(decoded.error.code).toBe("noncanonical");
      }
    }
    expect(accepted).toEqual({
      "10.nil.yaml": 1,
      "12.binary.yaml": 3,
      "20.number-positive.yaml": 11,
      "23.number-bignum.yaml": 3,
      "30.string-ascii.yaml": 4,
      "40.array.yaml": 5,
      "42.nested.yaml": 1,
    });
  });
});
