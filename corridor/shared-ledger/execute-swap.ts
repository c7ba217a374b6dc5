import type { Bytes } from "../../crypto/bytes.ts";
import { equalHash, hashKey, type Hash } from "../../crypto/hash.ts";
import { decideHold, type Decision, type TakenInstruction } from "../../node/domestic/decide.ts";
import type { Bank } from "../../node/genesis.ts";
import { accountOf } from "../../node/ids.ts";
import { ORDER, parseInstruction, type SignedInstruction } from "../../node/instruction.ts";
import { DOMESTIC } from "../../node/ledger/domestic-entries.ts";
import type { Terms } from "../../node/terms.ts";
import type { SharedAnnouncement } from "./announcement.ts";
import { checkTermsAgree, isCommitment, parseTerms } from "../terms.ts";
import {
  booksOf,
  carryOut,
  judgeInstruction,
  type Execution,
  type SharedLedger,
} from "./ledger.ts";
import { MAX_CLOSED_SWAPS, MAX_SWAP_LIFE_MS } from "./limits.ts";
import type { Endorsement, SwapTransaction } from "./transaction.ts";

/** The agreed content of a swap as the ledger judges it. */
export interface SwapContent {
  readonly sid: Hash;
  readonly announcement: SharedAnnouncement;
  readonly terms: Terms;
  readonly termsBytes: Bytes;
  readonly salt: Bytes;
}

/**
 * Executes a swap: all legs in one step, or none (Atomicity). Every leg's money is put on hold and
 * posted by the rules of its own currency, exactly as a bank does it at home; the first refusal voids
 * the swap. Returns why it was not settled, or nothing.
 */
export function executeSwap(execution: Execution, transaction: SwapTransaction): string {
  const { ledger, timeMs } = execution;
  const { sid, announcement, body } = transaction;
  const swap = { sid, announcement };
  if (ledger.closed.has(transaction.swapKey)) return "exists";
  if (timeMs >= announcement.expiryMs) return close(execution, swap, "PVP_EXPIRED");
  if (announcement.expiryMs > timeMs + MAX_SWAP_LIFE_MS) return "expiry_too_far";
  if (!hasRoom(execution)) return "busy";
  const { terms: termsBytes, salt } = body;
  const content = checkContent(ledger, { ...swap, termsBytes, salt });
  if (typeof content === "string") return close(execution, swap, content);
  const taken = takeAll(ledger, content, transaction.endorsements);
  if (typeof taken === "string") return close(execution, swap, taken);
  const decisions = decideLegs(ledger, content, taken, everyLeg(content), timeMs);
  for (const [leg, decision] of decisions.entries()) {
    if (decision.rejection === undefined) continue;
    const bank = announcement.legBanks[leg] as number;
    carryOut(execution, bank, decision.entry);
    const refusedBy = { bank, taken: taken[leg] as TakenInstruction, decision };
    return close(execution, swap, decision.rejection.code, refusedBy);
  }
  for (const [leg, decision] of decisions.entries()) {
    const bank = announcement.legBanks[leg] as number;
    carryOut(execution, bank, decision.entry);
    carryOut(execution, bank, { kind: DOMESTIC.POST, sid, leg });
  }
  return close(execution, swap, null);
}

/** Ends a swap without executing it: by the word of a bank taking part, or because it has expired. */
export function voidSwap(
  execution: Execution,
  swap: { readonly sid: Hash; readonly announcement: SharedAnnouncement },
  code: string,
): string {
  const { closed } = execution.ledger;
  const { commitment, expiryMs } = swap.announcement;
  if (closed.has(hashKey(commitment))) return "exists";
  if (code === "PVP_EXPIRED" && execution.timeMs < expiryMs) return "not_expired";
  if (expiryMs > execution.timeMs + MAX_SWAP_LIFE_MS) return "expiry_too_far";
  if (!hasRoom(execution)) return "busy";
  close(execution, swap, code);
  return "";
}

/** Makes room for one more closed swap: the one closed longest ago goes, if it has expired. */
function hasRoom({ ledger: { closed }, timeMs }: Execution): boolean {
  if (closed.size < MAX_CLOSED_SWAPS) return true;
  const [oldest] = closed;
  if (oldest === undefined || oldest[1].expiryMs > timeMs) return false;
  return closed.delete(oldest[0]);
}

