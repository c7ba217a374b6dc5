import type { Books } from "../accounts/books.ts";
import { ok, reject, type Outcome } from "../../crypto/outcome.ts";
import { tagStaysAtHome } from "./border.ts";
import { balanceBound, fundsSuffice, holdBudget, reservesSuffice, swapInTime } from "./funds.ts";
import { domesticIssue, memberConnected, movementWellFormed, swapClass } from "./members.ts";
import type { Movement, Rule, RuleRejection } from "./rule.ts";
import {
  fundOwnerClass,
  tagChannel,
  tagDefinable,
  tagKnown,
  tagLine,
  tagLineRemainder,
  tagOwner,
  tagPayee,
  tagPurpose,
  tagValid,
} from "./tags.ts";

/** The order of checks: the first that refuses decides the code (FORMAT.md, section 8, has the same list). */
export const RULES: readonly Rule[] = [
  memberConnected,
  movementWellFormed,
  domesticIssue,
  swapClass,
  fundOwnerClass,
  tagDefinable,
  tagKnown,
  tagOwner,
  tagValid,
  tagChannel,
  tagStaysAtHome,
  tagPayee,
  tagPurpose,
  tagLine,
  tagLineRemainder,
  swapInTime,
  holdBudget,
  balanceBound,
  reservesSuffice,
  fundsSuffice,
];

/** Whether the bank's rules let a movement pass. Pure: the same books and movement, the same answer. */
export function decideMovement(books: Books, movement: Movement): Outcome<null, RuleRejection> {
  for (const rule of RULES) {
    const refused = rule.check(books, movement);
    if (refused !== undefined) return reject({ ...refused, rule: rule.id });
  }
  return ok(null);
}
