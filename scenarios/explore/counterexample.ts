import { unreachable } from "../../crypto/outcome.ts";
import { describe, describeMove } from "./moves.ts";
import { Memory } from "./memory.ts";
import { attempt, endOf, take, type Choice, type Counterexample, type Scope } from "./search.ts";
import type { World } from "./world.ts";

export interface Replay {
  /** What was done, in one line each. */
  readonly lines: readonly string[];
  readonly diagram: string;
  /** The property that did not hold; `undefined` when all did, also after healing. */
  readonly violation: string | undefined;
  /** How many choices it took. */
  readonly taken: number;
}

/** Plays a schedule again. A choice that is not possible where it comes is left out. */
export function replay(start: World, scope: Scope, choices: readonly Choice[]): Replay {
  return play(start, scope, choices, memoryFor(start, scope));
}

function memoryFor(start: World, { liar }: Scope): Memory {
  return new Memory(start.corridor, new Set(liar === undefined ? [] : [liar.bank]));
}

function play(start: World, scope: Scope, choices: readonly Choice[], memory: Memory): Replay {
  const world = start.clone();
  memory.adopt(world);
  const lines: string[] = [];
  const arrows: string[] = [];
  const result = (violation: string | undefined, taken: number): Replay => ({
    lines,
    diagram: diagramOf(world, scope, arrows, violation),
    violation,
    taken,
  });
  for (const [i, choice] of choices.entries()) {
    if (!isPossible(world, choice)) continue;
    lines.push(lineOf(world, choice, scope));
    arrows.push(arrowOf(world, choice, scope));
    const done = attempt(() => take(world, choice, scope));
    if (!done.ok) return result(done.message, i + 1);
  }
  const end = attempt(() => endOf(world, scope));
  const said = end.ok ? end.value : undefined;
  lines.push(`then everything heals${said === undefined ? "" : `: ${said}`}`);
  return result(end.ok ? undefined : end.message, choices.length);
}

/** The same violation with as few choices as leaving out can give: none of those left can be spared. */
export function shrink(start: World, scope: Scope, found: Counterexample): Counterexample {
  const memory = memoryFor(start, scope);
  const property = propertyOf(found.message);
  let best = found;
  const tryOut = (choices: readonly Choice[]): boolean => {
    const { violation, taken } = play(start, scope, choices, memory);
    if (violation === undefined || propertyOf(violation) !== property) return false;
    best = { choices: choices.slice(0, taken), message: violation };
    return true;
  };
  tryOut(found.choices.filter(({ kind }) => kind !== "hold" && kind !== "release"));
  for (let size = best.choices.length >> 1; size >= 1; size = size >> 1) {
    for (let again = true; again;) {
      again = false;
      for (let at = best.choices.length - size; at >= 0; at--) {
        if (at + size <= best.choices.length) {
          again = tryOut(best.choices.toSpliced(at, size)) || again;
        }
      }
    }
  }
  return best;
}

const propertyOf = (message: string): string => message.split(":")[0] ?? "";

function isPossible(world: World, choice: Choice): boolean {
  if ("queue" in choice) return (world.queues.get(choice.queue)?.length ?? 0) > choice.index;
  if (choice.kind === "restart") return world.seat(choice.seat).machine === undefined;
  if ("seat" in choice) return world.seat(choice.seat).machine !== undefined;
  return true;
}

const LETTERS = {
  deliver: "d",
  lose: "l",
  repeat: "p",
  durable: "f",
  crash: "c",
  restart: "r",
  "run-on": "t",
  lie: "s",
} as const;

/** A schedule as a short string: `d1:2` delivers the oldest message from 1 to 2, and so on. */
export function encodeSchedule(choices: readonly Choice[]): string {
  return choices
    .map(encodeChoice)
    .filter((text) => text !== "")
    .join(",");
}

function encodeChoice(choice: Choice): string {
  switch (choice.kind) {
    case "deliver":
    case "lose":
    case "repeat":
      return `${LETTERS[choice.kind]}${choice.queue.replace(">", ":")}`;
    case "durable":
    case "restart":
    case "run-on":
      return `${LETTERS[choice.kind]}${choice.seat}`;
    case "crash":
      return `${LETTERS.crash}${choice.seat}:${choice.keep}`;
    case "lie":
      return `${LETTERS.lie}${choice.what}:${choice.to}`;
    case "hold":
    case "release":
    case "idle":
    case "wake":
    case "link":
    case "unlink":
    case "submit":
    case "inject":
      return "";
    default:
      return unreachable(choice);
  }
}

