import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { concatBytes, utf8ToBytes, type Bytes } from "../../crypto/bytes.ts";
import { crc32c } from "../../node/ledger/crc32c.ts";
import {
  encodeRecord,
  LEDGER_MAGIC,
  OWN_BLOCK,
  parseLedgerFile,
  PEER_BLOCK,
  RECORD_HEAD_BYTES,
} from "../../node/ledger/record.ts";
import { recoverLedger } from "../../node/ledger/recover.ts";
import { MAX_BLOCK_BYTES } from "../../node/limits.ts";
import { bitsOf, bytesNamed, flipBit, hex } from "../bytes.ts";
import { holds } from "../property.ts";

/** A small file: blocks of 1 to 40 bytes, of both kinds. */
const payloads = Array.from({ length: 12 }, (_, i) =>
  concatBytes(bytesNamed(`block ${i}`), bytesNamed(`more ${i}`)).subarray(0, 1 + ((i * 17) % 40)),
);
const records = payloads.map((payload, i) =>
  encodeRecord(i % 3 === 2 ? PEER_BLOCK : OWN_BLOCK, payload),
);
const file = concatBytes(LEDGER_MAGIC, ...records);

/** Where each record begins, and the end of the file. */
const boundaries = records.reduce(
  (offsets, record) => [...offsets, (offsets.at(-1) ?? 0) + record.length],
  [LEDGER_MAGIC.length],
);
/** The last boundary that a damaged byte leaves untouched. */
const boundaryBefore = (offset: number): number => boundaries.findLast((at) => at <= offset) ?? 0;

describe("CRC-32C", () => {
  it.each([
    ["the check value of the catalogues", utf8ToBytes("123456789"), 0xe3069283],
    ["RFC 3720 B.4: 32 zeros", new Uint8Array(32), 0x8a9136aa],
    ["RFC 3720 B.4: 32 ones", new Uint8Array(32).fill(0xff), 0x62a8ab43],
    ["RFC 3720 B.4: rising", Uint8Array.from({ length: 32 }, (_, i) => i), 0x46dd794e],
    ["RFC 3720 B.4: falling", Uint8Array.from({ length: 32 }, (_, i) => 31 - i), 0x113fdb5c],
    ["nothing", new Uint8Array(), 0],
  ])("%s", (_, bytes, sum) => {
    expect(crc32c(bytes)).toBe(sum);
  });

  it("takes a part of the bytes", () => {
    expect(crc32c(utf8ToBytes("xx123456789yy"), 2, 11)).toBe(0xe3069283);
  });
});

describe("a whole ledger file", () => {
  it("gives back its records, with their places", () => {
    const { records: parsed, end, damage } = parseLedgerFile(file);
    expect(damage).toBeUndefined();
    expect(end).toBe(file.length);
    expect(parsed.map(({ payload }) => payload)).toEqual(payloads);
    expect(parsed.map(({ offset }) => offset)).toEqual(boundaries.slice(0, -1));
    expect(parsed.map(({ kind }) => kind)).toEqual(
      payloads.map((_, i) => (i % 3 === 2 ? PEER_BLOCK : OWN_BLOCK)),
    );
  });

  it("may be empty", () => {
    expect(parseLedgerFile(LEDGER_MAGIC)).toEqual({ records: [], end: 16, damage: undefined });
  });

  it("begins with its format and version for ever, and a record with its head", () => {
    expect(LEDGER_MAGIC).toEqual(hex("64616c697a2d6c65646765722f310a00"));
    expect(encodeRecord(OWN_BLOCK, hex("ff"))).toEqual(hex("000000024fbebcf401ff"));
  });

  it("holds records of 1 byte to the largest block", () => {
    for (const size of [1, MAX_BLOCK_BYTES]) {
      const largest = concatBytes(LEDGER_MAGIC, encodeRecord(OWN_BLOCK, new Uint8Array(size)));
      expect(parseLedgerFile(largest).records[0]?.payload).toHaveLength(size);
    }
    for (const size of [0, MAX_BLOCK_BYTES + 1]) {
      expect(() => encodeRecord(OWN_BLOCK, new Uint8Array(size))).toThrow("RecordLength");
    }
  });
});

