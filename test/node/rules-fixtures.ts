import { checkConservation, type Books } from "../../node/accounts/books.ts";
import { applyEntry } from "../../node/domestic/apply.ts";
import { NO_FACTS } from "../../node/facts.ts";
import { accountId } from "../../node/ids.ts";
import { ORDER } from "../../node/instruction.ts";
import { DOMESTIC } from "../../node/ledger/domestic-entries.ts";
import { decideMovement } from "../../node/rules/order.ts";
import type { Movement } from "../../node/rules/rule.ts";
import type { TagDefinition } from "../../node/tags/definition.ts";
import { bytesNamed } from "../bytes.ts";
import {
  amount,
  booksOfMembers,
  encodeDefinition,
  net,
  PROGRAMME,
  ROAD,
  tagOf,
  taken,
} from "./fixtures.ts";

export const ROAD_ID = tagOf(ROAD);

/** Books with money: 50 at bank-a, 50 at the treasury, 40 under the road contract, 20 of it received. */
export function books(): Books {
  const result = booksOfMembers();
  let number = 0;
  const take = (member: string, entry: object): void => {
    const { signed } = taken(member, ++number, { kind: ORDER.issue, amount: amount(0) });
    applyEntry(result, { instruction: signed, timeMs: 0, ...entry } as never);
  };
  const definition = encodeDefinition(ROAD);
  const { signed } = taken("treasury", ++number, { kind: ORDER.defineTag, definition });
  applyEntry(result, { kind: DOMESTIC.TAG_DEFINE, instruction: signed, timeMs: 0 });
  take("bank-a", { kind: DOMESTIC.ISSUE, account: accountId("bank-a"), amount: amount(50) });
  const treasury = accountId("treasury");
  take("treasury", { kind: DOMESTIC.ISSUE, account: treasury, amount: amount(90) });
  const tag = { tag: ROAD_ID, amount: amount(40) };
  take("treasury", { kind: DOMESTIC.TAG_ISSUE, account: treasury, ...tag });
  const payment = { payee: accountId("builder"), tag: ROAD_ID, line: "A", amount: amount(20) };
  const order = { kind: ORDER.transfer, ...payment, purpose: "WORKS", facts: [] };
  const paid = taken("treasury", ++number, order).signed;
  const entry = { kind: DOMESTIC.XFER, payer: treasury, ...payment, flags: [] };
  applyEntry(result, { ...entry, instruction: paid, timeMs: 0 });
  if (checkConservation(result) !== undefined) throw new Error("the books do not add up");
  return result;
}

const PLAIN: Movement = {
  by: null,
  channel: "transfer",
  payer: accountId("bank-a"),
  payee: accountId("bank-b"),
  tag: null,
  amount: amount(50),
  line: null,
  purpose: null,
  facts: NO_FACTS,
  definition: null,
  legs: null,
  expiryMs: null,
  case: null,
  timeMs: 500,
};

/** One movement of each channel that every rule lets pass, at its own bounds. */
export const PASSING = {
  transfer: PLAIN,
  issue: { ...PLAIN, channel: "issue", payee: null, amount: amount(40) },
  redeem: { ...PLAIN, channel: "redeem", payee: null },
  swap: { ...PLAIN, channel: "swap", payee: accountId("abroad"), expiryMs: 501 },
  "tagged transfer": {
    ...PLAIN,
    payer: accountId("builder"),
    payee: accountId("canteen"),
    tag: ROAD_ID,
    amount: amount(20),
    line: "A",
    purpose: "MEALS",
  },
  "owner's transfer": {
    ...PLAIN,
    payer: accountId("treasury"),
    payee: accountId("builder"),
    tag: ROAD_ID,
    amount: amount(20),
    line: "A",
    purpose: "WORKS",
  },
  "define-tag": {
    ...PLAIN,
    channel: "define-tag",
    payee: null,
    amount: amount(0),
    definition: { id: tagOf(PROGRAMME), value: PROGRAMME, net },
  },
  "issue-tag": {
    ...PLAIN,
    channel: "issue-tag",
    payer: accountId("treasury"),
    payee: null,
    tag: ROAD_ID,
  },
  "return-tag": {
    ...PLAIN,
    channel: "return-tag",
    payer: accountId("builder"),
    payee: accountId("treasury"),
    tag: ROAD_ID,
    amount: amount(20),
  },
} as const satisfies Record<string, Movement>;

export type Base = keyof typeof PASSING;

/** The rule that refuses and its code, or `passes`. */
export function verdictOn(movement: Movement, on: Books = books()): string {
  const verdict = decideMovement(on, movement);
  if (verdict.ok) return "passes";
  return `${verdict.error.rule} ${verdict.error.code}`;
}

/** The verdict on a passing movement after a change. */
export const spoilt = (base: Base, change: Partial<Movement>, on?: Books): string =>
  verdictOn({ ...PASSING[base], ...change }, on);

/** Another definition, with its own id. */
export const definition = (change: Partial<TagDefinition>): Partial<Movement> => {
  const value = { ...PROGRAMME, ...change };
  return { definition: { id: tagOf(value), value, net } };
};

export const UNKNOWN_TAG = bytesNamed("no such tag");
