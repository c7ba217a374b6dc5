import fs from "node:fs";
import readline from "node:readline";
import { acceleratedVerifier } from "../../crypto/ed25519.ts";
import { unreachable } from "../../crypto/outcome.ts";
import { equalBytes } from "../../crypto/bytes.ts";
import type { BankConfig, BankMachine } from "../../corridor/bank-state.ts";
import type { ArrangementChoice } from "../../corridor/choice.ts";
import { openBank, type ReplayRejection } from "../../corridor/replay.ts";
import { stepBank } from "../../corridor/participant.ts";
import { openValidator } from "../../corridor/shared-ledger/open-validator.ts";
import { usualParameters, type ChainRule } from "../../corridor/shared-ledger/state.ts";
import { stepValidator } from "../../corridor/shared-ledger/validator.ts";
import type { Report } from "../../corridor/report.ts";
import type { Bank, Genesis } from "../../node/genesis.ts";
import { parseGenesis } from "../../node/genesis-json.ts";
import { PacedClock, parseClockStart, REAL_CLOCK, type Clock } from "../../node/io/clock.ts";
import { createDriver, diskFailure, FAILPOINTS, type Driver } from "../../node/io/driver.ts";
import { useFastSha256 } from "../../node/io/fast-sha256.ts";
import { lockFolder } from "../../node/io/folder-lock.ts";
import { openJournal, type Journal } from "../../node/io/journal-file.ts";
import { InputRecorder } from "../../node/io/input-record.ts";
import { readKeyFile, type BankKeys } from "../../node/io/key-file.ts";
import type { ListenAt, OpenApi } from "../../node/io/open-api/open-api.ts";
import { createHost, peerIdOfPublicKey, type Host } from "../../node/io/libp2p-host.ts";
import { opensslSigner, opensslVerifier } from "../../node/io/openssl.ts";
import { shapeTransport } from "../../node/io/shaped-transport.ts";
import { bankNumber, type BankNumber } from "../../node/ids.ts";
import type { Instant } from "../../node/time.ts";
import { parseChoice, WANT_CHOICE } from "../arrangement-choice.ts";
import { badInput, environmentFailed, type CommandError } from "../exit.ts";
import { BankMetrics } from "../live/bank-metrics.ts";
import { serveMetrics } from "../live/metrics-server.ts";
import { drawShapes, readShapes } from "../live/shape-file.ts";
import { openBankApi, readAnswer } from "./bank-api.ts";
import { parseListenAt } from "./listen-at.ts";
import { PASSPHRASE_VARIABLE, readPassphrase } from "./passphrase.ts";

export interface BankOptions {
  readonly genesis: string;
  readonly key: string;
  readonly passphraseFile?: string;
  readonly data: string;
  readonly listen: string;
  readonly peer: readonly string[];
  readonly instructions?: string;
  readonly alone: boolean;
  /** As `parseChoice` reads it. */
  readonly arrangement?: string;
  readonly trace: boolean;
  readonly tethered: boolean;
  /** 2 or 3: the bank is a validator of one shared ledger, final with so many certificates. */
  readonly chain?: string;
  /** A file that says how the links to the peers are made slower; the launcher of a run writes it. */
  readonly shape?: string;
  /** Where a clock of another pace began, as its launcher says. */
  readonly clock?: string;
  /** Where members reach the bank over HTTP. */
  readonly api?: string;
  /** A new file for everything that the bank is fed. */
  readonly record?: string;
  /** Where to serve metrics and health: HOST:PORT. */
  readonly metrics?: string;
}

/** One line of a bank's output: JSON, with the time in microseconds since the Unix epoch. */
export type BankEvent =
  | {
      readonly event: "started";
      readonly pid: number;
      readonly address: string;
      readonly tornBytes: number;
      /** Where it serves metrics and health, if it does. */
      readonly metrics?: string;
      /** The address of the Open API, when it is on. */
      readonly api?: string;
    }
  | { readonly event: "linked" | "unlinked"; readonly peer: number; readonly at: number }
  | { readonly event: "report"; readonly at: number; readonly report: Report }
  | { readonly event: "log"; readonly code: string }
  | {
      readonly event: "usage";
      readonly rss: number;
      /** After a collection where the process was started with --expose-gc. */
      readonly heapUsed: number;
      /** Open file descriptors; 0 where the system does not tell. */
      readonly descriptors: number;
      readonly cpuUs: number;
      readonly syncs: number;
    }
  | { readonly event: "stopped"; readonly code: string; readonly message: string };

