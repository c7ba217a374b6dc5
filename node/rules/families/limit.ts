import { literal, tuple, type LayoutValue } from "../../../crypto/canonical-layout.ts";
import { isAbove, limitLayout, limitText, type Check } from "../judged.ts";

/** One payment is not above the limit. */
export const LIMIT = 6;
export const paymentLimitLayout = tuple({ kind: literal(LIMIT), limit: limitLayout });

export function compileLimit({ limit }: LayoutValue<typeof paymentLimitLayout>): Check {
  const allowed = limitText(limit);
  return ({ movement, set }) =>
    isAbove(movement.amount, limit, set) ? { found: `${movement.amount}`, allowed } : undefined;
}
