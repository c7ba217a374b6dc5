import { spawnSync } from "node:child_process";
import { dirname, join } from "node:path";
import { expect, it } from "vitest";

const ROOT = dirname(dirname(import.meta.dirname));

/** Runs a file of scenarios/ on this Node.js, which claims to be `version`. */
function runAs(version: string, file: string): { status: number | null; out: string; err: string } {
  const claim = `Object.defineProperty(process.versions, "node", { value: "${version}" })`;
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ["--import", "tsx", "--import", `data:text/javascript,${claim}`, join(ROOT, file), "--help"],
    { cwd: ROOT, encoding: "utf8", timeout: 60_000 },
  );
  return { status, out: stdout, err: stderr };
}

it.each(["scenarios/runtime-check.ts", "scenarios/main.ts", "scenarios/daliz.js"])(
  "%s refuses an old runtime with one line and exit code 3 (O6)",
  (file) => {
    const { status, out, err } = runAs("23.11.1", file);
    expect(err).toMatch(/^runtime_unsupported: have Node\.js 23\.11\.1, want 24 or newer\..*\n$/);
    expect(out).toBe("");
    expect(status).toBe(3);
  },
);

it.each(["24.0.0", "100.0.0"])("runtime %s passes without a word", (version) => {
  expect(runAs(version, "scenarios/runtime-check.ts")).toEqual({ status: 0, out: "", err: "" });
});
