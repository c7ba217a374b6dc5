import fs from "node:fs";
import path from "node:path";
import process from "node:process";
import type { ArrangementChoice } from "../../corridor/choice.ts";
import { acceleratedVerifier } from "../../crypto/ed25519.ts";
import { useFastSha256 } from "../../node/io/fast-sha256.ts";
import { parseRecord, type RecordedProcess } from "../../node/io/input-record.ts";
import { readKeyFile } from "../../node/io/key-file.ts";
import { opensslVerifier } from "../../node/io/openssl.ts";
import { parseChoice, WANT_CHOICE } from "../arrangement-choice.ts";
import { badInput, EXIT } from "../exit.ts";
import { readBytes, readGenesis } from "../ledger-files.ts";
import { choiceFile, RECORD_FOLDER, recordFile, recordedKeyFile } from "../live/record-folder.ts";
import { replayInputs } from "../live/replay-inputs.ts";

/**
 * `daliz replay-inputs`: feeds the recorded inputs of a live run to the banks' machines again; exit 1
 * when one of them writes another ledger than its bank wrote.
 */
export async function runReplayInputs(folder: string): Promise<void> {
  await useFastSha256();
  const recordFolder = path.join(folder, RECORD_FOLDER);
  if (!fs.existsSync(recordFolder)) {
    throw badInput(`${folder}: no run folder with recorded inputs (run a scenario with --record)`);
  }
  const verifier = acceleratedVerifier(opensslVerifier());
  const genesis = readGenesis(path.join(folder, "genesis.json"), verifier);
  const arrangement = readChoice(choiceFile(recordFolder));
  const print = (line: string): void => void process.stdout.write(`${line}\n`);
  let different = 0;
  for (const { id } of genesis.banks) {
    const processes = readProcesses(recordFolder, id);
    if (processes.length === 0) {
      print(`${id}: never started`);
      continue;
    }
    const keys = readKeyFile(recordedKeyFile(recordFolder, id));
    if (!keys.ok) throw badInput(`${keys.error.code}: ${keys.error.file}`);
    const ledger = readBytes(path.join(folder, "ledgers", `${id}.ledger`));
    const recorded = { genesis, keys: keys.value, arrangement, processes, ledger };
    const replayed = replayInputs(recorded, verifier);
    if (replayed.ok) {
      const { inputs, bytes } = replayed.value;
      const starts = processes.length === 1 ? "1 start" : `${processes.length} starts`;
      print(`${id}: ${starts}, ${inputs} inputs, ${bytes} bytes of ledger: identical`);
      continue;
    }
    different += 1;
    const { code, process: number, offset, why } = replayed.error;
    print(`${id}: ${code}: start ${number}, byte ${offset} of the ledger: ${why}`);
  }
  if (different === 0) return print("live equals replay: every ledger is identical");
  print(`NOT identical: ${different} of ${genesis.banks.length} ledgers`);
  process.exitCode = EXIT.violated;
}

/** A folder that says nothing is of certified banks. */
function readChoice(file: string): ArrangementChoice {
  if (!fs.existsSync(file)) return { arrangement: "certified" };
  const choice = parseChoice(fs.readFileSync(file, "utf8").trim());
  if (choice === undefined) throw badInput(`${file}: want ${WANT_CHOICE}`);
  return choice;
}

function readProcesses(recordFolder: string, bank: string): readonly RecordedProcess[] {
  const processes: RecordedProcess[] = [];
  for (;;) {
    const file = recordFile(recordFolder, bank, processes.length + 1);
    if (!fs.existsSync(file)) return processes;
    const record = parseRecord(readBytes(file));
    if (!record.ok) {
      const { code, offset, why } = record.error;
      throw badInput(`${code}: ${file}, byte ${offset}: ${why}`);
    }
    processes.push(record.value);
  }
}
