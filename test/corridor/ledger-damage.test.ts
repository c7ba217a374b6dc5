import { describe, expect, it } from "vitest";
import { concatBytes, writeU32, type Bytes } from "../../crypto/bytes.ts";
import { openBank } from "../../corridor/replay.ts";
import { parseFullBlock } from "../../node/ledger/block.ts";
import { crc32c } from "../../node/ledger/crc32c.ts";
import { recoverLedger } from "../../node/ledger/recover.ts";
import {
  LEDGER_MAGIC,
  OWN_BLOCK,
  parseLedgerFile,
  RECORD_HEAD_BYTES,
} from "../../node/ledger/record.ts";
import { Prng } from "../../scenarios/sim/prng.ts";
import { play } from "../scenarios/checkers/played.ts";

/** Two banks whose blocks are signed for real; nothing of their history is lost or late. */
const { run } = play("bilateral", { sets: ["signatures=real", "workload.swaps.count=36"] });
const kz = run.world.seat("kz");
const whole: Bytes = kz.disk.content();
const { records } = parseLedgerFile(whole);
const start = LEDGER_MAGIC.length;
const framed = records.map(({ offset, payload }) =>
  whole.subarray(offset, offset + RECORD_HEAD_BYTES + payload.length),
);

/**
 * A ledger is read record by record, so that damage is looked for in files of two records: the one that
 * is damaged, and the one behind it.
 */
const windows = framed.map((record, i) => {
  const next = framed[i + 1] ?? new Uint8Array();
  return { record, file: concatBytes(LEDGER_MAGIC, record, next) };
});

function entriesOf(): number {
  const own = records.filter(({ kind }) => kind === OWN_BLOCK);
  return own.reduce((count, { payload }) => {
    const block = parseFullBlock(payload);
    if (!block.ok) throw new Error(block.error.code);
    return count + block.value.corridor.length + block.value.domestic.length;
  }, 0);
}

describe("a ledger of 200 entries", () => {
  it("opens as it is", () => {
    expect(entriesOf()).toBeGreaterThanOrEqual(200);
    const recovered = recoverLedger(whole, whole.length);
    expect(recovered).toMatchObject({ ok: true, value: { end: whole.length, tornBytes: 0 } });
    expect(openBank(kz.config, records)).toMatchObject({ ok: true });
  });

  it("cut at any byte is whole records and a tail that was never sent, or stops the bank (D3, D4)", () => {
    for (const { record, file } of windows) {
      for (let cut = start; cut < start + record.length; cut++) {
        const found = recoverLedger(file.subarray(0, cut), start);
        const lost = recoverLedger(file.subarray(0, cut), cut + 1);
        const isCut = found.ok && found.value.end === start && found.value.records.length === 0;
        if (!isCut || lost.ok || lost.error.offset !== start) {
          expect.unreachable(`cut at ${cut}: ${JSON.stringify([found, lost])}`);
        }
      }
    }
  });

  it("with any single bit turned below the mark stops the bank and names the record (D4)", () => {
    for (const { record, file } of windows) {
      const damaged = Uint8Array.from(file);
      for (let at = 0; at < start + record.length; at++) {
        for (let bit = 0; bit < 8; bit++) {
          damaged[at] = (file[at] ?? 0) ^ (1 << bit);
          const found = recoverLedger(damaged, file.length);
          if (found.ok || found.error.offset !== (at < start ? 0 : start)) {
            expect.unreachable(`bit ${bit} of byte ${at}: ${JSON.stringify(found)}`);
          }
        }
        damaged[at] = file[at] ?? 0;
      }
    }
  });

  it("changed and given right checksums is refused by its signatures and roots (D4)", () => {
    const prng = Prng.fromSeed(200);
    for (const [i, { offset, payload }] of records.entries()) {
      const forged = Uint8Array.from(whole);
      const at = offset + RECORD_HEAD_BYTES + prng.int(0, payload.length - 1);
      forged[at] = (forged[at] ?? 0) ^ (1 << prng.int(0, 7));
      const end = offset + RECORD_HEAD_BYTES + payload.length;
      writeU32(forged, offset + 4, crc32c(forged, offset + 8, end));
      const read = parseLedgerFile(forged);
      expect(read.damage).toBeUndefined();
      const opened = openBank(kz.config, read.records);
      expect(opened, `record ${i}`).toMatchObject({ ok: false, error: { offset } });
    }
  });

  it("with two records exchanged, one left out or one doubled is refused (D4, D8)", () => {
    const own = records.flatMap(({ kind }, i) => (kind === OWN_BLOCK ? [i] : []));
    const order = records.map((_, i) => i);
    for (const [n, i] of own.entries()) {
      const next = own[n + 1];
      if (next === undefined) break;
      const exchanged = order.with(i, next).with(next, i);
      const gap = order.toSpliced(i, 1);
      const doubled = order.toSpliced(i, 0, i);
      for (const changed of [exchanged, gap, doubled]) {
        const file = concatBytes(LEDGER_MAGIC, ...changed.map((k) => framed[k] as Bytes));
        const opened = openBank(kz.config, parseLedgerFile(file).records);
        expect(opened, `record ${i}`).toMatchObject({ error: { code: "ledger_corrupt" } });
      }
    }
  });
});
