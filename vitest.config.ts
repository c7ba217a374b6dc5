import { defineConfig } from "vitest/config";
import { MatrixReporter } from "./test/matrix/reporter.ts";
import { TallyReporter } from "./test/reporter.ts";

const MINUTE_MS = 60_000;

/** Tests that start processes or open sockets: one file at a time, or the machine starves them. */
const PROCESS_TESTS = ["test/process/**/*.test.ts", "test/node/io/**/*.test.ts"];

export default defineConfig({
  test: {
    pool: "forks",
    reporters: ["default", new MatrixReporter(), new TallyReporter()],
    allowOnly: false,
    projects: [
      {
        extends: true,
        test: {
          name: "unit",
          include: ["test/**/*.test.ts"],
          exclude: PROCESS_TESTS,
          maxWorkers: 2,
          testTimeout: 4 * MINUTE_MS,
          hookTimeout: 4 * MINUTE_MS,
          sequence: { groupOrder: 0 },
        },
      },
      {
        extends: true,
        test: {
          name: "process",
          include: PROCESS_TESTS,
          maxWorkers: 1,
          testTimeout: 5 * MINUTE_MS,
          hookTimeout: 3 * MINUTE_MS,
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
});
