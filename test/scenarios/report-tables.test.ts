import { stripVTControlCharacters } from "node:util";
import { describe, expect, it } from "vitest";
import { countOutcomes } from "../../scenarios/measures/outcomes.ts";
import {
  renderCount,
  renderDuration,
  renderMoney,
  renderRoundMoney,
  renderShare,
} from "../../scenarios/report/format.ts";
import { renderTables, terminalStyle } from "../../scenarios/report/tables.ts";
import type { RunResult } from "../../scenarios/run-result.ts";
import { NAUGHTY, runOfTexts } from "./naughty-run.ts";
import { inventRun } from "./run-fixture.ts";

const PLAIN = { colour: false };
const MOST = String(2n ** 63n - 1n);

/** As large as numbers get. */
function hugeRun(): RunResult {
  const run = inventRun();
  return {
    ...run,
    manifest: {
      ...run.manifest,
      conservation: run.manifest.conservation.map((row) => ({
        ...row,
        issued: MOST,
        posted: "0",
        pending: MOST,
        holds: false,
      })),
    },
    swaps: run.swaps.map((swap) => ({
      ...swap,
      sellAmount: MOST,
      buyAmount: MOST,
      usdCents: MOST,
      processMs: swap.processMs === null ? null : 9e9,
    })),
  };
}

const lines = (text: string): readonly string[] => text.split("\n");
/** Characters that stand beside each other: combining marks stand on the one before. */
const width = (line: string): number =>
  Array.from(stripVTControlCharacters(line).replace(/\p{M}/gu, "")).length;

describe("tables for a terminal", () => {
  it.each([
    ["a usual run", inventRun()],
    ["the largest amounts", hugeRun()],
    ["naughty texts", runOfTexts((i) => NAUGHTY[i] ?? "")],
    ["long words", runOfTexts((i) => String(i).padEnd(400, "x"))],
  ])("fit 100 columns: %s", (_, run) => {
    for (const colour of [true, false]) {
      const wide = lines(renderTables(run, { colour })).filter((line) => width(line) > 100);
      expect(wide).toEqual([]);
    }
  });

  it("have no control characters but line feeds unless colours are wanted", () => {
    for (const run of [inventRun(), runOfTexts((i) => NAUGHTY[i] ?? "")]) {
      expect(renderTables(run, PLAIN)).not.toMatch(
        /(?!\n)[\p{Cc}\p{Cs}\u202a-\u202e\u2066-\u2069]/u,
      );
    }
    const coloured = renderTables(inventRun(), { colour: true });
    expect(coloured).toContain("\u001b[");
    expect(stripVTControlCharacters(coloured)).toBe(renderTables(inventRun(), PLAIN));
  });

  it("have colours for a person at a terminal only", () => {
    expect(terminalStyle({ isTTY: true }, {})).toEqual({ colour: true });
    expect(terminalStyle({ isTTY: true }, { NO_COLOR: "" })).toEqual({ colour: true });
    expect(terminalStyle({ isTTY: true }, { NO_COLOR: "1" })).toEqual({ colour: false });
    expect(terminalStyle({ isTTY: false }, {})).toEqual({ colour: false });
    expect(terminalStyle({}, {})).toEqual({ colour: false });
  });

  it("show what the run came to", () => {
    const run = inventRun();
    const text = renderTables(run, PLAIN);
    const { settled, voided, rejected } = countOutcomes(run.swaps);
    expect(text).toMatch(
      new RegExp(`^all +${run.swaps.length} +${settled} +${voided} +${rejected} `, "m"),
    );
    for (const label of run.manifest.modelled) expect(text).toContain(`  - ${label}`);
    expect(text).toContain("KZT/CNY");
    expect(text).toMatch(/^rejected +FUNDS_INSUFFICIENT +\d+ /m);
    expect(text).toMatch(/9\.00 s {2}cn {3,}killed \(SIGKILL\)/);
    expect(text).toMatch(/^FAILS {2}all-swaps-settle +\d+ of 170$/m);
    expect(text).toContain("passed: 5 406 blocks, 9 812 entries, 12 340 signatures");
  });

  it("leave out what there is nothing of", () => {
    const { manifest } = inventRun();
    const bare = { ...manifest, faults: [], expectations: [], conservation: [], modelled: [] };
    const text = renderTables({ manifest: bare, swaps: [], payments: [], diagram: null }, PLAIN);
    expect(text).not.toMatch(/Swaps by|Time to settle|Faults|Expectations|Conservation|Modelled/);
    expect(text).toContain("Offline audit");
  });

  it("name what the audit found", () => {
    const run = inventRun();
    const audit = {
      ...run.manifest.audit,
      passed: false,
      findings: Array(12).fill("kz: block 3") as string[],
    };
    const text = renderTables({ ...run, manifest: { ...run.manifest, audit } }, PLAIN);
    expect(text).toContain("FAILED: ");
    expect(text.match(/ {2}- kz: block 3/g)?.length).toBe(10);
    expect(text).toContain("and 2 more");
  });
});

describe("numbers", () => {
  it.each([
    [0, "0.00 ms"],
    [0.0049, "0.00 ms"],
    [9.994, "9.99 ms"],
    [9.996, "10.0 ms"],
    [99.96, "100 ms"],
    [999.4, "999 ms"],
    [999.6, "1.00 s"],
    [12_340, "12.3 s"],
    [99_960, "1 min 40 s"],
    [3_599_400, "59 min 59 s"],
    [3_599_600, "1 h 0 min"],
    [90_061_000, "25 h 1 min"],
  ])("%d ms is %s", (ms, text) => {
    expect(renderDuration(ms, " ")).toBe(text);
  });

  it("have groups of three digits, and amounts all their decimals", () => {
    expect(renderCount(1_234_567, " ")).toBe("1 234 567");
    expect(renderCount(999, " ")).toBe("999");
    expect(renderMoney(123_456_789n, 2, " ")).toBe("1 234 567.89");
    expect(renderMoney(-5n, 2, " ")).toBe("-0.05");
    expect(renderMoney(-123_456n, 0, " ")).toBe("-123 456");
    expect(renderMoney(BigInt(MOST), 6, " ")).toBe("9 223 372 036 854.775807");
  });

  it("are rounded down to whole units, or to tenths of millions, billions, trillions", () => {
    expect(renderRoundMoney(999_999_999_999n, 2, " ")).toBe("9 999 999 999");
    expect(renderRoundMoney(1_000_000_000_000n, 2, " ")).toBe("10 000.0 m");
    expect(renderRoundMoney(10n ** 15n - 1n, 2, " ")).toBe("9 999 999.9 m");
    expect(renderRoundMoney(10n ** 15n, 2, " ")).toBe("10 000.0 bn");
    expect(renderRoundMoney(BigInt(MOST), 2, " ")).toBe("92 233.7 tn");
    expect(renderShare(1, 3)).toBe("33.3\u202f%");
    expect(renderShare(0, 0)).toBe("");
  });
});
