import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { MATRIX } from "./rows.ts";
import { judge, renderMatrix, resultOf, rowsNamedIn, type SeenTest } from "./table.ts";

const TESTS = join(import.meta.dirname, "..");

/** All rows that titles of tests name, by the text of the files. */
const named = new Set(
  globSync("**/*.test.ts", { cwd: TESTS, exclude: ["matrix/**"] }).flatMap((file) =>
    rowsNamedIn(readFileSync(join(TESTS, file), "utf8")),
  ),
);

describe("the matrix of faults and abuse", () => {
  it.each(MATRIX)("$id has a test, or says why it has none", ({ id, untested }) => {
    expect(named.has(id)).toBe(untested === undefined);
  });

  it("stands in MATRIX.md row by row", () => {
    const text = readFileSync(join(TESTS, "MATRIX.md"), "utf8");
    const rows = [...text.matchAll(/^\| ([A-Z]\d{1,2}) /gm)].map(([, id]) => id);
    expect(rows).toEqual(MATRIX.map(({ id }) => id));
    expect(text).not.toMatch(/NO TEST|FAILED/);
  });

  it("counts the tests of a row by how they ended", () => {
    const seen = (title: string, state: SeenTest["state"]): SeenTest => ({
      file: "test/one.test.ts",
      title,
      state,
    });
    const lines = judge([
      seen("a cut (D3, D4)", "passed"),
      seen("another (D3) > in one case", "passed"),
      seen("a third (D3)", "failed"),
      seen("not here (D4)", "skipped"),
      seen("D3 without brackets", "failed"),
    ]);
    const of = (id: string) => lines.filter((line) => line.id === id).map(resultOf);
    expect([of("D3"), of("D4"), of("A9"), of("D1")]).toEqual([
      ["2 passed, 1 FAILED"],
      ["1 passed, 1 skipped"],
      ["not tested"],
      ["NO TEST"],
    ]);
    expect(renderMatrix(lines)).toContain("| D4 | damage at or below the durable mark |");
  });
});
