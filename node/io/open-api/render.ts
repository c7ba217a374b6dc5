import { bytesToHex } from "../../../crypto/bytes.ts";
import { renderPlace, type LedgerLine, type Part } from "../../channels/ledger-line.ts";
import type { Explanation } from "../../channels/history.ts";
import { UNTAGGED, type AccountId } from "../../ids.ts";
import type { Instruction, SignedInstruction } from "../../instruction.ts";
import { instructionHash } from "../../instruction.ts";
import { renderAmount, type Currency } from "../../money.ts";
import { REJECTION_TEXT } from "../../rules/codes.ts";
import { isRuleCode } from "./problem.ts";
import type { TransactionStatus } from "./schemas.ts";

type Json = Readonly<Record<string, unknown>>;

export const renderMoney = (minor: bigint, { code, decimals }: Currency): Json => ({
  currency: code,
  amount: renderAmount(minor, decimals),
});

/** The end of the year 9999, the last that RFC 3339 can write. */
const LAST_MS = 253_402_300_799_999;

export const renderTime = (ms: number): string => new Date(Math.min(ms, LAST_MS)).toISOString();

export const orNull = (tag: string): string | null => (tag === UNTAGGED ? null : tag);

/** What a line did to one account: one entry for each balance that it changed. */
export function renderEntries(
  line: LedgerLine,
  account: AccountId,
  currency: Currency,
): readonly Json[] {
  return line.parts
    .filter((part) => part.account === account)
    .map((part) => renderEntry(line, part, currency));
}

/** Entries with the status BOOK add up to the booked balance, all of them to the available one. */
function renderEntry(line: LedgerLine, part: Part, currency: Currency): Json {
  const { account, tag, posted, pending } = part;
  const change = posted === 0n ? pending : posted;
  const other = line.from === account ? line.to : line.from;
  return {
    entryReference: renderPlace(line.place),
    amount: renderMoney(change < 0n ? -change : change, currency),
    creditDebitIndicator: change < 0n ? "DBIT" : "CRDT",
    status: posted !== 0n && pending !== 0n ? "PDNG" : "BOOK",
    bookingDate: renderTime(line.timeMs),
    bankTransactionCode: line.kind,
    tag: orNull(tag),
    counterparty: other === account ? null : other,
    line: line.line,
    purpose: line.purpose,
    invoice: line.invoice,
    instruction: line.order === null ? null : `${line.order.member}/${line.order.number}`,
  };
}

/** The status of an instruction, from the line that took it in. */
export function renderStatus(
  line: LedgerLine,
  why: Explanation | undefined,
  status: TransactionStatus = line.rejection === null ? "ACSC" : "RJCT",
): Json {
  return {
    originalInstructionIdentification: `${line.order?.member}/${line.order?.number}`,
    instruction: line.order?.hash,
    transactionStatus: status,
    ...(line.rejection === null
      ? {}
      : { statusReasonInformation: renderReason(line.rejection.code, why) }),
    acceptanceDateTime: renderTime(line.timeMs),
    ledgerEntry: renderPlace(line.place),
  };
}

/** The status of an instruction that is in no durable block yet. */
export const renderUndecided = (
  { member, number }: Instruction,
  signed: SignedInstruction,
  status: TransactionStatus,
): Json => ({
  originalInstructionIdentification: `${member}/${number}`,
  instruction: bytesToHex(instructionHash(signed)),
  transactionStatus: status,
});

export const renderReason = (code: string, why: Explanation | undefined): Json => ({
  reason: { proprietary: code },
  additionalInformation: [
    ...(isRuleCode(code) ? [REJECTION_TEXT[code]] : []),
    ...(why === undefined ? [] : [`found ${why.found}`, `allowed: ${why.allowed}`]),
  ],
});
