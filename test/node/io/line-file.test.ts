import fs from "node:fs";
import path from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { LineFile, type LineFileOptions } from "../../../node/io/line-file.ts";
import { tempFolder } from "../../process/daliz.ts";
import { bitsOf, flipBit } from "../../bytes.ts";

const newFile = (): string => path.join(tempFolder(onTestFinished), "lines");

function open(file: string, change: Partial<LineFileOptions> = {}): LineFile {
  const onFailure = (): void => undefined;
  const opened = LineFile.open({ file, live: () => [], maxPast: 1_000, onFailure, ...change });
  if (!opened.ok) throw new Error(opened.error.message);
  return opened.value;
}

/** What a file holds now. */
async function linesOf(file: string): Promise<readonly string[]> {
  const read = open(file);
  await read.close();
  return read.lines;
}

async function fileOf(...lines: readonly string[]): Promise<string> {
  const file = newFile();
  const made = open(file);
  await made.append(...lines);
  await made.close();
  return file;
}

describe("a file of lines", () => {
  it("gives back what was appended, in order, however it was appended", async () => {
    const file = newFile();
    const made = open(file);
    expect(made.lines).toEqual([]);
    await Promise.all([made.append("one"), made.append("two", "three"), made.append()]);
    await made.append("ö, and \\n");
    await made.close();
    expect(await linesOf(file)).toEqual(["one", "two", "three", "ö, and \\n"]);
    const more = open(file);
    await more.append("five");
    await more.close();
    expect(await linesOf(file)).toHaveLength(5);
    expect(fs.statSync(file).mode & 0o777).toBe(0o600);
  });

  it("loses at most its torn end, cut at any byte", async () => {
    const file = await fileOf("one", "two", "three");
    const bytes = fs.readFileSync(file);
    const ends = [...bytes.entries()].flatMap(([i, byte]) => (byte === 10 ? [i + 1] : []));
    for (let size = 0; size <= bytes.length; size++) {
      fs.writeFileSync(file, bytes.subarray(0, size));
      const whole = ends.filter((end) => end <= size).length;
      expect(await linesOf(file), `${size} bytes`).toEqual(["one", "two", "three"].slice(0, whole));
      expect(fs.statSync(file).size).toBe(ends[whole - 1] ?? 0);
    }
  });

  it("is refused with any bit turned over that whole lines follow", async () => {
    const file = await fileOf("one", "two", "three");
    const bytes = fs.readFileSync(file);
    const last = bytes.lastIndexOf("\n", bytes.length - 2) + 1;
    for (const bit of bitsOf(bytes.subarray(0, last))) {
      fs.writeFileSync(file, flipBit(bytes, bit));
      const opened = LineFile.open({
        file,
        live: () => [],
        maxPast: 9,
        onFailure: () => undefined,
      });
      expect(opened, `bit ${bit}`).toMatchObject({ ok: false, error: { code: "file_corrupt" } });
    }
  });

  it("is made anew when most of it is past, and goes on", async () => {
    const file = newFile();
    const live = ["kept 1", "kept 2"];
    const made = open(file, { live: () => live, maxPast: 10 });
    for (let i = 0; i < 10; i++) await made.append(`past ${i}`);
    expect(await linesOf(file)).toHaveLength(10);
    await made.append("new");
    expect(await linesOf(file)).toEqual(["kept 1", "kept 2", "new"]);
    await Promise.all(Array.from({ length: 30 }, (_, i) => made.append(`more ${i}`)));
    await made.close();
    const lines = await linesOf(file);
    expect(lines.length).toBeLessThan(40);
    expect(lines.at(-1)).toBe("more 29");
    expect(fs.existsSync(`${file}.new`)).toBe(false);
  });

  it("takes nothing more once the disk has failed, and says so once", async () => {
    const file = newFile();
    const failures: string[] = [];
    const live = (): never => {
      throw new Error("no space left");
    };
    const onFailure = (error: Error): void => void failures.push(error.message);
    const made = open(file, { live, maxPast: 0, onFailure });
    await expect(made.append("one")).rejects.toThrow("no space left");
    await expect(made.append("two")).rejects.toThrow("no space left");
    expect(failures).toEqual(["no space left"]);
    await made.close();
    expect(await linesOf(file)).toEqual([]);
  });

  it("says what is wrong with a file that cannot be opened", () => {
    const folder = tempFolder(onTestFinished);
    const opened = LineFile.open({
      file: folder,
      live: () => [],
      maxPast: 9,
      onFailure: () => undefined,
    });
    expect(opened).toMatchObject({ ok: false, error: { code: "disk_failed" } });
  });
});
