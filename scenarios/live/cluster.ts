import { spawn, type ChildProcess } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import readline from "node:readline";
import { fileURLToPath } from "node:url";
import { renderGenesis } from "../../node/genesis-json.ts";
import { renderClockStart, type PacedClock } from "../../node/io/clock.ts";
import { LEDGER_FILE } from "../../node/io/journal-file.ts";
import { writeKeyFile } from "../../node/io/key-file.ts";
import type { BankEvent, BankOrder } from "../commands/bank.ts";
import type { ArrangementChoice } from "../../corridor/choice.ts";
import { renderChoice } from "../arrangement-choice.ts";
import { environmentFailed } from "../exit.ts";
import type { ChainRule } from "../../corridor/shared-ledger/state.ts";
import type { Corridor } from "../play/corridor-keys.ts";
import { createRecordFolder, recordFile } from "./record-folder.ts";
import { writeShapes, type LinkShapes } from "./shape-file.ts";

export interface ClusterOptions {
  readonly corridor: Corridor;
  /** A private folder for keys and data of the banks; one machine, one folder a bank. */
  readonly folder: string;
  readonly trace: boolean;
  /** How swaps settle; `certified` when nothing is said. */
  readonly arrangement?: ArrangementChoice;
  /** Of a shared ledger: certificates in a row that make a block final. */
  readonly chain?: ChainRule | undefined;
  /** How a bank shapes its links; `undefined` when they stay as they are. */
  readonly shapesOf?: (bank: string) => LinkShapes | undefined;
  /** Whether a bank serves HTTP for its members, on a port that the system chooses. */
  readonly servesApi?: (bank: string) => boolean;
  /** A folder that does not exist yet, for what every bank is fed, and its keys. */
  readonly recordFolder?: string | undefined;
  /** The clock of all banks; by default the machine's. */
  readonly clock?: PacedClock | undefined;
  readonly onEvent: (bank: string, event: BankEvent) => void;
  /** A bank's process ended without being told to. */
  readonly onDeath: (bank: string, how: string) => void;
}

interface Running {
  readonly child: ChildProcess;
  readonly ended: Promise<void>;
  address: string | undefined;
  expected: boolean;
}

const MAIN = fileURLToPath(new URL("../main.ts", import.meta.url));

/**
 * Keeps a bank's process small, since six share one machine: its garbage is short-lived, so a small
 * young generation and a heap that grows slowly cost little; helper threads would only take the cores
 * from the other banks. Measured under full load: 120 MB instead of 190 MB, for the same CPU.
 */
const SMALL_HEAP = [
  "--max-semi-space-size=4",
  "--heap-growing-percent=15",
  "--no-parallel-scavenge",
];

/** Where Node.js keeps compiled code between starts; it saves a bank about a third of its start. */
const COMPILE_CACHE = path.join(os.tmpdir(), "node-compile-cache");

/**
 * How a bank's process is started. Node.js runs these files as they are, in half the time that a
 * loader takes; only inside `node_modules`, where it refuses to, tsx does.
 */
function runtimeArguments(): readonly string[] {
  const more = process.env["DALIZ_BANK_NODE_OPTIONS"]?.split(" ") ?? [];
  const loader = MAIN.includes(`${path.sep}node_modules${path.sep}`)
    ? ["--import", import.meta.resolve("tsx")]
    : [];
  return [...SMALL_HEAP, ...more, ...loader];
}

/** How long a bank may take to listen; a cold start on a busy machine takes about two seconds. */
const START_TIMEOUT_MS = 30_000;

/** How long a bank may take to stop before it is killed. */
const STOP_TIMEOUT_MS = 5_000;

/** The banks of one corridor as processes of this machine: started, killed, restarted, stopped. */
export class Cluster {
  readonly #options: ClusterOptions;
  readonly #running = new Map<string, Running>();
  readonly #genesisFile: string;
  readonly #starts = new Map<string, number>();

