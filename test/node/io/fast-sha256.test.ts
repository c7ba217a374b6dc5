import { sha256 } from "@noble/hashes/sha2.js";
import fc from "fast-check";
import { expect, it } from "vitest";
import { digest } from "../../../crypto/hash.ts";
import { useFastSha256 } from "../../../node/io/fast-sha256.ts";
import { holds } from "../../property.ts";

await useFastSha256();

it("is SHA-256, for short inputs and for long ones", () => {
  holds(
    fc.property(fc.uint8Array({ maxLength: 1_000 }), (bytes) => {
      expect(digest(bytes)).toEqual(sha256(bytes));
    }),
    300,
  );
});

it.each([0, 1, 55, 56, 64, 383, 384, 385, 65_536])("is SHA-256 of %i bytes", (length) => {
  const bytes = Uint8Array.from({ length }, (_, i) => i);
  expect(digest(bytes)).toEqual(sha256(bytes));
});

it("gives every digest bytes of its own", () => {
  const [short, long] = [new Uint8Array(32), new Uint8Array(4_096)];
  const first = [digest(short), digest(long)];
  const before = first.map((hash) => hash.slice());
  digest(short.fill(1));
  digest(long.fill(1));
  expect(first).toEqual(before);
});
