import type { AccountId, MemberId, TagId } from "../ids.ts";
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
  /** How many steps from the owner the money of an account came, at most; gone with the money. */
  readonly depths: Map<AccountId, number>;
  /** Disclosed contracts, keyed `payer payee line`. */
  readonly contracts: Map<string, Contract>;
  /** Documents used up as evidence, keyed `topic line hash`. */
  readonly usedEvidence: Set<string>;
  /** Frozen accounts; the empty name stands for the whole tag. */
  readonly frozen: Map<AccountId | "", Freeze>;
}

export interface EstimateLine {
  readonly maxAmount: Amount;
  readonly maxUnitPrice: Amount | null;
  readonly quantity: number | null;
  readonly importable: boolean;
  /** LineRemainder: released <= paidIn <= maxAmount. */
  paidIn: Amount;
  released: Amount;
  /** Pieces bought so far. */
  bought: bigint;
  /** What the owner has contracted under the line; at most maxAmount. */
  contracted: Amount;
}

export interface Contract {
  amount: Amount;
  paid: Amount;
}

export interface Freeze {
  readonly by: MemberId;
  readonly case: string;
}

export function newTag(id: TagId, definition: TagDefinition): Tag {
  return {
    id,
    definition,
    payees: new Map(definition.payees.map((p) => [p.account, { final: p.final === 1 }])),
    lines: new Map(
      definition.lines.map(({ line, maxAmount, maxUnitPrice, quantity, importable }) => [
        line,
        {
          maxAmount,
          maxUnitPrice,
          quantity,
          importable: importable === 1,
          paidIn: ZERO,
          released: ZERO,
          bought: 0n,
          contracted: ZERO,
        },
      ]),
    ),
    issued: ZERO,
    held: ZERO,
    released: ZERO,
    returned: ZERO,
    lineHoldings: new Map(),
    holders: new Set(),
    depths: new Map(),
    contracts: new Map(),
    usedEvidence: new Set(),
    frozen: new Map(),
  };
}

export const lineHoldingKey = (account: AccountId, line: string): string => `${account} ${line}`;

export const contractKey = (payer: AccountId, payee: AccountId, line: string): string =>
  `${payer} ${payee} ${line}`;

export const evidenceKey = (topic: string, line: string, hash: string): string =>
  `${topic} ${line} ${hash}`;

export const isOwner = (tag: Tag, account: AccountId): boolean =>
  (tag.definition.fundOwner as string) === account;

/** The freeze that stops an account's money under a tag, if there is one. */
export const freezeOn = (tag: Tag, account: AccountId): Freeze | undefined =>
  tag.frozen.get("") ?? tag.frozen.get(account);

/** What a payer may still pay under a line: the owner its remainder, others what they received. */
export function lineRemainder(tag: Tag, payer: AccountId, line: string): bigint {
  const estimate = tag.lines.get(line);
  if (estimate === undefined) return 0n;
  return isOwner(tag, payer)
    ? estimate.maxAmount - estimate.paidIn
    : (tag.lineHoldings.get(lineHoldingKey(payer, line)) ?? 0n);
}

export const depthOf = (tag: Tag, account: AccountId): number =>
  isOwner(tag, account) ? 0 : (tag.depths.get(account) ?? 0);

/** Documents that a payment must show: the topics, each named by the fact of the same name in lower case. */
export function* evidenceAsked(tag: Tag, final: boolean): Generator<string> {
  for (const asked of tag.definition.evidence) {
    if (asked.final === 0 || final) yield asked.topic;
  }
}

export const evidenceFact = (topic: string): string => topic.toLowerCase();
