/** What gave a planted bug away. */
export interface Finding {
  /** The property, rule or invariant that did not hold, with what was seen. */
  readonly what: string;
  /** The seed that shows it, or the title of the test. */
  readonly where: string;
}

/** The answer of a detecting process, printed as one line of JSON. */
export interface Detection {
  /** The detector that found it, or the last that looked. */
  readonly detector: string;
  readonly finding?: Finding;
  /** Why the process gave no answer. */
  readonly failure?: string;
  /** Whether the mutant's file has been loaded, with the bug in it. */
  readonly isPlanted: boolean;
}
