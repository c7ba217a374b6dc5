import { equalHash, hashKey } from "../../../../crypto/hash.ts";
import { ok, type Outcome } from "../../../../crypto/outcome.ts";
import type { History } from "../../../channels/history.ts";
import { renderPlace, type LedgerLine } from "../../../channels/ledger-line.ts";
import { QR_FACT } from "../../../channels/qr-code.ts";
import { accountId, accountOf } from "../../../ids.ts";
import {
  instructionHash,
  instructionSignedBytes,
  ORDER,
  parseInstruction,
} from "../../../instruction.ts";
import { ZERO } from "../../../money.ts";
import type { StoredConsent } from "../consent-record.ts";
import { callerName, type ApiContext, type Caller } from "../context.ts";
import type { Order, Taken } from "../desk.ts";
import { askLeave } from "../leave.ts";
import { isRuleCode, refuse, type Problem } from "../problem.ts";
import { renderStatus, renderUndecided } from "../render.ts";
import { readSigned, type SignedBody } from "../signed-body.ts";
import { answer, route, type AnyRoute, type Handled } from "../route.ts";
import { name, number, object, ref, signed, type TransactionStatus } from "../schemas.ts";

/** The longest body of an instruction (FORMAT.md, section 6.1). */
export const MAX_INSTRUCTION_BYTES = 60_500;

export const signedInstruction = signed(
  "An instruction that the member has signed (FORMAT.md, section 6).",
  MAX_INSTRUCTION_BYTES,
);

export const STATUS_ANSWERS = {
  201: ref("PaymentStatus", "It is in the ledger."),
  202: ref("PaymentStatus", "It was handed in; the block that takes it in is not durable yet."),
};

/** A request that failed its signature inside costs as much as this many others. */
const COST_OF_A_BAD_SIGNATURE = 20;

export const paymentRoutes: readonly AnyRoute[] = [
  route<SignedBody, undefined, undefined>({
    method: "POST",
    url: "/instructions",
    operationId: "submitInstruction",
    tag: "payments",
    summary: "Hand in a signed instruction",
    description:
      "The counterpart of ISO 20022 pain.001: a transfer, or any other order but a swap's. It is answered when the block that takes it in is durable, with a status report in terms of pain.002. The same instruction again gets the same answer. A third party needs the scope `payments`, and may hand in transfers alone; what it pays counts towards the consent's maximum.",
    body: signedInstruction,
    answers: STATUS_ANSWERS,
    handle: async (context, call) => {
      const order = openOrder(context, call.caller, call.body);
      if (!order.ok) return order;
      const { order: asked } = order.value.instruction;
      if (asked.kind === ORDER.swap) {
        return refuse("TERMS_INVALID", { found: "a swap's instruction", allowed: "POST /swaps" });
      }
      if (asked.kind === ORDER.transfer && asked.facts.some((fact) => fact.name === QR_FACT.id)) {
        return refuse("QR_SIGNATURE_INVALID", {
          found: "a payment that names a QR code and does not show it",
          allowed: "POST /qr-payments",
        });
      }
      return handIn(context, call, order.value);
    },
  }),
  route<undefined, { readonly account: string; readonly number: string }, undefined>({
    method: "GET",
    url: "/accounts/:account/payments/:number",
    operationId: "getPaymentStatus",
    tag: "payments",
    summary: "The status of an instruction, by its number",
    description: "In terms of ISO 20022 pain.002. Needs the scope `transactions`.",
    path: object("Which instruction.", {
      account: name("The account of the member who ordered it."),
      number: number("Its number.", 1),
    }),
    answers: { 200: ref("PaymentStatus", "Its status.") },
    handle: async (context, call) => {
      const account = accountId(call.path.account);
      const operation = "getPaymentStatus";
      const leave = await askLeave(context, call, { scope: "transactions", account, operation });
      if (!leave.ok) return leave;
      const line = context.follower.history.ofOrder(account, Number(call.path.number));
      if (line !== undefined) return answer(reportOf(context, line));
      return refuse("not_found", {
        found: `instruction ${account}/${call.path.number}`,
        allowed: "one that was taken in, and whose line is still at hand",
      });
    },
  }),
];

