import process from "node:process";
import { useFastSha256 } from "../../node/io/fast-sha256.ts";
import { MODEL_ROWS } from "../explore/abstract-rows.ts";
import { checkModel } from "../explore/abstract-model.ts";
import { modelledSignatures, realSignatures } from "../explore/corridor.ts";
import { encodeSchedule, parseSchedule, replay, shrink } from "../explore/counterexample.ts";
import { explore, type Exploration } from "../explore/search.ts";
import {
  prepare,
  renderBounds,
  WORLDS,
  type ExploreWorld,
  type Prepared,
} from "../explore/worlds.ts";
import { badInput, CommandError, EXIT } from "../exit.ts";
import { quote } from "../problem.ts";
import { readBounded } from "../read-bounded.ts";

export interface ExhaustiveOptions {
  /** So many states, or with "s" behind it so many seconds. */
  readonly budget?: string;
  /** A schedule, or a file that holds one. */
  readonly replay?: string;
  readonly realSignatures: boolean;
  readonly json: boolean;
}

const MODEL = "abstract-model";

/** `daliz explore --list`: the worlds, and the bounds of each. */
export function listWorlds(): void {
  for (const world of WORLDS) {
    const note = world.small ? "" : " (large: give it a --budget)";
    print(`${world.name}${note}\n  ${world.title}\n  ${renderBounds(world)}`);
  }
  print(`${MODEL}\n  the rules alone, for one swap: every row and mutation of the published table`);
}

/** `daliz explore [world] --exhaustive`: one world, or all small ones. */
export async function exploreExhaustively(
  name: string | undefined,
  options: ExhaustiveOptions,
): Promise<void> {
  await useFastSha256();
  if (name === MODEL) return checkModelRows(options);
  const worlds = WORLDS.filter((world) => (name === undefined ? world.small : world.name === name));
  if (worlds.length === 0) {
    const allowed = [...WORLDS.map((world) => world.name), MODEL].join(", ");
    throw badInput(`explore: found ${quote(name ?? "")}, allowed: ${allowed}`);
  }
  const [first] = worlds;
  if (options.replay !== undefined) {
    if (name === undefined || first === undefined)
      throw badInput("explore: --replay needs a world");
    return replayOne(first, options.replay, options);
  }
  const budget = parseBudget(options.budget);
  const violated = worlds.filter((world) => !exploreOne(world, budget, options));
  if (violated.length === 0) return;
  throw new CommandError(
    EXIT.violated,
    `violated: ${violated.map((world) => world.name).join(", ")}`,
  );
}

const signaturesOf = ({ realSignatures: real }: ExhaustiveOptions) =>
  real ? realSignatures() : modelledSignatures();

/** Whether all is as it should be. */
function exploreOne(world: ExploreWorld, budget: Budget, options: ExhaustiveOptions): boolean {
  const signatures = signaturesOf(options);
  const prepared = prepare(world, signatures);
  const started = Date.now();
  const result = explore(
    prepared.start,
    prepared.scope,
    (states) => states < budget.states && Date.now() - started < budget.seconds * 1000,
  );
  const seconds = (Date.now() - started) / 1000;
  const found = result.violation && shrink(prepared.start, prepared.scope, result.violation);
  const schedule = found === undefined ? undefined : encodeSchedule(found.choices);
  if (options.json) {
    const { states, steps, ends, complete } = result;
    const outcomes = Object.fromEntries(result.outcomes);
    const violation = found === undefined ? null : { message: found.message, schedule };
    const told = { world: world.name, bounds: renderBounds(world), signatures: signatures.kind };
    print(JSON.stringify({ ...told, states, steps, ends, outcomes, complete, violation, seconds }));
  } else {
    print(`${world.name}: ${world.title}`);
    print(`  bounds: ${renderBounds(world)}; signatures ${signatures.kind}`);
    print(`  ${renderResult(result)} in ${seconds.toFixed(1)} s`);
    if (found !== undefined && schedule !== undefined) {
      const { choices } = found;
      print(
        `\n${renderReplay(prepared, choices)}\n\nReplay: daliz explore ${world.name} --exhaustive --replay ${schedule}`,
      );
    }
  }
  return result.violation === undefined || world.beyondBounds;
}

