import type { Bytes } from "../../crypto/bytes.ts";
import { encode } from "../../crypto/canonical-layout.ts";
import type { Signer } from "../../crypto/ed25519.ts";
import { hashKey, type Hash } from "../../crypto/hash.ts";
import { encodeSubmission, SUBMISSION } from "../../corridor/submissions.ts";
import { commitmentOf } from "../../corridor/terms.ts";
import { termsLayout, type Terms } from "../../node/terms.ts";
import type { MemberId } from "../../node/ids.ts";
import {
  ORDER,
  signInstruction,
  type Order,
  type SignedInstruction,
} from "../../node/instruction.ts";
import type { MemberClass } from "../../node/members.ts";
import type { Amount } from "../../node/money.ts";
import { FRESH_SECRETS, type Secrets } from "./secrets.ts";

/** How the secret of a member's key is named, before the member's own name. */
export const KEY_OF = "key of ";

/** A member's signing key, and the numbers it has used at each bank. */
export class Wallet {
  readonly member: MemberId;
  readonly #signer: Signer;
  readonly #numbers = new Map<number, number>();

  constructor(member: MemberId, secrets: Secrets = FRESH_SECRETS) {
    this.member = member;
    this.#signer = secrets.signer(secrets.bytes(`${KEY_OF}${member}`));
  }

  get key(): Bytes {
    return this.#signer.publicKey;
  }

  sign(net: Hash, bank: number, order: Order): SignedInstruction & { readonly number: number } {
    const number = (this.#numbers.get(bank) ?? 0) + 1;
    this.#numbers.set(bank, number);
    const { member } = this;
    return { ...signInstruction({ net, bank, member, number, order }, this.#signer), number };
  }
}

/** A signed order as a bank takes it in, with what identifies the answer. */
export interface Submission {
  readonly bank: number;
  readonly bytes: Bytes;
  readonly member: string;
  readonly number: number;
}

export function submitOrder(wallet: Wallet, net: Hash, bank: number, order: Order): Submission {
  const { number, ...instruction } = wallet.sign(net, bank, order);
  const bytes = encodeSubmission({ kind: SUBMISSION.instruction, instruction });
  return { bank, bytes, member: wallet.member, number };
}

export interface SwapSubmission extends Submission {
  readonly commitment: string;
}

/** A swap that its payers agreed on and signed; it goes to the bank of leg 0. */
export function submitSwap(
  terms: Terms,
  payers: readonly { readonly wallet: Wallet; readonly bank: number; readonly tag: Hash | null }[],
  net: Hash,
  salt: Bytes = FRESH_SECRETS.bytes("salt"),
): SwapSubmission {
  const bytes = encode(termsLayout, terms);
  const commitment = commitmentOf(bytes, salt);
  const signed = payers.map(({ wallet, bank, tag }) =>
    wallet.sign(net, bank, { kind: ORDER.swap, commitment, tag }),
  );
  const [first] = payers;
  const instructions = signed.map(({ body, signature }) => ({ body, signature }));
  return {
    bank: first?.bank ?? 0,
    bytes: encodeSubmission({ kind: SUBMISSION.swap, terms: bytes, salt, instructions }),
    member: first?.wallet.member ?? "",
    number: signed[0]?.number ?? 0,
    commitment: hashKey(commitment),
  };
}

export interface Enrolment {
  readonly wallet: Wallet;
  readonly memberClass: MemberClass;
  readonly resident: boolean;
  readonly reserves: Amount;
}

export function enrolmentBytes({ wallet, memberClass, resident, reserves }: Enrolment): Bytes {
  return encodeSubmission({
    kind: SUBMISSION.enrolment,
    member: wallet.member,
    memberClass,
    resident: resident ? 1 : 0,
    key: wallet.key as Hash,
    reserves,
  });
}
