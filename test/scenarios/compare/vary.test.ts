import { describe, expect, it } from "vitest";
import { MAX_VALUES, readVary } from "../../../scenarios/compare/vary.ts";

const complaint = (text: string): string => {
  const read = readVary(text);
  return read.ok ? "" : read.error;
};

describe("--vary", () => {
  it.each([
    ["corridor.ttlMs=2000,5000", "corridor.ttlMs", ["2000", "5000"]],
    ["members[halyk].issue=1.00, 2.00", "members[halyk].issue", ["1.00", "2.00"]],
    ["network.topology=none", "network.topology", ["none"]],
    [
      'faults=[],[{kind: away, bank: hk, when: {atMs: 0}}],"[1,2]"',
      "faults",
      ["[]", "[{kind: away, bank: hk, when: {atMs: 0}}]", '"[1,2]"'],
    ],
    ["title=a=b,c", "title", ["a=b", "c"]],
  ])("%s", (text, path, values) => {
    expect(readVary(text)).toEqual({ ok: true, value: { path, values } });
  });

  it.each([
    ["", "--vary: found"],
    ["corridor.ttlMs", "--vary: found"],
    ["=1,2", "--vary: found"],
    ["corridor.ttlMs=", "empty or too long"],
    ["corridor.ttlMs=1,,2", "empty or too long"],
    [`title=${"x".repeat(1001)}`, "empty or too long"],
    ["corridor.ttlMs=1,2,1", "a value twice"],
    ["arrangement=certified,htlc", "--arrangements"],
    ["seed=1,2", "--seed and --runs"],
    ["mode=live,sim", "virtual time"],
  ])("refuses %s", (text, said) => {
    expect(complaint(text)).toContain(said);
  });

  it("takes up to a hundred values", () => {
    const values = (count: number) => Array.from({ length: count }, (_, i) => i).join(",");
    expect(complaint(`corridor.ttlMs=${values(MAX_VALUES)}`)).toBe("");
    expect(complaint(`corridor.ttlMs=${values(MAX_VALUES + 1)}`)).toContain("at most 100");
  });
});
