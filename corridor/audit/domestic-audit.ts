import { equalBytes, type Bytes } from "../../crypto/bytes.ts";
import { decode, encode } from "../../crypto/canonical-layout.ts";
import { enrolKey } from "../../crypto/ed25519.ts";
import { equalHash, hashKey, ZERO_HASH } from "../../crypto/hash.ts";
import { InvariantViolation } from "../../crypto/outcome.ts";
import { holdKey } from "../../node/accounts/books.ts";
import { applyEntry } from "../../node/domestic/apply.ts";
import {
  decideHold,
  decideInstruction,
  expiryReturn,
  type TakenInstruction,
} from "../../node/domestic/decide.ts";
import type { Bank } from "../../node/genesis.ts";
import { accountOf } from "../../node/ids.ts";
import {
  instructionHash,
  instructionSignedBytes,
  ORDER,
  parseInstruction,
  type SignedInstruction,
} from "../../node/instruction.ts";
import {
  DOMESTIC,
  domesticEntryLayout,
  type DomesticDraft,
  type DomesticEntry,
  type EntryOf,
} from "../../node/ledger/domestic-entries.ts";
import { judgeNumber } from "../../node/members.ts";
import { parseRuleSet } from "../../node/rules/rule-set.ts";
import { CORRIDOR } from "../entries.ts";
import { commitmentOf, parseTerms } from "../terms.ts";
import { find, type AuditContext, type AuditedBlock, type LedgerAudit } from "./ledger-view.ts";

export interface DomesticContext extends Pick<AuditContext, "genesis" | "verifier"> {
  readonly bank: Bank;
  readonly audit: LedgerAudit;
}

/**
 * Goes through the domestic entries of one block in order: each must be what the bank's rules decide
 * on the books so far, and the halves of LOCK and HOLD, SETTLE and POST, VOID and UNHOLD must stand in
 * the same block.
 */
export function auditDomestic(
  context: DomesticContext,
  { block, entries, domestic }: AuditedBlock,
  place: string,
): void {
  const { audit } = context;
  const halves = expectedHalves(context, entries, place);
  for (const [i, bytes] of domestic.entries()) {
    const where = `${place}, domestic entry ${i}`;
    audit.entries++;
    const entry = decode(domesticEntryLayout, bytes);
    if (!entry.ok) {
      find(audit, "entry_invalid", where, entry.error.code);
      continue;
    }
    const half = halfOf(entry.value);
    if (half !== undefined && !halves.delete(half)) {
      find(audit, "hold_mismatch", where, `no corridor entry in this block matches ${half}`);
    }
    const why = whyNot(context, entry.value, bytes, block.header.timeMs);
    if (why !== undefined) find(audit, why.code, where, why.detail);
    try {
      applyEntry(audit.books, entry.value);
    } catch (error) {
      if (!(error instanceof InvariantViolation)) throw error;
      find(audit, "decided_otherwise", where, error.message);
    }
  }
  for (const half of halves) find(audit, "hold_mismatch", place, `no domestic entry for ${half}`);
}

interface Why {
  readonly code: "signature_invalid" | "decided_otherwise" | "number_reused" | "terms_mismatch";
  readonly detail: string;
}

function whyNot(
  context: DomesticContext,
  entry: DomesticEntry,
  bytes: Bytes,
  sealedMs: number,
): Why | undefined {
  const { books } = context.audit;
  if ("timeMs" in entry && entry.timeMs > sealedMs) {
    return otherwise("decided after the block was made");
  }
  if (entry.kind === DOMESTIC.ENROL) {
    const key = enrolKey(entry.key);
    if (!key.ok) return otherwise(`key of ${entry.member}: ${key.error.why}`);
    return books.members.has(entry.member) ? otherwise(`${entry.member} twice`) : undefined;
  }
  if (entry.kind === DOMESTIC.RULES) {
    const rules = parseRuleSet(entry.rules);
    return rules.ok ? undefined : otherwise(`rules: ${rules.error.code}`);
  }
  if (entry.kind === DOMESTIC.POST || entry.kind === DOMESTIC.UNHOLD) {
    const known = books.holds.has(holdKey(hashKey(entry.sid), entry.leg));
    return known ? undefined : otherwise("no such hold is placed");
  }
  const { instruction } = entry;
  if (instruction === null) {
    const due =
      entry.kind === DOMESTIC.TAG_RETURN ? expiryReturn(books, entry, entry.timeMs) : undefined;
    return due !== undefined && isEntry(due, entry, bytes)
      ? undefined
      : otherwise("the rule of expiry does not ask for it");
  }
  const taken = authenticate(context, instruction);
  if ("code" in taken) return taken;
  const decided = decideAgain(context, entry, taken);
  if (typeof decided === "string") return { code: "terms_mismatch", detail: decided };
  return isEntry(decided, entry, bytes)
    ? undefined
    : otherwise("the rules come to another entry for this instruction");
}

