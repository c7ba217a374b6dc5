import { quote, renderPath, type Path } from "../problem.ts";
import type { ReadText } from "./network-check.ts";
import type { Problems } from "./problems.ts";
import { childOf, type MapTree, type Tree } from "./tree.ts";
import { readYaml } from "./yaml.ts";

export const RULES_FORMAT = "daliz-rules/1";

/**
 * Puts the rules of each bank's rule files in front of those that the scenario states, so that they are
 * checked like these; whatever is wrong with them is reported with its place in the rule file.
 */
export function includeRuleFiles(root: Tree, readRules: ReadText, problems: Problems): void {
  const banks = childOf(root, "banks");
  for (const [i, bank] of banks?.kind === "list" ? banks.items.entries() : []) {
    const files = childOf(bank, "ruleFiles");
    if (bank.kind !== "map" || files?.kind !== "list") continue;
    const rules = files.items.map((file, j) => {
      const path = ["banks", i, "ruleFiles", j];
      return readFile(file, path, readRules, problems);
    });
    if (rules.every((list) => list !== undefined)) prepend(bank, rules.flat());
  }
}

/** The rules of one file; a name that is no text is left for the schema to refuse. */
function readFile(
  named: Tree,
  path: Path,
  readRules: ReadText,
  problems: Problems,
): readonly Tree[] | undefined {
  if (named.kind !== "scalar" || typeof named.value !== "string") return undefined;
  const file = named.value;
  const text = readRules(file);
  if (!text.ok) {
    problems.add({ ...text.error, ...named.place, path: renderPath(path) });
    return undefined;
  }
  const origin = (line: number, column: number) => ({ file, line, column });
  const tree = readYaml(text.value, origin, problems);
  return tree === undefined ? undefined : rulesOf(tree, problems);
}

const KEYS: ReadonlySet<string> = new Set(["format", "title", "rules"]);

function rulesOf(file: Tree, problems: Problems): readonly Tree[] | undefined {
  const format = childOf(file, "format");
  const rules = childOf(file, "rules");
  const extra = file.kind === "map" ? [...file.entries.keys()].find((key) => !KEYS.has(key)) : "";
  const isFormat = format?.kind === "scalar" && format.value === RULES_FORMAT;
  if (isFormat && rules?.kind === "list" && extra === undefined) return rules.items;
  const found = extra === undefined || extra === "" ? "another file" : quote(extra);
  const allowed = `a map with format: ${RULES_FORMAT}, title and rules, a list`;
  problems.add({ code: "scenario_invalid", ...file.place, path: "", found, allowed });
  return undefined;
}

function prepend(bank: MapTree, rules: readonly Tree[]): void {
  const files = bank.entries.get("ruleFiles");
  const own = bank.entries.get("rules");
  if (own !== undefined && own.value.kind !== "list") return;
  bank.entries.delete("ruleFiles");
  const { keyPlace, value } = own ?? files ?? { keyPlace: bank.place, value: bank };
  const items = [...rules, ...(own?.value.kind === "list" ? own.value.items : [])];
  bank.entries.set("rules", { keyPlace, value: { kind: "list", place: value.place, items } });
}