/** One line of a bank's input. */
export type BankOrder =
  | { readonly submit: string }
  | { readonly peer: number; readonly address: string }
  /** Only a bank that was started with a clock of its own obeys. */
  | { readonly clock: string }
  | { readonly usage: true }
  | { readonly stop: true };

/** `daliz bank`: one central bank as a process, until it is told to stop. */
export async function runBank(options: BankOptions): Promise<void> {
  await useFastSha256();
  const fast = opensslVerifier();
  const verifier = acceleratedVerifier(fast);
  const genesis = loadGenesis(options.genesis, verifier);
  const keys = loadKeys(options.key, readPassphrase(options.passphraseFile));
  const self = genesis.banks.find((bank) => bank.id === keys.bank);
  if (self === undefined) {
    throw badInput(`${options.key}: bank "${keys.bank}" is not in ${options.genesis}`);
  }
  const signer = opensslSigner(keys.ledgerSeed);
  if (!equalBytes(signer.publicKey, self.ledgerKey)) {
    throw badInput(
      `${options.key}: its ledger key is not the one that the genesis names for ${self.id}`,
    );
  }
  const peers = readPeers(options.peer, genesis);
  if (!ADDRESS.test(options.listen)) throw badInput(`--listen ${options.listen}: ${WANT_ADDRESS}`);
  const arrangement = readChoice(options.arrangement);
  if (options.instructions !== undefined) checkReadable(options.instructions);
  const metricsAt = listenAt("--metrics", options.metrics);
  const apiAt = listenAt("--api", options.api);
  if (apiAt !== undefined && options.chain !== undefined) {
    throw badInput("--api: found a validator of a shared ledger, allowed: any other bank");
  }
  fs.mkdirSync(options.data, { recursive: true, mode: 0o700 });
  const lock = await lockFolder(options.data);
  if (!lock.ok)
    throw environmentFailed(`already_running: another process works on ${lock.error.folder}`);
  const journal = openJournal(options.data);
  if (!journal.ok) throw environmentFailed(`${journal.error.code}: ${journal.error.message}`);
  const config: BankConfig = {
    genesis,
    self: self.number,
    signer,
    verifier,
    saltSecret: keys.saltSecret,
    trace: options.trace,
    alone: options.alone,
    ...(arrangement === undefined ? {} : { arrangement }),
  };
  const clock = readClockOption(options.clock);
  const { step, machine } = openMachine(config, journal.value, options);
  const openApi: Setting["openApi"] = async (onFailure) => {
    if (apiAt === undefined || machine === undefined) return undefined;
    const { records } = journal.value;
    const given = { machine, records, folder: options.data, verifier, fast, clock, onFailure };
    return { api: await openBankApi(given), at: apiAt };
  };
  const setting = { genesis, self, keys, peers, journal: journal.value, clock, metricsAt, openApi };
  if (options.record === undefined) await serve(options, setting, step);
  else {
    const { record: file, alone } = options;
    const recorder = new InputRecorder({ file, journal: journal.value, alone });
    await serve(options, setting, recorder.recorded(step));
    recorder.end();
  }
  lock.value.release();
}

function readClockOption(written: string | undefined): Clock {
  if (written === undefined) return REAL_CLOCK;
  const start = parseClockStart(written);
  if (start === undefined) throw badInput(`--clock ${written}: allowed: machine,start,pace`);
  return new PacedClock(start);
}

const listenAt = (flag: string, text: string | undefined): ListenAt | undefined =>
  text === undefined ? undefined : parseListenAt(flag, text);

/** Opens the machine of the arrangement from its journal; a validator has only its step to show. */
function openMachine(
  config: BankConfig,
  journal: Journal,
  options: BankOptions,
): { readonly step: Step; readonly machine?: BankMachine } {
  const chain = readChain(options);
  const refuse = ({ offset, block, why }: ReplayRejection): never => {
    throw environmentFailed(`ledger_corrupt: ${options.data}, byte ${offset}, ${block}: ${why}`);
  };
  if (chain === undefined) {
    const bank = openBank(config, journal.records);
    if (!bank.ok) return refuse(bank.error);
    const machine = bank.value;
    return { machine, step: (input, now) => stepBank(machine, input, now) };
  }
  const { parse: _, ...common } = config;
  const validator = openValidator({ ...common, ...usualParameters(chain) }, journal.records);
  if (!validator.ok) return refuse(validator.error);
  return { step: (input, now) => stepValidator(validator.value, input, now) };
}

