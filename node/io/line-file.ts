import fs from "node:fs";
import path from "node:path";
import { promisify } from "node:util";
import { utf8ToBytes } from "../../crypto/bytes.ts";
import { ok, reject, type Outcome } from "../../crypto/outcome.ts";
import { crc32c } from "../ledger/crc32c.ts";

const fdatasync = promisify(fs.fdatasync);

/** A file is read in one piece. */
const MAX_FILE_BYTES = 2 ** 28;

/** Lines that are written in one go while a file is made anew. */
const LINES_AT_ONCE = 1_000;

export interface LineFileDamage {
  readonly code: "file_corrupt" | "disk_failed";
  readonly message: string;
}

export interface LineFileOptions {
  readonly file: string;
  /** What the file would hold if it were made anew now; asked for when most of its lines are past. */
  readonly live: () => Iterable<string>;
  /** Lines that are past and may stay before the file is made anew. */
  readonly maxPast: number;
  /** The disk failed: nothing more can be made durable. */
  readonly onFailure: (error: Error) => void;
}

/**
 * An append-only file of short texts, one a line, each behind its CRC-32C. What was appended is durable
 * when the promise resolves; appends that come together share one sync. A line may be written twice when
 * the file is made anew, so reading one again must change nothing.
 */
export class LineFile {
  /** The texts as they were read at the start. */
  readonly lines: readonly string[];
  readonly #options: LineFileOptions;
  #fd: number;
  #size: number;
  /** Lines in the file, and those among them that `live` would leave out, at least. */
  #count: number;
  #liveCount: number;
  #unwritten: string[] = [];
  #waiting: { readonly resolve: () => void; readonly reject: (error: Error) => void }[] = [];
  #flushing: Promise<void> | undefined;
  #failure: Error | undefined;
  #isClosed = false;

  private constructor(options: LineFileOptions, read: ReadFile) {
    this.#options = options;
    this.#fd = read.fd;
    this.#size = read.end;
    this.lines = read.lines;
    this.#count = read.lines.length;
    this.#liveCount = read.lines.length;
  }

  /** Opens the file, or creates it. A torn end that nothing follows is cut: it was never acknowledged. */
  static open(options: LineFileOptions): Outcome<LineFile, LineFileDamage> {
    const { file } = options;
    let fd: number | undefined;
    try {
      fd = fs.openSync(file, fs.constants.O_RDWR | fs.constants.O_CREAT, 0o600);
      syncFolder(file);
      const { size } = fs.fstatSync(fd);
      if (size > MAX_FILE_BYTES) throw new Error(`more than ${MAX_FILE_BYTES} bytes`);
      const read = takeApart(fs.readFileSync(fd));
      if (typeof read === "number") {
        fs.closeSync(fd);
        const message = `${file}, line ${read}: its checksum differs, and whole lines follow`;
        return reject({ code: "file_corrupt", message });
      }
      fs.ftruncateSync(fd, read.end);
      fs.fdatasyncSync(fd);
      return ok(new LineFile(options, { fd, ...read }));
    } catch (error) {
      if (fd !== undefined) fs.closeSync(fd);
      return reject({ code: "disk_failed", message: `${file}: ${(error as Error).message}` });
    }
  }

