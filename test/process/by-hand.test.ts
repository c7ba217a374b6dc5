import fs from "node:fs";
import path from "node:path";
import process from "node:process";
import { describe, expect, it, onTestFinished } from "vitest";
import { moneyOf } from "../../corridor/audit/audit.ts";
import { MARK_FILE } from "../../node/io/journal-file.ts";
import { readKeyFile, writeKeyFile } from "../../node/io/key-file.ts";
import { daliz, tempFolder, type Ended } from "./daliz.ts";
import { orderOf, type HandBank } from "./hand-bank.ts";
import { HandCorridor, keygen } from "./hand-corridor.ts";
import { amountOf, FUNDS } from "./members.ts";

const corridorOf = (n: number, ttlMs?: number): HandCorridor =>
  HandCorridor.ofBanks(onTestFinished, tempFolder(onTestFinished), n, ttlMs);

/** Waits until a bank's leg of this swap is final, and says how it ended. */
const outcome = async (bank: HandBank | undefined, commitment: string): Promise<string> =>
  (await at(bank).reported("swap", (report) => report.commitment === commitment)).outcome;

/** The bank, of which the caller knows that it was started. */
function at(bank: HandBank | undefined): HandBank {
  if (bank === undefined) throw new RangeError("no such bank");
  return bank;
}

/** Waits until the bank has taken in all that it was told so far. */
const caughtUp = async (bank: HandBank): Promise<void> => {
  const before = bank.events.length;
  bank.order({ usage: true });
  await bank.shown(
    (event) => event.event === "usage" && bank.events.indexOf(event) >= before,
    "its usage",
  );
};

function expectEnd(ended: Ended, status: number, message: RegExp): void {
  expect(ended.err).toMatch(message);
  expect(ended.err).toMatch(/^[^\n]+\n$/);
  expect({ status: ended.status, signal: ended.signal }).toEqual({ status, signal: null });
}

describe("three banks started by hand", () => {
  it("settle swaps that members signed, from a file and from standard input", async () => {
    const home = tempFolder(onTestFinished);
    const folder = path.join(home, "corridor");
    const passphraseFile = path.join(home, "passphrase");
    fs.writeFileSync(passphraseFile, "corridor of six capitals\n", { mode: 0o600 });
    const opening = ["--passphrase-file", passphraseFile];
    await keygen(folder, ["kz:KZT", "cn:CNY", "hk:HKD"], opening);
    const corridor = new HandCorridor(onTestFinished, folder);
    const { members } = corridor;
    const sold = members.swap("kz", "cn", amountOf(100));
    const bought = members.swap("hk", "kz", amountOf(30));
    const paid = members.payment("kz", "cn", amountOf(7));

    const { enrolments, issue } = members.opening("kz");
    const file = path.join(folder, "kz.instructions");
    const lines = [...enrolments, issue.bytes, paid.bytes, sold.bytes].map(orderOf);
    fs.writeFileSync(file, lines.map((line) => `${JSON.stringify(line)}\n`).join(""));
    const cn = await corridor.start("cn", {}, { flags: opening });
    const env = { DALIZ_PASSPHRASE: "corridor of six capitals" };
    const hk = await corridor.start("hk", { cn }, { env });
    for (const [id, bank] of Object.entries({ cn, hk })) await corridor.open(id, bank);
    // Both sides of a swap are submitted, each by its own member at its own bank.
    cn.submit(sold.bytes);
    const flags = ["--instructions", file, ...opening];
    const kz = await corridor.start("kz", { cn, hk }, { flags });
    hk.submit(bought.bytes);
    expect(await outcome(kz, sold.commitment)).toBe("settled");
    expect(await outcome(cn, sold.commitment)).toBe("settled");
    kz.submit(bought.bytes);
    expect(await outcome(kz, bought.commitment)).toBe("settled");
    expect(await outcome(hk, bought.commitment)).toBe("settled");

    // The same instructions once more change nothing.
    expect((await kz.stop()).status).toBe(0);
    const again = await corridor.start("kz", { cn, hk }, { flags });
    for (const { number } of [issue, paid, sold]) {
      const answer = await again.reported("instruction", (report) => report.number === number);
      expect(answer).toMatchObject({ status: "exists", member: "member-kz" });
    }
    for (const bank of [again, cn, hk])
      expect(await bank.stop()).toMatchObject({ status: 0, err: "" });
    const report = corridor.audit(["kz", "cn", "hk"]);
    expect(report.findings).toEqual([]);
    expect(report.swaps.size).toBe(2);
    for (const { books } of report.ledgers) {
      expect(moneyOf(books)).toMatchObject({ issued: FUNDS, pending: 0n, holds: true });
    }
    const files = ["kz", "cn", "hk"].map((bank) => corridor.ledgerFile(bank));
    const verified = await daliz(["verify", ...files, "--genesis", corridor.genesisFile]);
    expect(verified.out).toMatch(/verified: nothing is wrong\n$/);
    expect(verified.status).toBe(0);
  });

  it("print no secret, whatever happens", async () => {
    const corridor = corridorOf(2);
    const { kz, cn } = await corridor.startAll(["kz", "cn"]);
    await corridor.open("kz", at(kz));
    const ends = [await at(kz).stop(), await at(cn).kill()];
    for (const bank of ["kz", "cn"]) {
      const secrets = fs.readFileSync(corridor.keyFile(bank), "utf8").match(/[0-9a-f]{64}/g) ?? [];
      expect(secrets).toHaveLength(3);
      for (const secret of secrets) {
        const forms = [secret, Buffer.from(secret, "hex").toString("base64")];
        for (const form of forms)
          for (const { out, err } of ends) expect(out + err).not.toContain(form);
      }
    }
  });
});

