import { concatBytes, u32, type Bytes } from "../../crypto/bytes.ts";
import { encode, list, text, tuple } from "../../crypto/canonical-layout.ts";
import { enrolKey } from "../../crypto/ed25519.ts";
import { digest, digestParts, DOMAIN } from "../../crypto/hash.ts";
import { merkleRoot } from "../../crypto/merkle.ts";
import { unreachable } from "../../crypto/outcome.ts";
import { decideInstruction, expiryReturns, type Decision } from "../../node/domestic/decide.ts";
import { hashLayout } from "../../node/ids.ts";
import { ORDER, type SignedInstruction } from "../../node/instruction.ts";
import {
  DOMESTIC,
  domesticEntryLayout,
  SALT_BYTES,
  type DomesticDraft,
} from "../../node/ledger/domestic-entries.ts";
import { MAX_ACCOUNTS } from "../../node/limits.ts";
import { parseRuleSet } from "../../node/rules/rule-set.ts";
import { participantsOf, swapIdOf } from "../announcement.ts";
import { parseSharedAnnouncement } from "./announcement.ts";
import { executeSwap, voidSwap } from "./execute-swap.ts";
import {
  booksOf,
  carryOut,
  judgeInstruction,
  type Carried,
  type Execution,
  type LedgerOutcome,
  type SharedLedger,
} from "./ledger.ts";
import { MAX_BATCH_ACTIONS } from "./limits.ts";
import {
  ACTION,
  type Action,
  type ActionOf,
  type BatchTransaction,
  type Transaction,
} from "./transaction.ts";

export interface Executed {
  readonly transaction: Transaction;
  /** One code for each action, or for the swap; empty where it was carried out. */
  readonly codes: readonly string[];
  readonly carried: readonly Carried[];
  readonly outcomes: readonly LedgerOutcome[];
}

/**
 * Executes a final block: every transaction in order, each completely or not at all, by the block's time
 * and the books alone, so that every validator comes to the same results.
 */
export function executeBlock(
  ledger: SharedLedger,
  block: {
    readonly height: number;
    readonly timeMs: number;
    readonly transactions: readonly Transaction[];
  },
): readonly Executed[] {
  const { timeMs, transactions } = block;
  const executed = transactions.map((transaction) => execute(ledger, transaction, timeMs));
  ledger.root = digestParts(
    DOMAIN.chainResult,
    ledger.root,
    merkleRoot(executed.map(encodeResult)),
  );
  ledger.height = block.height;
  ledger.timeMs = timeMs;
  return executed;
}

function execute(ledger: SharedLedger, transaction: Transaction, timeMs: number): Executed {
  const execution: Execution = { ledger, timeMs, carried: [], outcomes: [] };
  const codes =
    transaction.kind === "batch"
      ? executeBatch(execution, transaction)
      : [executeSwap(execution, transaction)];
  const { carried, outcomes } = execution;
  return { transaction, codes, carried, outcomes };
}

/** A bank's batches count in the order of their numbers, each once. */
function executeBatch(
  execution: Execution,
  { bank, number, actions }: BatchTransaction,
): readonly string[] {
  const { nextBatch } = execution.ledger;
  if (nextBatch.get(bank) !== number) return ["out_of_turn"];
  nextBatch.set(bank, number + 1);
  return actions.map((action) => act(execution, bank, action));
}

