import fs from "node:fs";
import path from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { Command, gone, isAlive, tempFolder, until } from "./daliz.ts";

/** A run that goes on for longer than any test waits. */
const ENDLESS = ["workload.durationMs=200000", "workload.swaps.count=2000"];
/** A run that is over soon. */
const SHORT = ["workload.durationMs=300", "workload.swaps.count=2", "workload.screeningMs=[1,5]"];

interface Running {
  readonly command: Command;
  /** Where the run keeps its keys while it works. */
  readonly temporary: string;
  readonly runs: string;
  /** Processes of the banks that have started so far. */
  readonly banks: () => readonly number[];
}

function start(sets: readonly string[], under?: readonly string[]): Running {
  const cwd = tempFolder(onTestFinished);
  const temporary = path.join(cwd, "tmp");
  fs.mkdirSync(temporary);
  const args = ["run", "bilateral", ...sets.flatMap((set) => ["--set", set])];
  const command = new Command(onTestFinished, args, {
    cwd,
    env: { TMPDIR: temporary },
    ...(under === undefined ? {} : { under }),
  });
  const runs = path.join(cwd, "runs");
  const banks = (): readonly number[] => {
    const file = path.join(runs, "bilateral", "events.ndjson");
    const events = fs.existsSync(file) ? fs.readFileSync(file, "utf8") : "";
    return [...events.matchAll(/"event":"started","pid":(\d+)/g)].map(([, pid]) => Number(pid));
  };
  return { command, temporary, runs, banks };
}

/** Waits until banks work and a swap has settled: there is everything to clean up. */
async function untilBusy({ command, banks, temporary }: Running): Promise<readonly number[]> {
  await command.shown((_, err) => /^running [1-9]/m.test(err), "a settled swap");
  const pids = banks();
  expect(pids).toHaveLength(2);
  expect(pids.filter(isAlive)).toEqual(pids);
  expect(pids).not.toContain(command.pid);
  expect(filesIn(temporary, ".key")).toHaveLength(2);
  return pids;
}

/** Files of a folder that others work in: some may be gone while it is read. */
function filesIn(folder: string, ending: string): readonly string[] {
  try {
    const files = fs.readdirSync(folder, { recursive: true, encoding: "utf8" });
    return files.filter((file) => file.endsWith(ending));
  } catch {
    return [];
  }
}

describe("a run that is interrupted (O5)", () => {
  it.each(["SIGINT", "SIGTERM", "SIGHUP"] as const)(
    "%s stops every bank, and removes the keys and the run folder",
    async (signal) => {
      const run = start(ENDLESS);
      const banks = await untilBusy(run);
      process.kill(run.command.pid, signal);
      const { status, err } = await run.command.ended;
      expect(status).toBe(3);
      expect(err).toMatch(/\ndaliz: stopped\n$/);
      expect(banks.filter(isAlive)).toEqual([]);
      expect(fs.readdirSync(run.temporary)).toEqual([]);
      expect(fs.readdirSync(run.runs)).toEqual([]);
    },
  );

  it("Ctrl-C, which reaches a terminal's whole process group, does the same", async () => {
    const run = start(ENDLESS);
    const banks = await untilBusy(run);
    run.command.signalGroup("SIGINT");
    expect(await run.command.ended).toMatchObject({ status: 3, signal: null });
    expect(banks.filter(isAlive)).toEqual([]);
    expect(fs.readdirSync(run.temporary)).toEqual([]);
    expect(fs.readdirSync(run.runs)).toEqual([]);
  });

  it("may be interrupted while its banks are starting", async () => {
    const run = start(ENDLESS);
    await run.command.shown((_, err) => err.includes("starting 2 banks"), "its start");
    process.kill(run.command.pid, "SIGINT");
    const { status, err } = await run.command.ended;
    expect(status).toBe(3);
    expect(err).toMatch(/\ndaliz: stopped\n$/);
    expect(fs.readdirSync(run.temporary)).toEqual([]);
    expect(fs.readdirSync(run.runs)).toEqual([]);
  });

  it("leaves no bank behind when the launcher is killed", async () => {
    const run = start(ENDLESS);
    const banks = await untilBusy(run);
    process.kill(run.command.pid, "SIGKILL");
    expect((await run.command.ended).signal).toBe("SIGKILL");
    await gone(banks);
    expect(fs.existsSync(path.join(run.runs, "bilateral", "manifest.json"))).toBe(false);
  });

  it("fails with one line when a bank dies that nobody meant to kill", async () => {
    const run = start(ENDLESS);
    const [victim = 0, other = 0] = await untilBusy(run);
    process.kill(victim, "SIGKILL");
    const { status, err } = await run.command.ended;
    expect(status).toBe(3);
    expect(err).toMatch(/\ndaliz: bank (kz|cn) ended: SIGKILL\n$/);
    expect(isAlive(other)).toBe(false);
    expect(fs.readdirSync(run.temporary)).toEqual([]);
    expect(fs.readdirSync(run.runs)).toEqual([]);
  });
});