function readChain({ chain, record }: BankOptions): ChainRule | undefined {
  if (chain === undefined) return undefined;
  if (chain !== "2" && chain !== "3") throw badInput(`--chain ${chain}: want 2 or 3`);
  if (record !== undefined) {
    throw badInput("--record: found a validator of a shared ledger, allowed: any other bank");
  }
  return chain === "2" ? 2 : 3;
}

interface Setting {
  readonly genesis: Genesis;
  readonly self: Bank;
  readonly keys: BankKeys;
  readonly peers: ReadonlyMap<BankNumber, string>;
  readonly journal: Journal;
  readonly clock: Clock;
  readonly metricsAt: ListenAt | undefined;
  readonly openApi: (
    onFailure: (error: Error) => void,
  ) => Promise<{ readonly api: OpenApi; readonly at: ListenAt } | undefined>;
}

type Step = Parameters<typeof createDriver<Report>>[0]["step"];

async function serve(options: BankOptions, setting: Setting, step: Step): Promise<void> {
  const { genesis, self, keys, peers, journal, clock, metricsAt } = setting;
  const metrics = metricsAt === undefined ? undefined : new BankMetrics(self.id);
  const emit = (event: BankEvent): void => {
    metrics?.take(event);
    write(event);
  };
  let finish: (error?: CommandError) => void = () => undefined;
  const finished = new Promise<void>((resolve, reject) => {
    finish = (error) => (error === undefined ? resolve() : reject(error));
  });
  // A peer may end this bank while it is still starting: nobody waits for it yet.
  finished.catch(() => undefined);
  let onReady = (): void => undefined;
  let host: Host | undefined;
  const crash = failpoints(process.env["FAIL_AT"]);
  const shapes =
    options.shape === undefined ? [] : drawShapes(readShapes(options.shape), self.number);
  const transport = shapeTransport(
    {
      send: (to, body) => host?.send(to, body) ?? false,
      drop: (peer, reason) => host?.drop(peer, reason),
    },
    new Map(shapes),
  );
  const stopBank = (code: string, message: string): void => {
    emit({ event: "stopped", code, message });
    finish(environmentFailed(`${code}: ${message}`));
  };
  const open = await setting.openApi((error) => {
    const { code, message } = diskFailure(error);
    stopBank(code, message);
  });
  const driver: Driver = createDriver<Report>({
    step: open?.api.watch(step, readAnswer) ?? step,
    journal,
    transport,
    onReport: (report: Report, now: Instant) => {
      emit({ event: "report", at: now, report });
      if (report.kind === "ready") onReady();
      if (report.kind === "step") crash(`step-${report.step}`);
    },
    onStop: stopBank,
    failpoint: crash,
    clock,
  });
  host = await createHost({
    self: self.number,
    transportSeed: keys.transportSeed,
    listen: options.listen,
    peers: genesis.banks
      .filter((bank) => bank.number !== self.number)
      .map((bank) => {
        const address = peers.get(bank.number);
        const peerId = peerIdOfPublicKey(bank.transportKey);
        return { bank: bank.number, peerId, ...(address === undefined ? {} : { address }) };
      }),
    ...(metrics === undefined ? {} : { metrics: metrics.registry }),
    onFrame: (from, bytes) => driver.feed({ kind: "frame", from: bankNumber(from), bytes }),
    onConnected: (peer) => {
      emit({ event: "linked", peer, at: Date.now() * 1000 });
      driver.feed({ kind: "connected", peer: bankNumber(peer) });
    },
    onDisconnected: (peer) => {
      emit({ event: "unlinked", peer, at: Date.now() * 1000 });
      transport.forget(peer);
      driver.feed({ kind: "disconnected", peer: bankNumber(peer) });
    },
    onLog: (entry) => emit({ event: "log", ...entry }),
  }).catch((error: unknown) => refuseListening(options.listen, error));
  const refuse = async (place: string, error: unknown): Promise<never> => {
    await host?.stop();
    return refuseListening(place, error);
  };
  const metricsServer =
    metrics === undefined || metricsAt === undefined
      ? undefined
      : await serveMetrics(metrics, metricsAt).catch((error: unknown) =>
          refuse(`--metrics ${options.metrics ?? ""}`, error),
        );
  const api = await open?.api
    .listen(open.at, (bytes) => driver.feed({ kind: "instruction", bytes }))
    .catch(async (error: unknown) => {
      await metricsServer?.stop();
      return refuse(`--api ${options.api ?? ""}`, error);
    });
  emit({
    event: "started",
    pid: process.pid,
    address: host.addresses[0] ?? "",
    tornBytes: journal.tornBytes,
    ...(metricsServer === undefined ? {} : { metrics: metricsServer.address }),
    ...(api === undefined ? {} : { api }),
  });
  const obey = orderTaker({ driver, host, journal, clock }, finish);
  onReady = () => readInstructions(options.instructions, obey, finish);
  driver.feed({ kind: "start" });
  const lines = readline.createInterface({ input: process.stdin });
  lines.on("line", obey);
  if (options.tethered) lines.on("close", () => finish());
  for (const signal of ["SIGTERM", "SIGINT"] as const) process.once(signal, () => finish());
  try {
    await finished;
  } finally {
    await open?.api.close();
    await driver.settled();
    driver.stop();
    transport.stop();
    await metricsServer?.stop();
    await host.stop();
    journal.close();
    process.stdin.destroy();
  }
}

