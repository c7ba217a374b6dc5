import fs from "node:fs";
import path from "node:path";
import { beforeAll, afterAll, describe, expect, it, onTestFinished } from "vitest";
import type { Manifest } from "../../scenarios/run-result.ts";
import { daliz, tempFolder } from "./daliz.ts";

const sets = (...all: readonly string[]): string[] => all.flatMap((set) => ["--set", set]);

/** Few swaps, soon, which wait long enough for the slowest machine. */
const SMALL = ["workload.swaps.count=6", "workload.durationMs=600", "corridor.ttlMs=60000"];

const outer = tempFolder(afterAll);

/** Half a network in a file: the way there and back takes 200 ms, always. */
const FAR = path.join(outer, "far.csv");

const shared = path.join(outer, "bilateral");
let manifest: Manifest;

beforeAll(async () => {
  fs.writeFileSync(FAR, "from,to,p50_ms,p90_ms\nkz,cn,200,200\n");
  const network = sets("network={ topology: far.csv, model: constant }");
  const args = ["run", "bilateral", ...sets(...SMALL), ...network, "--out", shared, "--record"];
  const ended = await daliz([...args, "--json"], { cwd: outer });
  expect(ended).toMatchObject({ status: 0, err: "" });
  manifest = JSON.parse(ended.out) as Manifest;
});

function copyOfRun(): string {
  const folder = path.join(tempFolder(onTestFinished), "run");
  fs.cpSync(shared, folder, { recursive: true });
  return folder;
}

describe("a live run with a topology", () => {
  it("delays every message by its link, and says what is modelled", () => {
    expect(manifest.modelled).toContain(
      "Delays between banks are made from the round trips in far.csv. One message's delay varies by the model constant.",
    );
    const [head = "", ...rows] = fs
      .readFileSync(path.join(shared, "swaps.csv"), "utf8")
      .split("\n");
    const column = head.trim().split(",").indexOf("settleMs");
    expect(column).toBeGreaterThan(0);
    const settled = rows.filter((row) => row !== "").map((row) => Number(row.split(",")[column]));
    expect(settled).toHaveLength(6);
    // The announcement goes there and the LOCK back; each may leave 5 ms early.
    for (const ms of settled) expect(ms).toBeGreaterThanOrEqual(190);
  });
});

describe("daliz run --record", () => {
  it("keeps the inputs of every process and the keys, and says that there are keys", () => {
    const folder = path.join(shared, "record");
    expect(fs.readdirSync(folder).sort()).toEqual([
      "README.txt",
      "arrangement.txt",
      "cn.1.inputs",
      "cn.key",
      "kz.1.inputs",
      "kz.key",
    ]);
    expect(fs.readFileSync(path.join(folder, "README.txt"), "utf8")).toContain("SECRET KEYS");
  });

  it("is replayed to the same bytes", async () => {
    const ended = await daliz(["replay-inputs", shared]);
    expect(ended).toMatchObject({ status: 0, err: "" });
    expect(ended.out).toMatch(/^kz: 1 start, \d+ inputs, \d+ bytes of ledger: identical$/m);
    expect(ended.out).toMatch(/^live equals replay: every ledger is identical$/m);
  });

  it("is replayed to the same bytes after a bank was killed and came back", async () => {
    const run = path.join(outer, "crash");
    // Not that every other swap takes the fast path: that is a matter of time.
    const within = sets("expect=[conservation, atomicity, audit-passes, both-sides-agree]");
    const args = ["participant-crash", ...within, "--out", run, "--record", "--json"];
    const played = await daliz(["run", ...args]);
    expect(played).toMatchObject({ status: 0, err: "" });
    const ended = await daliz(["replay-inputs", run]);
    expect(ended).toMatchObject({ status: 0, err: "" });
    expect(ended.out).toMatch(/^cn: 2 starts, \d+ inputs, \d+ bytes of ledger: identical$/m);
  });
});

describe("daliz replay-inputs", () => {
  it("names the bank whose ledger is not what its inputs make, and the place", async () => {
    const folder = copyOfRun();
    const file = path.join(folder, "ledgers", "cn.ledger");
    const bytes = fs.readFileSync(file);
    const place = bytes.length - 40;
    bytes[place] = (bytes[place] ?? 0) ^ 1;
    fs.writeFileSync(file, bytes);
    const ended = await daliz(["replay-inputs", folder]);
    expect(ended.status).toBe(1);
    expect(ended.out).toMatch(/^kz: .* identical$/m);
    const where = `cn: replay_differs: start 1, byte ${place} of the ledger: other bytes`;
    expect(ended.out).toContain(where);
  });

  it("finds a block that the bank dropped, and an input that is missing", async () => {
    const folder = copyOfRun();
    const ledger = path.join(folder, "ledgers", "kz.ledger");
    fs.truncateSync(ledger, fs.statSync(ledger).size - 1);
    const inputs = path.join(folder, "record", "cn.1.inputs");
    fs.truncateSync(inputs, Math.floor(fs.statSync(inputs).size / 2));
    const ended = await daliz(["replay-inputs", folder]);
    expect(ended.status).toBe(1);
    expect(ended.out).toMatch(/^kz: replay_differs: .* its machine more$/m);
    expect(ended.out).toMatch(/^cn: replay_differs: .* its machine less$/m);
    expect(ended.out).toMatch(/^NOT identical: 2 of 2 ledgers$/m);
  });

  it("refuses a run that was not recorded, and a record that is none", async () => {
    const folder = copyOfRun();
    fs.writeFileSync(path.join(folder, "record", "kz.1.inputs"), "nothing of the kind");
    const broken = await daliz(["replay-inputs", folder]);
    expect(broken).toMatchObject({ status: 2, out: "" });
    expect(broken.err).toMatch(/^daliz: record_invalid: [^\n]+, byte 0: not a record of inputs/);
    fs.rmSync(path.join(folder, "record"), { recursive: true });
    const unrecorded = await daliz(["replay-inputs", folder]);
    expect(unrecorded).toMatchObject({ status: 2, out: "" });
    expect(unrecorded.err).toMatch(/no run folder with recorded inputs/);
  });
});
