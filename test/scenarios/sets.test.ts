import { describe, expect, it } from "vitest";
import { FITTED } from "../../scenarios/costs.ts";
import { NO_NETWORK } from "../../scenarios/network/network.ts";
import { GENERATED, good, load, problems } from "./fixtures.ts";

describe("--set", () => {
  it("replaces values by key, position and id, in order", () => {
    const scenario = good(GENERATED, [
      "seed=7",
      "corridor.ttlMs=500",
      "banks[2].name=Bank of Hills",
      "members[lotus].issue=60.00",
      "workload.swaps.pairs[KZT/CNY].pair=CNY/KZT",
      "seed=8",
    ]);
    expect(scenario).toMatchObject({
      seed: 8,
      corridor: { ttlMs: 500 },
      banks: { 2: { name: "Bank of Hills" } },
      members: { 1: { issue: 6_000n } },
      workload: { swaps: { pairs: [{ first: { id: "cn" }, second: { id: "kz" } }] } },
    });
  });

  it("replaces lists and maps, adds keys, and adds an item after the last", () => {
    const scenario = good(GENERATED, [
      "faults=[]",
      "labels[2]=a third label",
      "members[builder].name=A builder",
      "workload={ kind: generated, durationMs: 5, swaps: { count: 1, totalUsd: '1.00', pairs: [{ pair: KZT/CNY, share: 100 }] } }",
    ]);
    expect(scenario).toMatchObject({
      faults: [],
      labels: ["generated", "counterfactual-kz", "a third label"],
      members: { 3: { name: "A builder" } },
      workload: { durationMs: 5, screeningMs: [0, 0], domesticPayments: 0 },
    });
  });

  it("opens a section that the file leaves out", () => {
    const { network, costs } = good(GENERATED, [
      "network.topology=six-capitals",
      "network.bandwidthMbps=100",
      "network.bandwidthMbps=null",
      "costs.fsyncUs=900",
    ]);
    expect(network).toEqual({ ...NO_NETWORK, topology: { kind: "six-capitals" } });
    expect(costs).toEqual({ ...FITTED, fsyncUs: 900 });
    expect(problems(GENERATED, ["rate.file=x.csv"])).toHaveLength(1);
  });

  it("turns a live scenario into a simulated one with faults of its own", () => {
    const { faults, network } = good(GENERATED, [
      "mode=sim",
      "network.lossPercent=2",
      "faults=[{ kind: partition, from: [kz], to: [cn], atMs: 100, forMs: 200 }]",
      "faults[0].bothWays=false",
    ]);
    expect(network.lossPercent).toBe(2);
    expect(faults).toEqual([
      { kind: "partition", from: ["kz"], to: ["cn"], atMs: 100, forMs: 200, bothWays: false },
    ]);
  });

  it("keeps a text a text, so that an amount needs no quotes", () => {
    expect(good(GENERATED, ["tags[school-12].issue=250"]).tags[0]?.issue).toBe(25_000n);
    expect(good(GENERATED, ['tags[school-12].issue="250"']).tags[0]?.issue).toBe(25_000n);
    expect(good(GENERATED, ["title=2026"]).title).toBe("2026");
    expect(good(GENERATED, ["title=a=b: c # d"]).title).toBe("a=b: c # d");
  });

  it("puts its values into the document of the manifest, not into the file's text", () => {
    const { document } = good(GENERATED, ["seed=7"]);
    expect(good(JSON.stringify(document)).seed).toBe(7);
    expect(good(GENERATED).seed).toBe(42);
  });

  it.each([
    [
      "seed",
      '--set: found "seed", allowed: path=value, such as corridor.byzantine=0 or members[halyk].issue=500.00',
    ],
    [
      "=5",
      '--set: found "", allowed: path=value, such as corridor.byzantine=0 or members[halyk].issue=500.00',
    ],
    [
      "corridor..x=5",
      '--set: found "corridor..x", allowed: path=value, such as corridor.byzantine=0 or members[halyk].issue=500.00',
    ],
    [
      "__proto__.x=5",
      '--set: found "__proto__.x", allowed: path=value, such as corridor.byzantine=0 or members[halyk].issue=500.00',
    ],
    ["seed=abc", '--set seed: found "abc", allowed: a whole number from 0 to 9007199254740991'],
    [
      "seed=1e3",
      "--set seed: found 1e3, allowed: a whole number from 0 to 9007199254740991, in plain digits",
    ],
    ["seed=", "--set seed: found nothing, allowed: a whole number from 0 to 9007199254740991"],
    ["seed=[", "--set: found the end of the text, allowed: YAML: Flow sequence must end with a ]"],
    ["seed=*a", '--set: found "*a", allowed: no aliases (*); text that begins like one is quoted'],
    [
      "seed=\u001b[0m",
      "--set: found the control character U+001B, allowed: text without control characters (UTF-16 must be saved as UTF-8)",
    ],
    [
      "seeds=5",
      '--set seeds: found an unknown key, allowed: one of format, name, title, question, labels, mode, signatures, arrangement, arrangements, seed, clock, tagging, connected, corridor, banks, ... (24 in all) (did you mean "seed"?)',
    ],
    [
      "corridor.byzantne=1",
      '--set corridor.byzantne: found an unknown key, allowed: one of byzantine, crashed, deltaMs, ttlMs, chain (did you mean "byzantine"?)',
    ],
    ["seed.x=1", '--set seed: found "x" in the path, allowed: nothing below a single value'],
    [
      "coridor.crashed=1",
      '--set: found "coridor" in the path, allowed: one of format, name, title, question, labels, mode, arrangement, seed, corridor, banks, members, tags, rates, workload, faults, expect (did you mean "corridor"?)',
    ],
    [
      "banks[4].name=x",
      '--set banks: found "4" in the path, allowed: a position from [0] to [3], or one of kz, cn, hk',
    ],
    [
      "banks[kk].name=x",
      '--set banks: found "kk" in the path, allowed: a position from [0] to [3], or one of kz, cn, hk (did you mean "kz"?)',
    ],
    ["labels[x]=y", '--set labels: found "x" in the path, allowed: a position from [0] to [2]'],
    [
      "members[lotus].bank=kk",
      '--set members[1].bank: found "kk", allowed: one of kz, cn, hk (did you mean "kz"?)',
    ],
    [
      "members[steppe].reserves=1.00",
      'my.yaml:21:99 members[0].issue: found "500.00", allowed: at most the reserves, "1.00"',
    ],
    [
      "members[steppe].issue=1e3",
      '--set members[0].issue: found "1e3", allowed: a quoted amount in major units, such as "1250000.00"',
    ],
    ["tags[0].lines={ line: A }", "--set tags[0].lines: found a map, allowed: a list of 1 to 1000"],
    [
      "tags[0].lines=[{ line: A }]",
      '--set tags[0].lines[0].max: found nothing, allowed: a quoted amount in major units, such as "1250000.00"',
    ],
  ])("is checked like the file: %s", (set, problem) => {
    expect(problems(GENERATED, [set])).toContain(problem);
  });

  it("has its number as the line and the place behind the path as the column", () => {
    const loaded = load(GENERATED, ["seed=7", "members[lotus].bank=kk", "labels=[a, 5]"]);
    expect(loaded).toMatchObject({
      ok: false,
      error: [
        { file: "--set", line: 2, column: 21, path: "members[1].bank" },
        { file: "--set", line: 3, column: 12, path: "labels[1]" },
      ],
    });
  });

  it("may mend what is wrong or missing in the file", () => {
    expect(good(GENERATED.replace("seed: 42\n", ""), ["seed=42"]).seed).toBe(42);
    expect(good(GENERATED.replace("seed: 42", "seed: -1"), ["seed=42"]).seed).toBe(42);
  });
});
