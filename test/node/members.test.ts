import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { NUMBER_WINDOW } from "../../node/limits.ts";
import { judgeNumber, newUsedNumbers, recordNumber, type UsedNumbers } from "../../node/members.ts";
import { bytesNamed } from "../bytes.ts";
import { holds } from "../property.ts";

const [one, other] = [bytesNamed("one instruction"), bytesNamed("another instruction")];

function used(...numbers: readonly number[]): UsedNumbers {
  const result = newUsedNumbers();
  for (const number of numbers) recordNumber(result, number, one);
  return result;
}

describe("a member's numbers", () => {
  it("begin at 1, and need not be consecutive", () => {
    expect(judgeNumber(used(), 0, one)).toBe("replay");
    expect(judgeNumber(used(), 1, one)).toBe("free");
    expect(judgeNumber(used(), Number.MAX_SAFE_INTEGER, one)).toBe("free");
    expect(judgeNumber(used(5), 3, one)).toBe("free");
    expect(judgeNumber(used(5), 900, one)).toBe("free");
  });

  it("are used once: the same instruction exists, another one is a replay (B6)", () => {
    const numbers = used(5);
    expect(judgeNumber(numbers, 5, one)).toBe("exists");
    expect(judgeNumber(numbers, 5, other)).toBe("replay");
  });

  it("are taken down to the window below the highest, and not at its lower bound", () => {
    const highest = 10_000;
    const numbers = used(highest);
    expect(judgeNumber(numbers, highest - NUMBER_WINDOW + 1, one)).toBe("free");
    expect(judgeNumber(numbers, highest - NUMBER_WINDOW, one)).toBe("replay");
    expect(judgeNumber(numbers, 1, one)).toBe("replay");
  });

  it("below a window that reaches to 1 are all free", () => {
    const numbers = used(NUMBER_WINDOW);
    expect(judgeNumber(numbers, 1, one)).toBe("free");
    expect(judgeNumber(numbers, 0, one)).toBe("replay");
    expect(judgeNumber(used(NUMBER_WINDOW + 1), 1, one)).toBe("replay");
  });

  it("arrive out of order without moving the highest back", () => {
    const numbers = used(10, 3);
    expect(numbers.highest).toBe(10);
    expect(judgeNumber(numbers, 3, one)).toBe("exists");
    expect(judgeNumber(numbers, 10, one)).toBe("exists");
  });

  it("take memory for two windows, however many were used", () => {
    const numbers = newUsedNumbers();
    let most = 0;
    for (let number = 1; number <= 10 * NUMBER_WINDOW; number++) {
      recordNumber(numbers, number, one);
      most = Math.max(most, numbers.recent.size);
    }
    expect(most).toBe(2 * NUMBER_WINDOW);
    expect(judgeNumber(numbers, 9 * NUMBER_WINDOW + 1, one)).toBe("exists");
    expect(judgeNumber(numbers, 9 * NUMBER_WINDOW, other)).toBe("replay");
  });

  it("are never taken twice, in any order, with any gaps (B6)", () => {
    const near = fc.nat(40);
    const far = fc.integer({ min: 0, max: 6 * NUMBER_WINDOW });
    const attempts = fc.array(fc.tuple(fc.oneof(near, far), fc.boolean()), { maxLength: 300 });
    holds(
      fc.property(attempts, (attempts) => {
        const numbers = newUsedNumbers();
        const taken = new Map<number, boolean>();
        let highest = 0;
        for (const [number, first] of attempts) {
          const verdict = judgeNumber(numbers, number, first ? one : other);
          const before = taken.get(number);
          if (verdict === "exists") expect(before).toBe(first);
          if (before === undefined) {
            const tooLow = number === 0 || number <= highest - NUMBER_WINDOW;
            expect(verdict).toBe(tooLow ? "replay" : "free");
          } else {
            expect(verdict).not.toBe("free");
          }
          if (verdict !== "free") continue;
          recordNumber(numbers, number, first ? one : other);
          taken.set(number, first);
          highest = Math.max(highest, number);
          expect(numbers.highest).toBe(highest);
        }
      }),
      500,
    );
  });
});
