import { spawn } from "node:child_process";
import { once } from "node:events";
import fs from "node:fs";
import path from "node:path";
import process from "node:process";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { concatBytes, type Bytes } from "../../crypto/bytes.ts";
import { bankNumber } from "../../node/ids.ts";
import { createDriver } from "../../node/io/driver.ts";
import { lockFolder } from "../../node/io/folder-lock.ts";
import { LEDGER_FILE, MARK_FILE, openJournal, type Journal } from "../../node/io/journal-file.ts";
import { readKeyFile, writeKeyFile, type BankKeys } from "../../node/io/key-file.ts";
import { encodeRecord, LEDGER_MAGIC, OWN_BLOCK, PEER_BLOCK } from "../../node/ledger/record.ts";
import type { Effect, Input } from "../../node/machine.ts";
import { bytesNamed } from "../bytes.ts";
import { ROOT, tempFolder } from "./daliz.ts";

/** Fifty records of 10 to 17 bytes; the journal does not look into their blocks. */
const records = Array.from({ length: 50 }, (_, i) =>
  encodeRecord(i % 3 === 2 ? PEER_BLOCK : OWN_BLOCK, bytesNamed(`${i}`).subarray(24 + (i % 8))),
);
const whole = concatBytes(LEDGER_MAGIC, ...records);
const ends = records.reduce(
  (all, record) => [...all, (all.at(-1) ?? 0) + record.length],
  [LEDGER_MAGIC.length],
);
/** The end of the last record that lies wholly before an offset. */
const endBefore = (offset: number): number => ends.findLast((end) => end <= offset) ?? 0;
const offsets = Array.from({ length: whole.length }, (_, offset) => offset);

/** A data folder, with a ledger of these bytes and the mark that an honest bank left at `durable`. */
function dataFolder(ledger?: Bytes, durable?: number): string {
  const folder = fs.mkdtempSync(path.join(home(), "data-"));
  if (durable !== undefined) fs.writeFileSync(path.join(folder, MARK_FILE), markAt(durable));
  if (ledger !== undefined) fs.writeFileSync(path.join(folder, LEDGER_FILE), ledger);
  return folder;
}

const marks = new Map<number, Bytes>();
/** What stands in the mark of a ledger that is durable up to here. */
function markAt(durable: number): Bytes {
  let mark = marks.get(durable);
  if (mark === undefined) {
    const folder = dataFolder(whole.subarray(0, durable));
    opened(folder).close();
    mark = Uint8Array.from(fs.readFileSync(path.join(folder, MARK_FILE)));
    marks.set(durable, mark);
  }
  return mark;
}

/** Thousands of damaged files wait for no disk: what a sync makes durable is not tested here. */
const MEMORY = "/dev/shm";

let base: string | undefined;
/** One folder for all that a test makes. */
function home(): string {
  if (base === undefined) {
    base = tempFolder(onTestFinished, fs.existsSync(MEMORY) ? MEMORY : undefined);
    onTestFinished(() => {
      base = undefined;
    });
  }
  return base;
}

function opened(folder: string): Journal {
  const journal = openJournal(folder);
  if (!journal.ok) throw new Error(`${journal.error.code}: ${journal.error.message}`);
  return journal.value;
}

function refusal(folder: string): { readonly code: string; readonly message: string } {
  const journal = openJournal(folder);
  if (journal.ok) throw new Error(`opened with ${journal.value.records.length} records`);
  return journal.error;
}

const ledgerOf = (folder: string): Bytes =>
  Uint8Array.from(fs.readFileSync(path.join(folder, LEDGER_FILE)));

/** What was set aside, by the offset that is in its name. */
const asideIn = (folder: string): readonly string[] =>
  fs.readdirSync(folder).filter((name) => name.includes(".torn-"));

function flipped(bytes: Bytes, offset: number): Bytes {
  const copy = Uint8Array.from(bytes);
  copy[offset] = (copy[offset] ?? 0) ^ (1 << (offset % 8));
  return copy;
}