/** ExecuteOnce: a commitment is closed once. */
function close(
  { ledger, outcomes }: Execution,
  { sid, announcement }: { readonly sid: Hash; readonly announcement: SharedAnnouncement },
  code: string | null,
  refusedBy?: { bank: number; taken: TakenInstruction; decision: Decision },
): string {
  const swapKey = hashKey(announcement.commitment);
  const { expiryMs } = announcement;
  ledger.closed.set(swapKey, { sid, expiryMs });
  const outcome = code === null ? "settled" : "voided";
  outcomes.push({ kind: "swap", sid, swapKey, announcement, outcome, code, refusedBy });
  return code ?? "";
}

/** Terms that decode, that the commitment binds, and that say what the announcement says. */
export function checkContent(
  { genesis }: Pick<SharedLedger, "genesis">,
  offered: Omit<SwapContent, "terms">,
): SwapContent | string {
  const { announcement, termsBytes, salt } = offered;
  if (!isCommitment(announcement.commitment, termsBytes, salt)) return "TERMS_INVALID";
  const terms = parseTerms(termsBytes);
  if (!terms.ok) return terms.error.code;
  const bankOf = (number: number): Bank | undefined =>
    genesis.banks.find((bank) => bank.number === number);
  const agreed = checkTermsAgree(terms.value, announcement, bankOf);
  return agreed.ok ? { ...offered, terms: terms.value } : agreed.error.code;
}

const everyLeg = ({ announcement }: SwapContent): readonly number[] => [
  ...announcement.legBanks.keys(),
];

function takeAll(
  ledger: SharedLedger,
  content: SwapContent,
  endorsements: readonly Endorsement[],
): readonly TakenInstruction[] | string {
  const all: TakenInstruction[] = [];
  for (const leg of everyLeg(content)) {
    const bank = content.announcement.legBanks[leg];
    const own = endorsements.find((endorsement) => endorsement.bank === bank);
    const taken = takeInstruction(ledger, content, leg, own?.instructions ?? []);
    if (typeof taken === "string") return taken;
    all.push(taken);
  }
  return all;
}

/** The instruction by which a leg's payer consents to these very terms, or why there is none. */
export function takeInstruction(
  ledger: SharedLedger,
  { announcement, terms }: SwapContent,
  leg: number,
  instructions: readonly SignedInstruction[],
): TakenInstruction | "INSTRUCTION_MISSING" | "INSTRUCTION_USED" {
  const bank = announcement.legBanks[leg] as number;
  const payer = terms.legs[leg]?.payer;
  let isUsed = false;
  for (const signed of instructions) {
    const parsed = parseInstruction(signed);
    if (!parsed.ok || parsed.value.bank !== bank) continue;
    const { order, member } = parsed.value;
    if (order.kind !== ORDER.swap || accountOf(member) !== payer) continue;
    if (!equalHash(order.commitment, announcement.commitment)) continue;
    const judged = judgeInstruction(ledger, bank, signed);
    if (typeof judged === "string") continue;
    if (judged.verdict === "free") return judged.taken;
    isUsed ||= judged.verdict === "exists" || judged.verdict === "replay";
  }
  return isUsed ? "INSTRUCTION_USED" : "INSTRUCTION_MISSING";
}

/** Asks the rules of each leg's currency. Accounts stand on one leg only, so the answers are independent. */
export function decideLegs(
  ledger: SharedLedger,
  content: SwapContent,
  taken: readonly TakenInstruction[],
  legs: readonly number[],
  timeMs: number,
): readonly Decision[] {
  const { sid, announcement, terms, termsBytes, salt } = content;
  return legs.map((leg, i) => {
    const { payer, payee, amount } = terms.legs[leg] as (typeof terms.legs)[number];
    const books = booksOf(ledger, announcement.legBanks[leg] as number);
    const held = {
      sid,
      leg,
      payer,
      payee,
      amount,
      agreed: terms,
      terms: termsBytes,
      termsSalt: salt,
    };
    return decideHold(books, taken[i] as TakenInstruction, held, timeMs);
  });
}
