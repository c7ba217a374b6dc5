import fs from "node:fs";
import path from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { daliz, tempFolder } from "./daliz.ts";

const explore = (...args: readonly string[]) => daliz(["explore", ...args]);

/** The attack that three banks do not withstand, as `explore three-banks-one-liar` prints it. */
const ATTACK = "f1,d1:2,sSTATUS:2,f2,sLEAD-A:2,f2,f2,sVOTE:1,f1";

describe("daliz explore", () => {
  it("lists its worlds with their bounds", async () => {
    const { status, out } = await explore("--list");
    expect(status).toBe(0);
    expect(out).toMatch(/^two-banks\n {2}n = 2, one swap.*\n {2}every order of deliveries/);
    expect(out).toContain("abstract-model\n");
  });

  it("explores a world to the last state, and says so", async () => {
    const { status, out } = await explore("three-banks-in-order", "--exhaustive", "--json");
    expect(status).toBe(0);
    const result = JSON.parse(out) as Record<string, unknown>;
    expect(result).toMatchObject({
      world: "three-banks-in-order",
      signatures: "modelled",
      states: 3_031,
      complete: true,
      violation: null,
    });
  });

  it("says honestly that a budget was not enough", async () => {
    const { status, out } = await explore(
      "four-banks-two-swaps",
      "--exhaustive",
      "--budget",
      "500",
    );
    expect(status).toBe(0);
    expect(out).toContain("NOT all: the budget was used up");
  });

  it("plays a schedule again from its string and from a file, the same way", async () => {
    const file = path.join(tempFolder(onTestFinished), "attack.txt");
    fs.writeFileSync(file, `${ATTACK}\n`);
    const given = ["three-banks-one-liar", "--exhaustive", "--replay"];
    const { status, out } = await explore(...given, ATTACK);
    expect(status).toBe(0);
    expect(out).toContain("  9. durable 1\nviolated: CertificateUniqueness: swap ");
    expect(out).toContain("\nsequenceDiagram\n  participant B1 as bank 1\n");
    expect((await explore(...given, file)).out).toBe(out);
    expect((await explore(...given, ATTACK, "--real-signatures")).out).toContain("violated: ");
  });

  it.each([
    [["two-banks"], /^daliz: explore: say --seeds A\.\.B or --exhaustive/],
    [["three", "--exhaustive"], /^daliz: explore: found "three", allowed: two-banks, /],
    [
      ["two-banks", "--exhaustive", "--budget", "0"],
      /^daliz: explore: --budget: found "0", allowed: /,
    ],
    [["two-banks", "--exhaustive", "--budget", "1e3"], /found "1e3"/],
    [["two-banks", "--exhaustive", "--replay", "f1,d1"], /part 2 is no step of two-banks/],
    [["--exhaustive", "--replay", "f1"], /--replay needs a world/],
  ])("refuses %j", async (args, message) => {
    const { status, err } = await explore(...args);
    expect(status).toBe(2);
    expect(err).toMatch(message);
    expect(err.trim().split("\n").length).toBe(1);
  });
});