describe("the journal file", () => {
  it("gives back what was appended, in a later process's order, and serves it from the middle", async () => {
    const folder = dataFolder();
    const journal = opened(folder);
    expect([journal.size, journal.tornBytes, journal.records]).toEqual([16, 0, []]);
    for (const [i, record] of records.entries()) {
      expect(await journal.append(record)).toBe(ends[i + 1]);
    }
    expect(journal.syncs).toBe(records.length);
    expect(journal.read(ends[7] ?? 0, 12)).toEqual(whole.subarray(ends[7], (ends[7] ?? 0) + 12));
    expect(() => journal.read(whole.length - 2, 3)).toThrow("the file ends");
    journal.close();
    expect(ledgerOf(folder)).toEqual(whole);
    const again = opened(folder);
    expect(again.records.map(({ offset }) => offset)).toEqual(ends.slice(0, -1));
    expect(again.size).toBe(whole.length);
    again.close();
  });

  it("makes durable what it found before anybody acts on it", () => {
    const folder = dataFolder(whole);
    const sync = vi.spyOn(fs, "fdatasyncSync");
    onTestFinished(() => sync.mockRestore());
    opened(folder).close();
    expect(sync).toHaveBeenCalledOnce();
  });

  it.each([
    ["without a mark", undefined],
    ["beyond the mark", ends[25]],
  ])("cut at every byte %s: sets the torn tail aside, cuts it and goes on (D3)", (_, durable) => {
    for (const cut of offsets.filter((offset) => offset >= (durable ?? LEDGER_MAGIC.length))) {
      const folder = dataFolder(whole.subarray(0, cut), durable);
      const end = endBefore(cut);
      const journal = opened(folder);
      expect(journal.records).toHaveLength(ends.indexOf(end));
      expect([journal.size, journal.tornBytes]).toEqual([end, cut - end]);
      journal.close();
      expect(ledgerOf(folder)).toEqual(whole.subarray(0, end));
      expect(asideIn(folder)).toEqual(cut === end ? [] : [`${LEDGER_FILE}.torn-${end}`]);
      if (cut === end) continue;
      const aside = fs.readFileSync(path.join(folder, `${LEDGER_FILE}.torn-${end}`));
      expect(Uint8Array.from(aside)).toEqual(whole.subarray(end, cut));
    }
  });

  it("cut at every byte below the mark: stops, names the place and changes nothing (D4)", () => {
    const durable = ends[25] ?? 0;
    for (const cut of offsets.filter((offset) => offset < durable)) {
      const folder = dataFolder(whole.subarray(0, cut), durable);
      const { code, message } = refusal(folder);
      expect(code).toBe("ledger_corrupt");
      expect(message).toContain(`, byte ${endBefore(cut)}: `);
      expect(ledgerOf(folder)).toEqual(whole.subarray(0, cut));
      expect(asideIn(folder)).toEqual([]);
    }
  });

  it("with a bit turned in any byte: stops below the mark, cuts beyond it", () => {
    const durable = ends[25] ?? 0;
    for (const offset of offsets) {
      const damaged = flipped(whole, offset);
      const folder = dataFolder(damaged, durable);
      const end = endBefore(offset);
      if (offset < durable) {
        expect(refusal(folder)).toMatchObject({ code: "ledger_corrupt" });
        expect(refusal(folder).message).toContain(`, byte ${end}: `);
        expect(ledgerOf(folder)).toEqual(damaged);
        expect(asideIn(folder)).toEqual([]);
      } else {
        opened(folder).close();
        expect(ledgerOf(folder)).toEqual(whole.subarray(0, end));
        expect(asideIn(folder)).toEqual([`${LEDGER_FILE}.torn-${end}`]);
      }
    }
  });

  it("without a mark, damage that whole records follow is no torn tail", () => {
    const folder = dataFolder(flipped(whole, (ends[20] ?? 0) + 12));
    expect(refusal(folder)).toMatchObject({ code: "ledger_corrupt" });
    expect(asideIn(folder)).toEqual([]);
  });

  it("keeps every torn tail, also a second one at the same place", () => {
    const folder = dataFolder(whole.subarray(0, whole.length - 1));
    opened(folder).close();
    const end = endBefore(whole.length - 1);
    fs.appendFileSync(path.join(folder, LEDGER_FILE), "second");
    opened(folder).close();
    const aside = asideIn(folder).map((name) => fs.readFileSync(path.join(folder, name), "latin1"));
    expect(aside).toHaveLength(2);
    expect(aside).toContain("second");
    expect(ledgerOf(folder)).toEqual(whole.subarray(0, end));
  });

  it("goes on after the cut, and the next start finds all of it", async () => {
    const folder = dataFolder(whole.subarray(0, whole.length - 3));
    const journal = opened(folder);
    await journal.append(records.at(-1) ?? new Uint8Array());
    journal.close();
    expect(ledgerOf(folder)).toEqual(whole);
    expect(opened(folder).records).toHaveLength(50);
  });

  it("refuses an empty disk when the mark says that there was a ledger (D7)", () => {
    const folder = dataFolder(undefined, ends[25]);
    expect(refusal(folder).code).toBe("ledger_missing");
    expect(fs.readdirSync(folder)).toEqual([MARK_FILE]);
  });

  it.each([0, 5, 15, 16])(
    "starts after a crash that left %i bytes of a new file (D2)",
    (length) => {
      const folder = dataFolder();
      const draft = path.join(folder, `${LEDGER_FILE}.new`);
      fs.writeFileSync(draft, LEDGER_MAGIC.subarray(0, length));
      expect(opened(folder).size).toBe(16);
      expect(fs.readdirSync(folder).sort()).toEqual([LEDGER_FILE, MARK_FILE]);
    },
  );

  it.each([
    ["one slot", [3], "ledger_corrupt"],
    ["the other slot", [15], "ledger_corrupt"],
  ])("believes the mark when %s of it is damaged", async (_, at, code) => {
    const folder = dataFolder(whole.subarray(0, ends[24]), ends[24]);
    const journal = opened(folder);
    for (const record of records.slice(24, 27)) await journal.append(record);
    journal.close();
    const mark = path.join(folder, MARK_FILE);
    const bytes = fs.readFileSync(mark);
    for (const offset of at) bytes[offset] = (bytes[offset] ?? 0) ^ 1;
    fs.writeFileSync(mark, bytes);
    fs.truncateSync(path.join(folder, LEDGER_FILE), ends[25]);
    expect(refusal(folder).code).toBe(code);
  });

  it("cannot open a ledger in a folder that is not there, or that may not be written", () => {
    expect(refusal(path.join(home(), "none"))).toMatchObject({ code: "disk_failed" });
    const folder = dataFolder();
    fs.chmodSync(home(), 0o755);
    fs.chmodSync(folder, 0o555);
    withoutPrivileges(() => {
      expect(refusal(folder)).toMatchObject({ code: "disk_failed" });
      expect(refusal(folder).message).toContain("EACCES");
    });
    expect(fs.readdirSync(folder)).toEqual([]);
  });
});

