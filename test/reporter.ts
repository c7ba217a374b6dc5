import process from "node:process";
import type { Reporter, SerializedError, TestModule } from "vitest/node";

/**
 * Ends every run with one line that a person and a script can read: `N passed, N failed`, and
 * `, N skipped` when there are any. Above it stands why each skipped test was skipped.
 *
 * Whatever keeps a test from running counts as failed too: a file that does not load, a hook that
 * throws, an error that nobody caught, a run that was interrupted.
 */
export class TallyReporter implements Reporter {
  #passed = 0;
  #failed = 0;
  #skipped: readonly string[] = [];
  #ended = false;

  onInit(): void {
    // At exit, so that nothing can print below the line.
    process.once("exit", (exitCode) => {
      const unexplained = !this.#ended || (exitCode !== 0 && this.#failed === 0);
      if (unexplained) this.#failed += 1;
      if (this.#failed > 0 && exitCode === 0) process.exitCode = 1;
      process.stdout.write(`${this.#render()}\n`);
    });
  }

  onTestRunEnd(modules: readonly TestModule[], unhandled: readonly SerializedError[]): void {
    const tests = modules.flatMap((module) => [...module.children.allTests()]);
    const containers = modules.flatMap((module) => [module, ...module.children.allSuites()]);
    const states = tests.map((test) => test.result().state);
    const unready = states.filter((state) => state === "failed" || state === "pending").length;
    const broken = containers.filter((container) => container.errors().length > 0).length;

    this.#passed = states.filter((state) => state === "passed").length;
    this.#failed = unready + broken + unhandled.length;
    this.#skipped = tests.flatMap((test) => {
      const result = test.result();
      if (result.state !== "skipped") return [];
      return [`${test.module.relativeModuleId} > ${test.fullName}: ${result.note ?? "no reason"}`];
    });
    this.#ended = true;
  }

  #render(): string {
    const tally = `${this.#passed} passed, ${this.#failed} failed`;
    if (this.#skipped.length === 0) return tally;
    const reasons = this.#skipped.map((reason) => `skipped ${reason}`);
    return [...reasons, `${tally}, ${this.#skipped.length} skipped`].join("\n");
  }
}
