import { invariant } from "../../crypto/outcome.ts";

/**
 * The abstract model of protocols.md 3.13: the rules of certified commit alone, for one swap, without
 * messages, disks or time. It checks that no two certificates differ (P2) and that no COMMIT certificate
 * exists without the LOCKs of all correct participants (P3).
 *
 * Whatever a Byzantine bank could sign counts as signed, so it has no state of its own. The states of one
 * correct bank are numbered as they are met; a state of all is the LOCKs and one such number a bank,
 * together one integer.
 */
export interface Model {
  readonly n: number;
  /** Byzantine banks there are; the last ones. */
  readonly liars: number;
  readonly quorum: number;
  readonly maxView: number;
  /** Banks taking part that are correct: the first ones. The other of two is Byzantine. */
  readonly participants: number;
  readonly mutation?: Mutation;
}

/** One rule of 3.6 left out. */
export type Mutation =
  /** S3: a STATUS never has P. */
  | "status omits P"
  /** S3, S5: a LEAD is computed as if no lock was reported. */
  | "locks ignored"
  /** S1, S2: VOTE is allowed in any view. */
  | "vote after status"
  /** S5: COMMIT when P is reported, whatever the locks. */
  | "P dominates locks"
  /** S3, the durable rule: a bank that voted may forget P. */
  | "amnesia";

export interface ModelResult {
  readonly states: number;
  /** Breadth-first levels; the initial state is level 1. */
  readonly depth: number;
  /** The level of the first violation. */
  readonly violationAt: number | undefined;
}

const COMMIT = 1;
const ABORT = 2;
type Value = typeof COMMIT | typeof ABORT;
const VALUES: readonly Value[] = [COMMIT, ABORT];

const NO_P = 1;
const WITH_P = 2;

/** More states than one bank can be in: 4 banks and the LOCKs fit into 53 bits. */
const LOCAL_BASE = 4096;

/** Steps of one bank; a view or a value is added to the last three. */
const STEP = { learnP: 0, vote: 1, forget: 2, enter: 4, accept: 8, confirm: 12 } as const;
const STEPS = 16;

/** What one correct bank has signed, and knows. */
interface Local {
  readonly view: number;
  readonly knowsP: boolean;
  readonly voted: boolean;
  /** By view, from 1 on: 0 while it was not entered, then `NO_P` or `WITH_P`. */
  readonly status: readonly number[];
  /** By view: 0 or the value. */
  readonly accepted: readonly number[];
  readonly confirmed: readonly number[];
}

/** Searches all states breadth first, until a violation or to the end. */
export function checkModel(model: Model, maxStates = Infinity): ModelResult {
  const locals = new Locals(model);
  const space = new Space(model, locals);
  let level: number[] = [space.start];
  const seen = new NumberSet();
  seen.add(space.start);
  for (let depth = 1; ; depth++) {
    const next: number[] = [];
    for (const state of level) {
      if (space.isViolation(state)) return { states: seen.size, depth, violationAt: depth };
      if (seen.size > maxStates) return { states: seen.size, depth, violationAt: undefined };
      space.forEachNext(state, (other) => {
        if (seen.add(other)) next.push(other);
      });
    }
    if (next.length === 0) return { states: seen.size, depth, violationAt: undefined };
    level = next;
  }
}

/** The states of one bank, numbered, with the steps between them. */
class Locals {
  readonly all: Local[] = [];
  readonly #numbers = new Map<string, number>();
  readonly #steps = new Int32Array(LOCAL_BASE * STEPS).fill(-1);

  constructor({ maxView }: Model) {
    const none = Array.from({ length: maxView + 1 }, () => 0);
    const fresh = { view: 0, knowsP: false, voted: false };
    this.number({ ...fresh, status: none, accepted: none, confirmed: none });
  }

  number(local: Local): number {
    const key = JSON.stringify(local);
    let number = this.#numbers.get(key);
    if (number === undefined) {
      number = this.all.push(local) - 1;
      invariant(number < LOCAL_BASE, "Model", `a bank has more than ${LOCAL_BASE} states`);
      this.#numbers.set(key, number);
    }
    return number;
  }

  get(number: number): Local {
    return this.all[number] as Local;
  }

