import { renderPath, type Path } from "../problem.ts";
import type { Findings } from "./problems.ts";
import { oneOf } from "./words.ts";

/** What names in a file stand for. A name is put once and looked up where it is used. */
export class Names<T> {
  /** False when an entry has no name of its own: an unknown name may be that one, and is not noted. */
  isComplete = true;
  readonly #what: string;
  readonly #entries = new Map<string, { readonly value: T | undefined; readonly path: Path }>();
  #names: readonly string[] | undefined;

  /** `what` says in the plural what is named. */
  constructor(what: string) {
    this.#what = what;
  }

  /** `value` is absent when something else is wrong with the entry; its name is known all the same. */
  put(name: string | undefined, value: T | undefined, path: Path, findings: Findings): void {
    if (name === undefined) {
      this.isComplete = false;
      return;
    }
    const first = this.#entries.get(name);
    if (first === undefined) {
      this.#entries.set(name, { value, path });
      return;
    }
    this.isComplete = false;
    findings.invalid(path, `each one once; ${renderPath(first.path)} has it already`);
  }

  get(name: string | undefined): T | undefined {
    return name === undefined ? undefined : this.#entries.get(name)?.value;
  }

  /** The named thing; an unknown name is noted. An absent one was noted before. */
  find(name: string | undefined, path: Path, findings: Findings): T | undefined {
    if (name !== undefined && this.isComplete && !this.#entries.has(name)) {
      this.#names ??= [...this.#entries.keys()];
      findings.invalid(path, oneOf(this.#names, name, `a file with ${this.#what}; it has none`));
    }
    return this.get(name);
  }

  /** Whether something was put that has no name or no value: a choice among the rest proves nothing. */
  hasGaps(): boolean {
    return !this.isComplete || this.values().length < this.#entries.size;
  }

  values(): readonly T[] {
    return [...this.#entries.values()].flatMap(({ value }) => (value === undefined ? [] : [value]));
  }
}
