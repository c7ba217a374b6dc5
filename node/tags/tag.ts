import type { AccountId, TagId } from "../ids.ts";
import { ZERO, type Amount } from "../money.ts";
import type { TagDefinition } from "./definition.ts";

/** One tag as the ledger keeps it, with counters for TagConservation. */
export interface Tag {
  readonly id: TagId;
  readonly definition: TagDefinition;
  readonly payees: ReadonlyMap<AccountId, { readonly final: boolean }>;
  readonly lines: ReadonlyMap<string, EstimateLine>;
  /** TagConservation: issued = held + released + returned, at every prefix of the ledger. */
  issued: Amount;
  held: Amount;
  released: Amount;
  returned: Amount;
  /** What each account received under a line and has not paid on, keyed `account line`. */
  readonly lineHoldings: Map<string, Amount>;
  /** Accounts that hold some of it; the sweep at expiry visits these. */
  readonly holders: Set<AccountId>;
}

export interface EstimateLine {
  readonly maxAmount: Amount;
  /** LineRemainder: released <= paidIn <= maxAmount. */
  paidIn: Amount;
  released: Amount;
}

export function newTag(id: TagId, definition: TagDefinition): Tag {
  return {
    id,
    definition,
    payees: new Map(definition.payees.map((p) => [p.account, { final: p.final === 1 }])),
    lines: new Map(
      definition.lines.map((l) => [
        l.line,
        { maxAmount: l.maxAmount, paidIn: ZERO, released: ZERO },
      ]),
    ),
    issued: ZERO,
    held: ZERO,
    released: ZERO,
    returned: ZERO,
    lineHoldings: new Map(),
    holders: new Set(),
  };
}

export const lineHoldingKey = (account: AccountId, line: string): string => `${account} ${line}`;
