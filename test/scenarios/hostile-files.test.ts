import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { renderProblem } from "../../scenarios/problem.ts";
import {
  MAX_FILE_BYTES,
  MAX_NESTING,
  MAX_PROBLEMS,
  MAX_TOKEN_CHARACTERS,
  MAX_TOKENS,
} from "../../scenarios/scenario-limits.ts";
import { holds } from "../property.ts";
import { edit, FILE, GENERATED, good, LISTED, load, problems } from "./fixtures.ts";

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);

/** Whatever the content: an answer, with problems that can be shown on one line each. */
function expectAnswer(content: string | Uint8Array): void {
  const loaded = load(content);
  if (loaded.ok) return;
  expect(loaded.error).not.toEqual([]);
  for (const problem of loaded.error) {
    expect(problem.file === FILE || problem.file.endsWith(".csv")).toBe(true);
    expect(Number.isSafeInteger(problem.line) && Number.isSafeInteger(problem.column)).toBe(true);
    expect(problem.found).not.toBe("");
    expect(problem.allowed).not.toBe("");
    expect(renderProblem(problem)).toMatch(/^[\x20-\x7e]{1,1000}$/);
  }
}

describe("bytes that are no text (O1)", () => {
  const latin1 = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, "latin1"));
  const utf16 = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, "utf16le"));
  const bigEndian = (text: string): Uint8Array => new Uint8Array(Buffer.from(utf16(text)).swap16());
  const titled = (title: string): string => edit(GENERATED, "A good file", title);
  const MARK = "\ufeff";
  const BYTES = "which is not UTF-8, allowed: text in UTF-8";
  const CONTROLS = "allowed: text without control characters (UTF-16 must be saved as UTF-8)";
  const NO_MARK = "allowed: UTF-8 without a byte-order mark";

  it.each([
    ["a byte-order mark", bytesOf(MARK + GENERATED), `1:1: found a byte-order mark, ${NO_MARK}`],
    [
      "UTF-16, little end first",
      utf16(MARK + GENERATED),
      `1:1: found UTF-16, by its byte-order mark, ${NO_MARK}`,
    ],
    [
      "UTF-16, big end first",
      bigEndian(MARK + GENERATED),
      `1:1: found UTF-16, by its byte-order mark, ${NO_MARK}`,
    ],
    [
      "UTF-16 without a mark",
      utf16(GENERATED),
      `1:2: found the control character U+0000, ${CONTROLS}`,
    ],
    ["a NUL", bytesOf(titled("A\0")), `3:9: found the control character U+0000, ${CONTROLS}`],
    ["ESC", bytesOf(titled("\u001b[31m")), `3:8: found the control character U+001B, ${CONTROLS}`],
    ["DEL", bytesOf(titled("A # \u007f")), `3:12: found the control character U+007F, ${CONTROLS}`],
    ["NEL", bytesOf(titled("A\u0085B")), `3:9: found the control character U+0085, ${CONTROLS}`],
    ["Latin-1", latin1(titled("\u00c4")), `3:8: found the byte 0xc4, ${BYTES}`],
    [
      "a surrogate",
      new Uint8Array([...bytesOf("name: "), 0xed, 0xa0, 0x80]),
      `1:7: found the byte 0xed, ${BYTES}`,
    ],
    [
      "an overlong encoding",
      new Uint8Array([...bytesOf("a\nb: "), 0xc0, 0xaf]),
      `2:4: found the byte 0xc0, ${BYTES}`,
    ],
    [
      "a cut character",
      bytesOf("title: \u00e9").subarray(0, 8),
      `1:8: found the byte 0xc3, ${BYTES}`,
    ],
    ["an archive", new Uint8Array([0x1f, 0x8b, 0x08, 0x00]), `1:2: found the byte 0x8b, ${BYTES}`],
  ])("are refused: %s", (_name, bytes, problem) => {
    expect(problems(bytes)).toEqual([`my.yaml:${problem}`]);
  });

  it("are refused when there are none", () => {
    expect(problems("")[0]).toMatch(
      /^my.yaml:1:1: found nothing, allowed: a map with the keys format/,
    );
  });

  it("are refused by their size before anything else", () => {
    expect(problems(new Uint8Array(10_000_000))).toEqual([
      `my.yaml: found 10000000 bytes, allowed: at most ${MAX_FILE_BYTES} bytes`,
    ]);
  });

  it("are refused from one byte above the limit on", () => {
    const comment = (size: number): string => `#${" ".repeat(size)}\n`;
    const lines = Math.floor((MAX_FILE_BYTES - GENERATED.length) / 1000);
    const padded = comment(998).repeat(lines) + GENERATED;
    const exact = comment(MAX_FILE_BYTES - padded.length - 2) + padded;
    expect(bytesOf(exact).length).toBe(MAX_FILE_BYTES);
    expect(good(exact).name).toBe("good");
    expect(problems(` ${exact}`)).toEqual([
      `my.yaml: found ${MAX_FILE_BYTES + 1} bytes, allowed: at most ${MAX_FILE_BYTES} bytes`,
    ]);
  });
});

