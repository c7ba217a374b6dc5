import { spawnSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import {
  afterAll,
  beforeAll,
  describe,
  expect,
  it,
  onTestFinished,
  type TestContext,
} from "vitest";
import { bytesToHex, writeU32, type Bytes } from "../../crypto/bytes.ts";
import { decode } from "../../crypto/canonical-layout.ts";
import { auditRun } from "../../corridor/audit/audit.ts";
import { checkSwapProof } from "../../corridor/proof.ts";
import type { Genesis } from "../../node/genesis.ts";
import { parseGenesis, renderGenesis } from "../../node/genesis-json.ts";
import { parseFullBlock } from "../../node/ledger/block.ts";
import { DOMESTIC, domesticEntryLayout } from "../../node/ledger/domestic-entries.ts";
import { crc32c } from "../../node/ledger/crc32c.ts";
import { parseLedgerFile, RECORD_HEAD_BYTES } from "../../node/ledger/record.ts";
import { RULES } from "../../node/rules/order.ts";
import { ledgerHead } from "../../scenarios/play/judged-ledgers.ts";
import type { LedgerHead, Manifest } from "../../scenarios/run-result.ts";
import { Prng } from "../../scenarios/sim/prng.ts";
import { BusyBank } from "../auditor/busy-bank.ts";
import { verifier } from "../auditor/machines.ts";
import { PLANTED, plantedIn } from "../corridor/planted-cases.ts";
import { keyCases, signatureCases } from "../crypto/ed25519-cases.ts";
import { daliz, ROOT, tempFolder } from "./daliz.ts";
import { SHAPES } from "../../scenarios/explore/corridor.ts";
import { testCorridor } from "../corridor/kit.ts";

const FOLDER = path.join(ROOT, "test", "auditor");
const TINY = path.join(ROOT, "test", "staged", "tiny-run");
const PATIENCE_MS = 150_000;

const python = (script: string, args: readonly string[], input = "") =>
  spawnSync("python3", [path.join(FOLDER, script), ...args], {
    encoding: "utf8",
    input,
    timeout: PATIENCE_MS,
    maxBuffer: 2 ** 26,
  });

const [major = 0, minor = 0] = (
  spawnSync("python3", ["--version"], { encoding: "utf8" }).stdout ?? ""
)
  .replace("Python ", "")
  .split(".")
  .map(Number);
const hasPython = major > 3 || (major === 3 && minor >= 9);

function needPython(context: TestContext): void {
  if (!hasPython) context.skip("python3 is not installed");
}

/** What the auditor in Python answers to questions, one after the other. */
function ask(questions: readonly object[]): readonly unknown[] {
  const lines = questions.map((question) => `${JSON.stringify(question)}\n`).join("");
  const { status, stdout, stderr } = python("ask.py", [], lines);
  expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
  return stdout
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as unknown);
}

function audit(folder: string, ...args: readonly string[]): { status: number | null; out: string } {
  const { status, stdout, stderr } = python("auditor.py", [folder, ...args]);
  expect(stderr).toBe("");
  return { status, out: stdout };
}

interface Run {
  readonly folder: string;
  readonly genesis: Genesis;
  readonly heads: readonly LedgerHead[];
}

function readRun(folder: string): Run {
  const genesis = parseGenesis(
    fs.readFileSync(path.join(folder, "genesis.json"), "utf8"),
    verifier,
  );
  if (!genesis.ok) throw new Error(JSON.stringify(genesis.error));
  const manifest = fs.readFileSync(path.join(folder, "manifest.json"), "utf8");
  return { folder, genesis: genesis.value, heads: (JSON.parse(manifest) as Manifest).heads };
}

const ledgerOf = ({ folder }: Run, bank: string): Bytes =>
  Uint8Array.from(fs.readFileSync(path.join(folder, "ledgers", `${bank}.ledger`)));

interface Mutant {
  readonly what: string;
  readonly bank: string;
  readonly bytes: Bytes;
}

/** One byte of a record changed, up to the head: as it is, or with the checksum made right again. */
function changeByte(run: Run, prng: Prng): Mutant {
  const { bank, bytes: vouched } = prng.pick(run.heads.filter(({ seq }) => seq > 0));
  const bytes = ledgerOf(run, bank);
  const { offset, payload } = prng.pick(
    parseLedgerFile(bytes).records.filter((record) => record.offset < vouched),
  );
  const end = offset + RECORD_HEAD_BYTES + payload.length;
  const mended = prng.int(0, 3) > 0;
  const at = mended ? prng.int(offset + 8, end - 1) : prng.int(0, vouched - 1);
  bytes[at] = ((bytes[at] ?? 0) + prng.int(1, 255)) & 0xff;
  if (mended) writeU32(bytes, offset + 4, crc32c(bytes, offset + 8, end));
  return { what: `${bank}, byte ${at}${mended ? ", checksum mended" : ""}`, bank, bytes };
}

