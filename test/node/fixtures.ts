import { encode } from "../../crypto/canonical-layout.ts";
import type { Signature } from "../../crypto/ed25519.ts";
import { newBooks, type Books } from "../../node/accounts/books.ts";
import { applyEntry } from "../../node/domestic/apply.ts";
import type { TakenInstruction } from "../../node/domestic/decide.ts";
import { accountId, memberId } from "../../node/ids.ts";
import { instructionLayout, type Order } from "../../node/instruction.ts";
import { DOMESTIC, type DraftOf } from "../../node/ledger/domestic-entries.ts";
import { MEMBER_CLASS, type MemberClassName } from "../../node/members.ts";
import type { Amount } from "../../node/money.ts";
import {
  PLAIN_LINE,
  PLAIN_TAG,
  tagDefinitionLayout,
  tagIdOf,
  type TagDefinition,
} from "../../node/tags/definition.ts";
import { bytesNamed } from "../bytes.ts";

/** A bank's members in tests: one of each class, and a commercial bank from abroad. */
export const MEMBERS = {
  "bank-a": { memberClass: "commercial-bank", resident: true, reserves: 90 },
  "bank-b": { memberClass: "commercial-bank", resident: true, reserves: 40 },
  treasury: { memberClass: "treasury", resident: true, reserves: 120 },
  builder: { memberClass: "company", resident: true, reserves: 10 },
  canteen: { memberClass: "payment-organisation", resident: true, reserves: 0 },
  abroad: { memberClass: "commercial-bank", resident: false, reserves: 10 },
} as const satisfies Record<
  string,
  { memberClass: MemberClassName; resident: boolean; reserves: number }
>;

export type MemberName = keyof typeof MEMBERS;
export const MEMBER_NAMES = Object.keys(MEMBERS) as readonly MemberName[];

export const amount = (n: number | bigint): Amount => BigInt(n) as Amount;
export const net = bytesNamed("genesis");

export function enrolment(name: MemberName): DraftOf<typeof DOMESTIC.ENROL> {
  const { memberClass, resident, reserves } = MEMBERS[name];
  return {
    kind: DOMESTIC.ENROL,
    member: memberId(name),
    memberClass: MEMBER_CLASS[memberClass],
    resident: resident ? 1 : 0,
    key: bytesNamed(`key of ${name}`),
    reserves: amount(reserves),
    timeMs: 0,
  };
}

/** The books of a bank that has enrolled its members and has issued nothing yet. */
export function booksOfMembers(): Books {
  const books = newBooks();
  for (const name of MEMBER_NAMES) applyEntry(books, enrolment(name));
  return books;
}

/** An instruction as it is when its signature has been checked; the rules never look at that again. */
export function taken(member: string, number: number, order: Order): TakenInstruction {
  const instruction = { net, bank: 1, member: memberId(member), number, order };
  const body = encode(instructionLayout, instruction);
  return {
    instruction,
    signed: { body, signature: new Uint8Array(64) as Uint8Array as Signature },
  };
}

/** A road contract: the treasury pays a builder, who buys from a canteen; there it ends. */
export const ROAD: TagDefinition = {
  ...PLAIN_TAG,
  net,
  kind: 1,
  colour: "blue",
  fundOwner: memberId("treasury"),
  reference: "road A-17",
  purposes: ["WORKS", "MEALS"],
  payees: [
    { account: accountId("builder"), final: 0 },
    { account: accountId("canteen"), final: 1 },
    { account: accountId("treasury"), final: 1 },
  ],
  lines: [
    { line: "A", maxAmount: amount(60), ...PLAIN_LINE },
    { line: "B", maxAmount: amount(30), ...PLAIN_LINE },
  ],
  validFromMs: 0,
  validToMs: 1_000,
  estimateHash: null,
};

/** A commercial bank's own programme, which begins later and names an account of a non-resident. */
export const PROGRAMME: TagDefinition = {
  ...ROAD,
  kind: 4,
  colour: "green",
  fundOwner: memberId("bank-a"),
  reference: "subsidy 3",
  purposes: ["MEALS"],
  payees: [
    { account: accountId("builder"), final: 0 },
    { account: accountId("bank-b"), final: 0 },
    { account: accountId("bank-a"), final: 0 },
    { account: accountId("abroad"), final: 1 },
  ],
  lines: [
    { line: "A", maxAmount: amount(45), ...PLAIN_LINE },
    { line: "B", maxAmount: amount(15), ...PLAIN_LINE },
  ],
  validFromMs: 300,
  validToMs: 2_000,
};

/** A definition that no rule lets pass: the owner is a company. */
export const PRIVATE: TagDefinition = { ...ROAD, fundOwner: memberId("builder"), colour: "red" };

export const encodeDefinition = (definition: TagDefinition) =>
  encode(tagDefinitionLayout, definition);
export const tagOf = (definition: TagDefinition) => tagIdOf(encodeDefinition(definition));
