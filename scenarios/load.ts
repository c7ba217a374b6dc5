import { ok, reject, type Outcome } from "../crypto/outcome.ts";
import { checkArrangements, checkFaultsFit, checkHubIsFree } from "./load/arrangements-check.ts";
import { checkBanks, checkComposed, checkCorridor } from "./load/corridor-check.ts";
import type { BankDocument, Draft, ScenarioDocument } from "./load/document.ts";
import { checkExpect } from "./load/expect-check.ts";
import { checkDay, isDayTree, type ReadDayFile } from "./load/day-check.ts";
import { checkFaults } from "./load/faults-check.ts";
import { checkClock, connectMembers } from "./load/home-check.ts";
import { checkMembers } from "./load/members-check.ts";
import { checkCosts, checkLive, checkNetwork, type ReadText } from "./load/network-check.ts";
import { checkOpenApi } from "./load/open-api-check.ts";
import { Findings, Problems } from "./load/problems.ts";
import { checkRates, type ReadRates } from "./load/rates-check.ts";
import { includeRuleFiles } from "./load/rule-files.ts";
import { checkRules, type RulesAt } from "./load/rules-check.ts";
import { checkSchema } from "./load/schema-check.ts";
import { applySets } from "./load/sets.ts";
import { checkTags } from "./load/tags-check.ts";
import { readText } from "./load/text.ts";
import { toPlain, type Tree } from "./load/tree.ts";
import { checkWorkload } from "./load/workload-check.ts";
import { readYaml } from "./load/yaml.ts";
import type { ScenarioProblem } from "./problem.ts";
import type { DayScenario } from "./rtgs/day-scenario.ts";
import type { Scenario } from "./scenario.ts";
import { scenarioSchema } from "./schema.ts";
import { daySchema } from "./schema/day.ts";
import { asTagged } from "./tagging.ts";

export interface ScenarioSource {
  /** Named in messages. */
  readonly file: string;
  readonly bytes: Uint8Array;
  /** The name that the scenario must have: in the library, that of its file. */
  readonly name?: string;
  /** `path=value` each, put over the file in this order. */
  readonly sets?: readonly string[];
}

/** How the files are read that a scenario names, each by its name. */
export interface NamedFiles {
  readonly readRates: ReadRates;
  readonly readMatrix: ReadText;
  readonly readRules: ReadText;
}

/** What else a scenario file can name: the files of a day. */
export interface AllNamedFiles extends NamedFiles {
  readonly readDayFile: ReadDayFile;
}

/**
 * Reads and checks a scenario file of any kind. Everything that is wrong is reported at once, in the
 * order of the file; only what is no YAML, or exceeds a limit of bytes or nesting, hides what comes
 * after it.
 */
export const loadAnyScenario = (
  source: ScenarioSource,
  files: AllNamedFiles,
): Outcome<Scenario | DayScenario, readonly ScenarioProblem[]> =>
  load<Scenario | DayScenario>(
    source,
    {
      corridor: (tree, problems) => checkTree(tree, { source, files }, problems),
      day: (tree, problems) => checkDay(tree, { name: source.name, ...files }, problems),
    },
    files,
  );

/** The same for a scenario of a corridor: that of one bank's day is refused. */
export const loadScenario = (
  source: ScenarioSource,
  files: NamedFiles,
): Outcome<Scenario, readonly ScenarioProblem[]> =>
  load<Scenario>(
    source,
    {
      corridor: (tree, problems) => checkTree(tree, { source, files }, problems),
      day: (tree, problems) => {
        new Findings(tree, problems).invalid(
          ["kind"],
          "a corridor of banks; the day of one bank can be run, and nothing else",
        );
        return undefined;
      },
    },
    files,
  );

type Check<T> = (tree: Tree, problems: Problems) => T | undefined;

function load<T>(
  source: ScenarioSource,
  check: { readonly corridor: Check<T>; readonly day: Check<T> },
  { readRules }: NamedFiles,
): Outcome<T, readonly ScenarioProblem[]> {
  const { file, bytes, sets = [] } = source;
  const text = readText(bytes, file);
  if (!text.ok) return reject([text.error]);
  const problems = new Problems();
  const origin = (line: number, column: number) => ({ file, line, column });
  const read = readYaml(text.value, origin, problems);
  if (read === undefined) return reject(problems.inOrder(file));
  const isDay = isDayTree(read);
  const tree = applySets(read, sets, problems, isDay ? daySchema : scenarioSchema);
  if (!isDay) includeRuleFiles(tree, readRules, problems);
  const scenario = (isDay ? check.day : check.corridor)(tree, problems);
  return scenario !== undefined && problems.isEmpty()
    ? ok(scenario)
    : reject(problems.inOrder(file));
}

function checkTree(
  tree: Tree,
  { source, files }: { readonly source: ScenarioSource; readonly files: NamedFiles },
  problems: Problems,
): Scenario | undefined {
  const findings = new Findings(tree, problems);
  const draft: Draft<ScenarioDocument> = checkSchema(tree, findings);
  const { name, title, question, seed } = draft;
  if (name !== undefined && source.name !== undefined && name !== source.name) {
    findings.invalid(["name"], `${source.name}, the name of the file`);
  }
  checkComposed(draft, findings);
  const banks = checkBanks(draft, findings);
  const corridor = checkCorridor(draft, findings);
  const members = checkMembers(draft, banks, findings);
  checkHubIsFree(draft, members, findings);
  const tags = checkTags(draft, { banks, members }, findings);
  const rates = checkRates(draft, files.readRates, { findings, problems });
  const connectedMembers = connectMembers(draft, members, findings);
  const clock = checkClock(draft, findings);
  const setting = { banks, members, tags, rates };
  const workload = checkWorkload(draft, setting, findings);
  const { readMatrix } = files;
  const network = checkNetwork(draft, { banks, readMatrix }, { findings, problems });
  const openApi = checkOpenApi(draft, banks, findings);
  const faults = checkFaults(draft, banks, findings);
  const arrangements = checkArrangements(draft, { banks, corridor, findings });
  checkFaultsFit(draft, faults, findings);
  checkLive(draft, findings);
  const expect = checkExpect(draft, findings);
  const rules = new Map<string, RulesAt>();
  for (const [i, { id, currency }] of problems.isEmpty() ? banks.list.entries() : []) {
    const reading = { currency, rates, findings };
    const own = checkRules(draft.banks?.[i] as BankDocument, ["banks", i], reading);
    if (own !== null) rules.set(id, own);
  }
  if (name === undefined || title === undefined || question === undefined) return undefined;
  if (seed === undefined || corridor === undefined || rates === undefined) return undefined;
  if (workload === undefined || network === undefined || arrangements === undefined) {
    return undefined;
  }
  return asTagged({
    name,
    title,
    question: question.trim(),
    labels: (draft.labels ?? []).filter((label) => label !== undefined),
    mode: draft.mode ?? "live",
    signatures: draft.signatures ?? "real",
    arrangement: draft.arrangement ?? "certified",
    arrangements,
    seed,
    clock,
    tagging: draft.tagging ?? "full",
    corridor,
    banks: banks.list,
    rules,
    members: connectedMembers,
    tags: tags.values(),
    rates,
    workload,
    network,
    costs: checkCosts(draft),
    openApi,
    faults,
    expect,
    document: toPlain(tree),
  });
}