  /** The state after a step; `step` is a number below `STEPS` that stands for the change. */
  after(number: number, step: number, change: (local: Local) => Partial<Local>): number {
    const known = this.#steps[number * STEPS + step] as number;
    if (known !== -1) return known;
    const local = this.get(number);
    const next = this.number({ ...local, ...change(local) });
    this.#steps[number * STEPS + step] = next;
    return next;
  }
}

const withAt = (values: readonly number[], at: number, value: number): readonly number[] =>
  values.with(at, value);

/** The states of all correct banks together, each in one number. */
class Space {
  readonly start: number;
  readonly #model: Model;
  readonly #locals: Locals;
  readonly #correct: number;
  readonly #numbers: number[];
  readonly #banks: Local[];
  readonly #allLocks: number;
  /** What `#justified` found, by all that it depends on. */
  readonly #known = new Map<number, readonly Value[]>();

  constructor(model: Model, locals: Locals) {
    this.#model = model;
    this.#locals = locals;
    this.#correct = model.n - model.liars;
    this.#numbers = Array.from({ length: this.#correct }, () => 0);
    this.#banks = this.#numbers.map((number) => locals.get(number));
    this.#allLocks = 2 ** model.participants - 1;
    this.start = 0;
  }

  /** LOCKs in the lowest two bits, then the banks, the last one highest. */
  #decode(state: number): number {
    const locks = state % 4;
    let rest = (state - locks) / 4;
    for (let i = 0; i < this.#correct; i++) {
      const number = rest % LOCAL_BASE;
      rest = (rest - number) / LOCAL_BASE;
      this.#numbers[i] = number;
      this.#banks[i] = this.#locals.get(number);
    }
    return locks;
  }

  isViolation(state: number): boolean {
    const locks = this.#decode(state);
    const { maxView, quorum, liars } = this.#model;
    let votes = liars;
    for (const bank of this.#banks) if (bank.voted) votes++;
    let commit = votes >= quorum;
    let abort = false;
    for (let view = 1; view <= maxView; view++) {
      commit ||= this.#count("confirmed", view, COMMIT) >= quorum;
      abort ||= this.#count("confirmed", view, ABORT) >= quorum;
    }
    return commit && (abort || locks !== this.#allLocks);
  }

  /** How many banks signed it, all Byzantine ones among them. */
  #count(field: "accepted" | "confirmed", view: number, value: Value): number {
    let count = this.#model.liars;
    for (const bank of this.#banks) if (bank[field][view] === value) count++;
    return count;
  }

  forEachNext(state: number, visit: (next: number) => void): void {
    const locks = this.#decode(state);
    const { participants } = this.#model;
    for (let bank = 0; bank < participants; bank++) {
      const mine = 2 ** bank;
      if ((locks & mine) === 0 && this.#banks[bank]?.view === 0) visit(state + mine);
    }
    const holdsP = locks === this.#allLocks;
    let unit = 4;
    for (let i = 0; i < this.#correct; i++, unit *= LOCAL_BASE) {
      const number = this.#numbers[i] as number;
      const bank = this.#banks[i] as Local;
      const go = (next: number): void => visit(state + (next - number) * unit);
      this.#alone(bank, number, holdsP, go);
      const { view } = bank;
      if (view === 0) continue;
      if (bank.accepted[view] === 0) {
        const values = this.#allowed(view, holdsP);
        for (const value of values) go(this.#sign(number, "accepted", value));
      }
      if (bank.confirmed[view] === 0) {
        for (const value of VALUES) {
          const enough = this.#count("accepted", view, value) >= this.#model.quorum;
          if (enough) go(this.#sign(number, "confirmed", value));
        }
      }
    }
  }

  #sign(number: number, field: "accepted" | "confirmed", value: Value): number {
    const step = (field === "accepted" ? STEP.accept : STEP.confirm) + value;
    return this.#locals.after(number, step, (bank) => ({
      [field]: withAt(bank[field], bank.view, value),
    }));
  }

  /** What a bank does without hearing of others, except that P holds. */
  #alone(bank: Local, number: number, holdsP: boolean, go: (next: number) => void): void {
    const { maxView, mutation } = this.#model;
    const locals = this.#locals;
    if (holdsP && !bank.knowsP) go(locals.after(number, STEP.learnP, () => ({ knowsP: true })));
    if (bank.knowsP && !bank.voted && (bank.view === 0 || mutation === "vote after status")) {
      go(locals.after(number, STEP.vote, () => ({ voted: true })));
    }
    if (mutation === "amnesia" && bank.voted && bank.knowsP) {
      go(locals.after(number, STEP.forget, () => ({ knowsP: false })));
    }
    for (let view = bank.view + 1; view <= maxView; view++) {
      const next = locals.after(number, STEP.enter + view, ({ knowsP, status }) => {
        const reported = knowsP && mutation !== "status omits P" ? WITH_P : NO_P;
        return { view, status: withAt(status, view, reported) };
      });
      go(next);
    }
  }

  #allowed(view: number, holdsP: boolean): readonly Value[] {
    const { quorum } = this.#model;
    let key = view * 2 + (holdsP ? 1 : 0);
    for (let v = 1; v < view; v++) {
      for (const x of VALUES) key = key * 2 + (this.#count("accepted", v, x) >= quorum ? 1 : 0);
    }
    for (const { status, confirmed } of this.#banks) {
      key = key * 3 + (status[view] as number);
      for (let v = 1; v < view; v++) key = key * 3 + (confirmed[v] as number);
    }
    const values = this.#known.get(key) ?? this.#justified(view, holdsP);
    this.#known.set(key, values);
    return values;
  }

  /** The values that some q STATUSes of a view allow a leader to propose. */
  #justified(view: number, holdsP: boolean): readonly Value[] {
    const { liars, quorum } = this.#model;
    const found = new Set<Value>();
    for (let chosen = 0; chosen < 2 ** this.#correct; chosen++) {
      const banks = this.#banks.filter((_, i) => (chosen & (1 << i)) !== 0);
      const byLiars = quorum - banks.length;
      if (byLiars < 0 || byLiars > liars || banks.some((bank) => bank.status[view] === 0)) continue;
      for (const value of this.#valuesOf(banks, view, byLiars > 0, holdsP)) found.add(value);
      if (found.size === VALUES.length) break;
    }
    return [...found];
  }

  /** What these STATUSes give, with whatever Byzantine banks add to them. */
  #valuesOf(
    banks: readonly Local[],
    view: number,
    withLiars: boolean,
    holdsP: boolean,
  ): readonly Value[] {
    const { mutation, quorum } = this.#model;
    const ignoresLocks = mutation === "locks ignored";
    const someP = banks.some((bank) => bank.status[view] === WITH_P);
    if (mutation === "P dominates locks" && someP) return [COMMIT];
    let highest = 0;
    let locked: number = 0;
    for (const bank of ignoresLocks ? [] : banks) {
      for (let v = highest + 1; v < view; v++) {
        if (bank.confirmed[v] !== 0) [highest, locked] = [v, bank.confirmed[v] as number];
      }
    }
    const values: Value[] = [];
    if (locked !== 0) values.push(locked as Value);
    else values.push(someP ? COMMIT : ABORT);
    if (!withLiars) return values;
    if (holdsP && (locked === 0 || mutation === "P dominates locks")) values.push(COMMIT);
    if (ignoresLocks) return values;
    for (let v = Math.max(highest, 1); v < view; v++) {
      for (const x of VALUES) if (this.#count("accepted", v, x) >= quorum) values.push(x);
    }
    return values;
  }
}

/** A set of integers from 0 to 2^53 - 1: open addressing over a typed array. */
class NumberSet {
  size = 0;
  #slots = new Float64Array(1 << 16).fill(-1);

  /** Whether it is new. */
  add(value: number): boolean {
    if (this.size * 2 >= this.#slots.length) this.#grow();
    return this.#put(this.#slots, value);
  }

  #put(slots: Float64Array, value: number): boolean {
    const mask = slots.length - 1;
    const low = value % 4294967296;
    const high = (value - low) / 4294967296;
    let at = Math.imul(low ^ Math.imul(high, 0x9e3779b1), 0x85ebca6b);
    at = (at ^ (at >>> 15)) & mask;
    for (;;) {
      const found = slots[at] as number;
      if (found === value) return false;
      if (found === -1) break;
      at = (at + 1) & mask;
    }
    slots[at] = value;
    this.size++;
    return true;
  }

  #grow(): void {
    const slots = new Float64Array(this.#slots.length * 2).fill(-1);
    this.size = 0;
    for (const value of this.#slots) if (value !== -1) this.#put(slots, value);
    this.#slots = slots;
  }
}
