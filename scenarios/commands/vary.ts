import fs from "node:fs";
import path from "node:path";
import process from "node:process";
import { useFastSha256 } from "../../node/io/fast-sha256.ts";
import { badInput, CommandError, EXIT } from "../exit.ts";
import { FIGURE_TEXT, figuresOf, homeFigures, type Variant } from "../measures/home-figures.ts";
import { assembleResult } from "../play/assemble.ts";
import { createRunFolder } from "../report/output-path.ts";
import { grid } from "../report/terminal-grid.ts";
import { renderVaryPage } from "../report/vary-page.ts";
import { runSimulated } from "../simulated/run-simulated.ts";
import { planWorkload } from "../workload/plan-workload.ts";
import { chooseScenario, refused } from "./choose-scenario.ts";
import { listenForInterruption } from "./interruption.ts";

export interface VaryOptions {
  readonly over: string;
  readonly set: readonly string[];
  readonly seed?: string;
  readonly out?: string;
}

/** Values of one parameter: each takes a run. */
const MAX_VALUES = 64;

/** `daliz vary`: the same scenario in virtual time, once for each value of one parameter, side by side. */
export async function runVary(name: string, options: VaryOptions): Promise<void> {
  await useFastSha256();
  const { parameter, values } = parseOver(options.over);
  const interruption = listenForInterruption();
  let folder: string | undefined;
  try {
    const runs = values.map((value) => chosen(name, options, `${parameter}=${value}`));
    const [first] = runs;
    if (first === undefined) throw badInput("--over: no values");
    folder = createRunFolder({
      name: `vary-${first.scenario.name}`,
      workingFolder: process.cwd(),
      ...(options.out === undefined ? {} : { out: options.out }),
    });
    const variants: Variant[] = [];
    for (const [i, { scenario, plan }] of runs.entries()) {
      const outcome = await runSimulated({
        scenario,
        plan,
        signal: interruption.signal,
        onProgress: () => undefined,
        onEvent: () => undefined,
      });
      const result = assembleResult(scenario, outcome);
      const broken = result.manifest.expectations.filter(({ holds }) => !holds);
      variants.push({
        value: values[i] ?? "",
        figures: homeFigures(result),
        broken: broken.map(({ name: what, detail }) => `${what} (${detail})`),
      });
      process.stdout.write(`${parameter} = ${values[i] ?? ""}: done\n`);
    }
    const { title, question, labels } = first.scenario;
    const page = await renderVaryPage({ title, question, labels, parameter, variants });
    fs.writeFileSync(path.join(folder, "vary.html"), page, { flag: "wx" });
    fs.writeFileSync(path.join(folder, "vary.csv"), csvOf(parameter, variants), { flag: "wx" });
    process.stdout.write(`\n${tableOf(parameter, variants)}\n`);
    process.stdout.write(`\nModel output of simulated runs, not a forecast.\n`);
    process.stdout.write(`Compared in ${path.join(folder, "vary.html")} and vary.csv\n`);
    const failed = variants.filter(({ broken }) => broken.length > 0);
    if (failed.length === 0) return;
    const said = failed.map(({ value, broken }) => `${parameter} = ${value}: ${broken.join("; ")}`);
    throw new CommandError(EXIT.violated, `expected and not found: ${said.join("; ")}`);
  } catch (error) {
    if (folder !== undefined && fs.readdirSync(folder).length === 0) fs.rmdirSync(folder);
    throw error;
  } finally {
    interruption.end();
  }
}

function chosen(name: string, { set, seed }: VaryOptions, over: string) {
  const choice = { set: [...set, over], mode: "sim", ...(seed === undefined ? {} : { seed }) };
  const scenario = chooseScenario(name, choice);
  const plan = planWorkload(scenario);
  if (!plan.ok) throw refused([plan.error]);
  return { scenario, plan: plan.value };
}

function parseOver(over: string): { readonly parameter: string; readonly values: string[] } {
  const equals = over.indexOf("=");
  const values = over
    .slice(equals + 1)
    .split(",")
    .map((value) => value.trim());
  const isWhole = equals > 0 && values.every((value) => value !== "");
  if (!isWhole || values.length > MAX_VALUES || new Set(values).size < values.length) {
    const allowed = `a path with up to ${MAX_VALUES} different values, such as connected=5,10,108`;
    throw badInput(`--over: found ${JSON.stringify(over.slice(0, 100))}, allowed: ${allowed}`);
  }
  return { parameter: over.slice(0, equals), values };
}

const shown = (value: number | null): string =>
  value === null ? "" : Number.isInteger(value) ? `${value}` : value.toFixed(2);

function tableOf(parameter: string, variants: readonly Variant[]): string {
  return grid(
    [
      [parameter.slice(-30), "left", 58],
      ...variants.map(({ value }) => [value.slice(0, 12), "right"] as [string, "right"]),
    ],
    figuresOf(variants).map((figure) => [
      FIGURE_TEXT[figure],
      ...variants.map(({ figures }) => shown(figures[figure])),
    ]),
  );
}

function csvOf(parameter: string, variants: readonly Variant[]): string {
  const figures = figuresOf(variants);
  const quoted = (text: string): string => `"${text.replaceAll('"', '""')}"`;
  const rows = variants.map(({ value, figures: found }) =>
    [quoted(value), ...figures.map((figure) => found[figure] ?? "")].join(","),
  );
  return `${[quoted(parameter), ...figures].join(",")}\n${rows.join("\n")}\n`;
}