/** The ledger cut at the end of a record before its head. */
function cut(run: Run, prng: Prng): Mutant {
  const { bank, bytes: vouched } = prng.pick(run.heads.filter(({ seq }) => seq > 0));
  const bytes = ledgerOf(run, bank);
  const { offset } = prng.pick(
    parseLedgerFile(bytes).records.filter((record) => record.offset < vouched),
  );
  return { what: `${bank}, cut at ${offset}`, bank, bytes: bytes.subarray(0, offset) };
}

/** Those that the auditor of this project, or the one in Python, does not reject. */
function survivors(run: Run, mutants: readonly Mutant[]): readonly string[] {
  const folder = tempFolder(onTestFinished);
  const questions = mutants.map(({ bank, bytes }, i) => {
    const ledger = path.join(folder, `${i}.ledger`);
    fs.writeFileSync(ledger, bytes);
    return { folder: run.folder, bank, ledger };
  });
  const answers = ask(questions);
  return mutants.flatMap(({ what, bank, bytes }, i) => {
    const number = run.genesis.banks.find(({ id }) => id === bank)?.number ?? 0;
    const head = run.heads.find((of) => of.bank === bank);
    const { findings } = auditRun([{ bank: number, bytes, head }], run.genesis, verifier);
    const ours = findings.length === 0 ? [`${what}: accepted here`] : [];
    return answers[i] === null ? [...ours, `${what}: accepted in Python`] : ours;
  });
}

/** 65,536 open holds and a million attestations are too many for a test. */
const OUT_OF_REACH = ["LIMIT-1", "LIMIT-3"];
const ALL_RULES = RULES.map(({ id }) => id).filter((id) => !OUT_OF_REACH.includes(id));

/** The kinds of a ledger's domestic entries, and the rules that turned something down. */
function seenIn(ledger: Bytes): { readonly kinds: Set<number>; readonly rules: Set<string> } {
  const kinds = new Set<number>();
  const rules = new Set<string>();
  for (const { payload } of parseLedgerFile(ledger).records) {
    const block = parseFullBlock(payload);
    for (const bytes of block.ok ? block.value.domestic : []) {
      const entry = decode(domesticEntryLayout, bytes);
      if (!entry.ok) throw new Error(entry.error.code);
      kinds.add(entry.value.kind);
      if (entry.value.kind === DOMESTIC.REJECTED) rules.add(entry.value.rule);
    }
  }
  return { kinds, rules };
}