/** The superuser may write everywhere: does something as a user who may not. */
function withoutPrivileges(act: () => void): void {
  if (process.geteuid?.() !== 0) return act();
  process.seteuid?.(NOBODY);
  try {
    act();
  } finally {
    process.seteuid?.(0);
  }
}
const NOBODY = 65_534;

describe("a driver whose disk fails (D5)", () => {
  it.each([
    ["EIO", "sync_failed"],
    ["ENOSPC", "disk_full"],
    ["EDQUOT", "disk_full"],
    ["EFBIG", "disk_full"],
  ])("on %s stops with %s: nothing is sent, nothing is tried again", async (errno, code) => {
    let appends = 0;
    const inputs: Input["kind"][] = [];
    const sent: number[] = [];
    const append = async (): Promise<number> => {
      appends++;
      await Promise.resolve();
      throw Object.assign(new Error(`${errno}: what the system says`), { code: errno });
    };
    const journal = { ...opened(dataFolder()), append };
    const effects: Partial<Record<Input["kind"], readonly Effect<never>[]>> = {
      start: [{ kind: "append", bytes: records[0] ?? new Uint8Array() }],
      durable: [{ kind: "send", to: bankNumber(2), bytes: new Uint8Array(1) }],
    };
    const stopped = new Promise<readonly string[]>((resolve) => {
      const driver = createDriver<never>({
        step: ({ kind }) => {
          inputs.push(kind);
          return effects[kind] ?? [];
        },
        journal,
        transport: { send: (to) => sent.push(to) > 0, drop: () => undefined },
        onReport: () => undefined,
        onStop: (...why) => {
          driver.feed({ kind: "start" });
          void driver.settled().then(() => resolve(why));
        },
      });
      driver.feed({ kind: "start" });
    });
    expect(await stopped).toEqual([code, `${errno}: what the system says`]);
    expect({ appends, inputs, sent }).toEqual({ appends: 1, inputs: ["start"], sent: [] });
  });

  it("lets somebody who waits for the write go on, whether it succeeds or fails", async () => {
    for (const fails of [false, true]) {
      let end: () => void = () => undefined;
      const append = (): Promise<number> =>
        new Promise((resolve, reject) => {
          end = () => (fails ? reject(new Error("EIO")) : resolve(17));
        });
      const driver = createDriver<never>({
        step: ({ kind }) => (kind === "start" ? [{ kind: "append", bytes: whole }] : []),
        journal: { ...opened(dataFolder()), append },
        transport: { send: () => true, drop: () => undefined },
        onReport: () => undefined,
        onStop: () => undefined,
      });
      driver.feed({ kind: "start" });
      const order: string[] = [];
      const waiting = driver.settled().then(() => order.push("settled"));
      await Promise.resolve();
      order.push("written");
      end();
      await waiting;
      expect(order).toEqual(["written", "settled"]);
      driver.stop();
    }
  });
});

