import { literal, tuple } from "../../../crypto/canonical-layout.ts";
import { factOf, type Check } from "../judged.ts";

/** Whatever the rule is about does not pass. */
export const FORBID = 12;
export const forbidLayout = tuple({ kind: literal(FORBID) });

export function compileForbid(): Check {
  return ({ movement }) => {
    const how = factOf(movement, "channel") ?? movement.channel;
    return { found: `${how} by ${movement.payer}`, allowed: "nothing of this kind" };
  };
}
