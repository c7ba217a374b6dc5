import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import type { Reporter, TestModule, Vitest } from "vitest/node";
import { judge, renderMatrix, resultOf, rowsNamedIn, type SeenTest } from "./table.ts";

export const MATRIX_FILE = join(import.meta.dirname, "../MATRIX.md");

/** After a run of all tests: prints what is tested of the fault and abuse matrix, and writes it down. */
export class MatrixReporter implements Reporter {
  #isWhole = false;

  onInit(vitest: Vitest): void {
    const { testNamePattern } = vitest.config;
    const filters = process.argv.slice(2).filter((arg) => arg !== "run");
    this.#isWhole = testNamePattern === undefined && filters.length === 0;
  }

  onTestRunEnd(modules: readonly TestModule[]): void {
    if (!this.#isWhole) return;
    const tests = modules.flatMap((module) =>
      [...module.children.allTests()].flatMap((test): readonly SeenTest[] => {
        if (rowsNamedIn(test.fullName).length === 0) return [];
        const { state } = test.result();
        const seen = { file: module.relativeModuleId, title: test.fullName };
        return [{ ...seen, state: state === "pending" ? "failed" : state }];
      }),
    );
    const lines = judge(tests);
    const width = Math.max(...lines.map(({ fault }) => fault.length));
    process.stdout.write("\nFaults and abuse (test/MATRIX.md)\n");
    for (const line of lines) {
      process.stdout.write(
        ` ${line.id.padEnd(4)} ${line.fault.padEnd(width)}  ${resultOf(line)}\n`,
      );
    }
    const text = renderMatrix(lines);
    if (currentText() !== text) writeFileSync(MATRIX_FILE, text);
  }
}

function currentText(): string {
  try {
    return readFileSync(MATRIX_FILE, "utf8");
  } catch {
    return "";
  }
}
