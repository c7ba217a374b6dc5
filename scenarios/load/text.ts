import { ok, reject, type Outcome } from "../../crypto/outcome.ts";
import { wholeFile, type ScenarioProblem } from "../problem.ts";
import { MAX_FILE_BYTES } from "../scenario-limits.ts";

/** Characters that no line of a file needs: controls other than tab and line ends, and lone surrogates. */
const CONTROL = /(?![\t\n\r])\p{Cc}|\p{Cs}/u;

const LINE_FEED = 0x0a;

/** Bytes to text, before any parser sees them: size, byte-order marks, UTF-8, control characters. */
export function readText(bytes: Uint8Array, file: string): Outcome<string, ScenarioProblem> {
  if (bytes.length > MAX_FILE_BYTES) return reject(tooLarge(bytes.length, file));
  const mark = byteOrderMark(bytes);
  if (mark !== undefined) return refuse(file, 1, 1, mark, "UTF-8 without a byte-order mark");
  const text = decodeUtf8(bytes);
  if (text === undefined) {
    const { line, column, byte } = firstInvalidByte(bytes);
    return refuse(file, line, column, `the byte 0x${byte}, which is not UTF-8`, "text in UTF-8");
  }
  return checkControls(text, file);
}

/** Refuses control characters; everything else is left to the parser. */
export function checkControls(text: string, file: string): Outcome<string, ScenarioProblem> {
  const control = CONTROL.exec(text);
  if (control === null) return ok(text);
  const before = text.slice(0, control.index).split("\n");
  const code = (text.charCodeAt(control.index) || 0).toString(16).padStart(4, "0");
  return refuse(
    file,
    before.length,
    (before.at(-1)?.length ?? 0) + 1,
    `the control character U+${code.toUpperCase()}`,
    "text without control characters (UTF-16 must be saved as UTF-8)",
  );
}

export const tooLarge = (
  size: number,
  file: string,
  limit: number = MAX_FILE_BYTES,
): ScenarioProblem => ({
  code: "limit_exceeded",
  ...wholeFile(file),
  found: `${size} bytes`,
  allowed: `at most ${limit} bytes`,
  what: "file size in bytes",
  limit,
});

function refuse(file: string, line: number, column: number, found: string, allowed: string) {
  const code = "scenario_invalid" as const;
  return reject({ code, file, line, column, path: "", found, allowed });
}

function byteOrderMark(bytes: Uint8Array): string | undefined {
  const [a, b, c] = bytes;
  if (a === 0xef && b === 0xbb && c === 0xbf) return "a byte-order mark";
  const isUtf16 = (a === 0xff && b === 0xfe) || (a === 0xfe && b === 0xff);
  return isUtf16 ? "UTF-16, by its byte-order mark" : undefined;
}

function decodeUtf8(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

/** The place of the first byte that no UTF-8 decoder accepts; the caller knows that there is one. */
function firstInvalidByte(bytes: Uint8Array): {
  readonly line: number;
  readonly column: number;
  readonly byte: string;
} {
  let line = 1;
  let start = 0;
  for (;;) {
    const feed = bytes.indexOf(LINE_FEED, start);
    const end = feed === -1 ? bytes.length : feed;
    if (feed === -1 || decodeUtf8(bytes.subarray(start, end)) === undefined) {
      const column = validCharacters(bytes.subarray(start, end));
      const offset = start + new TextEncoder().encode(column).length;
      const byte = (bytes[offset] ?? 0).toString(16).padStart(2, "0");
      return { line, column: column.length + 1, byte };
    }
    start = end + 1;
    line += 1;
  }
}

/** The longest beginning of a line that is UTF-8. */
function validCharacters(bytes: Uint8Array): string {
  let low = 0;
  let high = bytes.length;
  const decoder = (length: number): string | undefined => {
    // A character may be cut at `length`: a stream decoder waits for the rest instead of failing.
    try {
      return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(
        bytes.subarray(0, length),
        { stream: true },
      );
    } catch {
      return undefined;
    }
  };
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (decoder(middle) === undefined) high = middle - 1;
    else low = middle;
  }
  return decoder(low) ?? "";
}
