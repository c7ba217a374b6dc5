/**
 * What is to happen, ordered by time and, at equal times, by the order in which it was asked for: two
 * runs that ask for the same things in the same order live through the same history.
 */
export class EventQueue<T> {
  readonly #times: number[] = [];
  readonly #orders: number[] = [];
  readonly #events: T[] = [];
  #asked = 0;

  get size(): number {
    return this.#events.length;
  }

  /** The time of the next event; infinity when there is none. */
  get nextAt(): number {
    return this.#times[0] ?? Infinity;
  }

  add(at: number, event: T): void {
    let i = this.#events.length;
    const order = this.#asked++;
    while (i > 0) {
      const parent = (i - 1) >> 1;
      if ((this.#times[parent] as number) <= at) break;
      this.#move(parent, i);
      i = parent;
    }
    this.#put(i, at, order, event);
  }

  /** Takes out the next event. */
  take(): T | undefined {
    const first = this.#events[0];
    const at = this.#times.pop();
    const order = this.#orders.pop() as number;
    const last = this.#events.pop();
    if (at === undefined || last === undefined) return undefined;
    const size = this.#events.length;
    if (size === 0) return last;
    let i = 0;
    for (;;) {
      let child = 2 * i + 1;
      if (child >= size) break;
      if (child + 1 < size && this.#isBefore(child + 1, child)) child++;
      const childAt = this.#times[child] as number;
      if (childAt > at || (childAt === at && (this.#orders[child] as number) > order)) break;
      this.#move(child, i);
      i = child;
    }
    this.#put(i, at, order, last);
    return first;
  }

  #isBefore(a: number, b: number): boolean {
    const [atA, atB] = [this.#times[a] as number, this.#times[b] as number];
    return atA < atB || (atA === atB && (this.#orders[a] as number) < (this.#orders[b] as number));
  }

  #move(from: number, to: number): void {
    this.#put(
      to,
      this.#times[from] as number,
      this.#orders[from] as number,
      this.#events[from] as T,
    );
  }

  #put(i: number, at: number, order: number, event: T): void {
    this.#times[i] = at;
    this.#orders[i] = order;
    this.#events[i] = event;
  }
}