  constructor(options: ClusterOptions) {
    this.#options = options;
    const { corridor, folder } = options;
    fs.mkdirSync(folder, { recursive: true, mode: 0o700 });
    this.#genesisFile = path.join(folder, "genesis.json");
    fs.writeFileSync(this.#genesisFile, renderGenesis(corridor.genesis));
    for (const [bank, keys] of corridor.keys) {
      fs.mkdirSync(this.dataFolder(bank), { recursive: true, mode: 0o700 });
      writeKeyFile(this.#keyFile(bank), keys);
    }
    if (options.recordFolder !== undefined)
      createRecordFolder(options.recordFolder, corridor, options.arrangement);
  }

  dataFolder(bank: string): string {
    return path.join(this.#options.folder, bank);
  }

  ledgerFile(bank: string): string {
    return path.join(this.dataFolder(bank), LEDGER_FILE);
  }

  isRunning(bank: string): boolean {
    return this.#running.has(bank);
  }

  /** Starts a bank, waits until it listens, and tells it and the others where everybody is. */
  async start(bank: string, env: Readonly<Record<string, string>> = {}): Promise<void> {
    const { trace, chain } = this.#options;
    const args = [...runtimeArguments(), MAIN, "bank", "--tethered", ...(trace ? ["--trace"] : [])];
    if (chain !== undefined) args.push("--chain", String(chain));
    args.push("--genesis", this.#genesisFile, "--key", this.#keyFile(bank));
    args.push("--data", this.dataFolder(bank), "--listen", "/ip4/127.0.0.1/tcp/0");
    args.push(...this.#furtherArguments(bank));
    const child = spawn(process.execPath, args, {
      stdio: ["pipe", "pipe", "pipe"],
      // A bank is stopped by its launcher, not by the terminal's Ctrl-C that the launcher gets too.
      detached: true,
      env: { NODE_COMPILE_CACHE: COMPILE_CACHE, ...process.env, ...env },
    });
    // A bank that dies while it is written to is reported by its end, not by the pipe.
    child.stdin?.on("error", () => undefined);
    let complaint = "";
    child.stderr?.on("data", (chunk: Buffer) => {
      complaint = (complaint + chunk.toString("utf8")).slice(-2000);
    });
    const ended = new Promise<void>((resolve) => {
      // Not "exit": what the bank wrote last is still to be read then.
      child.once("close", (code, signal) => {
        const running = this.#running.get(bank);
        if (running?.child === child) this.#running.delete(bank);
        if (running?.expected !== true) {
          this.#options.onDeath(bank, complaint.trim() || (signal ?? `exit code ${code}`));
        }
        resolve();
      });
    });
    const running: Running = { child, ended, address: undefined, expected: false };
    this.#running.set(bank, running);
    await this.#listening(bank, running, () => complaint);
    this.#introduce(bank, running);
  }

  /** Gives a bank one line of input; `false` when it does not run. */
  order(bank: string, order: BankOrder): boolean {
    const running = this.#running.get(bank);
    if (running === undefined) return false;
    return this.orderLine(bank, `${JSON.stringify(order)}\n`);
  }

  orderLine(bank: string, line: string): boolean {
    return this.#running.get(bank)?.child.stdin?.write(line) ?? false;
  }

  pid(bank: string): number | undefined {
    return this.#running.get(bank)?.child.pid;
  }

  /** Kills a bank with SIGKILL, as a power cut would end its process. */
  async kill(bank: string): Promise<void> {
    const running = this.#running.get(bank);
    if (running === undefined) return;
    running.expected = true;
    running.child.kill("SIGKILL");
    await running.ended;
  }

  /** Waits until a bank that is about to die by a failpoint is gone. */
  async awaitEnd(bank: string): Promise<void> {
    const running = this.#running.get(bank);
    if (running === undefined) return;
    running.expected = true;
    await running.ended;
  }

  async stop(bank: string): Promise<void> {
    const running = this.#running.get(bank);
    if (running === undefined) return;
    running.expected = true;
    this.order(bank, { stop: true });
    const force = setTimeout(() => running.child.kill("SIGKILL"), STOP_TIMEOUT_MS);
    await running.ended;
    clearTimeout(force);
  }

  async stopAll(): Promise<void> {
    await Promise.all([...this.#running.keys()].map((bank) => this.stop(bank)));
  }

  /** Ends every process at once; for an exit that cannot wait. */
  killAll(): void {
    for (const running of this.#running.values()) {
      running.expected = true;
      running.child.kill("SIGKILL");
    }
  }

  #furtherArguments(bank: string): readonly string[] {
    const { folder, recordFolder, servesApi, shapesOf, clock, arrangement } = this.#options;
    const args: string[] = servesApi?.(bank) === true ? ["--api", "127.0.0.1:0"] : [];
    if (clock !== undefined) args.push("--clock", renderClockStart(clock.start));
    if (arrangement !== undefined) args.push("--arrangement", renderChoice(arrangement));
    const shapes = shapesOf?.(bank);
    if (shapes !== undefined) {
      const file = path.join(folder, `${bank}.shape.json`);
      writeShapes(file, shapes);
      args.push("--shape", file);
    }
    if (recordFolder !== undefined) {
      const start = (this.#starts.get(bank) ?? 0) + 1;
      this.#starts.set(bank, start);
      args.push("--record", recordFile(recordFolder, bank, start));
    }
    return args;
  }

  #keyFile(bank: string): string {
    return path.join(this.#options.folder, `${bank}.key`);
  }

  async #listening(bank: string, running: Running, complaint: () => string): Promise<void> {
    const { stdout } = running.child;
    if (stdout === null) throw new TypeError("a bank without standard output");
    const started = new Promise<void>((resolve) => {
      readline.createInterface({ input: stdout }).on("line", (line) => {
        const event = parseEvent(line);
        if (event === undefined) return;
        if (event.event === "started") {
          running.address = event.address;
          resolve();
        }
        this.#options.onEvent(bank, event);
      });
    });
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<"late">((resolve) => {
      timer = setTimeout(() => resolve("late"), START_TIMEOUT_MS);
    });
    const first = await Promise.race([started, running.ended.then(() => "ended" as const), late]);
    clearTimeout(timer);
    if (first === undefined) return;
    running.expected = true;
    running.child.kill("SIGKILL");
    throw environmentFailed(`bank ${bank} did not start: ${complaint().trim() || first}`);
  }

  #introduce(bank: string, running: Running): void {
    const { banks } = this.#options.corridor.genesis;
    const numberOf = (id: string): number => banks.find((b) => b.id === id)?.number ?? 0;
    for (const [other, { address }] of this.#running) {
      if (other === bank || address === undefined || running.address === undefined) continue;
      this.order(bank, { peer: numberOf(other), address });
      this.order(other, { peer: numberOf(bank), address: running.address });
    }
  }
}

/** A bank that is killed while it writes leaves a line that ends in the middle. */
function parseEvent(line: string): BankEvent | undefined {
  try {
    return JSON.parse(line) as BankEvent;
  } catch {
    return undefined;
  }
}
