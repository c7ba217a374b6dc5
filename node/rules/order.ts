import { ok, reject, type Outcome } from "../../crypto/outcome.ts";
import type { Books } from "../accounts/books.ts";
import { tagKey } from "../ids.ts";
import { MAX_FLAGS } from "../limits.ts";
import { mirrorTakesOver, tagStaysAtHome } from "./border.ts";
import {
  attestationBound,
  balanceBound,
  fundsSuffice,
  holdBudget,
  reservesSuffice,
  swapInTime,
} from "./funds.ts";
import {
  domesticIssue,
  memberConnected,
  memberRole,
  movementWellFormed,
  swapClass,
} from "./members.ts";
import type { Finding, Movement, Rule, RuleRejection } from "./rule.ts";
import { findingOf } from "./rule-set.ts";
import {
  chainDisclosed,
  tagDepth,
  tagEvidence,
  tagLine,
  tagLineRemainder,
  tagPayee,
  tagPurpose,
  tagRegion,
  tagUnitPrice,
} from "./tag-payment.ts";
import {
  fundOwnerClass,
  tagChannel,
  tagDefinable,
  tagFrozen,
  tagKnown,
  tagOwner,
  tagValid,
} from "./tags.ts";
import { vatSplit } from "./vat.ts";

/** The rules before the bank's own: who takes part, and what the tag allows. */
const RULES_BEFORE: readonly Rule[] = [
  memberConnected,
  movementWellFormed,
  memberRole,
  domesticIssue,
  swapClass,
  fundOwnerClass,
  tagDefinable,
  tagKnown,
  tagOwner,
  tagFrozen,
  tagValid,
  tagChannel,
  tagStaysAtHome,
  mirrorTakesOver,
  tagPayee,
  tagPurpose,
  tagLine,
  tagLineRemainder,
  tagUnitPrice,
  tagRegion,
  tagDepth,
  chainDisclosed,
  tagEvidence,
  vatSplit,
];

/** The rules after the bank's own: limits of the books, then funds. */
const RULES_AFTER: readonly Rule[] = [
  swapInTime,
  holdBudget,
  balanceBound,
  attestationBound,
  reservesSuffice,
  fundsSuffice,
];

/**
 * The order of checks: the first that refuses decides the code (FORMAT.md, section 8, has the same
 * list). The rules of the bank's own set stand between the two parts, in the order of the set.
 */
export const RULES: readonly Rule[] = [...RULES_BEFORE, ...RULES_AFTER];

/**
 * Whether the bank's rules let a movement pass, and which of them note it although it passes. Pure: the
 * same books and movement, the same answer.
 */
export function decideMovement(
  books: Books,
  movement: Movement,
): Outcome<readonly RuleRejection[], RuleRejection> {
  const flags: RuleRejection[] = [];
  const tag = movement.tag === null ? undefined : books.tags.get(tagKey(movement.tag));
  for (const rule of RULES_BEFORE) {
    const refused = weigh(rule.id, rule.check(books, movement, tag), flags);
    if (refused !== undefined) return reject(refused);
  }
  const judged = { books, movement, tag, set: books.rules };
  for (const rule of books.rules.rules) {
    const refused = weigh(rule.id, findingOf(rule, judged), flags);
    if (refused !== undefined) return reject(refused);
  }
  for (const rule of RULES_AFTER) {
    const refused = weigh(rule.id, rule.check(books, movement, tag), flags);
    if (refused !== undefined) return reject(refused);
  }
  return ok(flags);
}

/** Notes a flag, or gives the rejection. */
function weigh(
  rule: string,
  finding: Finding | undefined,
  flags: RuleRejection[],
): RuleRejection | undefined {
  if (finding === undefined) return undefined;
  const { code, found, allowed, flag } = finding;
  const noted = { code, rule, found, allowed };
  if (flag !== true) return noted;
  if (flags.length < MAX_FLAGS) flags.push(noted);
  return undefined;
}
