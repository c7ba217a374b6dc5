import { literal, tuple, type LayoutValue } from "../../../crypto/canonical-layout.ts";
import { balanceKey } from "../../accounts/keys.ts";
import { isAbove, limitLayout, limitText, type Check } from "../judged.ts";

/** The payee's untagged balance, with what is under holds, is not above the limit afterwards. */
export const BALANCE = 7;
export const balanceLimitLayout = tuple({ kind: literal(BALANCE), limit: limitLayout });

export function compileBalance({ limit }: LayoutValue<typeof balanceLimitLayout>): Check {
  const allowed = limitText(limit);
  return ({ books, movement, set }) => {
    if (movement.payee === null) return undefined;
    const now = books.balances.get(balanceKey(movement.payee, null));
    const after = (now?.posted ?? 0n) + (now?.pending ?? 0n) + movement.amount;
    return isAbove(after, limit, set) ? { found: `${after}`, allowed } : undefined;
  };
}