function renderResult({ states, steps, ends, outcomes, complete, violation }: Exploration): string {
  const named = [...outcomes].map(([outcome, count]) => `${outcome} ${count}`).join(", ");
  const all =
    violation !== undefined
      ? `violated: ${violation.message}`
      : complete
        ? "no violation, and that was all"
        : "no violation so far; NOT all: the budget was used up";
  return `${states} states, ${steps} steps, ${ends} ends (${named}): ${all};`;
}

function renderReplay({ start, scope }: Prepared, choices: Parameters<typeof replay>[2]): string {
  const { lines, diagram, violation } = replay(start, scope, choices);
  const list = lines.map((line, i) => `${String(i + 1).padStart(3)}. ${line}`);
  return [
    ...list,
    violation === undefined ? "no violation" : `violated: ${violation}`,
    "",
    diagram,
  ].join("\n");
}

const utf8Decoder = new TextDecoder();

function replayOne(world: ExploreWorld, given: string, options: ExhaustiveOptions): void {
  const prepared = prepare(world, signaturesOf(options));
  let schedule = parseSchedule(given, prepared.start);
  if (!schedule.ok) {
    // Only what is no schedule is taken for a file's name.
    const file = readBounded(given, given);
    const text = file.ok ? utf8Decoder.decode(file.value) : given;
    schedule = parseSchedule(text, prepared.start);
  }
  if (!schedule.ok) {
    throw badInput(`explore: --replay: part ${schedule.at} is no step of ${world.name}`);
  }
  const { violation, lines } = replay(prepared.start, prepared.scope, schedule.choices);
  if (options.json)
    print(JSON.stringify({ world: world.name, lines, violation: violation ?? null }));
  else print(renderReplay(prepared, schedule.choices));
  if (violation !== undefined && !world.beyondBounds)
    throw new CommandError(EXIT.violated, `violated: ${violation}`);
}

function checkModelRows(options: ExhaustiveOptions): void {
  const budget = parseBudget(options.budget);
  let wrong = 0;
  for (const { name, model, want } of MODEL_ROWS) {
    if (want.states > LONG_ROW && options.budget === undefined) {
      print(`${name}: left out; it takes minutes and 2 GB: --budget 30000000 includes it`);
      continue;
    }
    const found = checkModel(model, budget.states);
    const cut = found.states > budget.states;
    const right =
      found.depth === want.depth &&
      found.violationAt === want.violationAt &&
      (want.violationAt !== undefined || found.states === want.states);
    if (!right && !cut) wrong++;
    const how =
      found.violationAt === undefined ? "no violation" : `violated at depth ${found.violationAt}`;
    print(
      `${name}: ${found.states} states, depth ${found.depth}, ${how}${cut ? ", NOT all" : right ? "" : ", NOT as published"}`,
    );
  }
  if (wrong > 0)
    throw new CommandError(
      EXIT.violated,
      `${wrong} rows of the model differ from the published table`,
    );
}

const LONG_ROW = 2_000_000;

interface Budget {
  readonly states: number;
  readonly seconds: number;
}

function parseBudget(text: string | undefined): Budget {
  if (text === undefined) return { states: Infinity, seconds: Infinity };
  const found = /^([1-9][0-9]{0,9})(s?)$/.exec(text);
  if (found === null) {
    throw badInput(
      `explore: --budget: found ${quote(text)}, allowed: states such as 100000, or seconds such as 60s`,
    );
  }
  const number = Number(found[1]);
  return found[2] === "s"
    ? { states: Infinity, seconds: number }
    : { states: number, seconds: Infinity };
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