  /** Appends texts without line ends; resolves when they are durable. */
  append(...texts: readonly string[]): Promise<void> {
    if (this.#failure !== undefined) return Promise.reject(this.#failure);
    if (this.#isClosed) return Promise.reject(new Error("the file is closed"));
    this.#unwritten.push(...texts);
    const durable = new Promise<void>((resolve, reject_) => {
      this.#waiting.push({ resolve, reject: reject_ });
    });
    this.#flushing ??= this.#flush();
    return durable;
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#flushing;
    fs.closeSync(this.#fd);
  }

  async #flush(): Promise<void> {
    while (this.#waiting.length > 0) {
      const waiting = this.#waiting;
      const texts = this.#unwritten;
      this.#waiting = [];
      this.#unwritten = [];
      try {
        if (this.#count + texts.length - this.#liveCount > this.#options.maxPast)
          await this.#renew();
        await this.#write(this.#fd, texts.map(frame).join(""));
        await fdatasync(this.#fd);
        this.#count += texts.length;
        for (const { resolve } of waiting) resolve();
      } catch (error) {
        // After a failed sync the kernel may have dropped the bytes, so trying again would lie.
        this.#failure ??= error as Error;
        for (const waiter of [...waiting, ...this.#waiting.splice(0)]) waiter.reject(this.#failure);
        this.#options.onFailure(this.#failure);
      }
    }
    this.#flushing = undefined;
  }

  /** Writes what is live into a new file, which then takes the old one's name. */
  async #renew(): Promise<void> {
    const { file, live } = this.#options;
    const draft = `${file}.new`;
    const fd = fs.openSync(draft, "w", 0o600);
    const before = { fd: this.#fd, size: this.#size };
    try {
      this.#size = 0;
      let count = 0;
      let text = "";
      for (const line of live()) {
        text += frame(line);
        count++;
        if (count % LINES_AT_ONCE !== 0) continue;
        await this.#write(fd, text);
        text = "";
      }
      await this.#write(fd, text);
      await fdatasync(fd);
      fs.renameSync(draft, file);
      syncFolder(file);
      this.#count = count;
      this.#liveCount = count;
    } catch (error) {
      fs.closeSync(fd);
      this.#size = before.size;
      throw error;
    }
    this.#fd = fd;
    fs.closeSync(before.fd);
  }

  async #write(fd: number, text: string): Promise<void> {
    const bytes = utf8ToBytes(text);
    for (let at = 0; at < bytes.length;) {
      at += await writeSome(fd, bytes.subarray(at), this.#size + at);
    }
    this.#size += bytes.length;
  }
}

interface ReadFile {
  readonly fd: number;
  readonly lines: readonly string[];
  readonly end: number;
}

const frame = (text: string): string => `${checksum(text)} ${text}\n`;

const checksum = (text: string): string =>
  crc32c(utf8ToBytes(text), 0).toString(16).padStart(8, "0");

/** The whole lines and where they end; or the number of a damaged one that whole lines follow. */
function takeApart(
  bytes: Buffer,
): { readonly lines: readonly string[]; readonly end: number } | number {
  const lines: string[] = [];
  let end = 0;
  let damaged: number | undefined;
  for (let at = 0, number = 1; at < bytes.length; number++) {
    const stop = bytes.indexOf("\n", at);
    const line = bytes.subarray(at, stop === -1 ? bytes.length : stop).toString("utf8");
    const text = stop === -1 ? undefined : wholeLine(line);
    at = stop === -1 ? bytes.length : stop + 1;
    if (text === undefined) {
      damaged ??= number;
      if (hidesWholeLine(line)) return damaged;
    } else if (damaged !== undefined) return damaged;
    else {
      lines.push(text);
      end = at;
    }
  }
  return { lines, end };
}

function wholeLine(line: string): string | undefined {
  const text = line.slice(9);
  return line.slice(0, 9) === `${checksum(text)} ` ? text : undefined;
}

/** Whether a damaged line ends with a whole one: what damaged it was the line end between them. */
function hidesWholeLine(line: string): boolean {
  for (const { index } of line.matchAll(/(?=[0-9a-f]{8} )/g)) {
    if (index > 0 && wholeLine(line.slice(index)) !== undefined) return true;
  }
  return false;
}

function writeSome(fd: number, bytes: Uint8Array, position: number): Promise<number> {
  return new Promise((resolve, reject_) => {
    fs.write(fd, bytes, 0, bytes.length, position, (error, count) =>
      error === null ? resolve(count) : reject_(error),
    );
  });
}

function syncFolder(file: string): void {
  const fd = fs.openSync(path.dirname(file), "r");
  fs.fsyncSync(fd);
  fs.closeSync(fd);
}
