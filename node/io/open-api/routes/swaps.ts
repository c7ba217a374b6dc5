import { decode } from "../../../../crypto/canonical-layout.ts";
import { hashKey } from "../../../../crypto/hash.ts";
import type { LedgerLine } from "../../../channels/ledger-line.ts";
import { accountOf } from "../../../ids.ts";
import { ORDER, type SignedInstruction } from "../../../instruction.ts";
import { MAX_TERMS_BYTES } from "../../../ledger/domestic-entries.ts";
import { MAX_LEGS } from "../../../limits.ts";
import { termsLayout } from "../../../terms.ts";
import type { ApiContext } from "../context.ts";
import { onlyMember } from "../leave.ts";
import { refuse } from "../problem.ts";
import { renderMoney, renderReason, renderTime } from "../render.ts";
import { answer, route, type AnyRoute } from "../route.ts";
import {
  amount,
  binary,
  choice,
  dateTime,
  hash,
  list,
  name,
  nullable,
  number,
  object,
  ref,
  signed,
  TRANSACTION_STATUS,
  type Schema,
  type TransactionStatus,
} from "../schemas.ts";
import { bytesOf, readSigned, type SignedBody } from "../signed-body.ts";
import { openOrder, statusAnswer } from "./payments.ts";

type Json = Readonly<Record<string, unknown>>;

interface SwapBody {
  readonly terms: string;
  readonly salt: string;
  readonly instructions: readonly SignedBody[];
}

/** A swap's instruction names a commitment and a tag. */
const MAX_SWAP_INSTRUCTION_BYTES = 256;

const swapStatus: Schema = object(
  "A swap as this bank sees it, in terms of ISO 20022 pacs.002.",
  {
    commitment: hash("To the terms: what both payers signed."),
    transactionStatus: choice(
      "The whole swap: no leg settles without the other.",
      Object.keys(TRANSACTION_STATUS),
    ),
    statusReasonInformation: ref("Reason"),
    swap: nullable(hash("The swap's id, once it was announced and money held here.")),
    leg: list(
      "The legs on this bank's ledger.",
      object("A leg.", {
        number: number("From 0, as in the terms."),
        payer: name("Who pays."),
        payee: name("Who is paid."),
        amount: amount("What."),
        state: choice("Of its hold.", ["held", "posted", "voided"]),
        dateTime: dateTime("When it came to that."),
      }),
      MAX_LEGS,
    ),
  },
  ["statusReasonInformation"],
);

/** What answers refer to, by name. */
export const SWAP_SCHEMAS = { SwapStatus: swapStatus };