describe("a started bank that has not asked its peers", () => {
  it("takes nothing in until q - 1 of them have answered", async () => {
    const corridor = corridorOf(3);
    const kz = await corridor.start("kz");
    const { enrolments, issue } = corridor.members.opening("kz");
    for (const bytes of [...enrolments, issue.bytes]) kz.submit(bytes);
    await caughtUp(kz);
    expect(kz.reports("ready")).toEqual([]);
    expect(kz.reports("instruction")).toEqual([]);
    expect(fs.statSync(corridor.ledgerFile("kz")).size).toBe(16);

    // The quorum of three banks is two: one answer is enough, and what waited is taken in.
    await corridor.start("cn", { kz });
    await kz.reported("ready");
    expect(await kz.reported("instruction")).toMatchObject({
      status: "executed",
      number: issue.number,
    });
  });

  it("signs at once with --alone, on the operator's word", async () => {
    const corridor = corridorOf(3);
    const kz = await corridor.start("kz", {}, { flags: ["--alone"] });
    await corridor.open("kz", kz);
    expect(kz.reports("instruction")).toMatchObject([{ status: "executed" }]);
    expect(await kz.stop()).toMatchObject({ status: 0 });
    expect(corridor.audit(["kz"]).findings).toEqual([]);
  });
});