function authenticate(context: DomesticContext, signed: SignedInstruction): TakenInstruction | Why {
  const { audit, bank, genesis, verifier } = context;
  const parsed = parseInstruction(signed);
  if (!parsed.ok) return { code: "signature_invalid", detail: parsed.error.code };
  const instruction = parsed.value;
  const member = audit.books.members.get(instruction.member);
  if (member === undefined) {
    return { code: "signature_invalid", detail: `${instruction.member} is not enrolled` };
  }
  if (instruction.bank !== bank.number || !equalHash(instruction.net, genesis.net)) {
    return { code: "signature_invalid", detail: "the instruction is for another bank or corridor" };
  }
  audit.signatures++;
  const bytes = instructionSignedBytes(signed.body);
  if (!verifier.verify(member.key, bytes, signed.signature).valid) {
    return { code: "signature_invalid", detail: `${member.id} did not sign the instruction` };
  }
  const { number } = instruction;
  if (judgeNumber(member.numbers, number, instructionHash(signed)) !== "free") {
    return { code: "number_reused", detail: `number ${number} of ${member.id}` };
  }
  return { instruction, signed };
}

function decideAgain(
  context: DomesticContext,
  entry: DomesticEntry,
  taken: TakenInstruction,
): DomesticDraft | string {
  const { books } = context.audit;
  if (entry.kind === DOMESTIC.HOLD) return decideLeg(context, entry, entry, taken);
  if (entry.kind === DOMESTIC.REJECTED && entry.terms !== null) {
    return decideLeg(context, { ...entry.terms, sid: ZERO_HASH }, entry, taken);
  }
  if (taken.instruction.order.kind === ORDER.swap) return "a swap's instruction without its terms";
  if (!("timeMs" in entry)) return "an entry without its time";
  return decideInstruction(books, taken, entry.timeMs).entry;
}

/** The leg as the terms state it: bound by the commitment that the payer signed. */
function decideLeg(
  context: DomesticContext,
  leg: Pick<EntryOf<16>, "sid" | "leg" | "terms" | "termsSalt">,
  { timeMs }: { readonly timeMs: number },
  taken: TakenInstruction,
): DomesticDraft | string {
  const terms = parseTerms(leg.terms);
  if (!terms.ok) return `${terms.error.field}: ${terms.error.why}`;
  const stated = terms.value.legs[leg.leg];
  if (stated === undefined || stated.currency !== context.bank.currency.code) {
    return `leg ${leg.leg} is not on this ledger`;
  }
  const { order, member } = taken.instruction;
  if (order.kind !== ORDER.swap) return "the instruction is not a swap's";
  if (!equalHash(order.commitment, commitmentOf(leg.terms, leg.termsSalt))) {
    return "the payer signed other terms";
  }
  if (accountOf(member) !== stated.payer) return "the payer did not sign";
  const { payer, payee, amount } = stated;
  const request = { ...leg, payer, payee, amount, agreed: terms.value };
  return decideHold(context.audit.books, taken, request, timeMs).entry;
}

/** Whether a decision is, byte for byte, the entry in the ledger; the salt is the bank's own. */
function isEntry(draft: DomesticDraft, entry: DomesticEntry, bytes: Bytes): boolean {
  if (draft.kind !== entry.kind) return false;
  const again = { ...draft, salt: entry.salt } as DomesticEntry;
  return equalBytes(encode(domesticEntryLayout, again), bytes);
}

function expectedHalves(
  { audit }: DomesticContext,
  corridor: AuditedBlock["entries"],
  place: string,
): Set<string> {
  const halves = new Set<string>();
  for (const entry of corridor) {
    if (entry === undefined || !("leg" in entry)) continue;
    const leg = holdKey(hashKey(entry.sid), entry.leg);
    // The hold may also have been placed by a LOCK before it in this very block.
    const isHeld = halves.has(`HOLD ${leg}`) || audit.books.holds.has(leg);
    if (entry.kind === CORRIDOR.VOID && !isHeld) continue;
    for (const name of HALVES_OF[entry.kind]) {
      const half = `${name} ${leg}`;
      if (halves.has(half)) find(audit, "hold_mismatch", place, `${half} is asked for twice`);
      halves.add(half);
    }
  }
  return halves;
}

function halfOf(entry: DomesticEntry): string | undefined {
  if (!("sid" in entry)) return undefined;
  return `${HALF_NAME[entry.kind]} ${holdKey(hashKey(entry.sid), entry.leg)}`;
}

const HALVES_OF = {
  [CORRIDOR.LOCK]: ["HOLD"],
  [CORRIDOR.HLOCK]: ["HOLD"],
  [CORRIDOR.SETTLE]: ["POST"],
  [CORRIDOR.VOID]: ["UNHOLD"],
  [CORRIDOR.PAY]: ["HOLD", "POST"],
  [CORRIDOR.CLAIM]: [],
} as const;

const HALF_NAME = {
  [DOMESTIC.HOLD]: "HOLD",
  [DOMESTIC.POST]: "POST",
  [DOMESTIC.UNHOLD]: "UNHOLD",
} as const;

const otherwise = (detail: string): Why => ({ code: "decided_otherwise", detail });
