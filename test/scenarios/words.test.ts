import { describe, expect, it } from "vitest";
import { nearest, oneOf } from "../../scenarios/load/words.ts";

describe("the name that was probably meant", () => {
  const names = ["kz", "cn", "hk", "treasury-kz", "commercial-bank", "ttlMs", "constructor"];

  it.each([
    ["KZ", "kz"],
    ["ckn", "cn"],
    ["zk", "kz"],
    ["tresury-kz", "treasury-kz"],
    ["tresaury-kz", "treasury-kz"],
    ["treasury", "treasury-kz"],
    ["COMMERCIAL BANK", "commercial-bank"],
    ["ttl", "ttlMs"],
    ["ttlMsec", "ttlMs"],
  ])("%s is %s", (found, meant) => {
    expect(nearest(found, names)).toBe(meant);
  });

  it.each(["", "jp", "us", "bank", "certified", "__proto__", "x".repeat(1000)])(
    "%j is none of them",
    (found) => {
      expect(nearest(found, names)).toBeUndefined();
    },
  );

  it("is looked for among the first two thousand names only", () => {
    const many = Array.from({ length: 2_001 }, (_, i) => `member-${i}`);
    expect(nearest("membre-1999", many)).toBe("member-1999");
    expect(nearest("zzzzzz-2000", many)).toBeUndefined();
    expect(nearest("member-2000", many)).not.toBe("member-2000");
  });
});

describe("a choice", () => {
  it("names what there is, and not everything of a long list", () => {
    expect(oneOf([])).toBe("nothing");
    expect(oneOf([], "kz", "a file with banks")).toBe("a file with banks");
    expect(oneOf(["kz"])).toBe("kz");
    expect(oneOf(["kz", "cn"])).toBe("one of kz, cn");
    expect(oneOf(["kz", "cn"], "cm")).toBe('one of kz, cn (did you mean "cn"?)');
    const many = Array.from({ length: 21 }, (_, i) => `m${i}`);
    expect(oneOf(many.slice(0, 20))).toMatch(/^one of m0, .*, m19$/);
    expect(oneOf(many)).toMatch(/^one of m0, .*, m14, ... \(21 in all\)$/);
  });
});
