import type { Verifier } from "../../crypto/ed25519.ts";
import { digestParts, DOMAIN, equalHash, type Hash } from "../../crypto/hash.ts";
import { newBooks, type Books } from "../../node/accounts/books.ts";
import { applyEntry } from "../../node/domestic/apply.ts";
import type { Decision, TakenInstruction } from "../../node/domestic/decide.ts";
import type { Genesis } from "../../node/genesis.ts";
import {
  instructionHash,
  instructionSignedBytes,
  parseInstruction,
  type SignedInstruction,
} from "../../node/instruction.ts";
import type { DomesticDraft } from "../../node/ledger/domestic-entries.ts";
import { judgeNumber } from "../../node/members.ts";
import type { SharedAnnouncement } from "./announcement.ts";

/** A swap that ended. */
export interface ClosedSwap {
  readonly sid: Hash;
  readonly expiryMs: number;
}

/** The one ledger: the books of every currency, and what makes each transaction count once. */
export interface SharedLedger {
  readonly genesis: Genesis;
  readonly verifier: Verifier;
  /** By the number of the bank whose currency they are. */
  readonly books: ReadonlyMap<number, Books>;
  /** The number of the next batch of each bank. */
  readonly nextBatch: Map<number, number>;
  /** By commitment, in the order in which they were closed. */
  readonly closed: Map<string, ClosedSwap>;
  /** Of the last executed block. */
  timeMs: number;
  height: number;
  /** Commits to every result so far. */
  root: Hash;
}

/** What an executed transaction did, to whoever has something to tell about it. */
export type LedgerOutcome =
  | {
      readonly kind: "instruction";
      readonly bank: number;
      readonly taken: TakenInstruction;
      readonly decision: Decision;
    }
  /** A member's order that changed nothing: its number was used, or it was not the member's. */
  | {
      readonly kind: "ignored";
      readonly bank: number;
      readonly taken: TakenInstruction;
      readonly code: "exists" | "replay" | "signature_invalid" | "MEMBER_NOT_CONNECTED";
    }
  | {
      readonly kind: "swap";
      readonly sid: Hash;
      readonly swapKey: string;
      readonly announcement: SharedAnnouncement;
      readonly outcome: "settled" | "voided";
      /** Why it was voided. */
      readonly code: string | null;
      /** Whose rules refused it when it was executed, with their decision. */
      readonly refusedBy:
        | { readonly bank: number; readonly taken: TakenInstruction; readonly decision: Decision }
        | undefined;
    };

/** Domestic entries of one currency, in the order in which they were carried out. */
export interface Carried {
  readonly bank: number;
  readonly entry: DomesticDraft;
}

/** A transaction while it is executed. */
export interface Execution {
  readonly ledger: SharedLedger;
  readonly timeMs: number;
  readonly carried: Carried[];
  readonly outcomes: LedgerOutcome[];
}

export function newSharedLedger(genesis: Genesis, verifier: Verifier): SharedLedger {
  return {
    genesis,
    verifier,
    books: new Map(genesis.banks.map(({ number }) => [number as number, newBooks()])),
    nextBatch: new Map(genesis.banks.map(({ number }) => [number as number, 1])),
    closed: new Map(),
    timeMs: 0,
    height: 0,
    root: digestParts(DOMAIN.chainResult, genesis.net),
  };
}

export interface JudgedInstruction {
  readonly taken: TakenInstruction;
  readonly verdict: "free" | "exists" | "replay" | "signature_invalid" | "MEMBER_NOT_CONNECTED";
}

/** Whether a member of the bank signed it and its number is free; a code when it is no order to this bank. */
export function judgeInstruction(
  { genesis, verifier, books }: SharedLedger,
  bank: number,
  signed: SignedInstruction,
): JudgedInstruction | string {
  const parsed = parseInstruction(signed);
  if (!parsed.ok) return parsed.error.code;
  const instruction = parsed.value;
  if (instruction.bank !== bank || !equalHash(instruction.net, genesis.net))
    return "wrong_corridor";
  const taken = { instruction, signed };
  const member = books.get(bank)?.members.get(instruction.member);
  if (member === undefined) return { taken, verdict: "MEMBER_NOT_CONNECTED" };
  const message = instructionSignedBytes(signed.body);
  if (!verifier.verify(member.key, message, signed.signature).valid) {
    return { taken, verdict: "signature_invalid" };
  }
  const verdict = judgeNumber(member.numbers, instruction.number, instructionHash(signed));
  return { taken, verdict };
}

export function booksOf({ books }: SharedLedger, bank: number): Books {
  const found = books.get(bank);
  if (found === undefined) throw new TypeError(`no bank ${bank}`);
  return found;
}

export function carryOut(execution: Execution, bank: number, entry: DomesticDraft): void {
  applyEntry(booksOf(execution.ledger, bank), entry);
  execution.carried.push({ bank, entry });
}
