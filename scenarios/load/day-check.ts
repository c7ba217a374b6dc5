import type { QueueRule } from "../../corridor/liquidity/queue-rules.ts";
import type { Outcome } from "../../crypto/outcome.ts";
import { printable, SETS_FILE, type ScenarioProblem } from "../problem.ts";
import type { DayFile } from "../rtgs/day-input.ts";
import {
  DAY_KIND,
  type DayExpectation,
  type DayScenario,
  type DayWorkload,
  type GeneratedDay,
} from "../rtgs/day-scenario.ts";
import { daySchema } from "../schema/day.ts";
import type { SCENARIO_FORMAT } from "../scenario.ts";
import { Findings, type Problems } from "./problems.ts";
import { checkSchema } from "./schema-check.ts";
import { childOf, placeOf, toPlain, type Tree } from "./tree.ts";

/** The scenario file of one bank's day as its JSON Schema describes it. */
interface DayDocument {
  readonly format: typeof SCENARIO_FORMAT;
  readonly kind: typeof DAY_KIND;
  readonly name: string;
  readonly title: string;
  readonly question: string;
  readonly labels?: readonly string[];
  readonly mode?: "sim";
  readonly seed: number;
  readonly payments?: string;
  readonly opening?: string;
  readonly generated?: Omit<GeneratedDay, "profile"> & Partial<Pick<GeneratedDay, "profile">>;
  readonly queue: QueueRule;
  readonly close_ms: number;
  readonly expect?: readonly DayExpectation[];
}

/** Finds and reads a file of a day; one that `--set` names is looked for where the user stands. */
export type ReadDayFile = (name: string, isFromSet: boolean) => Outcome<DayFile, ScenarioProblem>;

/** Whether a scenario file is that of one bank's day. */
export function isDayTree(tree: Tree): boolean {
  const kind = childOf(tree, "kind");
  return kind?.kind === "scalar" && kind.value === DAY_KIND;
}

export function checkDay(
  tree: Tree,
  {
    name: wanted,
    readDayFile,
  }: { readonly name: string | undefined; readonly readDayFile: ReadDayFile },
  problems: Problems,
): DayScenario | undefined {
  const findings = new Findings(tree, problems);
  const draft = checkSchema<DayDocument>(tree, findings, daySchema);
  const { name, title, question, seed, queue, close_ms: closeMs } = draft;
  if (name !== undefined && wanted !== undefined && name !== wanted) {
    findings.invalid(["name"], `${wanted}, the name of the file`);
  }
  const workload = checkWorkload();
  if (name === undefined || title === undefined || question === undefined) return undefined;
  if (seed === undefined || queue === undefined || closeMs === undefined) return undefined;
  if (workload === undefined) return undefined;
  return {
    kind: DAY_KIND,
    name,
    title,
    question: question.trim(),
    labels: present(draft.labels),
    mode: "sim",
    seed,
    queue,
    closeMs,
    workload,
    expect: draft.expect === undefined ? ["conservation", "non-negative"] : present(draft.expect),
    document: toPlain(tree),
  };

  function checkWorkload(): DayWorkload | undefined {
    if ("payments" in draft || "opening" in draft) {
      const [payments, opening] = [readFile("payments"), readFile("opening")];
      return payments && opening && { kind: "files", payments, opening };
    }
    const { generated } = draft;
    if (!("generated" in draft)) {
      findings.invalid(["payments"], "the path of a CSV file, or in its place a section generated");
    }
    if (generated === undefined) return undefined;
    const profile = generated.profile === undefined ? [1] : present(generated.profile);
    if (profile.length > 0 && profile.every((busy) => busy === 0)) {
      findings.invalid(["generated", "profile"], "at least one slice above 0");
    }
    // A part that was refused has been noted.
    return { ...(generated as GeneratedDay), profile, kind: "generated" };
  }

  function readFile(key: "payments" | "opening"): DayFile | undefined {
    const file = draft[key];
    if (file === undefined) return undefined;
    const read = readDayFile(file, placeOf(tree, [key]).file === SETS_FILE);
    if (read.ok) return read.value;
    const { error } = read;
    if (error.line === 0 && error.code === "scenario_invalid") {
      findings.invalid([key], error.allowed, `${error.found} ${printable(file)}`);
    } else problems.add(error);
    return undefined;
  }
}

const present = <T>(items: readonly (T | undefined)[] = []): readonly T[] =>
  items.filter((item) => item !== undefined);
