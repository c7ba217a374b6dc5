import fs from "node:fs";
import path from "node:path";
import { Ajv2020 } from "ajv/dist/2020.js";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { parse } from "yaml";
import { decode } from "../../crypto/canonical-layout.ts";
import {
  checkSwapProof,
  encodeSwapProof,
  swapProofLayout,
  type SwapProof,
} from "../../corridor/proof.ts";
import { parseGenesis } from "../../node/genesis-json.ts";
import type { Manifest } from "../../scenarios/run-result.ts";
import { LIBRARY_FOLDER, libraryNames } from "../../scenarios/resolve.ts";
import { verifier } from "./members.ts";
import { daliz, tempFolder, type CommandOptions, type Ended } from "./daliz.ts";

/** Few swaps, soon, which wait long enough for the slowest machine. */
const SMALL = [
  "workload.swaps.count=4",
  "workload.durationMs=600",
  "workload.screeningMs=[1,5]",
  "corridor.ttlMs=60000",
];
const sets = (...all: readonly string[]): string[] => all.flatMap((set) => ["--set", set]);

/** A bad end: nothing on standard output, one line on standard error, no trace of a stack. */
function expectRefusal(ended: Ended, status: number, message: RegExp): void {
  expect({ status: ended.status, signal: ended.signal, out: ended.out }).toEqual({
    status,
    signal: null,
    out: "",
  });
  expect(ended.err).toMatch(message);
  expect(ended.err).toMatch(/^[^\n]+\n$/);
  expect(ended.err).not.toMatch(/\n\s+at |node:internal/);
}

/** One run that all tests of reading a run folder share; each works on its own copy. */
const outer = tempFolder(afterAll);
const shared = path.join(outer, "run");
let manifest: Manifest;
const outside: string[] = [];

beforeAll(async () => {
  const ended = await daliz(["run", "bilateral", ...sets(...SMALL), "--out", shared, "--json"]);
  expect(ended).toMatchObject({ status: 0, err: "" });
  manifest = JSON.parse(ended.out) as Manifest;
  outside.push(...fs.readdirSync(outer).filter((name) => name !== "run"));
});

/** A copy of the shared run folder in which a test may do as it likes. */
function copyOfRun(): string {
  const folder = path.join(tempFolder(onTestFinished), "run");
  fs.cpSync(shared, folder, { recursive: true });
  return folder;
}

const ledgerOf = (folder: string, bank: string): string =>
  path.join(folder, "ledgers", `${bank}.ledger`);

const settledSwaps = (folder: string): readonly string[] => columnOf(folder, "sid");

/** One column of `swaps.csv`, none of whose fields holds a comma before it. */
function columnOf(folder: string, name: string): readonly string[] {
  const [head = "", ...rows] = fs
    .readFileSync(path.join(folder, "swaps.csv"), "utf8")
    .trim()
    .split("\n");
  const column = head.trim().split(",").indexOf(name);
  return rows.map((row) => row.split(",")[column] ?? "");
}

