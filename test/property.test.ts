import fc from "fast-check";
import { afterEach, expect, it, vi } from "vitest";
import { holds } from "./property.ts";

afterEach(() => vi.unstubAllEnvs());

const belowFifty = fc.property(fc.nat(1000), (n) => n < 50);

function failureOf(run: () => void): string {
  try {
    run();
  } catch (error) {
    return (error as Error).message;
  }
  return "";
}

it("a failed property begins with the command that repeats it (here)", () => {
  const [command = "", ...report] = failureOf(() => holds(belowFifty, 100)).split("\n");
  const pattern =
    /^PROPERTY_SEED=(\d+) PROPERTY_PATH=([\d:]+) npm test -- test\/property\.test\.ts -t '(.*)'$/;
  const [, seed = "", path = "", title] = pattern.exec(command) ?? [];
  expect(title).toBe("a failed property begins with the command that repeats it \\(here\\)");
  expect(report.join("\n")).toContain("Counterexample: [50]");

  vi.stubEnv("PROPERTY_SEED", seed);
  vi.stubEnv("PROPERTY_PATH", path);
  expect(failureOf(() => holds(belowFifty, 100))).toContain("failed after 1 tests");
});

it("the number of cases can be multiplied, and a malformed variable is refused", () => {
  let cases = 0;
  const counting = fc.property(fc.nat(), () => {
    cases += 1;
  });
  vi.stubEnv("PROPERTY_RUNS", "3");
  holds(counting, 10);
  expect(cases).toBe(30);
  vi.stubEnv("PROPERTY_RUNS", "many");
  expect(() => holds(counting, 10)).toThrow("PROPERTY_RUNS is an integer, not many");
});
