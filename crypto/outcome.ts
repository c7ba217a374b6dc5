/** The result of anything that may refuse: a value, or a rejection that says why. Only bugs throw. */
export type Outcome<T, E> =
  { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: E };

export const ok = <T>(value: T): { readonly ok: true; readonly value: T } => ({ ok: true, value });

export const reject = <E>(error: E): { readonly ok: false; readonly error: E } => ({
  ok: false,
  error,
});

/** A named invariant does not hold: the only error that the core throws. */
export class InvariantViolation extends Error {
  override readonly name = "InvariantViolation";
  readonly invariant: string;
  constructor(invariant: string, detail: string) {
    super(`${invariant}: ${detail}`);
    this.invariant = invariant;
  }
}

/** Throws `InvariantViolation` when `condition` is false. `invariant` is the name listed in the README. */
export function invariant(condition: boolean, name: string, detail: string): asserts condition {
  if (!condition) throw new InvariantViolation(name, detail);
}

/** Ends an exhaustive `switch`: a value that reaches it is a bug. */
export function unreachable(value: never): never {
  throw new InvariantViolation("Exhaustive", `unexpected value ${String(value)}`);
}
