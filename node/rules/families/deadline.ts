import { literal, tuple, type LayoutValue } from "../../../crypto/canonical-layout.ts";
import { factNameLayout, numberOf } from "../../facts.ts";
import { factOf, type Check } from "../judged.ts";

/** A fact is a time in milliseconds that has not come yet, such as the end of a QR code. */
export const DEADLINE = 11;
export const deadlineLayout = tuple({ kind: literal(DEADLINE), fact: factNameLayout });

export function compileDeadline({ fact }: LayoutValue<typeof deadlineLayout>): Check {
  return ({ movement }) => {
    const value = factOf(movement, fact);
    const end = numberOf(value);
    if (end !== undefined && BigInt(movement.timeMs) < end) return undefined;
    return {
      found: `time ${movement.timeMs}`,
      allowed: value === undefined ? `a stated ${fact}` : `before ${value}`,
    };
  };
}
