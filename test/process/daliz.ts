import { spawn, type ChildProcess } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import process from "node:process";

export const ROOT = path.dirname(path.dirname(import.meta.dirname));
export const MAIN = path.join(ROOT, "scenarios", "main.ts");

/** Registers what has to happen at the end of a test or of a file: `onTestFinished` or `afterAll`. */
export type AtEnd = (cleanUp: () => Promise<void> | void) => void;

/** A folder that is gone at the end. */
export function tempFolder(atEnd: AtEnd, within: string = os.tmpdir()): string {
  const folder = fs.mkdtempSync(path.join(within, "daliz-test-"));
  atEnd(() => fs.rmSync(folder, { recursive: true, force: true }));
  return folder;
}

export interface CommandOptions {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Runs the command under another program, such as a shell that sets a limit first. */
  readonly under?: readonly string[];
}

export interface Ended {
  readonly status: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly out: string;
  readonly err: string;
}

/** A `daliz` command as a process, in a process group of its own that is gone at the end. */
export class Command {
  readonly child: ChildProcess;
  /** Resolves when the process is gone and all that it wrote has been read. */
  readonly ended: Promise<Ended>;
  #out = "";
  #err = "";
  #isOver = false;
  readonly #listeners = new Set<() => void>();

  constructor(atEnd: AtEnd, args: readonly string[], options: CommandOptions = {}) {
    const [program, ...before] = [...(options.under ?? []), process.execPath, MAIN];
    this.child = spawn(program ?? process.execPath, [...before, ...args], {
      stdio: "pipe",
      detached: true,
      env: { ...inherited(), ...options.env },
      ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    });
    this.child.stdin?.on("error", () => undefined);
    this.child.stdout?.on("data", (chunk: Buffer) => this.#take({ out: chunk.toString("utf8") }));
    this.child.stderr?.on("data", (chunk: Buffer) => this.#take({ err: chunk.toString("utf8") }));
    this.ended = new Promise((resolve, reject) => {
      this.child.once("error", reject);
      this.child.once("close", (status, signal) => {
        this.#isOver = true;
        this.#take({});
        resolve({ status, signal, out: this.#out, err: this.#err });
      });
    });
    atEnd(async () => {
      this.signalGroup("SIGKILL");
      await this.ended;
    });
  }

  get pid(): number {
    return this.child.pid ?? 0;
  }

  get out(): string {
    return this.#out;
  }

  /** Waits until the output holds something; says what it was when the process ends before. */
  async shown(holds: (out: string, err: string) => boolean, what: string): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      const look = (): void => {
        if (!holds(this.#out, this.#err) && !this.#isOver) return;
        this.#listeners.delete(look);
        if (holds(this.#out, this.#err)) resolve();
        else reject(new Error(`it ended before it showed ${what}: ${this.#out}${this.#err}`));
      };
      this.#listeners.add(look);
      look();
    });
  }

  /** Sends a signal to the process and whatever it started in its own group. */
  signalGroup(signal: NodeJS.Signals): void {
    if (this.#isOver) return;
    try {
      process.kill(-this.pid, signal);
    } catch {
      // It ended by itself and has not been heard of yet.
    }
  }

  #take({ out = "", err = "" }: { readonly out?: string; readonly err?: string }): void {
    this.#out += out;
    this.#err += err;
    for (const look of this.#listeners) look();
  }
}

/** Runs a command to its end. */
export async function daliz(args: readonly string[], options?: CommandOptions): Promise<Ended> {
  const cleanUps: (() => Promise<void> | void)[] = [];
  const command = new Command((cleanUp) => cleanUps.push(cleanUp), args, options);
  command.child.stdin?.end();
  return command.ended;
}

/** The environment without what npm and vitest put into it for their own sake. */
function inherited(): NodeJS.ProcessEnv {
  const { INIT_CWD: _, NODE_OPTIONS: __, VITEST: ___, ...env } = process.env;
  return { NODE_COMPILE_CACHE: path.join(os.tmpdir(), "node-compile-cache"), ...env };
}

/** Whether a process runs; one that ended and was not buried does not. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch {
    return false;
  }
  const file = `/proc/${pid}/stat`;
  if (!fs.existsSync("/proc/self/stat")) return true;
  try {
    return !/\) [ZX] /.test(fs.readFileSync(file, "utf8"));
  } catch {
    return false;
  }
}

/** Waits until something holds of the world outside, which sends no events: it has to be looked at. */
export async function until(holds: () => boolean, what: string): Promise<void> {
  const deadline = performance.now() + PATIENCE_MS;
  while (!holds()) {
    if (performance.now() > deadline) throw new Error(`not within ${PATIENCE_MS} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** Waits until every one of these processes is gone; they are nobody's children here. */
export const gone = (pids: readonly number[]): Promise<void> =>
  until(() => !pids.some(isAlive), `the end of ${pids.join(", ")}`);

const PATIENCE_MS = 30_000;
