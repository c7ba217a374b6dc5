import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Ajv2020 } from "ajv/dist/2020.js";
import { afterAll, describe, expect, it } from "vitest";
import { digest, hashKey } from "../../../crypto/hash.ts";
import { renderProblem } from "../../../scenarios/problem.ts";
import { publishedSchema } from "../../../scenarios/published-schema.ts";
import {
  corridorNames,
  isDay,
  libraryNames,
  openAnyScenario,
  openScenario,
} from "../../../scenarios/resolve.ts";
import type { DayScenario } from "../../../scenarios/rtgs/day-scenario.ts";
import { generateDay } from "../../../scenarios/workload/generated-day.ts";
import { HEADER } from "./files.ts";

const folder = mkdtempSync(join(tmpdir(), "daliz-day-"));
afterAll(() => rmSync(folder, { recursive: true }));
const place = (name: string, content: string): string => {
  writeFileSync(join(folder, name), content);
  return join(folder, name);
};
const payments = place("p.csv", `${HEADER}p,0,a,b,1\n`);
const opening = place("o.csv", "member,amount\na,1\n");

const OWN = `format: daliz-scenario/1
kind: rtgs-day
name: own-day
title: A day of my own
question: Does it settle?
seed: 1
payments: p.csv
opening: o.csv
queue: bypass
close_ms: 1000
`;

function opened(nameOrPath: string, sets: readonly string[] = []): DayScenario {
  const scenario = openAnyScenario(nameOrPath, sets);
  if (!scenario.ok) throw new Error(scenario.error.map(renderProblem).join("\n"));
  if (!isDay(scenario.value)) throw new Error("a corridor");
  return scenario.value;
}

function problems(nameOrPath: string, sets: readonly string[] = []): readonly string[] {
  const scenario = openAnyScenario(nameOrPath, sets);
  return scenario.ok ? [] : scenario.error.map(renderProblem);
}

describe("the scenario rtgs-day", () => {
  it("is in the library, and no corridor", () => {
    expect(libraryNames()).toContain("rtgs-day");
    expect(corridorNames()).toEqual(libraryNames().filter((name) => name !== "rtgs-day"));
  });

  it("says what in it is invented, and asks a question", () => {
    const scenario = opened("rtgs-day");
    expect(scenario).toMatchObject({ name: "rtgs-day", mode: "sim", queue: "gridlock-resolution" });
    expect(scenario.labels).toContainEqual(expect.stringMatching(/[Ii]nvented/));
    expect(scenario.question).toMatch(/\?/);
  });

  it("takes files, rule and close from --set, as a user types them", () => {
    const { workload, queue, closeMs } = opened("rtgs-day", [
      `payments=${payments}`,
      `opening=${opening}`,
      "queue=fifo",
      "close_ms=500",
      "mode=sim",
    ]);
    expect({ queue, closeMs }).toEqual({ queue: "fifo", closeMs: 500 });
    expect(workload).toMatchObject({
      kind: "files",
      payments: { file: payments },
      opening: { file: opening },
    });
  });

  it("takes the name of a file for a text, whatever it looks like", () => {
    expect(problems("rtgs-day", ["payments=2026", `opening=${opening}`])).toEqual([
      "--set payments: found no such file 2026, allowed: a file that can be read",
    ]);
    expect(problems("rtgs-day", ["payments=a: b # c.csv", `opening=${opening}`])).toEqual([
      "--set payments: found no such file a: b # c.csv, allowed: a file that can be read",
    ]);
  });

  it.each([
    [
      "live",
      ["mode=live"],
      '--set mode: found "live", allowed: sim: a day of one bank without messages is simulated only',
    ],
    [
      "by a rule that nobody knows",
      ["queue=lifo"],
      '--set queue: found "lifo", allowed: one of fifo, bypass, bilateral-offset, gridlock-resolution (did you mean "fifo"?)',
    ],
    [
      "with no close",
      ["close_ms="],
      "--set close_ms: found nothing, allowed: a whole number from 1 to 9007199254740991",
    ],
    [
      "with a close of 0",
      ["close_ms=0"],
      "--set close_ms: found 0, allowed: a whole number from 1 to 9007199254740991",
    ],
    [
      "with half a millisecond",
      ["close_ms=1.5"],
      "--set close_ms: found 1.5, allowed: a whole number from 1 to 9007199254740991, in plain digits",
    ],
    [
      "with payments alone",
      [`payments=${payments}`],
      `--set payments: found "${payments}", allowed: only beside opening`,
    ],
    [
      "with balances alone",
      [`opening=${opening}`],
      `--set opening: found "${opening}", allowed: only beside payments`,
    ],
    [
      "from a folder",
      [`payments=${folder}`, `opening=${opening}`],
      `--set payments: found a folder ${folder}, allowed: a file that can be read`,
    ],
    [
      "without members",
      ["generated.members=1"],
      "--set generated.members: found 1, allowed: a whole number from 2 to 10000",
    ],
    [
      "on which nothing happens",
      ["generated.profile=[0, 0]"],
      "--set generated.profile: found a list of 2, allowed: at least one slice above 0",
    ],
    [
      "as a corridor",
      ["arrangement=certified"],
      "--set arrangement: found an unknown key, allowed: one of format, kind, name, title, question, labels, mode, seed, payments, opening, generated, queue, close_ms, expect",
    ],
  ])("is refused %s", (_how, sets, problem) => {
    expect(problems("rtgs-day", sets)).toEqual([problem]);
  });

  it("is refused by what needs a corridor, in words", () => {
    const scenario = openScenario("rtgs-day");
    expect(scenario.ok ? [] : scenario.error.map(renderProblem)).toEqual([
      'rtgs-day.yaml:4:7 kind: found "rtgs-day", allowed: a corridor of banks; the day of one bank can be run, and nothing else',
    ]);
  });
});

