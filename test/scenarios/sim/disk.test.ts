import { describe, expect, it } from "vitest";
import { LEDGER_MAGIC } from "../../../node/ledger/record.ts";
import { SimDisk } from "../../../scenarios/sim/disk.ts";
import { bytesNamed } from "../../bytes.ts";

const written = bytesNamed("a record");

describe("a simulated disk (D3, D8)", () => {
  it("begins as an empty ledger file", () => {
    expect(new SimDisk().content()).toEqual(LEDGER_MAGIC);
  });

  it("keeps what was synced, and loses what was not, in a crash", () => {
    const disk = new SimDisk();
    disk.append(written);
    expect(disk.sync()).toBe(LEDGER_MAGIC.length + written.length);
    disk.append(bytesNamed("another"));
    disk.crash({ kind: "lost" });
    expect(disk.tail).toBeUndefined();
    expect(disk.content().subarray(LEDGER_MAGIC.length)).toEqual(written);
  });

  it.each([0, 1, 31, 32])("keeps the first %i bytes of a torn write", (keep) => {
    const disk = new SimDisk();
    disk.append(written);
    disk.crash({ kind: "torn", keep });
    expect(disk.content().subarray(LEDGER_MAGIC.length)).toEqual(written.subarray(0, keep));
  });

  it("serves nothing that is not durable", () => {
    const disk = new SimDisk();
    disk.append(written);
    expect(() => disk.read(LEDGER_MAGIC.length, 1)).toThrow("JournalFirst");
    disk.sync();
    expect(disk.read(LEDGER_MAGIC.length, written.length)).toEqual(written);
  });

  it("takes one write at a time", () => {
    const disk = new SimDisk();
    disk.append(written);
    expect(() => disk.append(written)).toThrow("JournalFirst");
  });

  it("changes exactly one bit when it rots", () => {
    const disk = new SimDisk();
    disk.rot(3, 5);
    const changed = disk.content().map((byte, i) => byte ^ (LEDGER_MAGIC[i] as number));
    expect([...changed].filter((bits) => bits !== 0)).toEqual([1 << 5]);
    expect(changed[3]).toBe(1 << 5);
  });

  it.each([65_535, 65_536, 65_537, 200_000])(
    "holds a write of %i bytes wherever it ends",
    (size) => {
      const disk = new SimDisk();
      const large = Uint8Array.from({ length: size }, (_, i) => i * 7);
      for (const bytes of [large, written]) {
        disk.append(bytes);
        disk.sync();
      }
      expect(disk.read(LEDGER_MAGIC.length, size)).toEqual(large);
      expect(disk.read(LEDGER_MAGIC.length + size, written.length)).toEqual(written);
      disk.rot(65_536, 0);
      const changed = disk.content();
      expect(changed[65_536]).toBe(1 ^ ([...LEDGER_MAGIC, ...large, ...written][65_536] ?? 0));
    },
  );

  it("loses no more than it holds", () => {
    const disk = new SimDisk();
    disk.cutTo(-1);
    expect(disk.content()).toEqual(new Uint8Array());
    disk.append(written);
    expect(disk.sync()).toBe(written.length);
    expect(disk.content()).toEqual(written);
  });

  it("is forgotten from a point on, and grows again, also beyond its first room", () => {
    const disk = new SimDisk();
    const large = new Uint8Array(200_000).fill(7);
    disk.append(large);
    disk.sync();
    disk.cutTo(LEDGER_MAGIC.length + 5);
    expect(disk.durable).toBe(LEDGER_MAGIC.length + 5);
    disk.append(written);
    disk.sync();
    expect(disk.content().subarray(LEDGER_MAGIC.length + 5)).toEqual(written);
    expect(disk.copy().content()).toEqual(disk.content());
  });
});
