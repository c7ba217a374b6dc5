import { nullable, oneOf, tuple, type LayoutValue } from "../../crypto/canonical-layout.ts";
import type { Books } from "../accounts/books.ts";
import { memberOf } from "../ids.ts";
import { amountLayout } from "../money.ts";
import type { Movement } from "./rule.ts";
import type { RuleSet } from "./rule-set.ts";
import type { Tag } from "../tags/tag.ts";

/** What a rule of a bank's own set sees. */
export interface Judged {
  readonly books: Books;
  readonly movement: Movement;
  /** The movement's tag, if it has one. */
  readonly tag: Tag | undefined;
  readonly set: RuleSet;
}

/** Why a rule of the set does not let a movement pass; its code and verdict are the set's. */
export interface Refusal {
  readonly found: string;
  readonly allowed: string;
}

/** One family's rule with its parameters filled in. */
export type Check = (judged: Judged) => Refusal | undefined;

export const UNIT = { minor: 0, "us-cents": 1 } as const;

/** A limit in minor units of the bank's currency, or in US cents at the set's reference rate. */
export const limitLayout = tuple({ unit: oneOf(0, 1), amount: amountLayout });
export type Limit = LayoutValue<typeof limitLayout>;

export const maybeLimitLayout = nullable(limitLayout);

/** Whether an amount in minor units is above the limit; exact, without rounding. */
export function isAbove(amount: bigint, limit: Limit, { usd }: RuleSet): boolean {
  if (limit.unit === UNIT.minor) return amount > limit.amount;
  return amount * usd.cents > limit.amount * usd.minor;
}

export const limitText = ({ unit, amount }: Limit): string =>
  unit === UNIT.minor ? `at most ${amount}` : `at most ${amount} US cents`;

/** A fact by its name; purpose and line of a payment can be asked for like facts. */
export function factOf(movement: Movement, name: string): string | undefined {
  const stated = movement.facts.get(name);
  if (stated !== undefined) return stated;
  if (name === "purpose") return movement.purpose ?? undefined;
  return name === "line" ? (movement.line ?? undefined) : undefined;
}

/** Whether money changes country: a leg of a swap, or a payment from or to a non-resident. */
export function isCrossBorder({ members }: Books, { channel, payer, payee }: Movement): boolean {
  if (channel === "swap") return true;
  const isResident = (account: typeof payer): boolean =>
    members.get(memberOf(account))?.resident ?? false;
  return !isResident(payer) || (payee !== null && !isResident(payee));
}