describe("a day of one's own", () => {
  it("names files beside its own, and expects that money is kept", () => {
    const { workload, expect: expected, labels } = opened(place("own.yaml", OWN));
    expect(workload).toMatchObject({ kind: "files", payments: { file: "p.csv" } });
    expect({ expected, labels }).toEqual({
      expected: ["conservation", "non-negative"],
      labels: [],
    });
  });

  it("needs files or a section to draw from", () => {
    const neither = OWN.replace("payments: p.csv\nopening: o.csv\n", "");
    expect(problems(place("neither.yaml", neither))).toEqual([
      `${join(folder, "neither.yaml")}:1:1 payments: found nothing, allowed: the path of a CSV file, or in its place a section generated`,
    ]);
  });

  it("has every problem of its file reported with its place", () => {
    const bad = OWN.replace("close_ms: 1000", "close_ms: soon").replace(
      "queue: bypass",
      "rule: fifo",
    );
    expect(problems(place("bad.yaml", bad)).map((line) => line.replace(folder, ""))).toEqual([
      "/bad.yaml:1:1 queue: found nothing, allowed: one of fifo, bypass, bilateral-offset, gridlock-resolution",
      "/bad.yaml:9:1 rule: found an unknown key, allowed: one of format, kind, name, title, question, labels, mode, seed, payments, opening, generated, queue, close_ms, expect",
      '/bad.yaml:10:11 close_ms: found "soon", allowed: a whole number from 1 to 9007199254740991',
    ]);
  });

  it("is what the published schema says, and nothing else", () => {
    const accepts = new Ajv2020({ strict: false }).compile(publishedSchema as object);
    const day = opened(place("own.yaml", OWN)).document as object;
    expect(accepts(day)).toBe(true);
    expect(accepts({ ...day, banks: [] })).toBe(false);
    expect(accepts({ ...day, kind: "day" })).toBe(false);
    expect(accepts({ ...day, close_ms: 0 })).toBe(false);
  });
});

describe("a generated day", () => {
  const generated = {
    members: 5,
    payments: 400,
    profile: [0, 1, 3],
    medianValue: 1_000,
    liquidityPercent: 50,
  };
  const rows = (csv: string): readonly (readonly string[])[] =>
    csv
      .trimEnd()
      .split("\n")
      .slice(1)
      .map((line) => line.split(","));

  it("is drawn from its seed alone", () => {
    const files = generateDay({ seed: 3, closeMs: 3_000 }, generated);
    expect(generateDay({ seed: 3, closeMs: 3_000 }, generated)).toEqual(files);
    expect(generateDay({ seed: 4, closeMs: 3_000 }, generated)).not.toEqual(files);
    expect(hashKey(digest(new TextEncoder().encode(files.payments + files.opening)))).toBe(
      "3fea1687586b71c47948369e4d6898e140b06a1cde974dc4f9a940f933b064ee",
    );
  });

  it("follows its profile, and its values have their median", () => {
    const { payments: csv } = generateDay(
      { seed: 3, closeMs: 3_000 },
      { ...generated, payments: 4_000 },
    );
    const times = rows(csv).map(([, timeMs]) => Number(timeMs));
    expect(times).toEqual(times.toSorted((a, b) => a - b));
    const inSlice = (slice: number): number =>
      times.filter((timeMs) => Math.floor(timeMs / 1_000) === slice).length;
    expect(inSlice(0)).toBe(0);
    expect(inSlice(1)).toBeGreaterThan(850);
    expect(inSlice(1)).toBeLessThan(1_150);
    expect(inSlice(1) + inSlice(2)).toBe(4_000);
    const values = rows(csv)
      .map(([, , , , value]) => Number(value))
      .toSorted((a, b) => a - b);
    expect(values[2_000]).toBeGreaterThan(900);
    expect(values[2_000]).toBeLessThan(1_100);
  });

  it("opens with a share of what each member needs to pay at once", () => {
    const balances = (liquidityPercent: number): readonly bigint[] =>
      rows(
        generateDay({ seed: 3, closeMs: 3_000 }, { ...generated, liquidityPercent }).opening,
      ).map(([, amount = ""]) => BigInt(amount));
    const upper = balances(100);
    expect(balances(0)).toEqual(upper.map(() => 0n));
    expect(balances(50)).toEqual(upper.map((amount) => amount / 2n));
    expect(upper.some((amount) => amount > 0n)).toBe(true);
  });
});
