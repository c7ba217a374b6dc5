import { literal, tuple, uint, type LayoutValue } from "../../../crypto/canonical-layout.ts";
import type { Check } from "../judged.ts";

/**
 * Whoever receives this money has not paid an import from tagged money shortly before: tagged tenge
 * that became yuan and comes back as plain tenge is a round trip.
 */
export const RETURNING = 13;
export const returningLayout = tuple({ kind: literal(RETURNING), withinMs: uint() });

export function compileReturning({ withinMs }: LayoutValue<typeof returningLayout>): Check {
  return ({ books, movement: { payee, timeMs } }) => {
    const released = payee === null ? undefined : books.importReleases.get(payee);
    if (released === undefined || timeMs - released > withinMs) return undefined;
    return {
      found: `${payee} paid a tagged import ${timeMs - released} ms before`,
      allowed: `more than ${withinMs} ms between`,
    };
  };
}