describe("the auditor that was written from FORMAT.md alone", () => {
  let folder = "";
  beforeAll(async () => {
    if (!hasPython) return;
    folder = path.join(tempFolder(afterAll), "run");
    const sets = [
      "workload.swaps.count=8",
      "workload.durationMs=1000",
      "workload.screeningMs=[1,5]",
    ];
    const args = sets.flatMap((set) => ["--set", set]);
    const ended = await daliz(["run", "bilateral", ...args, "--out", folder, "--json"]);
    expect(ended).toMatchObject({ status: 0, err: "" });
  });

  it("accepts a live run and the proof of its swaps", async (context) => {
    needPython(context);
    const all = audit(folder);
    expect(all.out).toMatch(/ 8 swaps: 0 findings\n$/);
    expect(all.status).toBe(0);

    const sid = /,([0-9a-f]{64}),/.exec(
      fs.readFileSync(path.join(folder, "swaps.csv"), "utf8"),
    )?.[1];
    const proof = path.join(tempFolder(onTestFinished), "x.proof");
    expect((await daliz(["prove", folder, sid ?? "", "--out", proof])).status).toBe(0);
    const genesis = path.join(folder, "genesis.json");
    const { status, stdout } = python("auditor.py", ["--proof", proof, "--genesis", genesis]);
    expect(stdout).toContain(`swap ${sid}: COMMIT in view 0`);
    expect(status).toBe(0);
  });

  it("rejects a changed byte and a cut ledger, as the auditor of this project does", (context) => {
    needPython(context);
    for (const run of [readRun(folder), readRun(TINY)]) {
      const prng = Prng.fromSeed(20_260_131);
      const changed = Array.from({ length: 60 }, () => changeByte(run, prng));
      const shorter = Array.from({ length: 12 }, () => cut(run, prng));
      expect(survivors(run, [...changed, ...shorter])).toEqual([]);
    }
  });

  it("forgives what stands beyond the head, and nothing before it", (context) => {
    needPython(context);
    const copy = path.join(tempFolder(onTestFinished), "run");
    fs.cpSync(TINY, copy, { recursive: true });
    const ledger = path.join(copy, "ledgers", "aa.ledger");
    fs.appendFileSync(ledger, "torn");
    expect(audit(copy).status).toBe(0);
    fs.truncateSync(ledger, (readRun(TINY).heads[0]?.bytes ?? 0) - 1);
    const shorter = audit(copy);
    expect(shorter.out).toMatch(/^ledger_corrupt: bank aa/);
    expect(shorter.status).toBe(1);
    fs.rmSync(ledger);
    const gone = audit(copy, "--first");
    expect(gone.out).toMatch(/^ledger_cut_short: bank aa/);
    expect(gone.status).toBe(1);
  });

  it("names the same banks as the auditor of this project when a rule is broken", (context) => {
    needPython(context);
    const root = tempFolder(onTestFinished);
    const genesisJson = renderGenesis(testCorridor(SHAPES[4]).genesis);
    const questions = PLANTED.map((planted, i) => {
      const { files, heads } = plantedIn(planted);
      const run = path.join(root, String(i));
      fs.mkdirSync(path.join(run, "ledgers"), { recursive: true });
      fs.writeFileSync(path.join(run, "genesis.json"), genesisJson);
      const listed = [...heads].map(([bank, head]) => {
        return { bank: `bank-${bank}`, file: `ledgers/bank-${bank}.ledger`, ...head };
      });
      const manifest = JSON.stringify({ format: "daliz-run/1", heads: listed });
      fs.writeFileSync(path.join(run, "manifest.json"), manifest);
      for (const [bank, file] of files) {
        fs.writeFileSync(path.join(run, "ledgers", `bank-${bank}.ledger`), file);
      }
      return { folder: run };
    });
    const answers = ask(questions) as readonly (readonly [string, string, string, string])[][];
    for (const [i, { rule, what, code, guilty }] of PLANTED.entries()) {
      const found = answers[i] ?? [];
      const named = found.map(([of, bank]) => `${of}: ${bank}`);
      expect(named, `${rule}: ${what}`).toContain(`${code}: ${guilty[0]}`);
      const framed = found.filter(([, bank]) => !guilty.includes(bank));
      expect(framed, `${rule}: ${what}`).toEqual([]);
    }
  });

  it("comes to the same decisions for a bank whose members order what they may not", (context) => {
    needPython(context);
    const { machines } = new BusyBank(7, 1_800);
    const run = path.join(tempFolder(onTestFinished), "run");
    fs.mkdirSync(path.join(run, "ledgers"), { recursive: true });
    fs.writeFileSync(path.join(run, "genesis.json"), renderGenesis(machines.genesis));
    const heads = [ledgerHead("aa", machines.ledger(1))];
    fs.writeFileSync(
      path.join(run, "manifest.json"),
      JSON.stringify({ format: "daliz-run/1", heads }),
    );
    fs.writeFileSync(path.join(run, "ledgers", "aa.ledger"), machines.ledger(1));
    const { kinds, rules } = seenIn(machines.ledger(1));
    // A bank that is the whole corridor never voids what it has locked.
    expect(kinds).toEqual(new Set(Object.values(DOMESTIC).filter((k) => k !== DOMESTIC.UNHOLD)));
    expect([...ALL_RULES].filter((rule) => !rules.has(rule))).toEqual([]);
    const { status, out } = audit(run);
    expect(out).toContain(": 0 findings");
    expect(status).toBe(0);
  });

  it("rejects every changed byte of a proof", (context) => {
    needPython(context);
    const { genesis } = readRun(TINY);
    const proof = fs.readFileSync(path.join(TINY, "swap.proof"));
    const folderOfProofs = tempFolder(onTestFinished);
    const questions = Array.from(proof, (byte, at) => {
      const changed = Uint8Array.from(proof);
      changed[at] = byte ^ (1 << (at % 8));
      expect(checkSwapProof(changed, genesis, verifier).ok, `byte ${at}`).toBe(false);
      const file = path.join(folderOfProofs, `${at}.proof`);
      fs.writeFileSync(file, changed);
      return { genesis: path.join(TINY, "genesis.json"), proof: file };
    });
    expect(new Set(ask(questions))).toEqual(new Set([false]));
  });

  it("judges signatures and keys by the definition", (context) => {
    needPython(context);
    const cases = ["one", "two", "three"].flatMap(signatureCases);
    const asked = cases.map(({ key, message, signature }) => ({
      key: bytesToHex(key),
      message: bytesToHex(message),
      signature: bytesToHex(signature),
    }));
    expect(ask(asked)).toEqual(cases.map(({ valid }) => valid));
    const keys = keyCases();
    expect(ask(keys.map(({ bytes }) => ({ key: bytesToHex(bytes) })))).toEqual(
      keys.map(({ verdict }) => verdict === "enrolled"),
    );
  });
});
