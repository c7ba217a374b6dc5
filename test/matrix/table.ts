import { groupOf, MATRIX, type MatrixRow } from "./rows.ts";

/** One test as a run saw it. */
export interface SeenTest {
  readonly file: string;
  readonly title: string;
  readonly state: "passed" | "failed" | "skipped";
}

const TAG = /\(((?:[A-Z]\d{1,2})(?:, [A-Z]\d{1,2})*)\)/g;

/** The rows of the matrix that a title names: `(D3)`, `(D3, D4)`. */
export const rowsNamedIn = (title: string): readonly string[] =>
  [...title.matchAll(TAG)].flatMap(([, ids = ""]) => ids.split(", "));

export interface MatrixLine extends MatrixRow {
  readonly files: readonly string[];
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

/** What a run says of each row. */
export function judge(tests: readonly SeenTest[]): readonly MatrixLine[] {
  const byRow = new Map<string, SeenTest[]>(MATRIX.map(({ id }) => [id, []]));
  for (const test of tests) {
    for (const id of new Set(rowsNamedIn(test.title))) byRow.get(id)?.push(test);
  }
  return MATRIX.map((row) => {
    const seen = byRow.get(row.id) ?? [];
    const count = (state: SeenTest["state"]) => seen.filter((test) => test.state === state).length;
    return {
      ...row,
      files: [...new Set(seen.map(({ file }) => file))].sort(),
      passed: count("passed"),
      failed: count("failed"),
      skipped: count("skipped"),
    };
  });
}

export function resultOf({ passed, failed, skipped, untested }: MatrixLine): string {
  if (passed + failed + skipped === 0) return untested === undefined ? "NO TEST" : "not tested";
  const parts = [`${passed} passed`];
  if (failed > 0) parts.push(`${failed} FAILED`);
  if (skipped > 0) parts.push(`${skipped} skipped`);
  return parts.join(", ");
}

const INTRODUCTION = `# Faults and abuse: what is tested

Written by \`npm test\` from the tests that name a row in their title, such as \`(D3)\`. The result is that of
the last run of all tests.
`;

/** The document: one table a group. */
export function renderMatrix(lines: readonly MatrixLine[]): string {
  const groups = Map.groupBy(lines, ({ id }) => groupOf(id));
  const tables = [...groups].map(([group, rows]) => {
    const cells = rows.map((line) => {
      const tests =
        line.files.length > 0
          ? line.files.map((file) => `\`${file}\``).join("<br>")
          : line.untested;
      return `| ${line.id} | ${line.fault} | ${line.expected} | ${tests ?? ""} | ${resultOf(line)} |`;
    });
    const head = "| row | fault or abuse | expected | tests in | result |\n|---|---|---|---|---|";
    return `## ${group}\n\n${head}\n${cells.join("\n")}\n`;
  });
  return [INTRODUCTION, ...tables].join("\n");
}
