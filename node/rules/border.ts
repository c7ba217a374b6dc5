import { memberOf, tagKey } from "../ids.ts";
import type { Rule } from "./rule.ts";

/**
 * KZ-9 under border mode DENY: tagged money is never a swap leg, and no account of a non-resident ever
 * holds it. That such money stays at home follows from its being bound to a contract (inferred).
 */
export const tagStaysAtHome: Rule = {
  id: "KZ-9",
  basis: "model",
  check: (books, { channel, payee, tag }) => {
    if (tag === null) return undefined;
    const forbidden = (found: string) =>
      ({
        code: "TAG_EXPORT_FORBIDDEN",
        found,
        allowed: "untagged money abroad (border mode DENY)",
      }) as const;
    if (channel === "swap") return forbidden(`swap leg paid from tag ${tagKey(tag).slice(0, 16)}`);
    const receiver = payee === null ? undefined : books.members.get(memberOf(payee));
    if (receiver !== undefined && !receiver.resident) return forbidden(`non-resident ${payee}`);
    return undefined;
  },
};