describe("a data folder", () => {
  it("has one process at a time (already_running) (D6)", async () => {
    const corridor = corridorOf(2);
    const { kz, cn } = await corridor.startAll(["kz", "cn"]);
    await corridor.open("kz", at(kz));
    const second = await corridor.end("kz", {}, ["--alone"]);
    expectEnd(second, 3, /^daliz: already_running: another process works on .*kz-data\n$/);
    expect(second.out).toBe("");
    // The first one has not noticed, and when it is killed its place is free at once.
    await corridor.open("cn", at(cn));
    await at(kz).kill();
    const next = await corridor.start("kz", { cn: at(cn) });
    await next.reported("ready");
  });

  it("that was restored from an old copy stops the bank before it signs (stale_state) (D6)", async () => {
    const corridor = corridorOf(3);
    const { members } = corridor;
    const { kz, cn, hk } = await corridor.startAll(["kz", "cn", "hk"]);
    for (const [id, bank] of Object.entries({ kz, cn, hk })) await corridor.open(id, at(bank));
    await at(cn).stop();
    const [data, copy] = [corridor.dataFolder("cn"), path.join(corridor.folder, "copy")];
    fs.cpSync(data, copy, { recursive: true });

    const peers = { kz: at(kz), hk: at(hk) };
    const later = await corridor.start("cn", peers);
    for (let i = 0; i < 3; i++) {
      const swap = members.swap("kz", "cn", amountOf(10));
      for (const bank of [at(kz), later]) bank.submit(swap.bytes);
      expect(await outcome(later, swap.commitment)).toBe("settled");
    }
    await later.stop();
    const newest = Uint8Array.from(fs.readFileSync(corridor.ledgerFile("cn")));

    fs.rmSync(data, { recursive: true });
    fs.cpSync(copy, data, { recursive: true });
    const old = Uint8Array.from(fs.readFileSync(corridor.ledgerFile("cn")));
    expect(old.length).toBeLessThan(newest.length);
    const stale = await corridor.start("cn", peers);
    stale.submit(members.payment("cn", "kz", amountOf(1)).bytes);
    expectEnd(
      await stale.ended,
      3,
      /^daliz: stale_state: a peer holds block \d+ signed by this bank;/,
    );
    expect(stale.reports("ready")).toEqual([]);
    expect(stale.reports("instruction")).toEqual([]);
    // It may have noted down blocks of its peers, but has signed none of its own.
    const own = (bytes: Uint8Array): number => {
      fs.writeFileSync(corridor.ledgerFile("cn"), bytes);
      return corridor.audit(["cn"]).ledgers[0]?.own.length ?? 0;
    };
    const after = Uint8Array.from(fs.readFileSync(corridor.ledgerFile("cn")));
    expect(own(after)).toBe(own(old));

    // The mark knows it even without peers, when only the ledger was restored.
    fs.writeFileSync(corridor.ledgerFile("cn"), old);
    fs.rmSync(path.join(data, MARK_FILE));
    fs.writeFileSync(corridor.ledgerFile("cn"), newest);
    const mended = await corridor.start("cn", peers);
    await mended.reported("ready");
    await mended.stop();
    fs.writeFileSync(corridor.ledgerFile("cn"), old);
    const marked = await corridor.end("cn", {}, ["--alone"]);
    expectEnd(marked, 3, /^daliz: ledger_corrupt: .*bank\.ledger, byte \d+: the file is shorter/);
  });

  it("of another bank is not worked on (D10)", async () => {
    const corridor = corridorOf(2);
    const { kz } = await corridor.startAll(["kz", "cn"]);
    await corridor.open("kz", at(kz));
    await at(kz).stop();
    const data = corridor.dataFolder("kz");
    const cn = await corridor.end("cn", { flags: { data } }, ["--alone"]);
    expectEnd(
      cn,
      3,
      /^daliz: ledger_corrupt: .*kz-data, byte 16, block 1 of bank 1: it is not this/,
    );
  });
});

