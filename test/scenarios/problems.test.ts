import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import { renderProblem } from "../../scenarios/problem.ts";
import { BAD_GENERATED, BAD_LISTED, type BadFiles } from "./bad-files.ts";
import { edit, GENERATED, LISTED, load } from "./fixtures.ts";

const golden = join(dirname(import.meta.dirname), "golden/scenario-problems.txt");

/** What is written for one bad file: the edit, and every problem of the edited file. */
function renderCase(text: string, [from, to]: readonly [string, string]): string {
  const quoted = (part: string): string => JSON.stringify(part).slice(1, -1);
  const loaded = load(edit(text, from, to));
  const found = loaded.ok ? [] : loaded.error;
  const lines = found.map((problem) => {
    const limit = problem.code === "limit_exceeded" ? ` [${problem.what}: ${problem.limit}]` : "";
    return renderProblem(problem) + limit;
  });
  return [`- ${quoted(from)}`, `+ ${quoted(to)}`, ...lines.map((line) => `  ${line}`), ""].join(
    "\n",
  );
}

const renderTable = (text: string, table: BadFiles): string =>
  Object.entries(table)
    .map(([heading, edits]) => {
      const cases = edits.map((bad) => renderCase(text, bad));
      return `# ${heading}\n\n${cases.join("\n")}`;
    })
    .join("\n");

const COUNT = [BAD_GENERATED, BAD_LISTED]
  .flatMap((table) => Object.values(table))
  .reduce((sum, edits) => sum + edits.length, 0);

describe("problems", () => {
  it(`of ${COUNT} bad files read as written down (O2)`, async () => {
    const text = `${renderTable(GENERATED, BAD_GENERATED)}\n${renderTable(LISTED, BAD_LISTED)}`;
    await expect(text).toMatchFileSnapshot(golden);
  });
});