describe("YAML bombs (O1)", () => {
  it("are refused for their aliases", () => {
    const levels = Array.from({ length: 9 }, (_, i) => `a${i + 1}: &a${i + 1} [*a${i}, *a${i}]`);
    expect(problems(`a0: &a0 lol\n${levels.join("\n")}\n`)).toContain(
      'my.yaml:1:5: found "&a0", allowed: no anchors (&); text that begins like one is quoted',
    );
  });

  it.each(["[", "{", "- ", "? ", "[a, ", "{a: ", "a: ["])(
    "are refused for their depth: %j ten thousand times",
    (unit) => {
      expect(problems(unit.repeat(10_000))[0]).toContain(
        `found more than ${MAX_NESTING} (nesting of lists and maps)`,
      );
    },
  );

  it("are refused from one level above the limit on", () => {
    const nested = (depth: number): string => "[".repeat(depth) + "]".repeat(depth);
    expect(problems(nested(MAX_NESTING))[0]).toMatch(
      /^my.yaml:1:1: found a list of 1, allowed: a map/,
    );
    expect(problems(nested(MAX_NESTING + 1))).toEqual([
      `my.yaml:1:33: found more than ${MAX_NESTING} (nesting of lists and maps), allowed: at most ${MAX_NESTING}`,
    ]);
  });

  it("are refused for the number and length of their tokens", () => {
    const long = `title: "${"x".repeat(MAX_TOKEN_CHARACTERS - 2)}"\n`;
    expect(problems(long)).not.toContainEqual(expect.stringContaining("characters of one text"));
    expect(problems(`title: "${"x".repeat(MAX_TOKEN_CHARACTERS - 1)}"\n`)).toEqual([
      `my.yaml:1:8: found more than ${MAX_TOKEN_CHARACTERS} (characters of one text), allowed: at most ${MAX_TOKEN_CHARACTERS}`,
    ]);
    expect(problems("\n".repeat(MAX_TOKENS + 1))).toEqual([
      `my.yaml:${MAX_TOKENS + 1}:1: found more than ${MAX_TOKENS} (tokens), allowed: at most ${MAX_TOKENS}`,
    ]);
  });

  it("have their problems counted, not listed without end", () => {
    const keys = Array.from({ length: 20_000 }, (_, i) => `k${i}: 1`).join("\n");
    const listed = problems(`${GENERATED}${keys}\n`);
    expect(listed).toHaveLength(MAX_PROBLEMS + 1);
    expect(listed.at(-1)).toMatch(/^my.yaml: found [0-9]+ problems, allowed: none; the first 500/);
  });

  it.each(["&a ", "*a ", "!a ", "%a\n", "---\n", "...\n", '"', "[]", "- !", "a: 'x\n\n", "? a\n"])(
    "end in an answer: %j many times",
    (unit) => {
      expectAnswer(unit.repeat(5_000));
    },
  );
});

describe("keys that objects have by themselves", () => {
  it.each(["__proto__", "constructor", "prototype", "toString", "hasOwnProperty", "then"])(
    "are unknown keys everywhere: %s",
    (key) => {
      const text = `${GENERATED.replace("corridor:\n", `corridor:\n  ${key}: { polluted: true }\n`)}${key}: 1\n`;
      const found = problems(text).map((line) => line.split(": found ")[0]);
      expect(found).toEqual([`my.yaml:12:3 corridor.${key}`, `my.yaml:57:1 ${key}`]);
      expect(({} as { readonly polluted?: boolean }).polluted).toBeUndefined();
    },
  );

  it("are unknown names, too", () => {
    const text = edit(
      GENERATED,
      "bank: kz, class: commercial-bank",
      "bank: constructor, class: company",
    );
    expect(problems(text)).toContainEqual(
      'my.yaml:21:44 members[0].bank: found "constructor", allowed: one of kz, cn, hk',
    );
  });
});