describe("damage", () => {
  const framed = (kind: number, payload: Bytes, length = payload.length + 1): Bytes => {
    const record = encodeRecord(kind as typeof OWN_BLOCK, payload);
    record.set([length >>> 24, length >>> 16, length >>> 8, length], 0);
    return record;
  };
  it.each<[string, Bytes]>([
    ["record head is cut short", new Uint8Array(RECORD_HEAD_BYTES - 1)],
    ["record length is impossible", framed(OWN_BLOCK, hex("ff"), 0)],
    ["record length is impossible", framed(OWN_BLOCK, hex("ff"), 1)],
    ["record length is impossible", framed(OWN_BLOCK, hex("ff"), MAX_BLOCK_BYTES + 2)],
    ["record length is impossible", framed(OWN_BLOCK, hex("ff"), 0xffffffff)],
    ["record is cut short", framed(OWN_BLOCK, hex("ff"), MAX_BLOCK_BYTES + 1)],
    ["record is cut short", framed(OWN_BLOCK, hex("ff"), 3)],
    ["checksum differs", framed(OWN_BLOCK, hex("ffff"), 2)],
    ["record kind is unknown", framed(0, hex("ff"))],
    ["record kind is unknown", framed(3, hex("ff"))],
  ])("%s", (why, tail) => {
    expect(parseLedgerFile(concatBytes(file, tail))).toMatchObject({
      end: file.length,
      damage: { code: "ledger_corrupt", offset: file.length, why },
    });
  });

  it("every cut leaves the whole records before it, and says so unless it falls between two", () => {
    for (let length = 0; length <= file.length; length++) {
      const { records: parsed, end, damage } = parseLedgerFile(file.subarray(0, length));
      const boundary = boundaryBefore(length);
      expect(end).toBe(boundary);
      expect(parsed).toHaveLength(Math.max(0, boundaries.indexOf(boundary)));
      expect(damage === undefined).toBe(length === boundary && length > 0);
    }
  });

  it("every flipped bit is found, in the record where it is", () => {
    for (const bit of bitsOf(file)) {
      const { end, damage } = parseLedgerFile(flipBit(file, bit));
      expect(damage?.code).toBe("ledger_corrupt");
      expect(end).toBe(boundaryBefore(bit >> 3));
    }
  });

  it("parsing is total: any bytes behind a ledger's beginning, and behind its records", () => {
    const bytes = fc.uint8Array({ maxLength: 300 });
    holds(
      fc.property(fc.boolean(), bytes, (whole, bytes) => {
        const start = whole ? file : LEDGER_MAGIC;
        const { end } = parseLedgerFile(concatBytes(start, bytes));
        expect(end).toBeGreaterThanOrEqual(start.length);
      }),
      1_000,
    );
    holds(
      fc.property(bytes, (bytes) => {
        expect(parseLedgerFile(bytes).end).toBe(0);
      }),
      300,
    );
  });
});

describe("recovery", () => {
  it("a torn tail beyond the durable mark is cut, wherever the write stopped", () => {
    const mark = boundaries.at(-3) ?? 0;
    for (let length = mark; length <= file.length; length++) {
      const end = boundaryBefore(length);
      expect(recoverLedger(file.subarray(0, length), mark)).toMatchObject({
        value: { end, tornBytes: length - end },
      });
    }
  });

  it("a file that is shorter than its mark is never used", () => {
    expect(recoverLedger(file, file.length)).toMatchObject({ value: { tornBytes: 0 } });
    expect(recoverLedger(file, file.length + 1)).toMatchObject({
      error: { offset: file.length, why: expect.stringContaining("shorter") as string },
    });
    for (let length = 0; length < file.length; length++) {
      expect(recoverLedger(file.subarray(0, length), file.length)).toMatchObject({
        error: { code: "ledger_corrupt", offset: boundaryBefore(length) },
      });
    }
  });

  it("a flipped bit at or before the mark stops the bank, and loses nothing beyond it", () => {
    const mark = boundaries.at(-2) ?? 0;
    for (const bit of bitsOf(file)) {
      const recovered = recoverLedger(flipBit(file, bit), mark);
      const offset = boundaryBefore(bit >> 3);
      if (offset < mark) expect(recovered).toMatchObject({ error: { offset } });
      else expect(recovered).toMatchObject({ value: { end: mark } });
    }
  });

  it("without a mark, only damage that no whole record follows is a torn tail", () => {
    const last = boundaries.at(-2) ?? 0;
    for (const bit of bitsOf(file)) {
      const recovered = recoverLedger(flipBit(file, bit), undefined);
      const offset = boundaryBefore(bit >> 3);
      if (offset < last) expect(recovered).toMatchObject({ error: { offset } });
      else expect(recovered).toMatchObject({ value: { end: last } });
    }
    for (let length = 0; length <= file.length; length++) {
      const end = boundaryBefore(length);
      const recovered = recoverLedger(file.subarray(0, length), undefined);
      if (end === 0) expect(recovered).toMatchObject({ error: { offset: 0 } });
      else expect(recovered).toMatchObject({ value: { end, tornBytes: length - end } });
    }
  });
});
