import type { Books } from "../accounts/books.ts";
import { tagKey } from "../ids.ts";
import type { Counted } from "../rules/families/total.ts";
import type { Movement } from "../rules/rule.ts";
import { countsOf } from "../rules/rule-set.ts";

const NOTHING: readonly Counted[] = [];

/** Adds a movement that is carried out to the sums of the bank's rules; says what it added. */
export function countMovement(books: Books, movement: Movement): readonly Counted[] {
  if (!books.rules.hasTotals) return NOTHING;
  const tag = movement.tag === null ? undefined : books.tags.get(tagKey(movement.tag));
  const counts = countsOf({ books, movement, tag, set: books.rules });
  for (const { key, period, by } of counts) {
    const total = books.totals.get(key);
    if (total?.period === period) total.sum += by;
    else books.totals.set(key, { period, sum: by });
  }
  return counts;
}

/** Takes back what a voided hold had added, unless its period is over. */
export function uncount(books: Books, counts: readonly Counted[]): void {
  for (const { key, period, by } of counts) {
    const total = books.totals.get(key);
    if (total === undefined || total.period !== period) continue;
    total.sum -= by;
    if (total.sum === 0n) books.totals.delete(key);
  }
}