describe("the lock of a data folder (D6)", () => {
  const HOLDER = `
    import { lockFolder } from ${JSON.stringify(path.join(ROOT, "node/io/folder-lock.ts"))};
    const lock = await lockFolder(process.argv[1]);
    process.stdout.write(lock.ok ? "locked" : lock.error.code);
    setInterval(() => undefined, 1000);
  `;

  it("is held by one process at a time, under any name, and free when that is killed", async () => {
    const folder = dataFolder();
    const alias = path.join(home(), "alias");
    fs.symlinkSync(folder, alias);
    const args = ["--input-type=module", "--eval", HOLDER, folder];
    const holder = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] });
    const closed = once(holder, "close");
    onTestFinished(async () => {
      holder.kill("SIGKILL");
      await closed;
    });
    const [said] = (await once(holder.stdout, "data")) as [Buffer];
    expect(said.toString()).toBe("locked");
    for (const name of [folder, alias, `${folder}/.`]) {
      const error = { code: "already_running", folder: fs.realpathSync(folder) };
      expect(await lockFolder(name)).toEqual({ ok: false, error });
    }
    const other = await lockFolder(dataFolder());
    expect(other.ok).toBe(true);
    if (other.ok) other.value.release();

    holder.kill("SIGKILL");
    await closed;
    const mine = await lockFolder(folder);
    expect(mine.ok).toBe(true);
    expect((await lockFolder(alias)).ok).toBe(false);
    if (mine.ok) mine.value.release();
  });
});

