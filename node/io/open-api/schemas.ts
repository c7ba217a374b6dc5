import { MAX_QR_TEXT } from "../../channels/qr-code.ts";
import { SCOPE } from "../../channels/consent.ts";
import { NAME_PATTERN } from "../../ids.ts";
import { MEMBER_CLASS } from "../../members.ts";
import { CURRENCY_PATTERN } from "../../money.ts";
import { TAG_KIND } from "../../tags/definition.ts";
import { DEFAULT_PAGE, MAX_PAGE } from "./limits.ts";
import { PROBLEM_CODES } from "./problem.ts";

/** A JSON Schema of 2020-12, as OpenAPI 3.1 has them. */
export type Schema = Readonly<Record<string, unknown>> & { readonly description?: string };

/** An object with these members and no others; `optional` names those that may be left out. */
export function object(
  description: string,
  properties: Readonly<Record<string, Schema>>,
  optional: readonly string[] = [],
): Schema {
  const required = Object.keys(properties).filter((name) => !optional.includes(name));
  return { description, type: "object", properties, required, additionalProperties: false };
}

export const text = (description: string, more: Schema = {}): Schema => ({
  type: "string",
  description,
  ...more,
});

export const list = (description: string, items: Schema, maxItems: number): Schema => ({
  type: "array",
  description,
  items,
  maxItems,
});

const hex = (bytes: number, description: string): Schema =>
  text(description, { pattern: `^[0-9a-f]{${2 * bytes}}$` });

const base64 = (maxBytes: number, description: string): Schema =>
  text(`${description} Base64 (RFC 4648, section 4).`, {
    contentEncoding: "base64",
    pattern: "^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$",
    minLength: 4,
    maxLength: 4 * Math.ceil(maxBytes / 3),
  });

export const name = (description: string): Schema =>
  text(description, { pattern: NAME_PATTERN.source });

export const place = (description: string): Schema =>
  text(`${description} Block and entry of the bank's ledger.`, {
    pattern: "^[1-9][0-9]{0,14}\\.(0|[1-9][0-9]{0,4})$",
  });

export const dateTime = (description: string): Schema => text(description, { format: "date-time" });

export const number = (description: string, minimum = 0): Schema => ({
  type: "integer",
  description,
  minimum,
  maximum: Number.MAX_SAFE_INTEGER,
});

/** A schema that stands once in the document and is referred to. */
export const ref = (name: string, description?: string): Schema => ({
  $ref: `${name}#`,
  ...(description === undefined ? {} : { description }),
});

export const amount = (description: string): Schema => ref("Amount", description);

export const tagId = hex(32, "The tag's id.");
export const hash = (description: string): Schema => hex(32, description);

/** A signed thing of FORMAT.md: canonical bytes, and a signature over them. */
export const signed = (description: string, maxBytes: number): Schema =>
  object(description, {
    body: base64(maxBytes, "The canonical bytes."),
    signature: base64(64, "Ed25519, over the domain and the body."),
  });

export const binary = base64;

export const nullable = (schema: Schema): Schema => ({
  ...schema,
  type: [schema["type"], "null"],
});

export const choice = (description: string, values: readonly string[]): Schema =>
  text(description, { enum: values });

export const limitQuery: Schema = {
  type: "integer",
  description: "Elements of a page.",
  minimum: 1,
  maximum: MAX_PAGE,
  default: DEFAULT_PAGE,
};

const problem: Schema = {
  ...object(
    "A problem details document (RFC 9457). `code` is the same as everywhere else in this project.",
    {
      type: text("Names the problem.", { format: "uri" }),
      title: text("What the code means."),
      status: number("The HTTP status.", 400),
      detail: text("What was found, and what is allowed."),
      code: choice("The code.", PROBLEM_CODES),
      found: text("What was found."),
      allowed: text("What would be right."),
      rule: text("The rule that refused."),
      transactionStatus: text("ISO 20022 TxSts of an instruction that was turned down."),
      ledgerEntry: place("Where the bank's signed rejection stands."),
    },
    ["detail", "found", "allowed", "rule", "transactionStatus", "ledgerEntry"],
  ),
};

/** ISO 20022 transaction status codes that this API gives. */
export const TRANSACTION_STATUS = {
  PDNG: "Pending: handed in; the block that takes it in is not durable yet.",
  ACCP: "AcceptedCustomerProfile: the terms are kept until the other bank announces the swap.",
  ACSP: "AcceptedSettlementInProcess: the money is held.",
  ACSC: "AcceptedSettlementCompleted: it is in the ledger for good.",
  RJCT: "Rejected: no money moved, or what was held is back.",
} as const;

