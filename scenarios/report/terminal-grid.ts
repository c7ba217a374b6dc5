import { stripVTControlCharacters as visible } from "node:util";
import Table from "cli-table3";
import { oneLine } from "./format.ts";

/** What a terminal, a log or a mail shows without breaking lines. */
export const WIDTH = 100;

/** Cuts a text into lines at its spaces; a longer word is cut where it must be. */
export function wrap(text: string, width: number): readonly string[] {
  const lines = [""];
  for (const word of text.split(" ").flatMap((long) => chunks(long, width))) {
    const last = lines.at(-1) ?? "";
    if (last === "") lines[lines.length - 1] = word;
    else if (last.length + 1 + word.length <= width) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines;
}

function chunks(word: string, width: number): readonly string[] {
  const characters = Array.from(word);
  const parts: string[] = [];
  for (let i = 0; i < characters.length; i += width) {
    parts.push(characters.slice(i, i + width).join(""));
  }
  return parts;
}

/** A text from wherever, or one of our own that may have colours. */
export type Cell = string | { readonly painted: string };

type Align = "left" | "right";

/** A table without lines but one under its head, columns two spaces apart; a width is the most a column takes. */
export function grid(
  columns: readonly (readonly [head: string, align: Align, width?: number])[],
  rows: readonly (readonly Cell[])[],
): string {
  if (rows.length === 0) return "";
  const cells = rows.map((row) =>
    row.map((cell) => (typeof cell === "string" ? oneLine(cell) : cell.painted)),
  );
  const widths = columns.map(([head, , most = WIDTH], i) =>
    Math.min(most, Math.max(head.length, ...cells.map((row) => visible(row[i] ?? "").length))),
  );
  const table = new Table({
    chars: { ...NO_LINES, middle: "  " },
    style: { "padding-left": 0, "padding-right": 0, head: [], border: [] },
    colAligns: columns.map(([, align]) => align),
    colWidths: widths,
    wordWrap: true,
  });
  table.push(
    columns.map(([head]) => head),
    ...cells,
  );
  const [head = "", ...body] = table
    .toString()
    .split("\n")
    .map((line) => line.trimEnd());
  const width = Math.max(head.length, ...body.map((line) => visible(line).length));
  return [head, "─".repeat(Math.min(WIDTH, width)), ...body].join("\n");
}

const NO_LINES = {
  top: "",
  "top-mid": "",
  "top-left": "",
  "top-right": "",
  bottom: "",
  "bottom-mid": "",
  "bottom-left": "",
  "bottom-right": "",
  left: "",
  "left-mid": "",
  right: "",
  "right-mid": "",
  mid: "",
  "mid-mid": "",
};