describe("daliz run", () => {
  it("prints the manifest and nothing else with --json, and writes the whole run folder", () => {
    expect(outside).toEqual([]);
    expect(fs.readdirSync(shared).sort()).toEqual([
      "codebook.csv",
      "diagram.json",
      "events.ndjson",
      "genesis.json",
      "ledgers",
      "liquidity.csv",
      "manifest.json",
      "payments.csv",
      "report.html",
      "swaps.csv",
      "swaps.parquet",
    ]);
    expect(fs.readdirSync(path.join(shared, "ledgers")).sort()).toEqual(["cn.ledger", "kz.ledger"]);
    expect(JSON.parse(fs.readFileSync(path.join(shared, "manifest.json"), "utf8"))).toEqual(
      manifest,
    );
    expect(manifest).toMatchObject({ scenario: "bilateral", mode: "live", seed: 20240602 });
    expect(manifest.audit).toMatchObject({ passed: true, swaps: 4, findings: [] });
    expect(manifest.expectations.filter((expectation) => !expectation.holds)).toEqual([]);
    for (const { file, bytes, seq } of manifest.heads) {
      expect(fs.statSync(path.join(shared, file)).size).toBeGreaterThanOrEqual(bytes);
      expect(seq).toBeGreaterThan(0);
    }
    expect(settledSwaps(shared)).toHaveLength(4);
  });

  it("keeps every secret out of the run folder", () => {
    const secret = /seed"?:?\s*"[0-9a-f]{64}"|ledgerSeed|transportSeed|saltSecret/;
    for (const name of fs.readdirSync(shared, { recursive: true, encoding: "utf8" })) {
      const file = path.join(shared, name);
      if (fs.statSync(file).isFile()) expect(fs.readFileSync(file, "latin1")).not.toMatch(secret);
    }
  });

  it("never overwrites a run folder", async () => {
    const folder = copyOfRun();
    const before = fs.readFileSync(path.join(folder, "manifest.json"));
    const ended = await daliz(["run", "bilateral", "--out", folder]);
    expectRefusal(ended, 2, /^daliz: path_refused: .*nothing is ever overwritten\n$/);
    expect(fs.readFileSync(path.join(folder, "manifest.json"))).toEqual(before);
    expect(fs.readdirSync(folder).sort()).toEqual(fs.readdirSync(shared).sort());
  });

  it("ends with 1 when what the scenario expects is not found, and keeps the run folder", async () => {
    const cwd = tempFolder(onTestFinished);
    const broken = ["workload.swaps.count=1", "expect=[all-holds-voided]", ...SMALL.slice(1)];
    const ended = await daliz(["run", "bilateral", ...sets(...broken)], { cwd });
    expect(ended.status).toBe(1);
    expect(ended.err).toMatch(
      /\ndaliz: expected and not found: all-holds-voided \(swap-1 settled\)\n$/,
    );
    expect(ended.out).toMatch(/Run folder: .*runs\/bilateral\n/);
    expect(fs.existsSync(path.join(cwd, "runs", "bilateral", "manifest.json"))).toBe(true);
  });

  it("ends with 3 when the disk is full, with one line, and leaves nothing behind", async () => {
    const cwd = tempFolder(onTestFinished);
    const temporary = path.join(cwd, "tmp");
    fs.mkdirSync(temporary);
    const ended = await daliz(["run", "bilateral", ...sets(...SMALL), "--json"], {
      cwd,
      env: { TMPDIR: temporary, NODE_DISABLE_COMPILE_CACHE: "1" },
      // No file may grow beyond 4 KiB: genesis and keys fit, a ledger does not.
      under: ["sh", "-c", 'ulimit -f 8 && exec "$@"', "sh"],
    });
    // Whichever comes first: a ledger of a bank, or the events of the run itself.
    expectRefusal(ended, 3, /^daliz: (bank (kz|cn) ended: daliz: disk_full: )?EFBIG: /);
    expect(fs.readdirSync(temporary)).toEqual([]);
    expect(fs.readdirSync(path.join(cwd, "runs"))).toEqual([]);
  });
});

describe("a bank that is killed in a run", () => {
  it("right after it settled is followed up from its ledger", async () => {
    const out = path.join(tempFolder(onTestFinished), "run");
    const fault =
      "faults=[{ kind: kill, bank: cn, when: { step: settled, count: 2 }, restartAfterMs: 1 }]";
    const flags = [...sets(...SMALL, fault), "--out", out, "--json"];
    const ended = await daliz(["run", "bilateral", ...flags]);
    expect(ended).toMatchObject({ status: 0, err: "" });
    const { faults, expectations } = JSON.parse(ended.out) as Manifest;
    expect(faults.map(({ what }) => what)).toEqual([
      "killed itself at the failpoint (SIGKILL)",
      "restarted from its ledger",
    ]);
    expect(expectations.filter(({ holds }) => !holds)).toEqual([]);
    const times = ["finalSellUs", "finalBuyUs", "settleMs"].map((name) => columnOf(out, name));
    for (const time of times.flat()) expect(Number(time)).toBeGreaterThan(0);
  });
});