describe("a bank that is told to stop", () => {
  it("in the middle of a swap ends with 0, and the swap ends after the restart (D11)", async () => {
    // Only the first bank had the other member's signature, in memory: the swap has to be given up.
    const corridor = corridorOf(2, 1_000);
    const banks = await corridor.startAll(["kz", "cn"]);
    const [kz, cn] = [at(banks["kz"]), at(banks["cn"])];
    for (const [id, bank] of Object.entries({ kz, cn })) await corridor.open(id, bank);
    await cn.stop();
    // The other bank is down: the swap has its LOCK on one side and waits.
    const swap = corridor.members.swap("kz", "cn", amountOf(50));
    kz.submit(swap.bytes);
    expect(await kz.reported("instruction", ({ number }) => number === swap.number)).toMatchObject({
      status: "executed",
    });
    expect(await kz.stop()).toMatchObject({ status: 0, err: "" });
    const again = await corridor.startAll(["kz", "cn"]);
    const both = await Promise.all(
      ["kz", "cn"].map((bank) => outcome(again[bank], swap.commitment)),
    );
    expect(new Set(both).size).toBe(1);
    for (const bank of Object.values(again)) await bank.stop();
    expect(corridor.audit(["kz", "cn"]).findings).toEqual([]);
  });

  it("ends when the reader of its output goes away", async () => {
    const corridor = corridorOf(2);
    const kz = await corridor.start("kz");
    kz.command.child.stdout?.destroy();
    kz.order({ usage: true });
    expectEnd(await kz.ended, 3, /^daliz: output_closed: /);
  });

  it("goes on when its standard input ends, unless it is tethered to a launcher", async () => {
    const corridor = corridorOf(2);
    const [kz, cn] = [
      await corridor.start("kz"),
      await corridor.start("cn", {}, { flags: ["--tethered"] }),
    ];
    for (const bank of [kz, cn]) bank.command.child.stdin?.end();
    expect(await cn.ended).toMatchObject({ status: 0, err: "" });
    process.kill(kz.command.pid, 0);
    expect(await kz.stop()).toMatchObject({ status: 0, err: "" });
  });
});

describe("a bank whose disk is full (D5)", () => {
  it("stops with disk_full and exit code 3, and every swap under way ends after the restart", async () => {
    const corridor = corridorOf(2);
    const kz = await corridor.start("kz");
    // No file of this process may grow beyond 6 KiB; the opening takes one.
    const cn = await corridor.start(
      "cn",
      { kz },
      {
        under: ["sh", "-c", 'ulimit -f 12 && exec "$@"', "sh"],
        env: { NODE_DISABLE_COMPILE_CACHE: "1" },
      },
    );
    for (const [id, bank] of Object.entries({ kz, cn })) await corridor.open(id, bank);
    const swaps: string[] = [];
    while (cn.command.child.exitCode === null) {
      const swap = corridor.members.swap("kz", "cn", amountOf(10));
      swaps.push(swap.commitment);
      for (const bank of [kz, cn]) bank.submit(swap.bytes);
      const settled = kz.reported("swap", (report) => report.commitment === swap.commitment);
      await Promise.race([settled, cn.ended]);
    }
    expectEnd(await cn.ended, 3, /^daliz: disk_full: EFBIG: /);
    expect(cn.events.at(-1)).toMatchObject({ event: "stopped", code: "disk_full" });
    expect(fs.statSync(corridor.ledgerFile("cn")).size).toBeLessThanOrEqual(12 * 512);

    const again = await corridor.start("cn", { kz });
    await Promise.all(swaps.map((swap) => outcome(kz, swap)));
    const last = swaps.at(-1) ?? "";
    expect(await outcome(again, last)).toBe(await outcome(kz, last));
    for (const bank of [kz, again]) expect(await bank.stop()).toMatchObject({ status: 0, err: "" });
    const report = corridor.audit(["kz", "cn"]);
    expect(report.findings).toEqual([]);
    expect(report.swaps.size).toBe(swaps.length);
    for (const { books } of report.ledgers) {
      expect(moneyOf(books)).toMatchObject({ issued: FUNDS, pending: 0n, holds: true });
    }
  });
});

