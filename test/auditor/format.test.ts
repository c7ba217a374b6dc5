import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import process from "node:process";
import { beforeAll, describe, expect, it } from "vitest";
import { bytesToHex } from "../../crypto/bytes.ts";
import { DOMAIN } from "../../crypto/hash.ts";
import { CORRIDOR } from "../../corridor/entries.ts";
import { MESSAGE } from "../../corridor/messages.ts";
import { SUBMISSION } from "../../corridor/submissions.ts";
import { renderGenesis } from "../../node/genesis-json.ts";
import { ORDER } from "../../node/instruction.ts";
import { DOMESTIC } from "../../node/ledger/domestic-entries.ts";
import { RULES } from "../../node/rules/order.ts";
import { formatVectors, tinyFolder } from "./format-vectors.ts";
import { TinyRun } from "./tiny-run.ts";

const ROOT = dirname(dirname(import.meta.dirname));
const FORMAT = join(ROOT, "corridor", "FORMAT.md");
const STAGED = join(ROOT, "test", "staged", "tiny-run");

/** Rewrites the examples when a format was changed on purpose; never in continuous integration. */
const UPDATE = process.env["FORMAT_UPDATE"] === "1" && process.env["CI"] === undefined;

const text = (): string => readFileSync(FORMAT, "utf8");

function section(title: string): string {
  const [, after = ""] = text().split(`\n${title}\n`);
  return after.split(/\n#{2,3} /)[0] ?? "";
}

/** The cells of a table's rows, without head and rule. */
function rows(of: string): readonly (readonly string[])[] {
  const cells = (line: string): string[] =>
    line
      .split("|")
      .slice(1, -1)
      .map((cell) => cell.trim());
  return of
    .split("\n")
    .filter((line) => line.startsWith("|") && !/^\|[ :-]+\|/.test(line))
    .map(cells);
}

/** `kind` and `name` of the first table of a section, as the code has them. */
const kindsIn = (title: string): unknown =>
  Object.fromEntries(
    rows(section(title)).flatMap(([kind, name = ""]) =>
      /^\d+$/.test(kind ?? "") ? [[name, Number(kind)]] : [],
    ),
  );

describe("FORMAT.md says what the code does", () => {
  it("names the kinds of entries, orders, messages and submissions", () => {
    expect(kindsIn("## 5 Domestic entries")).toEqual(DOMESTIC);
    expect(kindsIn("### 6.2 Orders")).toEqual(ORDER);
    expect(kindsIn("### 9.1 Kinds")).toEqual(CORRIDOR);
    expect(kindsIn("## 10 Wire messages")).toEqual(MESSAGE);
    expect(kindsIn("## 11 Submissions")).toEqual({
      instruction: 1,
      swap: 2,
      enrolment: 3,
      rules: 4,
    });
    expect(SUBMISSION).toEqual({ instruction: 1, swap: 2, enrolment: 3, rules: 4 });
  });

  it("lists the rules in the order in which they decide", () => {
    const numbered = rows(section("### 8.4 The rules, in order")).filter(([n]) =>
      /^\d+$/.test(n ?? ""),
    );
    expect(numbered.map(([, rule]) => rule)).toEqual(RULES.map(({ id }) => id));
  });

  it("has every domain", () => {
    const named = rows(section("### 3.2 Domains")).slice(1);
    const domains = Object.fromEntries(
      named.map(([name = "", bytes = ""]) => [name.slice(1, -1), bytes]),
    );
    const code = Object.entries(DOMAIN).map(([name, bytes]) => [
      name,
      `\`${Buffer.from(bytes).toString("latin1").replace("\0", "\\0")}\``,
    ]);
    expect(domains).toEqual(Object.fromEntries(code));
  });
});

describe("the examples of FORMAT.md are what the code makes", () => {
  let run: TinyRun;
  beforeAll(() => {
    run = new TinyRun();
  });

  it("in section 15", () => {
    let made = "";
    for (const [name, bytes] of formatVectors(run)) {
      const lines = bytesToHex(bytes).match(/.{1,128}/g) ?? [];
      made += `${name}\n${lines.map((line) => `  ${line}\n`).join("")}`;
    }
    if (UPDATE)
      writeFileSync(FORMAT, text().replace(/```text\n[^]*?```/, `\`\`\`text\n${made}\`\`\``));
    expect(/```text\n([^]*?)```/.exec(text())?.[1]).toBe(made);
  });

  it("in the run folder beside it", () => {
    for (const [file, bytes] of tinyFolder(run, renderGenesis(run.machines.genesis))) {
      const path = join(STAGED, file);
      if (UPDATE) {
        mkdirSync(dirname(path), { recursive: true });
        writeFileSync(path, bytes);
      }
      expect(bytesToHex(readFileSync(path)), file).toBe(bytesToHex(bytes));
    }
  });
});