describe("what the user got wrong", () => {
  const scenario = "a name of the library";
  it.each([
    ["an unknown command", ["frob"], /unknown command 'frob'/],
    ["an unknown flag", ["run", "bilateral", "--bogus"], /unknown option '--bogus'/],
    ["a missing argument", ["run"], /missing required argument 'scenario'/],
    ["a second argument missing", ["prove", "x"], /missing required argument 'swapId'/],
    ["an argument too many", ["list", "x"], /too many arguments for 'list'/],
    ["a required flag missing", ["check-proof", "x"], /required option '--genesis <file>'/],
    ["a flag without its value", ["run", "bilateral", "--seed"], /argument missing/],
    [scenario, ["run", "bilaterall"], /found "bilaterall", allowed: .*bilateral/],
    ["a scenario file that is not there", ["run", "./none.yaml"], /none\.yaml/],
    ["a folder as a scenario file", ["run", "./"], /\.\//],
    ["a mode of nobody", ["run", "bilateral", "--mode", "dream"], /mode.*live, sim/],
    ["an arrangement of nobody", ["run", "bilateral", "--arrangement", "x"], /arrangement/],
    ["a seed that is no number", ["run", "bilateral", "--seed", "1.5"], /seed/],
    ["a path that leads nowhere", ["run", "bilateral", "--set", "corridor.x=1"], /corridor/],
    ["a set without a value", ["run", "bilateral", "--set", "seed"], /path=value/],
    ["a run folder that is not there", ["verify", "none"], /none/],
    ["a ledger file without a genesis", ["verify", import.meta.filename], /--genesis/],
    ["a report of nothing", ["report", "none"], /no such run folder/],
    ["a proof of nothing", ["prove", "none", "abcd"], /none/],
    ["a swap id in capitals", ["prove", "none", "ABCD"], /lower-case hex/],
    ["a bench of banks that are not defined", ["bench", "--banks", "9"], /--banks 9/],
    ["a soak of banks that are not defined", ["soak", "--banks", "9"], /--banks 9: want one of 2/],
    ["a soak of no time", ["soak", "--minutes", "0"], /--minutes 0: want 0.1 to 1440/],
    ["a soak beyond what banks can do", ["soak", "--load", "100"], /--load 100: want 1 to 90/],
  ])("%s ends with 2 and one line (O5)", async (_, args, message) => {
    const cwd = tempFolder(onTestFinished);
    const ended = await daliz(args, { cwd });
    expectRefusal(ended, 2, message);
    expect(fs.readdirSync(cwd)).toEqual([]);
  });

  it("shows where it was found out only with --debug", async () => {
    const { status, err } = await daliz(["--debug", "run", "none"]);
    expect(status).toBe(2);
    expect(err).toMatch(/^daliz: [^\n]+\nCommandError: [^]*\n {4}at /);
  });

  it("names the command list when no command is given", async () => {
    const { status, err } = await daliz([]);
    expect(status).toBe(2);
    expect(err).toMatch(/^Usage: daliz /);
  });

  it.each([
    ["con", /device/],
    ["x".repeat(300), /path_refused: .*ENAMETOOLONG/],
    ["file/below", /path_refused/],
    ["link", /path_refused: .*not a folder/],
  ])("--out %j is refused, and nothing is made (O3)", async (out, message) => {
    const cwd = tempFolder(onTestFinished);
    fs.writeFileSync(path.join(cwd, "file"), "mine");
    fs.symlinkSync(path.join(cwd, "elsewhere"), path.join(cwd, "link"));
    expectRefusal(await daliz(["run", "bilateral", "--out", out], { cwd }), 2, message);
    expect(fs.readdirSync(cwd).sort()).toEqual(["file", "link"]);
  });
});

describe("daliz verify", () => {
  const verify = (folder: string, options?: CommandOptions): Promise<Ended> =>
    daliz(["verify", folder], options);

  it("finds nothing wrong with an untouched run folder, or with its ledgers alone", async () => {
    const { status, out, err } = await verify(shared);
    expect({ status, err }).toEqual({ status: 0, err: "" });
    expect(out).toMatch(
      /^kz: \d+ blocks; KZT issued 8000000000\.00, redeemed 0\.00, .*pending 0\.00\n/,
    );
    expect(out).toMatch(/\n2 ledgers, .* 4 swaps checked\nverified: nothing is wrong\n$/);
    const files = ["kz", "cn"].map((bank) => ledgerOf(shared, bank));
    const alone = await daliz(["verify", ...files, "--genesis", path.join(shared, "genesis.json")]);
    expect(alone).toEqual({ status: 0, signal: null, out, err: "" });
  });

  it.each([
    ["the first byte", () => 0],
    ["the head of the first record", () => 16],
    ["an early block", (size: number) => Math.floor(size / 5)],
    ["a block in the middle", (size: number) => Math.floor(size / 2)],
    ["the last byte", (size: number) => size - 1],
  ])("a change of %s is found, with the name of the bank", async (_, at) => {
    const folder = copyOfRun();
    const file = ledgerOf(folder, "cn");
    const bytes = fs.readFileSync(file);
    const head = manifest.heads.find(({ bank }) => bank === "cn")?.bytes ?? 0;
    const offset = at(head);
    bytes[offset] = (bytes[offset] ?? 0) ^ 1;
    fs.writeFileSync(file, bytes);
    const { status, out, err } = await verify(folder);
    expect({ status, err }).toEqual({ status: 1, err: "" });
    expect(out).toMatch(/\nledger_corrupt: bank cn, byte \d+: /);
    expect(out).not.toMatch(/: bank kz, byte/);
    expect(out).toMatch(/\nNOT verified: \d+ findings\n$/);
  });

  it("a ledger cut below its head is found; bytes beyond the head are a torn tail", async () => {
    const folder = copyOfRun();
    const file = ledgerOf(folder, "kz");
    const head = manifest.heads.find(({ bank }) => bank === "kz")?.bytes ?? 0;
    const bytes = fs.readFileSync(file);

    fs.writeFileSync(file, Buffer.concat([bytes, Buffer.from("torn")]));
    expect(await verify(folder)).toMatchObject({ status: 0, err: "" });

    fs.writeFileSync(file, bytes.subarray(0, head - 1));
    const cut = await verify(folder);
    expect(cut.status).toBe(1);
    expect(cut.out).toMatch(/\n(ledger_corrupt|ledger_cut_short): bank kz, /);

    fs.rmSync(file);
    const gone = await verify(folder);
    expect({ status: gone.status, err: gone.err }).toEqual({ status: 1, err: "" });
    expect(gone.out).toMatch(/\nledger_cut_short: bank kz, .*: the ledger is not there\n/);
  });

  it("finds a ledger that another bank's replaced", async () => {
    const folder = copyOfRun();
    fs.copyFileSync(ledgerOf(folder, "kz"), ledgerOf(folder, "cn"));
    const { status, out } = await verify(folder);
    expect(status).toBe(1);
    expect(out).toMatch(/: bank cn, /);
  });

  it("does not read a broken manifest or genesis as a good one", async () => {
    const folder = copyOfRun();
    const file = path.join(folder, "manifest.json");
    fs.writeFileSync(file, fs.readFileSync(file, "utf8").slice(0, 500));
    expectRefusal(await verify(folder), 2, /^daliz: .*manifest\.json: /);

    const other = copyOfRun();
    const genesis = path.join(other, "genesis.json");
    const text = fs.readFileSync(genesis, "utf8");
    fs.writeFileSync(genesis, text.replace('"ttlMs": 60000', '"ttlMs": 60001'));
    expectRefusal(await verify(other), 2, /^daliz: .*genesis\.json: net: /);
  });
});

describe("daliz prove and check-proof", () => {
  it("prove a swap to a stranger who has the proof and the genesis alone", async () => {
    const folder = copyOfRun();
    const [sid = ""] = settledSwaps(folder);
    const proved = await daliz(["prove", folder, sid]);
    expect(proved).toMatchObject({ status: 0, err: "" });
    expect(proved.out).toMatch(
      /\.proof: \d+ bytes\nswap [0-9a-f]{64} between (kz and cn|cn and kz) was settled in view 0\n/,
    );

    const stranger = tempFolder(onTestFinished);
    const file = path.join(folder, `swap-${sid.slice(0, 16)}.proof`);
    fs.copyFileSync(file, path.join(stranger, "x.proof"));
    fs.copyFileSync(path.join(folder, "genesis.json"), path.join(stranger, "genesis.json"));
    const check = (name = "genesis.json"): Promise<Ended> =>
      daliz(["check-proof", "x.proof", "--genesis", name], { cwd: stranger });
    const checked = await check();
    expect(checked).toMatchObject({ status: 0, err: "" });
    expect(checked.out).toBe(`valid\n${proved.out.split("\n").slice(1).join("\n")}`);
    expect(checked.out).toContain(`swap ${sid} `);

    // A proof is never overwritten, and other keys do not accept it.
    expectRefusal(await daliz(["prove", folder, sid.slice(0, 12)]), 2, /EEXIST/);
    const keys = ["--bank", "kz:KZT", "--bank", "cn:CNY", "--name", "bilateral"];
    expect((await daliz(["keygen", "--out", path.join(stranger, "k"), ...keys])).status).toBe(0);
    expectRefusal(await check("k/genesis.json"), 1, /^daliz: proof_invalid: /);

    const bytes = fs.readFileSync(path.join(stranger, "x.proof"));
    for (const offset of [0, 40, Math.floor(bytes.length / 2), bytes.length - 1]) {
      const changed = Buffer.from(bytes);
      changed[offset] = (changed[offset] ?? 0) ^ 0x10;
      fs.writeFileSync(path.join(stranger, "x.proof"), changed);
      expectRefusal(await check(), 1, /^daliz: proof_invalid: /);
    }
  });

  it("accept no proof of which any field was changed, left out or repeated", async () => {
    const folder = copyOfRun();
    const file = path.join(folder, "x.proof");
    const [sid = ""] = settledSwaps(folder);
    expect(await daliz(["prove", folder, sid, "--out", file])).toMatchObject({ status: 0 });
    const text = fs.readFileSync(path.join(folder, "genesis.json"), "utf8");
    const genesis = parseGenesis(text, verifier);
    const proof = decode(swapProofLayout, Uint8Array.from(fs.readFileSync(file)));
    if (!genesis.ok || !proof.ok) throw new Error("what daliz wrote cannot be read");
    const check = (value: SwapProof) =>
      checkSwapProof(encodeSwapProof(value), genesis.value, verifier);
    expect(check(proof.value)).toMatchObject({ ok: true, value: { closedLegs: [0, 1] } });
    const mutants = [...mutantsOf(proof.value, "proof")];
    expect(mutants.length).toBeGreaterThan(60);
    for (const [what, mutant] of mutants) {
      let verdict: ReturnType<typeof check> | undefined;
      try {
        verdict = check(mutant as SwapProof);
      } catch {
        continue; // It cannot even be encoded.
      }
      // A closing entry more or less decides nothing: the certificate does.
      const closedLegs = verdict.ok ? verdict.value.closedLegs.length : 0;
      expect(closedLegs, what).toBe(/^proof\.closings without \d$/.test(what) ? 1 : 0);
    }
  });

  it("refuse a swap that is not there, and an id that names several", async () => {
    expectRefusal(await daliz(["prove", shared, "0".repeat(64)]), 2, /swap_unknown/);
  });
});

/** The same value with one leaf of it changed, one item left out or one repeated; each with its name. */
function* mutantsOf(value: unknown, path: string): Generator<readonly [string, unknown]> {
  if (value instanceof Uint8Array) {
    for (const at of new Set([0, value.length >> 1, value.length - 1])) {
      const copy = Uint8Array.from(value);
      copy[at] = (copy[at] ?? 0) ^ 1;
      yield [`${path} changed at ${at}`, copy];
    }
    yield [`${path} shorter`, value.subarray(0, -1)];
  } else if (typeof value === "number") {
    yield [`${path} + 1`, value + 1];
  } else if (Array.isArray(value)) {
    for (const i of value.keys()) {
      yield [`${path} without ${i}`, value.toSpliced(i, 1)];
      yield [`${path} with ${i} twice`, value.toSpliced(i, 0, value[i])];
      for (const [what, item] of mutantsOf(value[i], `${path}[${i}]`)) {
        yield [what, value.with(i, item)];
      }
    }
  } else if (typeof value === "object" && value !== null) {
    for (const [key, item] of Object.entries(value)) {
      for (const [what, mutant] of mutantsOf(item, `${path}.${key}`)) {
        yield [what, { ...value, [key]: mutant }];
      }
    }
  }
}

describe("daliz report", () => {
  it("builds the page of a run folder again, the same as it was", async () => {
    const folder = copyOfRun();
    const file = path.join(folder, "report.html");
    const before = fs.readFileSync(file, "utf8");
    fs.rmSync(file);
    const ended = await daliz(["report", folder]);
    expect(ended).toEqual({ status: 0, signal: null, out: `${file}\n`, err: "" });
    expect(fs.readFileSync(file, "utf8")).toBe(before);
  });

  it("says what is wrong with a folder that is none", async () => {
    expectRefusal(await daliz(["report", tempFolder(onTestFinished)]), 2, /run_folder_invalid/);
  });
});

describe("daliz list and schema", () => {
  it("list every scenario of the library, and the game", async () => {
    const { status, out, err } = await daliz(["list"]);
    expect({ status, err }).toEqual({ status: 0, err: "" });
    const names = out.split("\n").filter((line) => /^\S/.test(line));
    expect(names).toEqual([...libraryNames(), "htlc-game"]);
  });

  it("print a JSON Schema that accepts the library and nothing misspelt", async () => {
    const { status, out, err } = await daliz(["schema"]);
    expect({ status, err }).toEqual({ status: 0, err: "" });
    const accepts = new Ajv2020({ strict: false }).compile(JSON.parse(out) as object);
    for (const name of libraryNames()) {
      const file = path.join(LIBRARY_FOLDER, `${name}.yaml`);
      const scenario = parse(fs.readFileSync(file, "utf8")) as object;
      expect(accepts(scenario), `${name}: ${JSON.stringify(accepts.errors)}`).toBe(true);
      expect(accepts({ ...scenario, sed: 1 })).toBe(false);
    }
  });
});

describe("daliz keygen", () => {
  const TWO = ["--bank", "kz:KZT", "--bank", "cn:CNY:2:Bank of the Yuan"];

  it("makes keys that their owner alone can read, and overwrites nothing", async () => {
    const out = path.join(tempFolder(onTestFinished), "keys");
    const made = await daliz(["keygen", "--out", out, ...TWO]);
    expect(made).toMatchObject({ status: 0, err: "" });
    expect(made.out).toMatch(/genesis\.json: 2 banks, quorum 2\n/);
    expect(fs.readdirSync(out).sort()).toEqual(["cn.key", "genesis.json", "kz.key"]);
    for (const bank of ["kz", "cn"]) {
      const file = path.join(out, `${bank}.key`);
      expect((fs.statSync(file).mode & 0o777).toString(8)).toBe("600");
      const secrets = fs.readFileSync(file, "utf8").match(/[0-9a-f]{64}/g) ?? [];
      expect(secrets).toHaveLength(3);
      for (const secret of secrets) expect(made.out).not.toContain(secret);
    }
    const before = fs.readFileSync(path.join(out, "kz.key"));
    expectRefusal(await daliz(["keygen", "--out", out, ...TWO]), 2, /EEXIST/);
    fs.rmSync(path.join(out, "genesis.json"));
    expectRefusal(await daliz(["keygen", "--out", out, ...TWO]), 2, /EEXIST/);
    expect(fs.readFileSync(path.join(out, "kz.key"))).toEqual(before);
    // What a refused call leaves behind would be a genesis that no key belongs to.
    expect(fs.existsSync(path.join(out, "genesis.json"))).toBe(false);
  });

  it.each([
    ["no bank", [], /at least one/],
    ["an impossible quorum", [...TWO, "--byzantine", "1"], /n >= 3b \+ 2c \+ 1 = 4/],
    ["a bank twice", ["--bank", "kz:KZT", "--bank", "kz:CNY"], /id kz twice/],
    ["a currency twice", ["--bank", "kz:KZT", "--bank", "cn:KZT"], /currency KZT twice/],
    ["a bank without a currency", ["--bank", "kz"], /want ID:CURRENCY/],
    ["a name in capitals", ["--bank", "KZ:KZT"], /want ID:CURRENCY/],
    ["a corridor's name that is a path", [...TWO, "--name", "../x"], /--name/],
    ["a corridor's name that is too long", [...TWO, "--name", "x".repeat(33)], /--name/],
    ["a display name that is too long", ["--bank", `kz:KZT:2:${"x".repeat(65)}`], /--bank kz/],
    ["a display name in other letters", ["--bank", "kz:KZT:2:Қазақстан"], /--bank kz/],
    ["no message delay", [...TWO, "--delta-ms", "0"], /--delta-ms 0/],
    ["a message delay of days", [...TWO, "--delta-ms", "99999999"], /--delta-ms 99999999/],
    ["no time to live", [...TWO, "--ttl-ms", "0"], /--ttl-ms 0/],
    ["a number that is none", [...TWO, "--crashed", "-1"], /--crashed/],
    [
      "a passphrase that others can read",
      [...TWO, "--passphrase-file", "package.json"],
      /--passphrase-file package\.json: mode 644, want 600/,
    ],
    ["a passphrase file that is not there", [...TWO, "--passphrase-file", "none"], /ENOENT.*none/],
    [
      "more banks than a certificate has room for",
      Array.from({ length: 65 }, (_, i) => ["--bank", bankNumbered(i)]).flat(),
      /65 banks/,
    ],
  ])("%s is refused, and nothing is made", async (_, args, message) => {
    const out = path.join(tempFolder(onTestFinished), "keys");
    expectRefusal(await daliz(["keygen", "--out", out, ...args]), 2, message);
    expect(fs.existsSync(out)).toBe(false);
  });
});

const bankNumbered = (i: number): string =>
  `bank-${i}:X${String.fromCharCode(65 + Math.floor(i / 26), 65 + (i % 26))}`;
