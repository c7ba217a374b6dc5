import { unreachable } from "../../crypto/outcome.ts";
import { quote, type Path, type Place } from "../problem.ts";

/**
 * A parsed file that still knows where everything stands. Keys are kept in a `Map`, so that a key
 * such as `__proto__` is a key like any other.
 */
export type Tree = ScalarTree | ListTree | MapTree;

export interface ScalarTree {
  readonly kind: "scalar";
  readonly place: Place;
  /** As it stands in the file, without quotes. */
  readonly written: string;
  /** A number that is not whole, or not in plain decimal digits, is `NaN`. */
  readonly value: string | number | boolean | null;
}

export interface ListTree {
  readonly kind: "list";
  readonly place: Place;
  readonly items: Tree[];
}

export interface MapTree {
  readonly kind: "map";
  readonly place: Place;
  readonly entries: Map<string, MapEntry>;
}

export interface MapEntry {
  readonly keyPlace: Place;
  readonly value: Tree;
}

/** The value as JSON has it; objects have no prototype. */
export function toPlain(tree: Tree): unknown {
  switch (tree.kind) {
    case "scalar":
      return tree.value;
    case "list":
      return tree.items.map(toPlain);
    case "map": {
      const plain = Object.create(null) as Record<string, unknown>;
      for (const [key, { value }] of tree.entries) plain[key] = toPlain(value);
      return plain;
    }
    default:
      return unreachable(tree);
  }
}

export function treeAt(root: Tree, path: Path): Tree | undefined {
  let tree: Tree | undefined = root;
  for (const step of path) tree = tree === undefined ? undefined : childOf(tree, step);
  return tree;
}

export function childOf(tree: Tree, step: string | number): Tree | undefined {
  if (tree.kind === "list") return typeof step === "number" ? tree.items[step] : undefined;
  if (tree.kind === "map") return tree.entries.get(String(step))?.value;
  return undefined;
}

/** Where the value stands; for a value that is missing, the innermost map or list around it. */
export function placeOf(root: Tree, path: Path): Place {
  let tree = root;
  for (const step of path) {
    const child = childOf(tree, step);
    if (child === undefined) break;
    tree = child;
  }
  return tree.place;
}

/** What stands at a place, for a message. */
export function describeFound(tree: Tree | undefined): string {
  if (tree === undefined) return "nothing";
  switch (tree.kind) {
    case "scalar":
      if (tree.value === null) return "nothing";
      return typeof tree.value === "string" ? quote(tree.value) : shortened(tree.written);
    case "list":
      return tree.items.length === 0 ? "an empty list" : `a list of ${tree.items.length}`;
    case "map":
      return tree.entries.size === 0 ? "an empty map" : "a map";
    default:
      return unreachable(tree);
  }
}

export const isOddNumber = (tree: Tree | undefined): boolean =>
  tree?.kind === "scalar" && Number.isNaN(tree.value);

const shortened = (written: string): string =>
  written.length > 40 ? `${written.slice(0, 40)}...` : written;