describe("what the operator of a bank got wrong", () => {
  it("with the key is refused before anything is touched (D10)", async () => {
    const corridor = corridorOf(2);
    const key = corridor.keyFile("kz");
    const other = corridorOf(2);
    const foreign = JSON.parse(fs.readFileSync(key, "utf8")) as object;
    const stranger = path.join(corridor.folder, "stranger.key");
    const text = JSON.stringify({ ...foreign, bank: "zz" });
    fs.writeFileSync(stranger, text, { mode: 0o600 });
    const link = path.join(corridor.folder, "link.key");
    fs.symlinkSync(key, link);
    const wrong = [
      [{ key: path.join(corridor.folder, "none.key") }, /^daliz: key_missing: .*none\.key: /],
      [{ key: link }, /^daliz: key_format: .*link\.key: not a regular file\n$/],
      [{ key: corridor.genesisFile }, /^daliz: key_(permissions|format): /],
      [{ key: stranger }, /^daliz: .*bank "zz" is not in /],
      [{ key: other.keyFile("kz") }, /^daliz: .*not the one that the genesis names for kz\n$/],
    ] as const;
    for (const [change, message] of wrong) {
      expectEnd(await corridor.end("kz", { flags: change }), 2, message);
    }
    const keys = readKeyFile(key);
    const sealed = path.join(corridor.folder, "sealed.key");
    if (keys.ok) writeKeyFile(sealed, keys.value, "corridor of six capitals");
    for (const [passphrase, message] of [
      ["", /^daliz: key_locked: .*sealed\.key is encrypted: give --passphrase-file or DALIZ_/],
      ["corridor of sixty", /^daliz: key_passphrase: .*sealed\.key: another passphrase, or /],
      ["short", /^daliz: DALIZ_PASSPHRASE: a passphrase of 5 characters, want 8 to 1024\n$/],
    ] as const) {
      const env = { DALIZ_PASSPHRASE: passphrase };
      expectEnd(await corridor.end("kz", { flags: { key: sealed }, env }), 2, message);
    }
    fs.chmodSync(key, 0o644);
    const open = /^daliz: key_permissions: .*kz\.key has mode 644, want 600: others can read it\n$/;
    expectEnd(await corridor.end("kz"), 2, open);
    expect(fs.existsSync(corridor.dataFolder("kz"))).toBe(false);
  });

  it("with any other flag ends it with one line, and it does end", async () => {
    const corridor = corridorOf(2);
    const { folder } = corridor;
    const file = path.join(folder, "file");
    fs.writeFileSync(file, "mine");
    const peer = (value: string): readonly string[] => ["--peer", value];
    const wrong = [
      [2, /none\.json/, { genesis: "none.json" }, []],
      [2, /file: : found text that is no JSON/, { genesis: file }, []],
      [2, /--listen nowhere: want an address/, { listen: "nowhere" }, []],
      [2, /--listen .*\/udp\/0: want an address/, { listen: "/ip4/127.0.0.1/udp/0" }, []],
      [2, /--peer zz=.*: want BANK=ADDRESS/, {}, peer("zz=/ip4/127.0.0.1/tcp/1")],
      [2, /--peer cn: want BANK=ADDRESS/, {}, peer("cn")],
      [2, /--peer cn=garbage: want an address/, {}, peer("cn=garbage")],
      [2, /none\.instructions/, {}, ["--instructions", "none.instructions"]],
      [2, /want a file of instructions/, {}, ["--instructions", folder]],
      [3, /ENOTDIR/, { data: path.join(file, "below") }, []],
    ] as const;
    for (const [status, message, change, flags] of wrong) {
      expectEnd(await corridor.end("kz", { flags: change }, flags), status, message);
    }
    for (const point of ["after-lunch", "after-sync:0", "after-sync:x"]) {
      expectEnd(await corridor.end("kz", { env: { FAIL_AT: point } }), 2, /^daliz: FAIL_AT=/);
    }
  });

  it("with a port that is in use ends it with 3 (port_in_use) (O5)", async () => {
    const corridor = corridorOf(2);
    const cn = await corridor.start("cn");
    const listen = (await cn.address()).replace(/\/p2p\/.*/, "");
    expectEnd(
      await corridor.end("kz", { flags: { listen } }),
      3,
      /^daliz: port_in_use: cannot listen on \/ip4/,
    );
  });
});