const NAUGHTY = JSON.parse(
  readFileSync(join(dirname(import.meta.dirname), "vectors/naughty-strings/blns.json"), "utf8"),
) as readonly string[];

type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };
type Step = string | number;

/** The paths of all values that are not maps or lists. */
function leavesOf(value: Json, path: readonly Step[] = []): (readonly Step[])[] {
  if (Array.isArray(value)) return value.flatMap((item: Json, i) => leavesOf(item, [...path, i]));
  if (typeof value !== "object" || value === null) return [path];
  return Object.entries(value).flatMap(([key, item]) => leavesOf(item, [...path, key]));
}

function replaced(value: Json, path: readonly Step[], leaf: Json): Json {
  const [step, ...rest] = path;
  if (step === undefined) return leaf;
  if (Array.isArray(value)) {
    return value.map((item: Json, i) => (i === step ? replaced(item, rest, leaf) : item));
  }
  const map = value as { readonly [key: string]: Json };
  return { ...map, [step]: replaced(map[step] ?? null, rest, leaf) };
}

const valueAt = (value: Json, path: readonly Step[]): unknown =>
  path.reduce<unknown>((at, step) => (at as Readonly<Record<Step, unknown>>)[step], value);

const DOCUMENTS = [GENERATED, LISTED].map((text) => good(text).document as Json);

describe("naughty strings", () => {
  it("in every text at once are answered, on one line each", () => {
    for (const [i, text] of NAUGHTY.entries()) {
      const document = DOCUMENTS[i % DOCUMENTS.length] as Json;
      const texts = leavesOf(document).filter(
        (path) => typeof valueAt(document, path) === "string",
      );
      const naughty = texts.reduce((json, path) => replaced(json, path, text), document);
      expectAnswer(JSON.stringify(naughty));
    }
  });

  it("in one text each are answered, on one line each", () => {
    for (const [i, text] of NAUGHTY.entries()) {
      if (i % 2 === 0) continue;
      const document = DOCUMENTS[(i >> 1) % DOCUMENTS.length] as Json;
      const leaves = leavesOf(document);
      const path = leaves[i % leaves.length] as readonly Step[];
      expectAnswer(JSON.stringify(replaced(document, path, text)));
    }
  });

  it("written without quotes are answered, on one line each", () => {
    for (const text of NAUGHTY.filter((_text, i) => i % 2 === 0)) {
      expectAnswer(edit(GENERATED, "A good file", text));
    }
  });
});

describe("any file (O2)", () => {
  it("with a value of another type has a problem at that value", () => {
    for (const document of DOCUMENTS) {
      for (const path of leavesOf(document)) {
        const isText = typeof valueAt(document, path) === "string";
        for (const other of [null, isText ? 5 : "5", { a: [[]] }]) {
          const loaded = load(JSON.stringify(replaced(document, path, other)));
          const paths = loaded.ok ? [] : loaded.error.map((problem) => problem.path);
          const last = path.at(-1);
          const own = paths.some((found) => found.includes(String(last)));
          expect(own, `${path.join(".")} = ${JSON.stringify(other)}: ${paths.join(", ")}`).toBe(
            true,
          );
        }
      }
    }
  });

  it("that is damaged is answered, never thrown at", () => {
    const fragment = fc.oneof(
      fc.string({ unit: "binary", maxLength: 12 }),
      fc.constantFrom(
        "[",
        "]",
        "{",
        "}",
        ": ",
        "- ",
        "&a",
        "*a",
        "!!",
        "|\n",
        '"',
        "'",
        "#",
        "\n  ",
      ),
      fc.constantFrom("__proto__: ", "5", "-1", "1e999", '"9999999999999999.99"', "null", "all"),
    );
    const damage = fc.record({
      at: fc.nat({ max: GENERATED.length }),
      length: fc.nat({ max: 60 }),
      by: fragment,
    });
    holds(
      fc.property(
        fc.constantFrom(GENERATED, LISTED),
        fc.array(damage, { minLength: 1, maxLength: 4 }),
        (text, damages) => {
          const damaged = damages.reduce(
            (whole, { at, length, by }) => whole.slice(0, at) + by + whole.slice(at + length),
            text,
          );
          expectAnswer(damaged);
        },
      ),
      200,
    );
  });

  it("of any bytes is answered, never thrown at", () => {
    holds(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => expectAnswer(bytes)),
      500,
    );
  });
});
