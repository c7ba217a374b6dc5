import type { Bytes } from "../../crypto/bytes.ts";
import { encode } from "../../crypto/canonical-layout.ts";
import type { Signer } from "../../crypto/ed25519.ts";
import { hashKey, type Hash } from "../../crypto/hash.ts";
import { encodeAnnouncement, swapIdOf, type Announcement } from "../../corridor/announcement.ts";
import { EPOCH } from "../../corridor/bank-state.ts";
import { encodeSubmission, SUBMISSION } from "../../corridor/submissions.ts";
import { commitmentOf } from "../../corridor/terms.ts";
import { accountId, memberId } from "../../node/ids.ts";
import {
  ORDER,
  signInstruction,
  type Order,
  type SignedInstruction,
} from "../../node/instruction.ts";
import { MEMBER_CLASS } from "../../node/members.ts";
import type { Amount } from "../../node/money.ts";
import { termsLayout, type Terms } from "../../node/terms.ts";
import { currencyOf, EPOCH_START_MS, namedSeed, TTL_MS, type FixedCorridor } from "./corridor.ts";

// --- Members and what they submit.

const memberSigner = (corridor: FixedCorridor, member: number): Signer =>
  corridor.signatures.signer(namedSeed(`key of member ${member}`));

export const memberName = (member: number) => memberId(`m${member}`);
export const accountName = (member: number) => accountId(`m${member}`);

/** Enrols member `member` at bank `bank`, where it is resident if the numbers are the same. */
export function enrolment(corridor: FixedCorridor, bank: number, member: number): Bytes {
  return encodeSubmission({
    kind: SUBMISSION.enrolment,
    member: memberName(member),
    memberClass: MEMBER_CLASS["commercial-bank"],
    resident: bank === member ? 1 : 0,
    key: memberSigner(corridor, member).publicKey as Bytes as Hash,
    reserves: 1_000_000n as Amount,
  });
}

export function signedOrder(
  corridor: FixedCorridor,
  place: { readonly bank: number; readonly member: number; readonly number: number },
  order: Order,
): SignedInstruction {
  const { bank, member, number } = place;
  const { net } = corridor.genesis;
  const instruction = { net, bank, member: memberName(member), number, order };
  return signInstruction(instruction, memberSigner(corridor, member));
}

export function orderSubmission(
  corridor: FixedCorridor,
  place: { readonly bank: number; readonly member: number; readonly number: number },
  order: Order,
): Bytes {
  const instruction = signedOrder(corridor, place, order);
  return encodeSubmission({ kind: SUBMISSION.instruction, instruction });
}

/** What every bank needs before a swap: its members, and money of its own resident. */
export function foundingSubmissions(
  corridor: FixedCorridor,
  bank: number,
  money = 1_000n,
): readonly Bytes[] {
  const members = corridor.genesis.banks.map((other) => enrolment(corridor, bank, other.number));
  const order = { kind: ORDER.issue, amount: money as Amount };
  return [...members, orderSubmission(corridor, { bank, member: bank, number: 1 }, order)];
}

// --- Swaps.

/** Leg i: on the ledger of `bank`, member `payer` pays member `payee`. */
export interface AgreedLeg {
  readonly bank: number;
  readonly payer: number;
  readonly payee: number;
  readonly amount: bigint;
}

/** A swap that its payers have agreed on and signed; it has no sid before a bank announces it. */
export interface AgreedSwap {
  readonly legs: readonly AgreedLeg[];
  readonly terms: Bytes;
  readonly salt: Bytes;
  readonly commitment: Hash;
  readonly expiryMs: number;
  /** The payer's instruction for each leg. */
  readonly instructions: readonly SignedInstruction[];
}

export interface SwapRequest {
  /** Distinguishes swaps; also the number of every payer's instruction. */
  readonly number: number;
  readonly legs: readonly AgreedLeg[];
  readonly expiryMs?: number;
}

/** Each bank's resident pays the next bank's, in a ring; two banks swap. */
export function ringLegs(banks: readonly number[], amount = 10n): readonly AgreedLeg[] {
  return banks.map((bank, i) => {
    const payee = banks[(i + 1) % banks.length] as number;
    return { bank, payer: bank, payee, amount };
  });
}

export function agreeSwap(corridor: FixedCorridor, request: SwapRequest): AgreedSwap {
  const { number, legs, expiryMs = EPOCH_START_MS + 60_000 } = request;
  const stated: Terms = {
    legs: legs.map(({ bank, payer, payee, amount }) => ({
      payer: accountName(payer),
      payee: accountName(payee),
      currency: currencyOf(bank),
      amount: amount as Amount,
    })),
    expiryMs,
    border: [],
  };
  const terms = encode(termsLayout, stated);
  const salt = namedSeed(`salt of deal ${number}`);
  const commitment = commitmentOf(terms, salt);
  const instructions = legs.map(({ bank, payer }) =>
    signedOrder(
      corridor,
      { bank, member: payer, number },
      { kind: ORDER.swap, commitment, tag: null },
    ),
  );
  return { legs, terms, salt, commitment, expiryMs, instructions };
}

/** The swap as submitted to a bank, with the payers' instructions of all legs or of these alone. */
export function swapSubmission(
  swap: AgreedSwap,
  legs: readonly number[] = [...swap.legs.keys()],
): Bytes {
  return encodeSubmission({
    kind: SUBMISSION.swap,
    terms: swap.terms,
    salt: swap.salt,
    instructions: legs.map((leg) => swap.instructions[leg] as SignedInstruction),
  });
}

/** The announcement that the bank of leg 0 makes of a swap; tests that lie change its fields. */
export function announcementOf(
  corridor: FixedCorridor,
  swap: AgreedSwap,
  changes: Partial<Announcement> = {},
): { readonly bytes: Bytes; readonly sid: Hash; readonly key: string } {
  const bytes = encodeAnnouncement({
    version: 1,
    net: corridor.genesis.net,
    epoch: EPOCH,
    legBanks: swap.legs.map((leg) => leg.bank),
    createdMs: EPOCH_START_MS,
    expiryMs: swap.expiryMs,
    arrangement: "certified",
    params: { ttlMs: TTL_MS },
    commitment: swap.commitment,
    ...changes,
  } as Announcement);
  const sid = swapIdOf(bytes);
  return { bytes, sid, key: hashKey(sid) };
}