export const swapRoutes: readonly AnyRoute[] = [
  route<SwapBody, undefined, undefined>({
    method: "POST",
    url: "/swaps",
    operationId: "submitSwap",
    tag: "swaps",
    summary: "Hand in the agreed terms of a swap",
    description:
      "The terms, their salt, and the instructions of the payers as far as they are known (FORMAT.md, sections 9.3 and 11). The bank of the first leg announces the swap; at any other bank the terms wait for that.",
    body: object("A swap that its members agreed.", {
      terms: binary(MAX_TERMS_BYTES, "The terms."),
      salt: binary(32, "The salt of the commitment."),
      instructions: {
        ...list(
          "One for each payer.",
          signed("A payer's instruction.", MAX_SWAP_INSTRUCTION_BYTES),
          MAX_LEGS,
        ),
        minItems: 1,
      },
    }),
    answers: { 202: ref("SwapStatus") },
    handle: async (context, { caller, body }) => {
      const member = onlyMember(caller);
      if (!member.ok) return member;
      const bytes = bytesOf(body.terms);
      const salt = bytesOf(body.salt);
      const terms = decode(termsLayout, bytes);
      if (!terms.ok || salt.length !== 32) {
        return refuse("document_invalid", {
          found: terms.ok ? `a salt of ${salt.length} bytes` : `terms that are ${terms.error.code}`,
          allowed: "terms as FORMAT.md, section 9.3, describes them, and 32 bytes of salt",
        });
      }
      const own = body.instructions
        .map((instruction) => openOrder(context, caller, instruction))
        .find((opened) => opened.ok && opened.value.instruction.order.kind === ORDER.swap);
      if (own?.ok !== true) {
        return refuse("TERMS_INVALID", {
          found: "no instruction of the caller's for a swap",
          allowed: `one that ${member.value.id} has signed`,
        });
      }
      const known = context.desk.lookUp(own.value);
      if (!known.ok) return known;
      const instructions: SignedInstruction[] = [];
      for (const given of body.instructions) {
        const signed = readSigned(given);
        if (!signed.ok) return signed;
        instructions.push(signed.value);
      }
      const swap = { terms: bytes, salt, instructions };
      const isFirst = terms.value.legs[0]?.currency === context.view.bank.currency.code;
      const taken =
        known.value === undefined ? await context.desk.submitSwap(swap, own.value, isFirst) : known;
      if (!taken.ok) return taken;
      if (taken.value?.rejection != null) return statusAnswer(context, own.value, taken.value);
      const { order } = own.value.instruction;
      const commitment = order.kind === ORDER.swap ? hashKey(order.commitment) : "";
      const location = `/swaps/${commitment}`;
      return answer(statusOf(context, commitment), 202, { location });
    },
  }),
  route<undefined, { readonly commitment: string }, undefined>({
    method: "GET",
    url: "/swaps/:commitment",
    operationId: "getSwap",
    tag: "swaps",
    summary: "The status of a swap",
    description: "Open to the payers and payees of its legs at this bank.",
    path: object("Which swap.", { commitment: hash("To its terms.") }),
    answers: { 200: ref("SwapStatus") },
    handle: (context, { caller, path: { commitment } }) => {
      const member = onlyMember(caller);
      if (!member.ok) return member;
      const account = accountOf(member.value.id);
      const lines = context.follower.history.ofSwap(commitment);
      const waiting = context.view.waitingSwap(commitment);
      const isParty =
        lines.some(({ from, to }) => from === account || to === account) ||
        waiting?.parties.includes(account) === true;
      return isParty
        ? answer(statusOf(context, commitment))
        : refuse("not_found", { found: `swap ${commitment}`, allowed: "a swap of the caller's" });
    },
  }),
];

/** Leg by leg what became of a swap here; the last thing said of a leg counts. */
function statusOf({ follower, view }: ApiContext, commitment: string): Json {
  const lines = follower.history.ofSwap(commitment);
  const end = follower.endOf(commitment);
  const legs = new Map<number, LedgerLine>();
  for (const line of lines) if (line.kind !== "rejection") legs.set(line.swap?.leg ?? 0, line);
  const rejected = lines.find(({ kind }) => kind === "rejection");
  const states = [...legs.values()].map(({ kind }) => kind);
  const isVoid = states.includes("void") || (states.length === 0 && end?.outcome === "voided");
  const isRejected = isVoid || (states.length === 0 && rejected !== undefined);
  const code = rejected?.rejection?.code ?? end?.refusal ?? null;
  const why = rejected && follower.history.explanationOf(rejected);
  return {
    commitment,
    transactionStatus: isRejected ? "RJCT" : statusOfStates(states, view, commitment),
    ...(isRejected ? { statusReasonInformation: reasonOf(code, why) } : {}),
    swap: lines.find(({ swap }) => swap !== null && swap.sid !== "")?.swap?.sid ?? null,
    leg: [...legs].map(([leg, line]) => ({
      number: leg,
      payer: line.from,
      payee: line.to,
      amount: renderMoney(line.amount, view.bank.currency),
      state: line.kind === "post" ? "posted" : line.kind === "void" ? "voided" : "held",
      dateTime: renderTime(line.timeMs),
    })),
  };
}

function statusOfStates(
  states: readonly string[],
  view: ApiContext["view"],
  commitment: string,
): TransactionStatus {
  if (states.length > 0) return states.every((state) => state === "post") ? "ACSC" : "ACSP";
  return view.waitingSwap(commitment) === undefined ? "PDNG" : "ACCP";
}

const reasonOf = (code: string | null, why: Parameters<typeof renderReason>[1]): Json =>
  code === null
    ? {
        reason: { proprietary: null },
        additionalInformation: ["the other side did not lock its leg in time"],
      }
    : renderReason(code, why);
