import fs from "node:fs";
import path from "node:path";
import { promisify } from "node:util";
import { readU32, writeU32, type Bytes } from "../../crypto/bytes.ts";
import { ok, reject, type Outcome } from "../../crypto/outcome.ts";
import { crc32c } from "../ledger/crc32c.ts";
import { LEDGER_MAGIC, type LedgerRecord } from "../ledger/record.ts";
import { recoverLedger } from "../ledger/recover.ts";

const fdatasync = promisify(fs.fdatasync);

export const LEDGER_FILE = "bank.ledger";
export const MARK_FILE = "bank.mark";

/** One slot of the mark: the durable size (u64) and the CRC-32C of these eight bytes. */
const SLOT_BYTES = 12;

/** A ledger larger than this does not fit one buffer of Node.js comfortably. */
const MAX_LEDGER_BYTES = 2 ** 31 - 1;

export interface JournalError {
  readonly code: "ledger_corrupt" | "disk_failed" | "ledger_missing";
  readonly message: string;
}

export interface Journal {
  readonly records: readonly LedgerRecord[];
  /** Bytes of a torn tail that were set aside at the start. */
  readonly tornBytes: number;
  readonly size: number;
  /** fdatasync calls so far. */
  readonly syncs: number;
  /** Appends and makes durable; resolves with the size of what is durable. One call at a time. */
  append(bytes: Bytes): Promise<number>;
  read(offset: number, length: number): Bytes;
  close(): void;
}

/**
 * Opens a bank's ledger file, or creates it. The file is an append-only sequence of records; beside it
 * a mark of what is durable tells a torn tail, which is cut, from damage, which stops the bank. The
 * mark itself is not synced: it may lag, and then the peers' copies protect the last blocks.
 */
export function openJournal(folder: string): Outcome<Journal, JournalError> {
  const file = path.join(folder, LEDGER_FILE);
  const markFile = path.join(folder, MARK_FILE);
  let fd: number | undefined;
  try {
    if (!fs.existsSync(file)) {
      if (fs.existsSync(markFile)) {
        return reject({
          code: "ledger_missing",
          message: `${file} is gone but ${markFile} says it had content; restore it, never start an old key on an empty disk`,
        });
      }
      create(file);
    }
    fd = fs.openSync(file, "r+");
    const { size } = fs.fstatSync(fd);
    if (size > MAX_LEDGER_BYTES) {
      fs.closeSync(fd);
      return reject({ code: "disk_failed", message: `${file} is larger than 2 GiB` });
    }
    const bytes = new Uint8Array(size);
    readFully(fd, bytes, 0);
    const recovered = recoverLedger(bytes, readMark(markFile));
    if (!recovered.ok) {
      fs.closeSync(fd);
      const { offset, why } = recovered.error;
      return reject({ code: "ledger_corrupt", message: `${file}, byte ${offset}: ${why}` });
    }
    const { records, end, tornBytes } = recovered.value;
    if (tornBytes > 0) setAside(fd, file, bytes.subarray(end), end);
    // A process that was killed between write and sync left blocks that only this start will send.
    fs.fdatasyncSync(fd);
    return ok(new JournalFile(fd, markFile, records, end, tornBytes));
  } catch (error) {
    if (fd !== undefined) fs.closeSync(fd);
    return reject({ code: "disk_failed", message: `${file}: ${(error as Error).message}` });
  }
}

class JournalFile implements Journal {
  readonly records: readonly LedgerRecord[];
  readonly tornBytes: number;
  size: number;
  syncs = 0;
  readonly #fd: number;
  readonly #markFd: number;
  readonly #slot = new Uint8Array(SLOT_BYTES);
  #turn = 0;

  constructor(
    fd: number,
    markFile: string,
    records: readonly LedgerRecord[],
    end: number,
    tornBytes: number,
  ) {
    this.#fd = fd;
    this.records = records;
    this.size = end;
    this.tornBytes = tornBytes;
    this.#markFd = fs.openSync(markFile, fs.existsSync(markFile) ? "r+" : "wx+", 0o600);
    this.#mark();
  }

  async append(bytes: Bytes): Promise<number> {
    writeFully(this.#fd, bytes, this.size);
    this.size += bytes.length;
    await fdatasync(this.#fd);
    this.syncs++;
    this.#mark();
    return this.size;
  }

  read(offset: number, length: number): Bytes {
    const bytes = new Uint8Array(length);
    readFully(this.#fd, bytes, offset);
    return bytes;
  }

  close(): void {
    fs.closeSync(this.#fd);
    fs.closeSync(this.#markFd);
  }

  /** Two slots in turn: a crash in the middle of one leaves the other. */
  #mark(): void {
    writeU32(this.#slot, 0, Math.floor(this.size / 2 ** 32));
    writeU32(this.#slot, 4, this.size >>> 0);
    writeU32(this.#slot, 8, crc32c(this.#slot, 0, 8));
    writeFully(this.#markFd, this.#slot, this.#turn * SLOT_BYTES);
    this.#turn = 1 - this.#turn;
  }
}

/** The file appears under its name only when it begins as a ledger does: a crash leaves all or nothing. */
function create(file: string): void {
  const draft = `${file}.new`;
  const fd = fs.openSync(draft, "w", 0o600);
  writeFully(fd, LEDGER_MAGIC, 0);
  fs.fsyncSync(fd);
  fs.closeSync(fd);
  fs.renameSync(draft, file);
  syncFolder(path.dirname(file));
}

/** A new name is durable only after a sync of its folder. */
function syncFolder(folder: string): void {
  const fd = fs.openSync(folder, "r");
  fs.fsyncSync(fd);
  fs.closeSync(fd);
}

/** A torn tail is moved aside before it is cut, so that nothing is ever destroyed unseen. */
function setAside(fd: number, file: string, tail: Bytes, end: number): void {
  const asideFd = openFree(`${file}.torn-${end}`);
  writeFully(asideFd, tail, 0);
  fs.fsyncSync(asideFd);
  fs.closeSync(asideFd);
  syncFolder(path.dirname(file));
  fs.ftruncateSync(fd, end);
}

/** Opens a new file under this name, or with a number behind it when an earlier tail has the name. */
function openFree(name: string): number {
  for (let number = 1; ; number++) {
    try {
      return fs.openSync(number === 1 ? name : `${name}-${number}`, "wx", 0o600);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    }
  }
}

function readMark(file: string): number | undefined {
  if (!fs.existsSync(file)) return undefined;
  const bytes = fs.readFileSync(file);
  let mark: number | undefined;
  for (const at of [0, SLOT_BYTES]) {
    if (bytes.length < at + SLOT_BYTES) continue;
    if (crc32c(bytes, at, at + 8) !== readU32(bytes, at + 8)) continue;
    const size = readU32(bytes, at) * 2 ** 32 + readU32(bytes, at + 4);
    mark = Math.max(mark ?? 0, size);
  }
  return mark;
}

function writeFully(fd: number, bytes: Bytes, position: number): void {
  let at = 0;
  while (at < bytes.length) {
    at += fs.writeSync(fd, bytes, at, bytes.length - at, position + at);
  }
}

function readFully(fd: number, bytes: Uint8Array, position: number): void {
  let at = 0;
  while (at < bytes.length) {
    const count = fs.readSync(fd, bytes, at, bytes.length - at, position + at);
    if (count === 0) throw new Error(`the file ends at byte ${position + at}`);
    at += count;
  }
}
