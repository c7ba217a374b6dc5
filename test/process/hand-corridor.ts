import fs from "node:fs";
import path from "node:path";
import { auditRun, type AuditReport } from "../../corridor/audit/audit.ts";
import type { Genesis } from "../../node/genesis.ts";
import { parseGenesis, renderGenesis } from "../../node/genesis-json.ts";
import { LEDGER_FILE } from "../../node/io/journal-file.ts";
import { writeKeyFile } from "../../node/io/key-file.ts";
import { daliz, type AtEnd, type Ended } from "./daliz.ts";
import { HandBank, type HandBankOptions } from "./hand-bank.ts";
import { corridorOf, Members, verifier } from "./members.ts";

/** Longer than the slowest machine takes to settle what nothing stands in the way of. */
const TTL_MS = 60_000;

/** What is given to a bank in place of its own, and what stands in its environment. */
export interface BankFlags {
  readonly flags?: Partial<Record<"genesis" | "key" | "data" | "listen", string>>;
  readonly env?: Readonly<Record<string, string>>;
}

/** The files of a corridor as its operators have them: the genesis, a key and a data folder a bank. */
export class HandCorridor {
  readonly folder: string;
  readonly genesis: Genesis;
  readonly members: Members;
  readonly #atEnd: AtEnd;

  /** Opens what `daliz keygen` or `ofBanks` has written into a folder. */
  constructor(atEnd: AtEnd, folder: string) {
    this.#atEnd = atEnd;
    this.folder = folder;
    const genesis = parseGenesis(fs.readFileSync(this.genesisFile, "utf8"), verifier);
    if (!genesis.ok) throw new Error(JSON.stringify(genesis.error));
    this.genesis = genesis.value;
    this.members = new Members(genesis.value);
  }

  /** A corridor of `n` banks, whose swaps are given up after `ttlMs`. */
  static ofBanks(atEnd: AtEnd, folder: string, n: number, ttlMs: number = TTL_MS): HandCorridor {
    const { genesis, keys } = corridorOf(n, { deltaMs: 100, ttlMs });
    fs.writeFileSync(path.join(folder, "genesis.json"), renderGenesis(genesis));
    for (const [bank, secrets] of keys) writeKeyFile(path.join(folder, `${bank}.key`), secrets);
    return new HandCorridor(atEnd, folder);
  }

  get genesisFile(): string {
    return path.join(this.folder, "genesis.json");
  }

  keyFile(bank: string): string {
    return path.join(this.folder, `${bank}.key`);
  }

  dataFolder(bank: string): string {
    return path.join(this.folder, `${bank}-data`);
  }

  ledgerFile(bank: string): string {
    return path.join(this.dataFolder(bank), LEDGER_FILE);
  }

  /** Starts one bank; `peers` are those whose addresses it is told. */
  async start(
    bank: string,
    peers: Readonly<Record<string, HandBank>> = {},
    options: Partial<HandBankOptions> = {},
  ): Promise<HandBank> {
    const known = Object.entries(peers).map(async ([id, peer]) => `${id}=${await peer.address()}`);
    const started = new HandBank(this.#atEnd, {
      genesis: this.genesisFile,
      key: this.keyFile(bank),
      data: this.dataFolder(bank),
      peers: await Promise.all(known),
      ...options,
    });
    await started.address();
    return started;
  }

  /** Runs a bank that is expected to end by itself, and waits for that. */
  end(bank: string, change: BankFlags = {}, flags: readonly string[] = []): Promise<Ended> {
    const given = {
      genesis: this.genesisFile,
      key: this.keyFile(bank),
      data: this.dataFolder(bank),
      listen: "/ip4/127.0.0.1/tcp/0",
      ...change.flags,
    };
    const args = Object.entries(given).flatMap(([flag, value]) => [`--${flag}`, value]);
    return daliz(["bank", ...args, ...flags], { cwd: this.folder, env: change.env ?? {} });
  }

  /** Starts banks one after the other, each told where those before it are, until all may sign. */
  async startAll(banks: readonly string[]): Promise<Readonly<Record<string, HandBank>>> {
    const started: Record<string, HandBank> = {};
    for (const bank of banks) started[bank] = await this.start(bank, { ...started });
    await Promise.all(Object.values(started).map((bank) => bank.reported("ready")));
    return started;
  }

  /** Gives a bank its members and them their money, and waits until that is in its ledger. */
  async open(id: string, bank: HandBank): Promise<void> {
    const { enrolments, issue } = this.members.opening(id);
    for (const bytes of [...enrolments, issue.bytes]) bank.submit(bytes);
    await bank.reported("instruction", ({ number }) => number === issue.number);
  }

  /** Audits the ledgers of these banks as they stand on the disk. */
  audit(banks: readonly string[]): AuditReport {
    const ledgers = this.genesis.banks
      .filter(({ id }) => banks.includes(id))
      .map(({ id, number }) => ({
        bank: number,
        bytes: Uint8Array.from(fs.readFileSync(this.ledgerFile(id))),
        head: undefined,
      }));
    return auditRun(ledgers, this.genesis, verifier);
  }
}

/** Makes a corridor's files the way its operators do. */
export async function keygen(
  folder: string,
  banks: readonly string[],
  more: readonly string[] = [],
): Promise<void> {
  const flags = [...banks.flatMap((bank) => ["--bank", bank]), ...more];
  const clock = ["--ttl-ms", String(TTL_MS)];
  const made = await daliz(["keygen", "--out", folder, "--crashed", "1", ...clock, ...flags]);
  if (made.status !== 0) throw new Error(made.err);
}
