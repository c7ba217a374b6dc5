import { scenarioSchema } from "../schema.ts";
import type { JsonSchema } from "../schema/json-schema.ts";
import { printable, quote, renderPath, SETS_FILE, type Path, type Place } from "../problem.ts";
import { resolveRef } from "./allowed.ts";
import type { Problems } from "./problems.ts";
import { checkControls } from "./text.ts";
import { childOf, type ListTree, type MapTree, type Tree } from "./tree.ts";
import { oneOf } from "./words.ts";
import { readYaml } from "./yaml.ts";

const FORM = "path=value, such as corridor.byzantine=0 or members[halyk].issue=500.00";

/**
 * Puts the values of `--set path=value` into the tree, in order. Steps of a path are keys, positions
 * in lists (`banks[0]`) and ids or names of list items (`members[halyk]`); the position after the
 * last one adds an item. A text keeps being a text, and what the schema says is a text is one, so that
 * an amount or the path of a file needs no quotes.
 */
export function applySets(
  root: Tree,
  sets: readonly string[],
  problems: Problems,
  schema: JsonSchema = scenarioSchema,
): Tree {
  let tree = root;
  for (const [i, set] of sets.entries()) {
    tree = applySet(tree, { set, number: i + 1 }, problems, schema);
  }
  return tree;
}

function applySet(
  root: Tree,
  { set, number }: { readonly set: string; readonly number: number },
  problems: Problems,
  schema: JsonSchema,
): Tree {
  const refuse = (path: string, found: string, allowed: string): Tree => {
    const place = { file: SETS_FILE, line: number, column: 1 };
    problems.add({ code: "scenario_invalid", ...place, path, found, allowed });
    return root;
  };
  const text = checkControls(set, SETS_FILE);
  if (!text.ok) return refuse("", text.error.found, text.error.allowed);
  const equals = set.indexOf("=");
  if (equals === -1) return refuse("", quote(set), FORM);
  const steps = parseSteps(set.slice(0, equals));
  if (steps === undefined) return refuse("", quote(set.slice(0, equals)), FORM);

  const found = resolve(root, steps, schema);
  if ("missing" in found) {
    return refuse(renderPath(found.path), `${quote(found.missing)} in the path`, found.allowed);
  }
  const place = (line: number, column: number): Place => ({
    file: SETS_FILE,
    line: number,
    column: line === 1 ? equals + 1 + column : column,
  });
  const written = set.slice(equals + 1);
  const isText = isTextNow(found.current) || isTextBySchema(steps, schema);
  const value = readValue(written, isText, place, problems);
  if (value !== undefined) put(found.parent, found.step, value, place(1, -equals));
  return root;
}

function readValue(
  written: string,
  isText: boolean,
  place: (line: number, column: number) => Place,
  problems: Problems,
): Tree | undefined {
  if (isText && !/^\s*["'[{]/.test(written)) {
    return { kind: "scalar", place: place(1, 1), written, value: written };
  }
  return readYaml(written, place, problems);
}

const isTextNow = (current: Tree | undefined): boolean =>
  current?.kind === "scalar" && typeof current.value === "string";

const isTextBySchema = (
  [step, deeper]: readonly (string | number)[],
  schema: JsonSchema,
): boolean => deeper === undefined && propertyOf(schema, step).type === "string";

function put(parent: ListTree | MapTree, step: string | number, value: Tree, keyPlace: Place) {
  if (parent.kind === "list") parent.items[Number(step)] = value;
  else parent.entries.set(String(step), { keyPlace, value });
}

/** `members[2].bank` to `["members", 2, "bank"]`; a word in brackets is the id of a list item. */
function parseSteps(path: string): readonly (string | number)[] | undefined {
  if (!/^[A-Za-z][A-Za-z0-9_]*(\.[A-Za-z][A-Za-z0-9_]*|\[[A-Za-z0-9/_-]+\])*$/.test(path)) {
    return undefined;
  }
  return [...path.matchAll(/\[([^\]]+)\]|([A-Za-z0-9_]+)/g)].map(([, item, key = ""]) =>
    item === undefined ? key : /^[0-9]{1,9}$/.test(item) ? Number(item) : `[${item}`,
  );
}

type Resolved =
  | {
      readonly parent: ListTree | MapTree;
      readonly step: string | number;
      readonly current: Tree | undefined;
    }
  | { readonly path: Path; readonly missing: string; readonly allowed: string };

function resolve(root: Tree, steps: readonly (string | number)[], schema: JsonSchema): Resolved {
  let tree = root;
  const path: (string | number)[] = [];
  for (const [i, written] of steps.entries()) {
    const missing = String(written).replace(/^\[/, "");
    const step = stepIn(tree, written);
    if (step === undefined) return { path, missing, allowed: stepsOf(tree, missing) };
    path.push(step);
    if (i === 0 && steps.length > 1) addSection(tree, step, schema);
    const child = childOf(tree, step);
    if (i === steps.length - 1) return { parent: tree as ListTree | MapTree, step, current: child };
    if (child === undefined)
      return { path: path.slice(0, -1), missing, allowed: stepsOf(tree, missing) };
    tree = child;
  }
  return { path, missing: "", allowed: FORM };
}

/** A section of which every key may be left out is there, empty, even in a file that leaves it out. */
function addSection(root: Tree, step: string | number, schema: JsonSchema): void {
  if (root.kind !== "map" || typeof step !== "string" || root.entries.has(step)) return;
  const section = propertyOf(schema, step);
  if (section.type !== "object" || section.required?.length !== 0) return;
  const value: Tree = { kind: "map", place: root.place, entries: new Map() };
  root.entries.set(step, { keyPlace: root.place, value });
}

/** What the schema says of a key at the top; nothing of a key that it does not know. */
function propertyOf(
  { properties = {} }: JsonSchema,
  step: string | number | undefined,
): JsonSchema {
  const isKnown = step !== undefined && Object.hasOwn(properties, step);
  return isKnown ? resolveRef(properties[step] ?? {}) : {};
}

/** The step as this list or map knows it; `undefined` when it has no such step. */
function stepIn(tree: Tree, written: string | number): string | number | undefined {
  if (tree.kind === "map") {
    return typeof written === "string" && !written.startsWith("[") ? written : undefined;
  }
  if (tree.kind !== "list") return undefined;
  if (typeof written === "number") return written <= tree.items.length ? written : undefined;
  if (!written.startsWith("[")) return undefined;
  const index = tree.items.findIndex((item) => nameOf(item) === written.slice(1));
  return index === -1 ? undefined : index;
}

function stepsOf(tree: Tree, found: string): string {
  if (tree.kind === "map") return oneOf([...tree.entries.keys()].map(printable), found);
  if (tree.kind === "scalar") return "nothing below a single value";
  const names = tree.items.map(nameOf).filter((name) => name !== undefined);
  const positions = `a position from [0] to [${tree.items.length}]`;
  return names.length === 0 ? positions : `${positions}, or ${oneOf(names, found)}`;
}

/** What names a list item: its `id`, or the `pair` of a workload. */
function nameOf(item: Tree): string | undefined {
  for (const key of ["id", "pair"]) {
    const child = childOf(item, key);
    if (child?.kind === "scalar" && typeof child.value === "string") return child.value;
  }
  return undefined;
}