/** An instruction of the caller, or of the member whose consent it brings: parsed, and its signature checked. */
export function openOrder(
  context: ApiContext,
  caller: Caller,
  given: SignedBody,
): Outcome<Order, Problem> {
  const { view, verifier, callerRate, machineMs } = context;
  const signed = readSigned(given);
  if (!signed.ok) return signed;
  const parsed = parseInstruction(signed.value);
  if (!parsed.ok) {
    return refuse("document_invalid", {
      found: `a body that is ${parsed.error.code}`,
      allowed: "an instruction as FORMAT.md, section 6, describes it",
    });
  }
  const instruction = parsed.value;
  if (!equalHash(instruction.net, view.net) || instruction.bank !== view.bank.number) {
    return refuse("document_invalid", { found: "an instruction to another bank" });
  }
  if (caller.kind === "member" && instruction.member !== caller.id) {
    return refuse("access_denied", {
      found: `an instruction of ${instruction.member}`,
      allowed: `one of ${caller.id}`,
    });
  }
  const key = view.books.members.get(instruction.member)?.key;
  const { body, signature } = signed.value;
  const isSigned =
    key !== undefined && verifier.verify(key, instructionSignedBytes(body), signature).valid;
  if (isSigned) return ok({ instruction, signed: signed.value });
  callerRate.charge(callerName(caller), COST_OF_A_BAD_SIGNATURE, machineMs());
  return refuse("document_invalid", {
    found: "another signature",
    allowed: `that of ${instruction.member}`,
  });
}

/** Hands an instruction in for a caller who may, and answers with its status. */
export async function handIn(
  context: ApiContext,
  call: { readonly caller: Caller; readonly consent: string | undefined },
  order: Order,
): Promise<Handled> {
  const known = context.desk.lookUp(order);
  if (!known.ok) return known;
  const { instruction } = order;
  const { order: asked, member } = instruction;
  if (call.caller.kind === "member") {
    const taken = known.value === undefined ? await context.desk.submit(order) : known;
    return taken.ok ? statusAnswer(context, order, taken.value) : taken;
  }
  if (asked.kind !== ORDER.transfer) {
    return refuse("CONSENT_SCOPE", { found: "another order", allowed: "a transfer" });
  }
  const key = hashKey(instructionHash(order.signed));
  if (context.ordersUnderWay.has(key)) {
    return refuse("busy", { found: "the same instruction under way", retryAfterMs: 1000 });
  }
  context.ordersUnderWay.add(key);
  try {
    // What stands in the ledger already costs nothing again.
    const amount = known.value === undefined ? asked.amount : ZERO;
    const wish = { scope: "payments", account: accountOf(member), amount } as const;
    const leave = await askLeave(context, call, { ...wish, operation: "submitInstruction" });
    if (!leave.ok) return leave;
    const taken = known.value === undefined ? await context.desk.submit(order) : known;
    await settleConsent(context, leave.value.consent, amount, taken);
    return taken.ok ? statusAnswer(context, order, taken.value) : taken;
  } finally {
    context.ordersUnderWay.delete(key);
  }
}

/** What the ledger turned down for good is given back to the consent; what is undecided stays counted. */
async function settleConsent(
  { consents }: ApiContext,
  consent: StoredConsent | undefined,
  amount: bigint,
  taken: Outcome<Taken, Problem>,
): Promise<void> {
  if (consent === undefined || amount === 0n) return;
  if (!taken.ok) return consents.giveBack(consent, amount, taken.error.code);
  const rejection = taken.value?.rejection;
  if (rejection != null) await consents.giveBack(consent, amount, rejection.code);
}

/** 201 when it is in the ledger, 202 while it is not; what a rule turned down is a problem with its code. */
export function statusAnswer(context: ApiContext, order: Order, line: Taken): Handled {
  const { member, number } = order.instruction;
  const location = `/accounts/${member}/payments/${number}`;
  if (line === undefined) {
    const report = renderUndecided(order.instruction, order.signed, "PDNG");
    return answer(report, 202, { location });
  }
  return line.rejection === null
    ? answer(reportOf(context, line), 201, { location })
    : turnedDown(context, line, line.rejection);
}

function turnedDown(
  context: ApiContext,
  line: LedgerLine,
  { code, rule }: NonNullable<LedgerLine["rejection"]>,
): Handled {
  const why = context.follower.history.explanationOf(line);
  return refuse(isRuleCode(code) ? code : "TERMS_INVALID", {
    rule,
    ...why,
    more: { transactionStatus: "RJCT", ledgerEntry: renderPlace(line.place) },
  });
}

export const reportOf = ({ follower: { history } }: ApiContext, line: LedgerLine) =>
  renderStatus(line, history.explanationOf(line), statusOfLine(history, line));

/** A swap's instruction is settled when its hold was posted, and rejected when it was voided. */
function statusOfLine(history: History, line: LedgerLine): TransactionStatus {
  if (line.rejection !== null) return "RJCT";
  if (line.kind !== "hold" || line.swap === null) return "ACSC";
  const { sid, leg, commitment } = line.swap;
  const end = history
    .ofSwap(commitment)
    .find(({ kind, swap }) => kind !== "hold" && swap?.sid === sid && swap.leg === leg);
  if (end === undefined) return "ACSP";
  return end.kind === "post" ? "ACSC" : "RJCT";
}