export type TransactionStatus = keyof typeof TRANSACTION_STATUS;

const paymentStatus: Schema = object(
  "The status of an instruction, in terms of ISO 20022 pain.002 and pacs.002.",
  {
    originalInstructionIdentification: text("OrgnlInstrId: member and number."),
    instruction: hash("H(body), in hex."),
    transactionStatus: {
      ...choice(
        Object.entries(TRANSACTION_STATUS)
          .map(([code, meaning]) => `${code}: ${meaning}`)
          .join("\n"),
        Object.keys(TRANSACTION_STATUS),
      ),
    },
    statusReasonInformation: ref("Reason"),
    acceptanceDateTime: dateTime("AccptncDtTm: when the bank decided."),
    ledgerEntry: place("Where the decision stands."),
  },
  ["statusReasonInformation", "acceptanceDateTime", "ledgerEntry"],
);

const statementEntry: Schema = object(
  "One movement of one balance, in terms of ISO 20022 camt.052 (Ntry).",
  {
    entryReference: place("NtryRef."),
    amount: amount(""),
    creditDebitIndicator: choice("CdtDbtInd.", ["CRDT", "DBIT"]),
    status: choice("Sts: BOOK, for good; PDNG, put under a hold or taken from it.", [
      "BOOK",
      "PDNG",
    ]),
    bookingDate: dateTime("BookgDt."),
    bankTransactionCode: text("BkTxCd, proprietary: what kind of entry it was."),
    tag: nullable(tagId),
    counterparty: nullable(name("The other account.")),
    line: nullable(text("The line of the estimate.")),
    purpose: nullable(text("The purpose code.")),
    invoice: nullable(text("The invoice that a QR code named.")),
    instruction: nullable(text("Member and number of the instruction; null when a rule moved it.")),
  },
);

const balance: Schema = object(
  "One column of an account: untagged money, or money under one tag.",
  {
    tag: nullable(tagId),
    reference: nullable(text("What the tag is for.")),
    posted: amount("Money that can be spent."),
    pending: amount("Money under holds."),
    balances: list(
      "ISO 20022 camt.052 Bal: ITAV (InterimAvailable) is posted, ITBD (InterimBooked) is posted and pending.",
      object("Bal", {
        type: choice("Tp", ["ITAV", "ITBD"]),
        amount: amount(""),
        creditDebitIndicator: choice("CdtDbtInd.", ["CRDT"]),
      }),
      2,
    ),
  },
);

const account: Schema = object("An account at this bank (ISO 20022 Acct).", {
  identification: name("Id: the account has its member's name."),
  currency: text("Ccy", { pattern: CURRENCY_PATTERN.source }),
  memberClass: choice("What the member is.", Object.keys(MEMBER_CLASS)),
  resident: { type: "boolean", description: "Whether the member is at home at this bank." },
});

export const scopes: Schema = {
  ...list("What it allows.", choice("A scope.", Object.keys(SCOPE)), 4),
  minItems: 1,
  uniqueItems: true,
};

export const qrText = text("What the symbol shows (FORMAT.md, section 11.1).", {
  maxLength: MAX_QR_TEXT,
  pattern: "^DALIZ1:[0-9A-F]+$",
});

export const tagKind = choice("What the money is meant for.", Object.keys(TAG_KIND));

const money: Schema = object("Money (ISO 20022 Amt).", {
  currency: text("Ccy", { pattern: CURRENCY_PATTERN.source }),
  amount: text("In major units, with all decimals.", {
    pattern: "^(0|[1-9][0-9]{0,18})(\\.[0-9]{1,6})?$",
  }),
});

const reason: Schema = object("Why it was rejected (ISO 20022 StsRsnInf).", {
  reason: object("Rsn", { proprietary: nullable(text("Prtry: the code, if there is one.")) }),
  additionalInformation: list("AddtlInf", text("In words."), 4),
});

/** What answers refer to, by name. */
export const SHARED: Readonly<Record<string, Schema>> = {
  Amount: money,
  Reason: reason,
  Problem: problem,
  PaymentStatus: paymentStatus,
  StatementEntry: statementEntry,
  Balance: balance,
  Account: account,
};