function refuseListening(address: string, error: unknown): never {
  const message = (error as Error).message.replaceAll(/\s*\n\s*/g, " ");
  const code = message.includes("EADDRINUSE") ? "port_in_use" : "listen_failed";
  throw environmentFailed(`${code}: cannot listen on ${address}: ${message}`);
}

/** Carries out one line of the bank's input. */
function orderTaker(
  {
    driver,
    host,
    journal,
    clock,
  }: {
    readonly driver: Driver;
    readonly host: Host;
    readonly journal: Journal;
    readonly clock: Clock;
  },
  finish: () => void,
): (line: string) => void {
  return (line) => {
    const order = parseOrder(line);
    if (order === undefined) return write({ event: "log", code: "order_invalid" });
    if ("submit" in order) {
      driver.feed({ kind: "instruction", bytes: Buffer.from(order.submit, "base64") });
    } else if ("peer" in order) {
      host.setAddress(order.peer, order.address);
    } else if ("clock" in order) {
      const start = parseClockStart(order.clock);
      if (start === undefined || !(clock instanceof PacedClock)) {
        return write({ event: "log", code: "order_invalid" });
      }
      clock.restart(start);
      driver.feed({ kind: "wake" });
    } else if ("usage" in order) {
      const { user, system } = process.cpuUsage();
      globalThis.gc?.();
      const { rss, heapUsed } = process.memoryUsage();
      const descriptors = openDescriptors();
      const cpuUs = user + system;
      write({ event: "usage", rss, heapUsed, descriptors, cpuUs, syncs: journal.syncs });
    } else {
      finish();
    }
  };
}

const DESCRIPTORS = "/proc/self/fd";

const openDescriptors = (): number =>
  fs.existsSync(DESCRIPTORS) ? fs.readdirSync(DESCRIPTORS).length : 0;

/** Reads the file of instructions once the bank may sign: what comes before that has to wait in memory. */
function readInstructions(
  file: string | undefined,
  obey: (line: string) => void,
  finish: (error: CommandError) => void,
): void {
  if (file === undefined) return;
  const input = fs.createReadStream(file);
  input.once("error", (error) => finish(environmentFailed(`${file}: ${error.message}`)));
  readline.createInterface({ input }).on("line", obey);
}

function checkReadable(file: string): void {
  try {
    if (fs.statSync(file).isDirectory()) throw badInput(`${file}: want a file of instructions`);
    fs.accessSync(file, fs.constants.R_OK);
  } catch (error) {
    throw badInput((error as Error).message);
  }
}