describe("a key file (D10)", () => {
  const keys: BankKeys = {
    bank: "kz",
    ledgerSeed: bytesNamed("ledger"),
    transportSeed: bytesNamed("transport"),
    saltSecret: bytesNamed("salt"),
  };

  function keyFile(): string {
    const file = path.join(fs.mkdtempSync(path.join(home(), "key-")), "kz.key");
    writeKeyFile(file, keys);
    return file;
  }

  it("is made for its owner alone, whatever the umask, and never over another", () => {
    const before = process.umask(0);
    onTestFinished(() => void process.umask(before));
    const file = keyFile();
    expect((fs.statSync(file).mode & 0o777).toString(8)).toBe("600");
    expect(() => writeKeyFile(file, keys)).toThrow("EEXIST");
    expect(readKeyFile(file)).toEqual({ ok: true, value: keys });
  });

  it("is read with no mode that lets others at it, of all 512", () => {
    const file = keyFile();
    for (let mode = 0; mode <= 0o777; mode++) {
      fs.chmodSync(file, mode);
      const read = readKeyFile(file);
      if ((mode & 0o077) === 0) {
        const mayRead = process.geteuid?.() === 0 || (mode & 0o400) !== 0;
        expect(read.ok, mode.toString(8)).toBe(mayRead);
      } else {
        const error = { code: "key_permissions", file, mode: mode.toString(8), want: "600" };
        expect(read).toEqual({ ok: false, error });
      }
    }
  });

  it("is not a symbolic link, a folder, or missing", () => {
    const file = keyFile();
    const link = `${file}.link`;
    fs.symlinkSync(file, link);
    expect(readKeyFile(link)).toMatchObject({ error: { code: "key_format" } });
    expect(readKeyFile(path.dirname(file))).toMatchObject({ error: { code: "key_format" } });
    expect(readKeyFile(`${file}.none`)).toMatchObject({ error: { code: "key_missing" } });
  });

  it("that is damaged is refused, and the refusal holds nothing of it", () => {
    const file = keyFile();
    const good = fs.readFileSync(file, "utf8");
    const secret = Buffer.from(keys.ledgerSeed).toString("hex");
    for (const bad of [
      "",
      "null",
      "[]",
      good.slice(0, -3),
      good.replace("daliz-key/1", "daliz-key/2"),
      good.replace('"kz"', "7"),
      good.replace(secret, secret.slice(2)),
      good.replace(secret, secret.replace(/^../, "zz")),
      good.replace("ledgerSeed", "ledgerseed"),
    ]) {
      fs.writeFileSync(file, bad);
      const read = readKeyFile(file);
      expect(read).toMatchObject({ ok: false, error: { code: "key_format" } });
      expect(JSON.stringify(read)).not.toMatch(/[0-9a-f]{16}/);
    }
  });

  describe("with a passphrase", () => {
    const passphrase = "corridor of six capitals";

    function sealedFile(): string {
      const file = path.join(fs.mkdtempSync(path.join(home(), "key-")), "kz.key");
      writeKeyFile(file, keys, passphrase);
      return file;
    }

    it("opens with it alone, and shows nothing of its secrets", () => {
      const file = sealedFile();
      expect(readKeyFile(file, passphrase)).toEqual({ ok: true, value: keys });
      expect(readKeyFile(file)).toEqual({ ok: false, error: { code: "key_locked", file } });
      const other = readKeyFile(file, `${passphrase} `);
      expect(other).toEqual({ ok: false, error: { code: "key_passphrase", file } });
      const text = fs.readFileSync(file, "utf8");
      for (const secret of [keys.ledgerSeed, keys.transportSeed, keys.saltSecret]) {
        expect(text).not.toContain(Buffer.from(secret).toString("hex"));
      }
    });

    it("is another file each time, so that equal keys do not show", () => {
      expect(fs.readFileSync(sealedFile())).not.toEqual(fs.readFileSync(sealedFile()));
    });

    it("opens for no other bank, and with no bit changed, cut or added", () => {
      const file = sealedFile();
      const good = JSON.parse(fs.readFileSync(file, "utf8")) as Record<string, string>;
      const sealed = good["sealed"] ?? "";
      const flip = (at: number) =>
        sealed.slice(0, at) + (sealed[at] === "0" ? "1" : "0") + sealed.slice(at + 1);
      // Salt, nonce, first and last byte of the text, tag.
      const places = [0, 32, 56, sealed.length - 34, sealed.length - 1];
      const bad = [
        { ...good, bank: "cn" },
        ...places.map((at) => ({ ...good, sealed: flip(at) })),
        ...["", sealed.slice(2), `${sealed}00`].map((cut) => ({ ...good, sealed: cut })),
      ];
      for (const content of bad) {
        fs.writeFileSync(file, JSON.stringify(content));
        const read = readKeyFile(file, passphrase);
        expect(read).toEqual({ ok: false, error: { code: "key_passphrase", file } });
      }
    });
  });
});
