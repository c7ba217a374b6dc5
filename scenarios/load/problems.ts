import { renderPath, wholeFile, type Path, type Place, type ScenarioProblem } from "../problem.ts";
import { MAX_PROBLEMS } from "../scenario-limits.ts";
import { describeFound, placeOf, treeAt, type Tree } from "./tree.ts";

/** Collects what is wrong; beyond `MAX_PROBLEMS` it only counts. */
export class Problems {
  readonly #listed: ScenarioProblem[] = [];
  readonly #seen = new Set<string>();
  #count = 0;

  add(problem: ScenarioProblem): void {
    const { file, line, column, path, found, allowed } = problem;
    const mark = JSON.stringify([file, line, column, path, found, allowed]);
    if (this.#seen.has(mark)) return;
    this.#count += 1;
    if (this.isFull()) return;
    this.#seen.add(mark);
    this.#listed.push(problem);
  }

  isEmpty(): boolean {
    return this.#count === 0;
  }

  isFull(): boolean {
    return this.#listed.length >= MAX_PROBLEMS;
  }

  /** In the order of the file, then of the `--set`s; the last one counts what is not listed. */
  inOrder(file: string): readonly ScenarioProblem[] {
    const group = (problem: ScenarioProblem): number => (problem.file === file ? 0 : 1);
    const listed = this.#listed.toSorted(
      (a, b) =>
        group(a) - group(b) ||
        compareText(a.file, b.file) ||
        a.line - b.line ||
        a.column - b.column ||
        compareText(a.path, b.path),
    );
    if (this.#count <= listed.length) return listed;
    return [
      ...listed,
      {
        code: "limit_exceeded",
        ...wholeFile(file),
        found: `${this.#count} problems`,
        allowed: `none; the first ${MAX_PROBLEMS} are listed`,
        what: "problems listed",
        limit: MAX_PROBLEMS,
      },
    ];
  }
}

const compareText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

export interface Bound {
  readonly what: string;
  readonly limit: number;
}

/** Notes what is wrong with the value at a path, with the place and the words of the file. */
export class Findings {
  readonly #root: Tree;
  readonly #problems: Problems;

  constructor(root: Tree, problems: Problems) {
    this.#root = root;
    this.#problems = problems;
  }

  invalid(path: Path, allowed: string, found = describeFound(treeAt(this.#root, path))): void {
    this.#problems.add({ code: "scenario_invalid", ...this.#at(path), found, allowed });
  }

  exceeds(
    path: Path,
    bound: Bound,
    allowed: string,
    found = describeFound(treeAt(this.#root, path)),
  ): void {
    this.#problems.add({ code: "limit_exceeded", ...this.#at(path), found, allowed, ...bound });
  }

  /** A key that does not belong in its map: the place is that of the key. */
  unknownKey(map: Path, key: string, allowed: string): void {
    const tree = treeAt(this.#root, map);
    const keyPlace = tree?.kind === "map" ? tree.entries.get(key)?.keyPlace : undefined;
    const { file, line, column }: Place = keyPlace ?? placeOf(this.#root, map);
    const path = renderPath([...map, key]);
    const found = "an unknown key";
    this.#problems.add({ code: "scenario_invalid", file, line, column, path, found, allowed });
  }

  #at(path: Path): Place & { readonly path: string } {
    const { file, line, column } = placeOf(this.#root, path);
    return { file, line, column, path: renderPath(path) };
  }
}
