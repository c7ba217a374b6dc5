import { bytesToHex } from "../../../../crypto/bytes.ts";
import { hashKey } from "../../../../crypto/hash.ts";
import { ok, type Outcome } from "../../../../crypto/outcome.ts";
import { MAX_QR_LIFE_MS } from "../../../channels/limits.ts";
import {
  checkPaysQrCode,
  checkQrCode,
  qrFacts,
  renderQrText,
  type PayableQrCode,
} from "../../../channels/qr-code.ts";
import { accountOf, memberOf } from "../../../ids.ts";
import type { ApiContext } from "../context.ts";
import { onlyMember } from "../leave.ts";
import { refuse, type Problem } from "../problem.ts";
import { renderMoney, renderTime } from "../render.ts";
import { answer, route, type AnyRoute } from "../route.ts";
import { readSigned, type SignedBody } from "../signed-body.ts";
import {
  amount,
  dateTime,
  hash,
  list,
  name,
  nullable,
  object,
  ref,
  qrText,
  signed,
  text,
  type Schema,
} from "../schemas.ts";
import { handIn, openOrder, signedInstruction, STATUS_ANSWERS } from "./payments.ts";

const MAX_CODE_BYTES = 512;

/** A bank whose disk takes longer than this for one block has other troubles. */
const PATIENCE_MS = 60_000;

const qrCode: Schema = object("A QR code that may be paid now.", {
  text: qrText,
  identification: hash("The code's id."),
  payee: name("Who is to be paid, and has signed."),
  amount: amount("What is to be paid."),
  line: nullable(text("The line of the estimate.")),
  purpose: nullable(text("The purpose code.")),
  invoice: nullable(text("The invoice.")),
  expiryDateTime: dateTime("When it ends."),
  facts: list(
    "Facts that the payer's instruction has to state, each once.",
    object("A fact.", { name: text("Its name."), value: text("Its value.") }),
    4,
  ),
});

/** What answers refer to, by name. */
export const QR_SCHEMAS = { QrCode: qrCode };

export const qrRoutes: readonly AnyRoute[] = [
  route<SignedBody, undefined, undefined>({
    method: "POST",
    url: "/qr-codes",
    operationId: "createQrCode",
    tag: "qr",
    summary: "Make a QR code of what a payee has signed",
    description: `The caller is the payee. The code can be paid once, and lasts ${MAX_QR_LIFE_MS / 86_400_000} days at most.`,
    body: signed(
      "A QR code's body, signed by its payee (FORMAT.md, section 11.1).",
      MAX_CODE_BYTES,
    ),
    answers: { 201: ref("QrCode") },
    handle: (context, { caller, body }) => {
      const member = onlyMember(caller);
      if (!member.ok) return member;
      const signed = readSigned(body, "QR_SIGNATURE_INVALID");
      if (!signed.ok) return signed;
      const made = renderQrText(signed.value);
      const code = check(context, made);
      if (!code.ok) return code;
      const { payee } = code.value.code;
      return payee === accountOf(member.value.id)
        ? answer(renderQrCode(context, made, code.value), 201)
        : refuse("access_denied", { found: `a code of ${payee}`, allowed: member.value.id });
    },
  }),
  route<{ readonly text: string }, undefined, undefined>({
    method: "POST",
    url: "/qr-codes/check",
    operationId: "checkQrCode",
    tag: "qr",
    summary: "Read a QR code, and see whether it may be paid",
    body: object("A QR code.", { text: qrText }),
    answers: { 200: ref("QrCode") },
    handle: (context, { body }) => {
      const code = check(context, body.text);
      return code.ok ? answer(renderQrCode(context, body.text, code.value)) : code;
    },
  }),
  route<{ readonly text: string; readonly instruction: SignedBody }, undefined, undefined>({
    method: "POST",
    url: "/qr-payments",
    operationId: "payQrCode",
    tag: "qr",
    summary: "Pay a QR code",
    description:
      "The payer's instruction is a transfer that states what the code says, and its facts. A third party needs the scope `payments`.",
    body: object("The code and its payment.", { text: qrText, instruction: signedInstruction }),
    answers: STATUS_ANSWERS,
    handle: async (context, call) => {
      const order = openOrder(context, call.caller, call.body.instruction);
      if (!order.ok) return order;
      const known = context.desk.lookUp(order.value);
      // A code that this very instruction has paid is paid: it gets the same answer again.
      if (known.ok && known.value !== undefined) return handIn(context, call, order.value);
      const code = check(context, call.body.text);
      if (!code.ok) return code;
      const pays = checkPaysQrCode(order.value.instruction.order, code.value);
      if (!pays.ok) return refuse(pays.error.code, pays.error);
      const key = underWayKey(code.value);
      context.qrUnderWay.add(key);
      try {
        return await handIn(context, call, order.value);
      } finally {
        // What is not durable yet may still be paid: the code is free again when that is known.
        void context.follower.booksDurable(PATIENCE_MS).then(() => context.qrUnderWay.delete(key));
      }
    },
  }),
];

/** A code that may be paid now: authentic, not over, and neither paid nor being paid. */
function check(context: ApiContext, found: string): Outcome<PayableQrCode, Problem> {
  const { view, verifier, follower, qrUnderWay } = context;
  const nowMs = context.nowMs();
  if (follower.history.isFullOfQr(nowMs)) {
    return refuse("LIMIT_RECORDS", { found: "as many paid QR codes as can be remembered" });
  }
  const checked = checkQrCode(found, {
    net: view.net,
    bank: view.bank.number,
    keyOf: (payee) => view.books.members.get(memberOf(payee))?.key,
    verifier,
    isPaid: (payee, nonce) =>
      follower.history.isQrPaid(payee, nonce) || qrUnderWay.has(`${payee} ${nonce}`),
    nowMs,
  });
  return checked.ok ? ok(checked.value) : refuse(checked.error.code, checked.error);
}

const underWayKey = ({ code }: PayableQrCode): string => `${code.payee} ${hashKey(code.nonce)}`;

function renderQrCode({ view }: ApiContext, shown: string, payable: PayableQrCode) {
  const { id, code } = payable;
  const { payee, line, purpose, invoice } = code;
  return {
    text: shown,
    identification: bytesToHex(id),
    payee,
    amount: renderMoney(code.amount, view.bank.currency),
    line,
    purpose,
    invoice,
    expiryDateTime: renderTime(code.expiryMs),
    facts: qrFacts(payable),
  };
}