function parseOrder(line: string): BankOrder | undefined {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return undefined;
  }
  if (typeof value !== "object" || value === null) return undefined;
  const order = value as Readonly<Record<string, unknown>>;
  if (typeof order["submit"] === "string") return { submit: order["submit"] };
  if (typeof order["peer"] === "number" && typeof order["address"] === "string") {
    return { peer: order["peer"], address: order["address"] };
  }
  if (typeof order["clock"] === "string") return { clock: order["clock"] };
  if (order["usage"] === true) return { usage: true };
  return order["stop"] === true ? { stop: true } : undefined;
}

function readChoice(text: string | undefined): ArrangementChoice | undefined {
  if (text === undefined) return undefined;
  const choice = parseChoice(text);
  if (choice === undefined) throw badInput(`--arrangement ${text}: want ${WANT_CHOICE}`);
  return choice;
}

function loadGenesis(file: string, verifier: Parameters<typeof parseGenesis>[1]): Genesis {
  const genesis = parseGenesis(readText(file), verifier);
  if (genesis.ok) return genesis.value;
  const { field, found, want } = genesis.error;
  throw badInput(`${file}: ${field}: found ${found}, want ${want}`);
}

function loadKeys(file: string, passphrase: string | undefined): BankKeys {
  const keys = readKeyFile(file, passphrase);
  if (keys.ok) return keys.value;
  const { error } = keys;
  switch (error.code) {
    case "key_missing":
      throw badInput(`key_missing: ${error.file}: no such file`);
    case "key_permissions":
      throw badInput(
        `key_permissions: ${error.file} has mode ${error.mode}, want ${error.want}: others can read it`,
      );
    case "key_format":
      throw badInput(`key_format: ${error.file}: ${error.why}`);
    case "key_locked":
      throw badInput(
        `key_locked: ${error.file} is encrypted: give --passphrase-file or ${PASSPHRASE_VARIABLE}`,
      );
    case "key_passphrase":
      throw badInput(`key_passphrase: ${error.file}: another passphrase, or the file was changed`);
    default:
      return unreachable(error);
  }
}

function readPeers(peers: readonly string[], genesis: Genesis): ReadonlyMap<BankNumber, string> {
  const addresses = new Map<BankNumber, string>();
  for (const peer of peers) {
    const at = peer.indexOf("=");
    const bank = genesis.banks.find((b) => b.id === peer.slice(0, Math.max(0, at)));
    if (bank === undefined) {
      const ids = genesis.banks.map((b) => b.id).join(", ");
      throw badInput(`--peer ${peer}: want BANK=ADDRESS with a bank of ${ids}`);
    }
    const address = peer.slice(at + 1);
    if (!ADDRESS.test(address)) throw badInput(`--peer ${peer}: ${WANT_ADDRESS}`);
    addresses.set(bank.number, address);
  }
  return addresses;
}

/** Banks talk over TCP; the peer id behind an address is known from the genesis. */
const ADDRESS = /^\/(ip4|ip6|dns|dns4|dns6)\/[^/\s]+\/tcp\/\d{1,5}(\/p2p\/[^/\s]+)?$/;
const WANT_ADDRESS = "want an address such as /ip4/127.0.0.1/tcp/4001";

function readText(file: string): string {
  try {
    return fs.readFileSync(file, "utf8");
  } catch (error) {
    throw badInput(`${file}: ${(error as Error).message}`);
  }
}

/** `FAIL_AT=point[:count]` ends the process with SIGKILL when the point is reached for the count-th time. */
function failpoints(setting: string | undefined): (point: string) => void {
  if (setting === undefined || setting === "") return () => undefined;
  const [point = "", count = "1"] = setting.split(":");
  if (!point.startsWith("step-") && !FAILPOINTS.some((known) => known === point)) {
    throw badInput(`FAIL_AT=${setting}: want ${FAILPOINTS.join(", ")} or step-NAME, then :COUNT`);
  }
  if (!/^[1-9]\d{0,8}$/.test(count)) throw badInput(`FAIL_AT=${setting}: want a COUNT from 1`);
  let left = Number.parseInt(count, 10);
  return (reached) => {
    if (reached === point && --left === 0) process.kill(process.pid, "SIGKILL");
  };
}

let unwritten = "";

/** Lines of one turn of the event loop leave in one write. */
function write(event: BankEvent): void {
  if (unwritten === "") setImmediate(writeEvents);
  unwritten += `${JSON.stringify(event)}\n`;
}

function writeEvents(): void {
  process.stdout.write(unwritten);
  unwritten = "";
}
