/**
 * One planted bug: a single rule of one file changed. Nothing of it is in the program: the edit is made
 * while the file is loaded, in a process that does nothing else.
 */
export interface Mutant {
  /** Lower case words with hyphens. */
  readonly name: string;
  /** The rule that it breaks: of protocols.md, or an invariant's name. */
  readonly rule: string;
  /** From the project's root. */
  readonly file: string;
  /** Stands in the file exactly once. */
  readonly find: string;
  readonly replace: string;
  /** What looks for it, in this order, until one sees it: see `detectors.ts`. */
  readonly detectors: readonly DetectorName[];
}

/** The worlds in which banks run, or a test file by its path under test/, without its ending. */
export type DetectorName =
  "chaos" | "swarm" | `${"crypto" | "node" | "corridor" | "auditor"}/${string}`;

/** The file's text with the bug in it. A mutant that no longer fits its file is an error, never a miss. */
export function plant({ name, file, find, replace }: Mutant, source: string): string {
  const count = source.split(find).length - 1;
  if (count !== 1) {
    throw new RangeError(`mutant ${name}: its text stands in ${file} ${count} times, not once`);
  }
  return source.replace(find, () => replace);
}
