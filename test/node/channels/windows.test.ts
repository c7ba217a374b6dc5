import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { RateLimit } from "../../../node/channels/rate-limit.ts";
import { ReplayWindow } from "../../../node/channels/replay-window.ts";
import { holds } from "../../property.ts";

describe("the replay window", () => {
  it("takes a nonce once until its signature has expired, and apart for each signer", () => {
    const window = new ReplayWindow();
    expect(window.take("aigul", "n", 110, 100)).toBe("free");
    expect(window.take("aigul", "n", 110, 109)).toBe("replay");
    expect(window.take("bolat", "n", 110, 100)).toBe("free");
    expect(window.take("aigul", "n", 120, 110)).toBe("free");
    expect(window.size).toBe(2);
  });

  it("is full at its bounds, of one signer and in all, until something expires", () => {
    const window = new ReplayWindow({ perSigner: 2, inAll: 3 });
    expect(window.take("aigul", "1", 110, 100)).toBe("free");
    expect(window.take("aigul", "2", 120, 100)).toBe("free");
    expect(window.take("aigul", "3", 120, 100)).toBe("full");
    expect(window.take("bolat", "1", 120, 100)).toBe("free");
    expect(window.take("carol", "1", 120, 100)).toBe("full");
    expect(window.take("aigul", "1", 120, 101)).toBe("replay");
    expect(window.take("aigul", "3", 130, 110)).toBe("free");
    expect(window.size).toBe(3);
  });

  it("never takes a nonce twice within its life, whatever comes", () => {
    const takes = fc.array(
      fc.record({
        signer: fc.constantFrom("a", "b", "c"),
        nonce: fc.constantFrom("1", "2", "3", "4"),
        life: fc.integer({ min: 1, max: 5 }),
        wait: fc.nat(2),
      }),
      { maxLength: 60 },
    );
    holds(
      fc.property(takes, (list) => {
        const limits = { perSigner: 3, inAll: 6 };
        const window = new ReplayWindow(limits);
        const ends = new Map<string, number>();
        let now = 100;
        for (const { signer, nonce, life, wait } of list) {
          now += wait;
          const key = `${signer} ${nonce}`;
          const verdict = window.take(signer, nonce, now + life, now);
          const isUsed = (ends.get(key) ?? 0) > now;
          expect(verdict === "replay").toBe(isUsed);
          if (verdict === "free") ends.set(key, now + life);
          expect(window.size).toBeLessThanOrEqual(limits.inAll);
        }
      }),
      300,
    );
  });
});

describe("a rate limit", () => {
  const limit = () => new RateLimit({ burst: 3, perSecond: 2, maxCallers: 2 });

  it("lets a burst pass, then so many a second, and says how long to wait", () => {
    const rate = limit();
    expect([1, 2, 3, 4].map(() => rate.take("a", 0))).toEqual([0, 0, 0, 500]);
    expect(rate.take("a", 499)).toBe(1);
    expect(rate.take("a", 500)).toBe(0);
    expect(rate.take("a", 500)).toBe(500);
    expect([1, 2, 3, 4].map(() => rate.take("a", 60_000))).toEqual([0, 0, 0, 500]);
  });

  it("counts each caller apart, and takes more for what cost more", () => {
    const rate = limit();
    rate.charge("a", 100, 0);
    expect(rate.take("a", 0)).toBe(500);
    expect(rate.take("b", 0)).toBe(0);
    expect(rate.take("a", 500)).toBe(0);
  });

  it("remembers no more callers than its bound, and forgets the one unseen for longest", () => {
    const rate = limit();
    rate.charge("a", 3, 0);
    rate.charge("b", 3, 0);
    expect(rate.take("a", 0)).toBe(500);
    rate.charge("c", 3, 0);
    expect(rate.callers).toBe(2);
    expect(rate.take("a", 0)).toBe(500);
    expect(rate.take("b", 0)).toBe(0);
  });
});
