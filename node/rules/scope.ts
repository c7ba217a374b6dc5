import { list, oneOf, tuple, uint, type LayoutValue } from "../../crypto/canonical-layout.ts";
import type { Books } from "../accounts/books.ts";
import { factNameLayout, factValueLayout } from "../facts.ts";
import { memberOf, type AccountId } from "../ids.ts";
import { factOf, isAbove, isCrossBorder, maybeLimitLayout, type Judged } from "./judged.ts";
import { CHANNEL, type Movement } from "./rule.ts";

/** Values that one condition lists. */
const MAX_CONDITION_VALUES = 64;

/** A fact that is there and has one of these values; no values mean any. */
const conditionLayout = tuple({
  name: factNameLayout,
  values: list(factValueLayout, MAX_CONDITION_VALUES),
});

export const BORDER = { any: 0, domestic: 1, cross: 2 } as const;
export const RESIDENCE = { any: 0, resident: 1, "non-resident": 2 } as const;

/** Bits of `tags`: untagged money, then the kinds of tags. */
export const ANY_TAG = 0b11_1111;

/** What a rule of a set is about; it says nothing of any other movement. */
export const scopeLayout = tuple({
  /** Bit n - 1 stands for the channel numbered n. */
  channels: uint(0b1111_1111_1111),
  border: oneOf(0, 1, 2),
  /** Bit 0 stands for untagged money, bit n for tags of kind n. */
  tags: uint(ANY_TAG),
  /** Bit n - 1 stands for the class numbered n; 0 means any. */
  payerClasses: uint(0b11_1111_1111),
  payeeClasses: uint(0b11_1111_1111),
  payerResidence: oneOf(0, 1, 2),
  payeeResidence: oneOf(0, 1, 2),
  /** Only amounts above this. */
  above: maybeLimitLayout,
  /** All of these hold ... */
  when: list(conditionLayout, 8),
  /** ... and none of these. */
  unless: list(conditionLayout, 8),
});

export type Scope = LayoutValue<typeof scopeLayout>;

/** Whether a rule with this scope is about the movement. */
export function isInScope(scope: Scope, judged: Judged): boolean {
  const { books, movement } = judged;
  if (((scope.channels >> (CHANNEL[movement.channel] - 1)) & 1) === 0) return false;
  if (((scope.tags >> (judged.tag?.definition.kind ?? 0)) & 1) === 0) return false;
  if (scope.border !== BORDER.any) {
    if (isCrossBorder(books, movement) !== (scope.border === BORDER.cross)) return false;
  }
  const { payer, payee } = movement;
  if (!isParty(books, payer, scope.payerClasses, scope.payerResidence)) return false;
  if (!isParty(books, payee, scope.payeeClasses, scope.payeeResidence)) return false;
  if (scope.above !== null && !isAbove(movement.amount, scope.above, judged.set)) return false;
  return (
    scope.when.every((condition) => isMet(condition, movement)) &&
    !scope.unless.some((condition) => isMet(condition, movement))
  );
}

function isParty(
  { members }: Books,
  account: AccountId | null,
  classes: number,
  residence: Scope["payerResidence"],
): boolean {
  if (classes === 0 && residence === RESIDENCE.any) return true;
  const member = account === null ? undefined : members.get(memberOf(account));
  if (member === undefined) return false;
  if (classes !== 0 && ((classes >> (member.memberClass - 1)) & 1) === 0) return false;
  return residence === RESIDENCE.any || member.resident === (residence === RESIDENCE.resident);
}

function isMet({ name, values }: LayoutValue<typeof conditionLayout>, movement: Movement): boolean {
  const value = factOf(movement, name);
  return value !== undefined && (values.length === 0 || values.includes(value));
}