describe("a bench that is interrupted", () => {
  it("stops its banks and removes their keys", async () => {
    const temporary = tempFolder(onTestFinished);
    const args = ["bench", "--banks", "2", "--seconds", "60"];
    const command = new Command(onTestFinished, args, { env: { TMPDIR: temporary } });
    // The banks have their data where they can be seen: they have begun to sign.
    await until(() => filesIn(temporary, ".mark").length === 2, "two banks at work");
    process.kill(command.pid, "SIGINT");
    const { status, err } = await command.ended;
    expect(status).toBe(3);
    expect(err).toMatch(/(^|\n)daliz: stopped\n$/);
    expect(processesIn(temporary)).toEqual([]);
    expect(fs.readdirSync(temporary)).toEqual([]);
  });
});

/** Command lines of processes that were told of a folder; Linux alone can say. */
function processesIn(folder: string): readonly string[] {
  if (!fs.existsSync("/proc/self/cmdline")) return [];
  return fs.readdirSync("/proc").flatMap((pid) => {
    try {
      const line = fs.readFileSync(`/proc/${pid}/cmdline`, "utf8");
      return line.includes(folder) ? [line.replaceAll("\0", " ")] : [];
    } catch {
      return [];
    }
  });
}

describe("a reader who goes away (O5)", () => {
  it("| head -1 ends a run without leaving a process or a key behind", async () => {
    const run = start(ENDLESS);
    const banks = await untilBusy(run);
    // Progress goes to standard error, so its reader is the one that a run at work misses.
    run.command.child.stderr?.destroy();
    run.command.child.stdout?.destroy();
    expect((await run.command.ended).status).toBe(3);
    expect(banks.filter(isAlive)).toEqual([]);
    expect(fs.readdirSync(run.temporary)).toEqual([]);
    expect(fs.readdirSync(run.runs)).toEqual([]);
  });

  it("does not cost a run that was over: its folder stands", async () => {
    const run = start(SHORT);
    await run.command.shown((out) => out.includes("\n"), "its first line");
    run.command.child.stdout?.destroy();
    const { status, err } = await run.command.ended;
    expect(status).toBe(3);
    expect(err).toMatch(/\ndaliz: output_closed: [^\n]*\n$/);
    expect(run.banks()).toHaveLength(2);
    expect(run.banks().filter(isAlive)).toEqual([]);
    expect(fs.readdirSync(run.temporary)).toEqual([]);
    expect(fs.readdirSync(path.join(run.runs, "bilateral"))).toEqual(
      expect.arrayContaining(["manifest.json", "report.html", "ledgers"]),
    );
  });

  it.each([["list"], ["schema"], ["--help"]])("ends daliz %s quietly", async (name) => {
    const command = new Command(onTestFinished, [name]);
    command.child.stdout?.destroy();
    const { status, err } = await command.ended;
    expect([0, 3]).toContain(status);
    expect(err).toMatch(/^(daliz: output_closed: [^\n]*\n)?$/);
  });
});
