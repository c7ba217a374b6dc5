import fs from "node:fs";
import path from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { daliz, tempFolder, type Ended } from "./daliz.ts";

interface Printed {
  readonly mode: string;
  readonly signatures: string;
  readonly traceHash: string;
  readonly events: number;
  readonly heads: unknown;
  readonly modelled: readonly string[];
  readonly properties: readonly { readonly name: string; readonly verdict: string }[];
}

const manifestOf = ({ status, out, err }: Ended): Printed => {
  expect(err).toBe("");
  expect(status).toBe(0);
  return JSON.parse(out) as Printed;
};

const simulated = (folder: string, name: string, ...more: string[]): Promise<Ended> =>
  daliz(["run", "swarm", "--json", "--out", path.join(folder, name), ...more]);

describe("daliz run --mode sim", () => {
  it("has the same history in two processes, and another one under another seed", async () => {
    const folder = tempFolder(onTestFinished);
    const first = manifestOf(await simulated(folder, "one", "--seed", "3"));
    const again = manifestOf(await simulated(folder, "two", "--seed", "3"));
    const other = manifestOf(await simulated(folder, "three", "--seed", "4"));
    expect(again.traceHash).toBe(first.traceHash);
    expect(again.heads).toEqual(first.heads);
    expect(other.traceHash).not.toBe(first.traceHash);
  });

  it("says what is modelled, and that every property holds that can be judged", async () => {
    const folder = tempFolder(onTestFinished);
    const { mode, signatures, modelled, properties } = manifestOf(await simulated(folder, "run"));
    expect([mode, signatures]).toEqual(["sim", "modelled"]);
    expect(modelled.join(" ")).toContain("Signatures are digests in place of Ed25519.");
    expect(modelled.join(" ")).toContain("Virtual time");
    expect(properties.filter(({ verdict }) => verdict !== "holds").map(({ name }) => name)).toEqual(
      ["P15"],
    );
  });

  it("of a modelled run, verify says so and prove refuses", async () => {
    const folder = tempFolder(onTestFinished);
    manifestOf(await simulated(folder, "run"));
    const run = path.join(folder, "run");
    const verified = await daliz(["verify", run]);
    expect(verified.out).toContain("signatures are modelled");
    expect(verified.status).toBe(0);
    const [, row = ""] = fs.readFileSync(path.join(run, "swaps.csv"), "utf8").split("\n");
    const proved = await daliz(["prove", run, row.split(",")[1] ?? ""]);
    expect(proved.status).toBe(2);
    expect(proved.err).toContain("signatures are modelled");
  });

  it("what breaks beyond the fault budget is a result, and says so", async () => {
    const folder = tempFolder(onTestFinished);
    const faults = JSON.stringify(
      ["hk", "th"].map((bank) => ({
        kind: "byzantine",
        bank,
        behaviour: "silent",
        atMs: 0,
      })),
    );
    const sets = ["--set", `faults=${faults}`, "--set", "expect=[conservation]"];
    const { properties } = manifestOf(await simulated(folder, "run", ...sets));
    const verdicts = properties.map(({ verdict }) => verdict);
    expect(verdicts).not.toContain("violated");
    expect(verdicts).toContain("beyond budget");
  });
});

describe("daliz replay", () => {
  it("plays the very history that the run of its seed had", async () => {
    const folder = tempFolder(onTestFinished);
    const run = manifestOf(await simulated(folder, "run", "--seed", "5"));
    const again = await daliz(["replay", "swarm", "--seed", "5"]);
    const said = `${run.events} events, trace hash ${run.traceHash}; simulated, signatures modelled`;
    expect(again.out.trimEnd().split("\n").at(-1)).toBe(said);
  });

  it("tells a run again, as text and as a diagram", async () => {
    const text = await daliz(["replay", "swarm", "--seed", "5"]);
    expect(text.status).toBe(0);
    expect(text.out).toMatch(/signs block 2: ANNOUNCE [0-9a-f]{8}, LOCK/);
    expect(text.out).toMatch(/is settled here, in view 0/);
    const [, sid = ""] = /ANNOUNCE ([0-9a-f]{8})/.exec(text.out) ?? [];
    const diagram = await daliz(["replay", "swarm", "--seed", "5", "--swap", sid, "--mermaid"]);
    expect(diagram.out).toMatch(/^sequenceDiagram\n/);
    expect(diagram.out).toContain(`SETTLE ${sid}`);
    expect(diagram.out.match(/ANNOUNCE [0-9a-f]{8}/g)?.every((a) => a.endsWith(sid))).toBe(true);
  });

  it("stops when it is told to", async () => {
    const { out } = await daliz(["replay", "swarm", "--seed", "5", "--until", "3"]);
    const times = [...out.matchAll(/^ *([0-9.]+) ms/gm)].map((match) => Number(match[1]));
    expect(times.length).toBeGreaterThan(5);
    expect(Math.max(...times)).toBeLessThanOrEqual(3);
  });
});

describe("daliz explore --seeds", () => {
  it("says what it tried", async () => {
    const { status, out } = await daliz(["explore", "swarm", "--seeds", "1..6"]);
    expect(out).toMatch(/^swarm: no violation in 6 runs \(seeds 1 to 6\), [0-9,]+ events;/);
    expect(status).toBe(0);
  });
});

describe("bad input is refused with what was found and what is allowed", () => {
  it.each([
    [["run", "swarm", "--seed", "1.5"], /seed: found 1\.5, allowed/],
    [
      ["run", "swarm", "--seed", "-1"],
      /seed: found -1, allowed: a whole number from 0 to 9007199254740991/,
    ],
    [["run", "swarm", "--set", "network.topology=nowhere.csv"], /nowhere\.csv/],
    [["run", "swarm", "--set", "network.topology=mars"], /topology.*mars/],
    [
      ["run", "swarm", "--set", "faults=[{kind: byzantine, bank: us, behaviour: late, atMs: 0}]"],
      /faults\[0\]\.bank: found "us"/,
    ],
    [
      [
        "run",
        "bilateral",
        "--set",
        "faults=[{kind: clog, banks: [kz], atMs: 0, forMs: 1, delayMs: 1}]",
      ],
      /simulated/,
    ],
    [["run", "swarm", "--record"], /--record: found a simulated run/],
    [["explore", "swarm", "--seeds", "5..1"], /--seeds 5\.\.1: want two whole numbers/],
    [["explore", "swarm"], /--seeds A\.\.B or --exhaustive/],
    [["explore", "--seeds", "1..2"], /wants a scenario/],
    [["replay", "swarm", "--until", "soon"], /--until soon: want whole milliseconds/],
    [["calibrate", "--topology", "mars"], /--topology mars: want one of none, single-site/],
    [["calibrate", "--banks", "5"], /--banks 5: want some of/],
  ])("%j", async (args, message) => {
    const { status, err, out } = await daliz(args);
    expect(err).toMatch(message);
    expect(out).toBe("");
    expect(status).toBe(2);
  });
});
