import { concatBytes, equalBytes, type Bytes } from "../../crypto/bytes.ts";
import type { Verifier } from "../../crypto/ed25519.ts";
import { ok, reject, type Outcome } from "../../crypto/outcome.ts";
import type { ArrangementChoice } from "../../corridor/choice.ts";
import { stepBank } from "../../corridor/participant.ts";
import { openBank } from "../../corridor/replay.ts";
import type { Genesis } from "../../node/genesis.ts";
import type { RecordedProcess } from "../../node/io/input-record.ts";
import type { BankKeys } from "../../node/io/key-file.ts";
import { opensslSigner } from "../../node/io/openssl.ts";
import { parseLedgerFile } from "../../node/ledger/record.ts";

export interface RecordedBank {
  readonly genesis: Genesis;
  readonly keys: BankKeys;
  readonly arrangement: ArrangementChoice;
  /** Its processes, at least one, in the order in which they were started. */
  readonly processes: readonly RecordedProcess[];
  /** The ledger file that the last of them left. */
  readonly ledger: Bytes;
}

export interface ReplayedBank {
  readonly inputs: number;
  readonly bytes: number;
}

export interface ReplayDifference {
  readonly code: "replay_differs" | "ledger_corrupt";
  /** Of the process, from 1. */
  readonly process: number;
  /** Of the first byte of the ledger that differs. */
  readonly offset: number;
  readonly why: string;
}

/**
 * Feeds every input of a bank to its machine again and compares what the machine writes with what the
 * bank wrote, byte by byte: at each start with the journal as it was read, at the end with the ledger
 * file. A process that was killed may have computed one last append that never reached its disk.
 */
export function replayInputs(
  { genesis, keys, arrangement, processes, ledger }: RecordedBank,
  verifier: Verifier,
): Outcome<ReplayedBank, ReplayDifference> {
  const self = genesis.banks.find(({ id }) => id === keys.bank);
  if (self === undefined) throw new TypeError(`no bank ${keys.bank}`);
  const signer = opensslSigner(keys.ledgerSeed);
  let inputs = 0;
  for (const [i, { alone, journal, inputs: fed, ended }] of processes.entries()) {
    const read = parseLedgerFile(journal);
    if (read.damage !== undefined) {
      const { code, offset, why } = read.damage;
      return reject({ code, process: i + 1, offset, why });
    }
    const machine = openBank(
      {
        genesis,
        self: self.number,
        signer,
        verifier,
        saltSecret: keys.saltSecret,
        arrangement,
        trace: false,
        alone,
      },
      read.records,
    );
    if (!machine.ok) {
      const { code, offset, block, why } = machine.error;
      return reject({ code, process: i + 1, offset, why: `${block}: ${why}` });
    }
    const appended: Bytes[] = [];
    for (const { input, now } of fed) {
      for (const effect of stepBank(machine.value, input, now)) {
        if (effect.kind === "append") appended.push(effect.bytes);
      }
    }
    inputs += fed.length;
    const written = concatBytes(journal, ...appended);
    const kept = processes[i + 1]?.journal ?? ledger;
    const unsure = ended ? 0 : (appended.at(-1)?.length ?? 0);
    const why = difference(written, kept, unsure);
    if (why !== undefined) {
      const offset = firstDifference(written, kept);
      return reject({ code: "replay_differs", process: i + 1, offset, why });
    }
  }
  return ok({ inputs, bytes: ledger.length });
}

/** Why what a bank kept is not what its machine wrote; of the last bytes a crash may have lost some. */
function difference(written: Bytes, kept: Bytes, unsure: number): string | undefined {
  if (kept.length > written.length) return `the bank wrote ${kept.length} bytes, its machine less`;
  if (kept.length < written.length - unsure)
    return `the bank wrote ${kept.length} bytes, its machine more`;
  return equalBytes(kept, written.subarray(0, kept.length)) ? undefined : "other bytes";
}

function firstDifference(a: Bytes, b: Bytes): number {
  let at = 0;
  while (at < a.length && at < b.length && a[at] === b[at]) at += 1;
  return at;
}
