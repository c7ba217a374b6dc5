import { spawnSync } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { loadScenario } from "../../scenarios/load.ts";
import { renderProblem } from "../../scenarios/problem.ts";
import { DATA_FOLDER, readRatesFile } from "../../scenarios/rates-file.ts";
import { readNamedText } from "../../scenarios/read-bounded.ts";

const ROOT = path.resolve(import.meta.dirname, "../..");
const README = fs.readFileSync(path.join(ROOT, "README.md"), "utf8");
const CI = fs.readFileSync(path.join(ROOT, ".ci/run"), "utf8");
const SCRIPTS = (
  JSON.parse(fs.readFileSync(path.join(ROOT, "package.json"), "utf8")) as {
    readonly scripts: Readonly<Record<string, string>>;
  }
).scripts;

/** Commands that contain this very test, or install what it runs on: `.ci/run` runs them. */
const RUN_BY_CI = ["npm ci", "npm test"];

/** What `npm run check` consists of; `.ci/run` runs each part. */
const CHECKS = ["format:check", "lint", "types", "dead"];

const blocks = (language: string): readonly string[] =>
  [...README.matchAll(new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\``, "gm"))].map(
    (match) => match[1] ?? "",
  );

const commands = blocks("sh").flatMap((block) => block.trim().split("\n"));

describe("every command in the README runs", () => {
  let folder: string;
  beforeAll(() => {
    folder = fs.mkdtempSync(path.join(os.tmpdir(), "daliz-readme-"));
  });
  afterAll(() => {
    fs.rmSync(folder, { recursive: true, force: true });
  });

  it("has commands", () => {
    expect(commands.length).toBeGreaterThan(8);
  });

  it.each(commands)(
    "%s",
    (command) => {
      if (RUN_BY_CI.includes(command)) {
        expect(CI).toContain(command);
        return;
      }
      if (command === "npm run check") {
        for (const check of CHECKS) {
          expect(SCRIPTS["check"]).toContain(check);
          expect(CI).toContain(`npm run --silent ${check}`);
        }
        return;
      }
      // npm runs its scripts in the project; INIT_CWD says where the user stands.
      const result = spawnSync("bash", ["-c", inProject(command)], {
        cwd: folder,
        encoding: "utf8",
        timeout: 170_000,
        env: { ...process.env, NO_COLOR: "1" },
      });
      expect(`${result.stderr}\nexit ${result.status}`).toMatch(/exit 0$/);
    },
    180_000,
  );
});

/** The script behind an npm command, run from the reader's own folder. */
function inProject(command: string): string {
  const [, name = "", rest = ""] =
    /^npm (?:run )?(start|daliz|bench)(?: -- (.*))?$/.exec(command) ?? [];
  const script = SCRIPTS[name];
  expect(script, `an npm script for: ${command}`).toBeDefined();
  const node = path.join(ROOT, "node_modules/.bin/node");
  const run = (script ?? "")
    .replace(/^node /, `"${node}" `)
    .replace("tsx", path.join(ROOT, "node_modules/tsx/dist/loader.mjs"))
    .replace("scenarios/", `${ROOT}/scenarios/`);
  return `${run} ${rest}`;
}

describe("the scenario in the README", () => {
  it("is accepted as it stands", () => {
    const [yaml = ""] = blocks("yaml");
    const bytes = new TextEncoder().encode(yaml);
    const scenario = loadScenario(
      { file: "README.md", bytes },
      {
        readRates: (name) => readRatesFile(name, [DATA_FOLDER]),
        readRules: (name) => readNamedText(name, { folders: [DATA_FOLDER], allowed: "a file" }),
        readMatrix: (name) => readNamedText(name, { folders: [DATA_FOLDER], allowed: "a file" }),
      },
    );
    expect(scenario.ok ? [] : scenario.error.map(renderProblem)).toEqual([]);
  });
});

describe("what the README names", () => {
  it.each([...README.matchAll(/\]\((?!http)([^)#]+)\)/g)].map((match) => match[1] ?? ""))(
    "%s exists",
    (link) => {
      expect(fs.existsSync(path.join(ROOT, link))).toBe(true);
    },
  );
});
