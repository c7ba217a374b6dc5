import type { Instant } from "../node/time.ts";

/** Every timer of a bank, with its reason. The machine keeps them and asks its driver for one wake-up. */
export type Deadline =
  /** The fast path of a swap had its time: the slow path opens. */
  | { readonly kind: "swap-ttl"; readonly key: string }
  /** A view of the slow path had its time: the next one opens. */
  | { readonly kind: "swap-view"; readonly key: string; readonly view: number }
  /** A time has come that an arrangement looks at: a lock is over, votes are late, a payment is due. */
  | { readonly kind: "swap-due"; readonly key: string }
  /** The announcement of a swap, or its terms, have not come: ask for them, and less often each time. */
  | { readonly kind: "swap-missing"; readonly key: string; readonly waitMs: number }
  /** A submission whose swap was never announced is forgotten. */
  | { readonly kind: "offer"; readonly key: string }
  /** Tell the peers how far the logs reach. */
  | { readonly kind: "heads" }
  /** Tagged money may have expired. */
  | { readonly kind: "tags" };

interface Entry<D> {
  readonly at: Instant;
  /** Breaks ties: earlier asked, earlier served. */
  readonly order: number;
  readonly deadline: D;
}

/** A binary heap ordered by (time, order of asking). */
export interface Deadlines<D = Deadline> {
  readonly heap: Entry<D>[];
  asked: number;
}

export const newDeadlines = <D = Deadline>(): Deadlines<D> => ({ heap: [], asked: 0 });

export const nextDeadline = <D>(d: Deadlines<D>): Instant | undefined => d.heap[0]?.at;

export function addDeadline<D>(d: Deadlines<D>, at: Instant, deadline: D): void {
  const { heap } = d;
  const entry = { at, order: d.asked++, deadline };
  let i = heap.push(entry) - 1;
  while (i > 0) {
    const parent = (i - 1) >> 1;
    if (isBefore(heap[parent] as Entry<D>, entry)) break;
    heap[i] = heap[parent] as Entry<D>;
    i = parent;
  }
  heap[i] = entry;
}

/** Takes the earliest deadline that is due at `now`, if there is one. */
export function takeDue<D>(d: Deadlines<D>, now: Instant): D | undefined {
  const { heap } = d;
  const first = heap[0];
  if (first === undefined || first.at > now) return undefined;
  const last = heap.pop() as Entry<D>;
  if (heap.length === 0) return first.deadline;
  let i = 0;
  for (;;) {
    let child = 2 * i + 1;
    if (child >= heap.length) break;
    const right = child + 1;
    if (right < heap.length && isBefore(heap[right] as Entry<D>, heap[child] as Entry<D>))
      child = right;
    if (isBefore(last, heap[child] as Entry<D>)) break;
    heap[i] = heap[child] as Entry<D>;
    i = child;
  }
  heap[i] = last;
  return first.deadline;
}

const isBefore = <D>(a: Entry<D>, b: Entry<D>): boolean =>
  a.at < b.at || (a.at === b.at && a.order < b.order);
