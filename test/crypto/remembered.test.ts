import { expect, it } from "vitest";
import { remembered } from "../../crypto/remembered.ts";

it("computes once for each byte string, and again for another one with the same bytes", () => {
  const asked: number[] = [];
  const sizeOf = remembered((bytes) => {
    asked.push(bytes.length);
    return { size: bytes.length };
  });
  const bytes = Uint8Array.of(1, 2, 3);
  expect(sizeOf(bytes)).toBe(sizeOf(bytes));
  expect(sizeOf(bytes.slice())).toEqual({ size: 3 });
  expect(sizeOf(new Uint8Array())).toEqual({ size: 0 });
  expect(asked).toEqual([3, 3, 0]);
});
