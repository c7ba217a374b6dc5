import fs from "node:fs";
import path from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { Command, daliz, tempFolder } from "./daliz.ts";

const SMALL = [
  "compare",
  "bilateral",
  "--vary",
  "corridor.ttlMs=2000,5000",
  "--set",
  "workload.swaps.count=2",
];

/** Every file below a folder, with its content. */
function contentOf(folder: string): ReadonlyMap<string, string> {
  const files = fs
    .readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.join(entry.parentPath, entry.name));
  return new Map(
    files.map((file) => [path.relative(folder, file), fs.readFileSync(file, "base64")]),
  );
}

describe("daliz compare", () => {
  it("comes to the same bytes with one worker, with three, and run by run", async () => {
    const folder = tempFolder(onTestFinished);
    const at = (name: string): string => path.join(folder, name);
    const runs = ["--runs", "2"];
    const [one, three] = await Promise.all([
      daliz([...SMALL, ...runs, "--workers", "1", "--out", at("one")]),
      daliz([...SMALL, ...runs, "--workers", "3", "--out", at("three"), "--json"]),
    ]);
    expect([one.status, three.status]).toEqual([0, 0]);
    expect(one.out).toContain("Time to settle, ledger clock");
    expect(JSON.parse(three.out)).toMatchObject({ format: "daliz-comparison/1", runs: 2 });
    expect([...contentOf(at("three"))]).toEqual([...contentOf(at("one"))]);

    const parts = at("parts");
    const tasks = ["0", "1", "2"].map((index) =>
      daliz([...SMALL, ...runs, "--index", index, "--out", parts]),
    );
    // The last one is named by the environment, as in an array job.
    const env = { SLURM_ARRAY_TASK_ID: "3" };
    const early = await Promise.all(tasks);
    expect(early.map(({ status }) => status)).toEqual([0, 0, 0]);
    const missing = await daliz(["merge", parts]);
    expect([missing.status, missing.err]).toEqual([
      2,
      expect.stringContaining("found 1 of 4 runs missing: 3"),
    ]);
    const last = await daliz([...SMALL, ...runs, "--index", "--out", parts], { env });
    expect(last.out).toContain("run 3 of 4: ttlMs 5000, seed 20240603");
    const merged = await daliz(["merge", parts]);
    expect(merged.status).toBe(0);
    const joined = [...contentOf(parts)].filter(([name]) => !name.startsWith("parts"));
    expect(joined).toEqual([...contentOf(at("one"))]);
    const again = await daliz(["merge", parts]);
    expect([again.status, again.err]).toEqual([2, expect.stringContaining("joined already")]);
  });

  it("goes on where it was stopped", async () => {
    const folder = tempFolder(onTestFinished);
    const out = path.join(folder, "stopped");
    const args = [...SMALL, "--runs", "30", "--workers", "1", "--out", out];
    const command = new Command(onTestFinished, args);
    await command.shown((_, err) => err.includes("running 1/"), "a run");
    command.signalGroup("SIGINT");
    const stopped = await command.ended;
    expect(stopped.status).toBe(3);
    expect(stopped.err).toMatch(/stopped after \d+ of 60 runs; .*--resume/);
    expect(fs.existsSync(path.join(out, "manifest.json"))).toBe(false);
    const before = fs.readdirSync(path.join(out, "parts")).length;

    const other = await daliz([...SMALL, "--runs", "29", "--resume", "--out", out]);
    expect([other.status, other.err]).toEqual([
      2,
      expect.stringContaining("allowed: the very command that began it"),
    ]);
    const resumed = await daliz([...args, "--resume"]);
    expect(resumed.status).toBe(0);
    expect(resumed.err).toContain(`running ${before + 1}/60`);
    expect(resumed.out).toContain("30 runs each");
    expect(fs.existsSync(path.join(out, "parts"))).toBe(false);
    const complete = await daliz([...args, "--resume"]);
    expect([complete.status, complete.err]).toEqual([
      2,
      expect.stringContaining("found a comparison that is complete"),
    ]);
  });
});

it.each<readonly [string, readonly string[], string]>([
  ["an unknown arrangement", [...SMALL, "--arrangements", "barter"], '"barter"'],
  ["no runs", [...SMALL, "--runs", "0"], "--runs: found"],
  ["a game with a seed", ["run", "htlc-game", "--seed", "1"], "--seed: found with htlc-game"],
])("%s is refused with exit code 2 and one line", async (_, args, said) => {
  const { status, out, err } = await daliz(args);
  expect(status).toBe(2);
  expect(out).toBe("");
  expect(err).toContain(said);
  expect(err.trim().split("\n")).toHaveLength(1);
});
