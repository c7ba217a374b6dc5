import fs from "node:fs";
import path from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { InputRecorder, parseRecord, RECORD_MAGIC } from "../../../node/io/input-record.ts";
import { openJournal } from "../../../node/io/journal-file.ts";
import { bankNumber } from "../../../node/ids.ts";
import type { Input } from "../../../node/machine.ts";
import { instant } from "../../../node/time.ts";
import { tempFolder } from "../../process/daliz.ts";

const INPUTS: readonly Input[] = [
  { kind: "start" },
  { kind: "connected", peer: bankNumber(2) },
  { kind: "frame", from: bankNumber(2), bytes: new Uint8Array(70_000).fill(5) },
  { kind: "frame", from: bankNumber(3), bytes: Uint8Array.of(1) },
  { kind: "idle" },
  { kind: "instruction", bytes: Uint8Array.of(7, 8, 9) },
  { kind: "instruction", bytes: new Uint8Array(0) },
  { kind: "durable", size: 4_321 },
  { kind: "wake" },
  { kind: "disconnected", peer: bankNumber(2) },
];

/** Times as a live run has them: microseconds since 1970. */
const at = (i: number) => instant(1_795_000_000_000_000 + i);

interface Written {
  readonly bytes: Uint8Array;
  readonly journal: Uint8Array;
  /** Bytes of the file when the step returned that appended. */
  readonly atAppend: number;
}

/** Records the inputs of a bank with an empty journal; the instruction makes it append. */
function record(ends: boolean): Written {
  const folder = tempFolder(onTestFinished);
  const file = path.join(folder, "kz.1.inputs");
  const journal = openJournal(folder);
  if (!journal.ok) throw new Error(journal.error.message);
  const recorder = new InputRecorder({ file, journal: journal.value, alone: true });
  let atAppend = 0;
  const step = recorder.recorded(({ kind }) =>
    kind === "instruction" ? [{ kind: "append", bytes: Uint8Array.of(1) }] : [],
  );
  for (const [i, input] of INPUTS.entries()) {
    step(input, at(i));
    if (input.kind === "instruction") atAppend = fs.statSync(file).size;
  }
  if (ends) recorder.end();
  const read = journal.value.read(0, journal.value.size);
  journal.value.close();
  return { bytes: new Uint8Array(fs.readFileSync(file)), journal: read, atAppend };
}

describe("a record of inputs", () => {
  it("gives back the journal and every input with its time, in order", () => {
    const { bytes, journal } = record(true);
    const parsed = parseRecord(bytes);
    expect(parsed).toEqual({
      ok: true,
      value: {
        alone: true,
        journal,
        inputs: INPUTS.map((input, i) => ({ input, now: at(i) })),
        ended: true,
      },
    });
  });

  it("has on disk what a step was fed before its effects reach the journal", () => {
    const { bytes, atAppend } = record(false);
    const parsed = parseRecord(bytes.subarray(0, atAppend));
    const known = parsed.ok ? parsed.value.inputs.map(({ input }) => input) : [];
    expect(known).toEqual(INPUTS.slice(0, 7));
    expect(parsed.ok && parsed.value.ended).toBe(false);
  });

  it("is read as far as it goes when a kill cut it short anywhere", () => {
    const { bytes } = record(true);
    let before = -1;
    for (let length = 0; length < bytes.length; length += length < 300 ? 1 : 997) {
      const parsed = parseRecord(bytes.subarray(0, length));
      if (!parsed.ok) {
        expect(before).toBe(-1);
        continue;
      }
      expect(parsed.value.ended).toBe(false);
      expect(parsed.value.inputs.length).toBeGreaterThanOrEqual(before);
      before = parsed.value.inputs.length;
    }
    expect(before).toBeGreaterThan(0);
  });

  it("is refused when it is none, or when something follows its end", () => {
    const { bytes } = record(true);
    const refusal = (changed: Uint8Array) => {
      const parsed = parseRecord(changed);
      return parsed.ok ? undefined : parsed.error;
    };
    expect(refusal(new Uint8Array(0))).toMatchObject({ code: "record_invalid", offset: 0 });
    expect(refusal(Buffer.concat([bytes, Uint8Array.of(1)]))).toMatchObject({
      offset: bytes.length,
      why: "something follows the end",
    });
    const twice = Buffer.concat([bytes.subarray(0, -5), bytes.subarray(RECORD_MAGIC.length)]);
    expect(refusal(twice)).toMatchObject({ code: "record_invalid" });
    const odd = Uint8Array.from(bytes);
    odd[RECORD_MAGIC.length + 1] = 0xc0;
    expect(refusal(odd)).toMatchObject({ offset: RECORD_MAGIC.length });
  });

  it("ends a bank that is fed more than it holds, and is whole up to there", () => {
    const folder = tempFolder(onTestFinished);
    const journal = openJournal(folder);
    if (!journal.ok) throw new Error(journal.error.message);
    const file = path.join(folder, "kz.1.inputs");
    const options = { file, journal: journal.value, alone: false };
    const recorder = new InputRecorder({ ...options, maxBytes: 1_000 });
    const step = recorder.recorded(() => [{ kind: "append", bytes: Uint8Array.of(1) }]);
    const instruction: Input = { kind: "instruction", bytes: new Uint8Array(100) };
    let fed = 0;
    expect(() => {
      for (; fed < 100; fed++) step(instruction, at(fed));
    }).toThrow("record_full");
    const parsed = parseRecord(fs.readFileSync(file));
    expect(parsed.ok && parsed.value.inputs).toHaveLength(fed);
    expect(fs.statSync(file).size).toBeLessThanOrEqual(1_000);
    expect(fed).toBeGreaterThan(5);
    journal.value.close();
  });

  it("never takes the place of an older one", () => {
    const folder = tempFolder(onTestFinished);
    const journal = openJournal(folder);
    if (!journal.ok) throw new Error(journal.error.message);
    const file = path.join(folder, "kz.1.inputs");
    fs.writeFileSync(file, "old");
    const options = { file, journal: journal.value, alone: false };
    expect(() => new InputRecorder(options)).toThrow("EEXIST");
    journal.value.close();
    expect(fs.readFileSync(file, "utf8")).toBe("old");
  });
});