function act(execution: Execution, bank: number, action: Action): string {
  switch (action.kind) {
    case ACTION.ENROL:
      return enrol(execution, bank, action);
    case ACTION.RULES: {
      if (!parseRuleSet(action.rules).ok) return "rules_invalid";
      const { timeMs } = execution;
      carryOut(execution, bank, { kind: DOMESTIC.RULES, rules: action.rules, timeMs });
      return "";
    }
    case ACTION.INSTRUCTION:
      return instruct(execution, bank, action.instruction);
    case ACTION.RETURNS: {
      const books = booksOf(execution.ledger, bank);
      for (const entry of expiryReturns(books, execution.timeMs)) carryOut(execution, bank, entry);
      return "";
    }
    case ACTION.REJECT:
      return turnDown(execution, bank, action);
    case ACTION.VOID: {
      const announcement = parseSharedAnnouncement(action.announcement);
      if (!announcement.ok) return announcement.error.code;
      if (!participantsOf(announcement.value).includes(bank)) return "not_taking_part";
      const sid = swapIdOf(action.announcement);
      return voidSwap(execution, { sid, announcement: announcement.value }, action.code);
    }
    default:
      return unreachable(action);
  }
}

function enrol(execution: Execution, bank: number, action: ActionOf<typeof ACTION.ENROL>): string {
  const { kind: _, ...enrolment } = action;
  const { members } = booksOf(execution.ledger, bank);
  if (members.has(enrolment.member)) return "exists";
  if (members.size >= MAX_ACCOUNTS) return "busy";
  const key = enrolKey(enrolment.key);
  if (!key.ok) return key.error.code;
  carryOut(execution, bank, { kind: DOMESTIC.ENROL, ...enrolment, timeMs: execution.timeMs });
  return "";
}

function instruct(execution: Execution, bank: number, signed: SignedInstruction): string {
  const judged = judgeInstruction(execution.ledger, bank, signed);
  if (typeof judged === "string") return judged;
  const { taken, verdict } = judged;
  if (verdict !== "free") {
    execution.outcomes.push({ kind: "ignored", bank, taken, code: verdict });
    return verdict;
  }
  if (taken.instruction.order.kind === ORDER.swap) return "order_invalid";
  const decision = decideInstruction(booksOf(execution.ledger, bank), taken, execution.timeMs);
  carryOut(execution, bank, decision.entry);
  execution.outcomes.push({ kind: "instruction", bank, taken, decision });
  return decision.rejection?.code ?? "";
}

/** The bank's word stands: it answers for its own currency, and its member sees the signed rejection. */
function turnDown(
  execution: Execution,
  bank: number,
  { instruction, terms, termsSalt, leg, code, rule }: ActionOf<typeof ACTION.REJECT>,
): string {
  const judged = judgeInstruction(execution.ledger, bank, instruction);
  if (typeof judged === "string") return judged;
  const { taken, verdict } = judged;
  if (verdict !== "free") {
    execution.outcomes.push({ kind: "ignored", bank, taken, code: verdict });
    return verdict;
  }
  const entry: DomesticDraft = {
    kind: DOMESTIC.REJECTED,
    instruction,
    terms: { terms, termsSalt, leg },
    code,
    rule,
    timeMs: execution.timeMs,
  };
  carryOut(execution, bank, entry);
  const rejection = { code, rule, found: "", allowed: "" } as Decision["rejection"];
  execution.outcomes.push({
    kind: "instruction",
    bank,
    taken,
    decision: { entry, rejection, flags: [] },
  });
  return "";
}

const resultLayout = tuple({
  transaction: hashLayout,
  codes: list(text<string>(40), MAX_BATCH_ACTIONS, 1),
  /** SHA-256 of every entry that was carried out, each after its bank's number. */
  entries: hashLayout,
});

/** The result of one transaction, as the root of results commits to it. */
export function encodeResult({ transaction, codes, carried }: Executed): Bytes {
  const entries = carried.flatMap(({ bank, entry }) => [u32(bank), encodeEntry(entry)]);
  return encode(resultLayout, {
    transaction: transaction.id,
    codes,
    entries: digest(concatBytes(...entries)),
  });
}

/** An entry as it would stand in a bank's own ledger; on the shared one there is nothing to hide. */
export const encodeEntry = (entry: DomesticDraft): Bytes =>
  encode(domesticEntryLayout, { ...entry, salt: NO_SALT });

const NO_SALT = new Uint8Array(SALT_BYTES);