/** A schedule from its string; the number of the first part that cannot be read, from 1, if one cannot. */
export function parseSchedule(
  text: string,
  world: World,
):
  | { readonly ok: true; readonly choices: readonly Choice[] }
  | { readonly ok: false; readonly at: number } {
  const choices: Choice[] = [];
  const parts = text
    .trim()
    .split(",")
    .filter((part) => part !== "");
  for (const [i, part] of parts.entries()) {
    const choice = parseChoice(part);
    const seats = choice === undefined ? [] : seatsOf(choice);
    if (choice === undefined || !seats.every((seat) => world.seats.has(seat))) {
      return { ok: false, at: i + 1 };
    }
    choices.push(choice);
  }
  return { ok: true, choices };
}

function parseChoice(part: string): Choice | undefined {
  const found = /^([dlpfcrts])([0-9A-Za-z-]{1,20})(?::([0-9a-z]{1,9}))?$/.exec(part);
  const [, letter = "", first = "", second = ""] = found ?? [];
  const queue = { queue: `${first}>${second}`, index: 0 };
  switch (letter) {
    case "d":
      return { kind: "deliver", ...queue };
    case "l":
      return { kind: "lose", ...queue };
    case "p":
      return { kind: "repeat", ...queue };
    case "f":
      return { kind: "durable", seat: first };
    case "r":
      return { kind: "restart", seat: first };
    case "t":
      return { kind: "run-on", seat: first };
    case "c":
      return /^[0-9]+$/.test(second)
        ? { kind: "crash", seat: first, keep: Number(second) }
        : undefined;
    case "s":
      return { kind: "lie", what: first, to: second };
    default:
      return undefined;
  }
}

function seatsOf(choice: Choice): readonly string[] {
  if ("queue" in choice) return choice.queue.split(">");
  if ("seat" in choice) return [choice.seat];
  return choice.kind === "lie" ? [choice.to] : [];
}

function lineOf(world: World, choice: Choice, { liar }: Scope): string {
  if (choice.kind === "lie") return `bank ${liar?.bank} shows ${choice.what} to ${choice.to}`;
  if ("what" in choice) return `${choice.kind} ${choice.what}`;
  const message = "queue" in choice ? world.queues.get(choice.queue)?.[choice.index] : undefined;
  return describeMove(choice, message);
}

function arrowOf(world: World, choice: Choice, scope: Scope): string {
  const note = (text: string): string =>
    `Note over B${"seat" in choice ? choice.seat : ""}: ${text}`;
  if (choice.kind === "lie") return `B${scope.liar?.bank}->>B${choice.to}: ${choice.what} (a lie)`;
  if ("queue" in choice) {
    const [from, to] = choice.queue.split(">");
    const bytes = world.queues.get(choice.queue)?.[choice.index];
    const text = bytes === undefined ? "" : describe(bytes);
    if (choice.kind === "lose") return `B${from}-xB${to}: ${text} (lost)`;
    return `B${from}->>B${to}: ${text}${choice.kind === "repeat" ? " (and again)" : ""}`;
  }
  if (choice.kind === "durable") return note("the block is durable");
  if (choice.kind === "crash") return note("crashes");
  if (choice.kind === "restart") return note("restarts");
  return note(choice.kind === "run-on" ? "its timer fires" : choice.kind);
}

/** A sequence diagram in Mermaid's language. */
function diagramOf(
  world: World,
  { liar }: Scope,
  arrows: readonly string[],
  violation: string | undefined,
): string {
  const seats = [...world.seats.values()].map(({ id }) => `participant B${id} as bank ${id}`);
  const lying = liar === undefined ? [] : [`participant B${liar.bank} as bank ${liar.bank} (lies)`];
  const all = [...world.seats.keys()];
  const end =
    violation === undefined
      ? []
      : [`Note over B${all[0]},B${all.at(-1)}: ${violation.replaceAll(/[;#]/g, " ")}`];
  const lines = [...seats, ...lying, ...arrows, ...end].map((line) => `  ${line}`);
  return ["sequenceDiagram", ...lines].join("\n");
}
